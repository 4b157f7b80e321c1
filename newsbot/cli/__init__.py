"""The command line. ``newsbot --help`` lists the commands; each has a help of its own."""

from typing import Annotated

import typer

from newsbot.cli import (
    alerts,
    context,
    crawling,
    doctor,
    exporting,
    extracting,
    holding,
    reading,
    removing,
    replaying,
    running,
    scheduling,
    source_identity,
    source_lists,
    source_settings,
    sources,
)

app = typer.Typer(
    name="newsbot",
    help="A newsroom radar: crawls news sites for ever, keeps every article once with every edit, "
    "and tells people when their words appear.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _options(
    demo: Annotated[
        bool, typer.Option("--demo", help="Work on the demo newsroom's data, apart from yours.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")
    ] = False,
) -> None:
    if demo:
        context.use_demo()
    global _debug
    _debug = debug


_debug = False

running.add_to(app)
source_settings.add_to(sources.app)
source_identity.add_to(sources.app)
source_lists.add_to(sources.app)
app.add_typer(sources.app, name="source")
crawling.add_to(app)
app.add_typer(scheduling.app, name="schedule")
reading.add_to(app)
exporting.add_to(app)
extracting.add_to(app)
replaying.add_to(app)
app.add_typer(alerts.app, name="alert")
app.add_typer(holding.app, name="hold")
removing.add_to(app)
doctor.add_to(app)


def main() -> None:
    """Run the command that the process was started with."""
    from newsbot.cli.output import errors

    try:
        app()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if _debug:
            raise
        errors.print(
            f"newsbot: something unforeseen broke: {type(error).__name__}: {error}\n"
            "Run the command again with `newsbot --debug …` and report what it prints.",
            markup=False,
        )
        raise SystemExit(1) from None
