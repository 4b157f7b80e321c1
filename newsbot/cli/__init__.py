"""The command line. ``newsbot --help`` lists the commands; each has a help of its own."""

from typing import Annotated

import typer

from newsbot.cli import context
from newsbot.cli.loading import loaded_from

# The commands, in the order of the help, and the module that has each.
COMMANDS = {
    "up": "running",
    "part": "running",
    "crawl": "crawling",
    "runs": "past_runs",
    "pause": "pausing",
    "resume": "pausing",
    "search": "searching",
    "compare": "attention",
    "rising": "attention",
    "query": "query",
    "list": "lists",
    "saved": "saved",
    "triage": "triage",
    "collection": "collections",
    "show": "reading",
    "why": "why",
    "reindex": "reading",
    "export": "exporting",
    "import": "importing",
    "extract": "extracting",
    "replay": "replaying",
    "remove": "removing",
    "doctor": "doctor",
    "top": "top",
    "source": "source",
    "schedule": "scheduling",
    "apply": "applying",
    "alert": "alerts",
    "channel": "channels",
    "outbox": "outbox",
    "backup": "backup",
    "restore": "backup",
    "hold": "holding",
    "retention": "retention",
    "audit": "removing",
    "user": "people",
    "token": "tokens",
}

app = typer.Typer(
    name="newsbot",
    cls=loaded_from(COMMANDS),
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
