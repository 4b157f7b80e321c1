"""``newsbot why``: where one address ended, and for what reason."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, console, fail, plain, print_json, safe

if TYPE_CHECKING:
    from newsbot.why.steps import Answer, Step


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("why")(why)


def why(
    url: Annotated[str, typer.Argument(help="The address, as it was copied or pasted.")],
    alert: Annotated[
        str, typer.Option("--alert", metavar="NAME", help="Why this alert told of it, or did not.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Say what became of one address: at which step it ended, when, and why.

    From its source to the crawl, the archive, the index, the alerts and their channels. Nothing is fetched.
    What was not kept is said to be not known.
    """
    from newsbot.cli.alert_options import existing
    from newsbot.why.asking import NoAddressError, ask

    config = context.config()
    with context.archive(config) as database:
        rule = existing(database, alert) if alert else None
        try:
            answer = ask(config, database, url, rule=rule, now=datetime.now(UTC))
        except NoAddressError as error:
            fail(str(error), code=USAGE)
    if as_json:
        print_json({**plain(answer), "last": plain(answer.last)})
        return
    _print(answer)


def _print(answer: "Answer") -> None:
    console.print(safe(answer.url), style="bold")
    if answer.url != answer.asked.strip():
        console.print(safe(f"  asked for as {answer.asked.strip()}"))
    last = answer.last
    for step in answer.steps:
        _print_step(step, last=step is last)
    for path in answer.alerts:
        console.print(safe(f"alert {path.name}"))
        for step in path.steps:
            _print_step(step, last=step is last)
    if answer.article and not answer.alerts:
        console.print(safe("It met no alert; --alert NAME says which part of one it did not meet."))
    at = f", {last.at:%Y-%m-%d %H:%M:%S} UTC" if last.at else ""
    console.print(safe(f"It ended at: {last.name} – {last.outcome}{at}."), style="bold")


def _print_step(step: "Step", *, last: bool) -> None:
    at = f"{step.at:%Y-%m-%d %H:%M:%S}" if step.at else "-"
    mark = "→" if last else " "
    console.print(safe(f"{mark} {step.name:<8} {at:<19}  {step.outcome}: {step.words}"))
