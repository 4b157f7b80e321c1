"""``newsbot alert backtest``, and what other commands show of the last 30 days, too."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from newsbot.archive import rules, sources
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, console, drawn, fail, print_json, safe, say

if TYPE_CHECKING:
    from newsbot.alerts.backtest import Backtest
    from newsbot.alerts.previewing import Preview, Story

_BAR = 40
_SPARKS = "▁▂▃▄▅▆▇█"


def add_to(app: typer.Typer) -> None:
    """Add this command to those of alerts."""
    app.command("backtest")(backtest)


def backtest(
    name: Annotated[str, typer.Argument(help="An alert's name, or a query.")],
    as_json: Json = False,
) -> None:
    """Show what an alert would have sent in the last 30 days.

    It is counted by day and hour; where nothing ever met it, the likely cause is named.
    """
    from newsbot.alerts import changing
    from newsbot.alerts.backtest import backtest as made_of
    from newsbot.alerts.checking import RuleFieldError
    from newsbot.cli.alert_writing import reading
    from newsbot.query import QuerySyntaxError

    config = context.config()
    moment = datetime.now(UTC)
    with context.archive(config) as database:
        rule = rules.find(database, name)
        try:
            if rule is None:
                rule = changing.new(database, {"name": "a query", "query": name}, by="", now=moment)
            made = made_of(database, reading(config, database), rule, now=moment)
        except RuleFieldError as error:
            fail(
                f"there is no alert {name!r}, and as a query {error.problems['query']}", code=USAGE
            )
        except QuerySyntaxError as error:
            fail(error.explain(), code=USAGE)
        names = sources.names(database, [each.source for each in made.newest])
    if as_json:
        print_json(made)
        return
    print_backtest(made, by_day=True)
    if made.newest:
        say("\nThe last of them:")
        for each in made.newest:
            line = f"  {each.seen:%Y-%m-%d %H:%M}  {names.get(each.source, '(removed source)')}  {each.title}"
            console.print(safe(line))


def print_backtest(made: "Backtest", *, by_day: bool = False) -> None:
    """Print what a rule would have sent, in a few lines, or day by day."""
    told = _many(made.told, made.each)
    about = "about " if made.estimated else ""
    say(
        f"In the last 30 days it would have told {about}{told} in {_many(made.messages, 'message')}: "
        f"{made.a_day:.1f} a day, {made.busiest:,} on the busiest."
    )
    if made.digests:
        say(
            f"{_many(made.digests, 'message')} of these would be digests, the largest of {made.largest:,}."
        )
    if by_day and made.messages:
        _print_days(made)
    elif made.messages:
        say(f"  day by day    {_sparks([each.messages for each in made.days])}")
    if made.messages:
        say(f"  hour by hour  {_sparks(_by_hour(made))}  (0 to 23, {made.zone})")
    if made.held:
        why = ", ".join(f"{count:,} {reason}" for reason, count in made.held.items())
        say(f"{_many(made.met, 'article')} met it; nobody would have been told of {why}.")
    for each in made.warnings:
        say(f"Warning: {each}.")
    if not made.ever:
        say(
            "Nothing in the archive ever met it. The likely cause:"
            if made.causes
            else "Nothing ever met it."
        )
        for cause in made.causes:
            console.print(safe(f"  {cause.part + ': ' if cause.part else ''}{cause.said}"))
            if cause.instead:
                console.print(safe(f"    try: {cause.instead}"))


def print_preview(made: "Preview") -> None:
    """Print what a change makes of the last 30 days."""
    say(
        f"In the last 30 days it would have told {_many(made.adds, 'story')} more and {made.drops:,} fewer; "
        f"{made.stays:,} would be as before. Messages: {made.before:,} → {made.after:,}."
    )
    _print_stories("+", made.added, made.adds)
    _print_stories("-", made.dropped, made.drops)
    for each in made.warnings:
        say(f"Warning: {each}.")


def _print_stories(sign: str, stories: "Sequence[Story]", count: int) -> None:
    for each in stories:
        console.print(safe(f"  {sign} {each.seen:%Y-%m-%d}  {each.source}  {each.title}"))
    if count > len(stories):
        say(f"  {sign} … and {count - len(stories):,} more")


def _print_days(made: "Backtest") -> None:
    most = max(each.messages for each in made.days)
    width = len(f"{most:,}")
    for each in made.days:
        line = f"  {each.day} {each.messages:>{width},} {drawn(each.messages, most, width=_BAR)}"
        say(line.rstrip())


def _by_hour(made: "Backtest") -> list[int]:
    return [sum(day.hours[hour] for day in made.days) for hour in range(24)]


def _sparks(counts: Sequence[int]) -> str:
    most = max(counts, default=0)
    return "".join(
        _SPARKS[-(-count * len(_SPARKS) // most) - 1] if count else "·" for count in counts
    )


def _many(count: int, what: str) -> str:
    several = "stories" if what == "story" else f"{what}s"
    return f"{count:,} {what if count == 1 else several}"
