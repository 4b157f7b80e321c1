"""What may be set of an alert on the command line: options that commands share, and what they mean."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_type_hints

import attrs
import typer

from newsbot.alerts import fields
from newsbot.archive import rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.cli.output import USAGE, fail
from newsbot.edits.version import KINDS
from newsbot.query.repairs import nearest
from newsbot.text.urls import is_web_url

Name = Annotated[str, typer.Argument(help="The alert's name.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", help="Do not look at the last 30 days; then nothing is asked.")
]


def _option(*names: str, metavar: str | None = None, help: str) -> Any:  # noqa: A002
    return typer.Option(*names, metavar=metavar, help=help)


_Texts, _Text, _Number, _Truth = list[str] | None, str | None, int | None, bool | None

# The options in the order of the help; ``field`` is what they set (newsbot.alerts.fields).
OPTIONS: Mapping[str, tuple[str, Any]] = {
    "source": ("sources", Annotated[_Texts, _option("--source", metavar="NAME", help="Only this source's, or group's, articles (may be given several times).")]),
    "language": ("languages", Annotated[_Texts, _option("--language", metavar="CODE", help="Only articles in this language, as ar or pt-BR (several times).")]),
    "channel": ("channels", Annotated[_Texts, _option("--channel", metavar="NAME", help="Tell this channel; `newsbot channel add` makes one (several times).")]),
    "webhook": ("channels", Annotated[_Texts, _option("--webhook", metavar="URL", help="Post each message to this address, as JSON (several times).")]),
    "how": ("timing.how", Annotated[_Text, _option("--how", metavar="WHEN", help="at-once, or in a digest: hourly, daily, weekly.")]),
    "at": ("timing.at", Annotated[_Text, _option("--at", metavar="HH:MM", help="When a digest is due; of an hourly one the minutes.")]),
    "weekday": ("timing.weekday", Annotated[_Text, _option("--weekday", metavar="DAY", help="On which day a weekly digest is due, as monday.")]),
    "zone": ("timing.zone", Annotated[_Text, _option("--zone", metavar="ZONE", help="By whose clocks, as Asia/Damascus.")]),
    "hush": ("timing.quiet", Annotated[_Text, _option("--quiet-hours", metavar="HH:MM-HH:MM", help="Nothing goes out between these, as 22:00-07:00; none for none.")]),
    "most": ("timing.most", Annotated[_Number, _option("--most", metavar="N", help="So many a day at once, the rest in one digest at its end; 0 for all.")]),
    "even_empty": ("timing.even_empty", Annotated[_Truth, _option("--even-empty/--not-empty", help="Whether a digest goes out that has nothing in it.")]),
    "each": ("each", Annotated[_Text, _option("--each", metavar="WHAT", help="One message for each story, or each article.")]),
    "edits_meet": ("edits.meets", Annotated[_Truth, _option("--edits-meet/--no-edits-meet", help="Whether an article counts that meets the query only since an edit.")]),
    "edit": ("edits.kinds", Annotated[_Texts, _option("--edit", metavar="KIND", help=f"Tell when an article that met it changes so: {', '.join(KINDS)} (several times).")]),
    "least": ("edits.least", Annotated[_Number, _option("--least", metavar="WORDS", help="So many words of it have to be other.")]),
    "title_only": ("noise.title_only", Annotated[_Truth, _option("--title-only/--not-title-only", help="The headline by itself has to meet the query.")]),
    "mentions": ("noise.mentions", Annotated[_Number, _option("--mentions", metavar="N", help="So many passages of an article have to meet it.")]),
    "without": ("noise.without", Annotated[_Texts, _option("--without", metavar="NAME", help="Tell nothing of this source or group (several times).")]),
    "publishers": ("spread.publishers", Annotated[_Number, _option("--publishers", metavar="N", help="Tell of a story once more when so many publishers have it; 0: do not.")]),
    "groups": ("spread.groups", Annotated[_Number, _option("--groups", metavar="N", help="… when so many groups of sources have it; 0: do not.")]),
    "surge": ("spread.surge", Annotated[_Text, _option("--surge", metavar="TIME", help="Tell when more is found in an hour, or on a day, than its own past explains; none: do not.")]),
    "max_age": ("max_age", Annotated[float | None, _option("--max-age", metavar="DAYS", help="Tell nothing that was published longer ago; 0: however old it is.")]),
}  # fmt: skip
# What takes values out of lists again.
TAKING: Mapping[str, tuple[str, Any]] = {
    "no_source": ("sources", Annotated[_Texts, _option("--no-source", metavar="NAME", help="Not this source or group any more.")]),
    "no_language": ("languages", Annotated[_Texts, _option("--no-language", metavar="CODE", help="Not this language any more.")]),
    "no_channel": ("channels", Annotated[_Texts, _option("--no-channel", metavar="NAME", help="Tell this channel no longer.")]),
    "no_edit": ("edits.kinds", Annotated[_Texts, _option("--no-edit", metavar="KIND", help="Not of this kind of change any more.")]),
    "no_without": ("noise.without", Annotated[_Texts, _option("--no-without", metavar="NAME", help="Tell of this source or group again.")]),
    "name_": ("name", Annotated[_Text, _option("--name", metavar="NAME", help="What it is called from now on.")]),
    "query_": ("query", Annotated[_Text, _option("--query", metavar="QUERY", help="What it looks for from now on.")]),
}  # fmt: skip


@attrs.frozen
class Given:
    """The options of a command that were given, by their names."""

    options: Mapping[str, Any]

    @property
    def webhooks(self) -> tuple[str, ...]:
        """The addresses that are to be channels; one that is none ends the command."""
        given = tuple(self.options.get("webhook") or ())
        for each in given:
            if not is_web_url(each):
                fail(
                    f"{each!r} is no web address; give one as https://desk.example/hook", code=USAGE
                )
        return given

    def values(self, before: Rule, shown: Mapping[str, str]) -> dict[str, Any]:
        """Return what a rule's fields become, by their names; what cannot be read ends the command.

        ``shown`` is what people see of channels, by id: by that they may be taken out.
        """
        found: dict[str, Any] = {}
        for name, value in self.options.items():
            if value is None or value == [] or name == "webhook":
                continue
            field = (OPTIONS.get(name) or TAKING[name])[0]
            if isinstance(value, list):
                now = found.get(field, fields.value_of(before, field))
                change = _less if name.startswith("no_") else _more
                found[field] = change(now, value, shown if field == "channels" else {})
            else:
                found[field] = _READ.get(name, _same)(value)
        return found


def taking(*tables: Mapping[str, tuple[str, Any]]) -> Callable[[Callable[..., None]], Any]:
    """Have a command take the options of these tables, as one argument ``given``, behind its own."""
    more = {name: kind for table in tables for name, (_, kind) in table.items()}

    def decorated(command: Callable[..., None]) -> Any:
        own = inspect.signature(command, eval_str=True).parameters
        hints = get_type_hints(command, include_extras=True)

        def run(**all_given: Any) -> None:
            options = {name: all_given.pop(name) for name in more}
            command(**all_given, given=Given(options))

        kept = [each for each in own.values() if each.name != "given"]
        first = [each for each in kept if each.default is inspect.Parameter.empty]
        last = [each for each in kept if each.default is not inspect.Parameter.empty]
        added = [
            inspect.Parameter(
                name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=kind
            )
            for name, kind in more.items()
        ]
        run.__signature__ = inspect.Signature([*first, *added, *last])  # type: ignore[attr-defined]
        run.__annotations__ = {**{each.name: hints[each.name] for each in kept}, **more}
        run.__doc__, run.__name__ = command.__doc__, command.__name__
        return run

    return decorated


def existing(database: Database, name: str) -> Rule:
    """Return the alert of that name or id; there being none ends the command."""
    rule = rules.find(database, name)
    if rule is None:
        meant = nearest(name, [each.name for each in rules.everything(database)])
        fail(
            f"there is no alert {name!r}; "
            + (
                f"did you mean {meant!r}?"
                if meant
                else "`newsbot alert list` shows those there are"
            )
        )
    return rule


def _more(now: tuple[str, ...], given: list[str], _: Mapping[str, str]) -> tuple[str, ...]:
    there = {each.casefold() for each in now}
    return (*now, *(each for each in given if each.casefold() not in there))


def _less(now: tuple[str, ...], given: list[str], shown: Mapping[str, str]) -> tuple[str, ...]:
    gone = {each.casefold() for each in given}
    known = {each.casefold() for each in now} | {shown.get(each, each).casefold() for each in now}
    if unknown := [each for each in given if each.casefold() not in known]:
        fail(
            f"{unknown[0]!r} is not among {', '.join(shown.get(e, e) for e in now) or 'any'}",
            code=USAGE,
        )
    return tuple(
        each
        for each in now
        if each.casefold() not in gone and shown.get(each, each).casefold() not in gone
    )


def _how(text: str) -> str:
    return text.replace("-", " ")


def _weekday(text: str) -> int:
    folded = text.casefold()
    found = [number for number, day in enumerate(fields.WEEKDAYS) if day.startswith(folded)]
    if len(folded) < 2 or len(found) != 1:
        fail(f"{text!r} is no day of the week; give one as monday", code=USAGE)
    return found[0]


def _quiet_hours(text: str) -> tuple[str, ...]:
    if text == "none":
        return ()
    begin, dash, end = text.partition("-")
    if not dash:
        fail(f"{text!r} are no quiet hours; give two times, as 22:00-07:00, or none", code=USAGE)
    return begin.strip(), end.strip()


def _or_none(text: str) -> str:
    return "" if text == "none" else text


def _same(value: Any) -> Any:
    return value


_READ: Mapping[str, Callable[[Any], Any]] = {
    "how": _how,
    "weekday": _weekday,
    "hush": _quiet_hours,
    "surge": _or_none,
}
