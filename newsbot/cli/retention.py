"""``newsbot retention``: how long pages, texts and records are kept."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import attrs
import typer

from newsbot.archive import audit, retention, sources
from newsbot.archive.connection import Database
from newsbot.archive.retention import PARTS, Rule, Scope, rule_id
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, counting, fail, print_json, print_table, say
from newsbot.cli.sources import existing
from newsbot.config import Config
from newsbot.fetching.raw_erasure import BusyError
from newsbot.keeping.holding import HoldError
from newsbot.keeping.policy import SpanError, read_span, show_span
from newsbot.keeping.retaining import Expired, Pace, expire

app = typer.Typer(
    help="How long pages as they came (raw), texts (body) and all of an article (record) are kept.",
    no_args_is_help=True,
)


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="retention")


Source = Annotated[str, typer.Option(help="Of this source alone.")]
Group = Annotated[str, typer.Option(help="Of the sources of this group.")]


@app.command("set")
def set_(
    source: Source = "",
    group: Group = "",
    raw: Annotated[str, typer.Option(help="Pages as they came: 90d, 12w, 2y or never.")] = "",
    body: Annotated[str, typer.Option(help="The text, and what it said before.")] = "",
    record: Annotated[str, typer.Option(help="All of the article.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would remove now.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Set how long parts are kept; what is not given stays as it was.

    The time counts from when an article was stored or last edited. Says what would be removed and asks,
    before it is in force. `newsbot up` then carries it out within the hour, and every hour after.
    """
    if source and group:
        fail("give --source or --group, or neither for all sources", code=USAGE)
    if not (raw or body or record):
        fail("give --raw, --body or --record a time, as 90d, 2y or never", code=USAGE)
    config = context.config()
    with context.archive(config) as database:
        scope, what, said = _about(database, source, group)
        key = rule_id(scope, what)
        rules = retention.rules(database)
        before = next((r for r in rules if r.id == key), Rule(id=key, scope=scope, what=what))
        try:
            spans = {
                part: read_span(text)
                for part, text in (("raw", raw), ("body", body), ("record", record))
                if text
            }
        except SpanError as error:
            fail(str(error), code=USAGE)
        after = attrs.evolve(before, **spans)  # type: ignore[arg-type]
        met = _preview(config, database, [*(r for r in rules if r.id != key), after])
        _tell(database, met, done=False)
        if dry_run:
            say("Nothing was changed (--dry-run).")
            return
        if any(_removed(met)) and not yes:
            typer.confirm("Remove this within the hour, for good?", abort=True)
        retention.put(database, after)
        shown = " ".join(f"{part}={show_span(getattr(after, part))}" for part in PARTS)
        audit.note(database, "retention set", why=f"{said}: {shown}", ids=[what] if what else [])
    say(f"Kept of {said} from now on: {shown}.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the rules."""
    with context.archive(context.config()) as database:
        rules = retention.rules(database)
        names = sources.names(database, [r.what for r in rules if r.scope == "source"])
    rows = [
        {
            "scope": rule.scope,
            "of": names.get(rule.what, rule.what) or "all sources",
            **{part: show_span(getattr(rule, part)) for part in PARTS},
        }
        for rule in rules
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("of", "", *PARTS),
        ((row["of"], row["scope"], row["raw"], row["body"], row["record"]) for row in rows),
        empty="There are no rules: texts and records are kept for ever, and pages as they came as long "
        "as the settings warc_keep_bytes and warc_keep_days say.",
    )


@app.command("drop")
def drop(source: Source = "", group: Group = "") -> None:
    """Drop a rule: the wider one holds again."""
    config = context.config()
    with context.archive(config) as database:
        scope, what, said = _about(database, source, group)
        key = rule_id(scope, what)
        rules = retention.rules(database)
        if all(rule.id != key for rule in rules):
            fail(f"there is no rule for {said}; `newsbot retention list` shows those there are")
        met = _preview(config, database, [rule for rule in rules if rule.id != key])
        if any(_removed(met)):
            _tell(database, met, done=False)
            typer.confirm("The wider rule removes this within the hour. Go on?", abort=True)
        retention.drop(database, key)
        audit.note(database, "retention drop", why=said, ids=[what] if what else [])
    say(f"The rule for {said} is dropped.")


@app.command("run")
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is due now.")] = False,
    as_json: Json = False,
) -> None:
    """Carry the rules out now, rather than within the hour."""
    config = context.config()
    with context.archive(config) as database:
        try:
            with counting("articles looked at:") as progress:
                met = expire(
                    config,
                    database,
                    now=datetime.now(UTC),
                    dry=dry_run,
                    pace=Pace(progress=progress),
                )
        except (HoldError, BusyError) as error:
            fail(str(error))
        if as_json:
            print_json(met.totals)
        else:
            _tell(database, met, done=not dry_run)


def _about(database: Database, source: str, group: str) -> tuple[Scope, str, str]:
    if source:
        found = existing(database, source)
        return "source", found.id, found.name
    if group:
        if not any(
            group.casefold() == each.casefold()
            for one in sources.everything(database)
            for each in one.groups
        ):
            fail(f"no source is in the group {group!r}; `newsbot source list` shows groups")
        return "group", group.casefold(), f"group {group}"
    return "all", "", "all sources"


def _preview(config: Config, database: Database, rules: Sequence[Rule]) -> Expired:
    try:
        with counting("articles looked at:") as progress:
            return expire(
                config,
                database,
                now=datetime.now(UTC),
                dry=True,
                rules=rules,
                pace=Pace(progress=progress),
            )
    except HoldError as error:
        fail(str(error))


def _removed(met: Expired) -> tuple[int, int, int]:
    return met.records.total(), met.texts.total(), met.raw.total()


def _tell(database: Database, met: Expired, *, done: bool) -> None:
    every = sorted({*met.records, *met.texts, *met.raw, *met.held})
    names = sources.names(database, every)
    print_table(
        ("source", "whole articles", "texts", "pages as they came", "held"),
        (
            (
                names.get(each, each or "(unknown)"),
                *(f"{counts[each]}" for counts in (met.records, met.texts, met.raw, met.held)),
            )
            for each in every
        ),
        empty="Nothing was due." if done else "Nothing is due now.",
    )
    if every:
        records, texts, raw = _removed(met)
        verb = "were removed" if done else "would be removed"
        say(
            f"{records} articles, {texts} texts and {raw} pages {verb}; {met.held.total()} are held."
        )
