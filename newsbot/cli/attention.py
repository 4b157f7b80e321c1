"""``newsbot compare`` and ``rising``: what is written about, over time and today."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from newsbot.cli import context
from newsbot.cli.output import (
    USAGE,
    Json,
    console,
    drawn,
    fail,
    print_csv,
    print_json,
    print_table,
    safe,
    say,
)
from newsbot.query import QuerySyntaxError
from newsbot.search.attention import (
    MOST_QUERIES,
    Attention,
    AttentionError,
    Line,
    Parts,
    attention,
)
from newsbot.search.facets import BY
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.search.rising import Rising, rising
from newsbot.search.told import (
    COLUMNS,
    RISING_COLUMNS,
    gap_in_short,
    notes,
    rising_notes,
    rising_rows,
    rows,
    sentence,
    times,
)

_DAYS = 30
_ALL = 100_000
# Lines that a table in a terminal has room for, and characters of a bar.
_SHOWN, _BAR = 6, 16

Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("compare")(compare)
    app.command("rising")(rising_)


def compare(
    queries: Annotated[
        list[str], typer.Argument(help="One to five queries, each in quotes.", metavar="QUERY…")
    ],
    since: Annotated[
        str, typer.Option(help="The first day; 30 days before the last by default.")
    ] = "",
    until: Annotated[str, typer.Option(help="The last day; today by default.")] = "",
    by: Annotated[str, typer.Option(help="day, week or month.")] = "day",
    share: Annotated[
        bool, typer.Option("--share", help="As a share of all that was collected.")
    ] = False,
    source_wise: Annotated[
        bool, typer.Option("--source-wise", help="A line for each source.")
    ] = False,
    group_wise: Annotated[
        bool, typer.Option("--group-wise", help="A line for each group of sources.")
    ] = False,
    steady: Annotated[
        bool, typer.Option("--steady", help="Only sources that were collected on all days.")
    ] = False,
    as_csv_: Csv = False,
    as_json: Json = False,
) -> None:
    """Compare how much queries find over time; days on which sources were missing are marked."""
    if by not in BY:
        fail(f"there is no --by {by!r}; give day, week or month", code=USAGE)
    if source_wise and group_wise:
        fail("give --source-wise or --group-wise, not both", code=USAGE)
    if len(queries) > MOST_QUERIES:
        fail(f"at most {MOST_QUERIES} queries are compared at a time", code=USAGE)
    parts: Parts = "source" if source_wise else "group" if group_wise else ""
    now = datetime.now(UTC)
    last = _day(until) or now.date()
    first = _day(since) or last - timedelta(days=_DAYS - 1)
    config = context.config()
    with context.archive(config) as database:
        catch_up(config, database)
        try:
            found = attention(
                database,
                Reader(config, database),
                queries,
                first,
                last,
                now=now,
                slowest=config.poll_slowest,
                by=by,
                share=share,
                parts=parts,
                steady=steady,
                most=_ALL if as_csv_ or as_json else _SHOWN,
            )
        except QuerySyntaxError as error:
            fail(f"a query cannot be understood:\n{error.explain()}", code=USAGE)
        except AttentionError as error:
            fail(str(error), code=USAGE)
    if as_csv_:
        _print_csv(COLUMNS, rows(found))
    elif as_json:
        print_json(_told(found))
    else:
        _print(found)


def rising_(
    day: Annotated[
        str, typer.Option(help="A day, as 2026-03-23; the last 24 hours by default.")
    ] = "",
    group: Annotated[str, typer.Option(help="Only sources of this group.")] = "",
    as_csv_: Csv = False,
    as_json: Json = False,
) -> None:
    """Show which terms and stories are written about more than in the four weeks before."""
    from newsbot.archive import naming

    config = context.config()
    with context.archive(config) as database:
        if group and not naming.read(database).grouped(group):
            fail(f"no source is in a group {group!r}; `newsbot source list` shows them", code=USAGE)
        chosen = _day(day)
        catch_up(config, database)
        found = rising(
            database,
            Reader(config, database),
            now=datetime.now(UTC),
            slowest=config.poll_slowest,
            day=chosen,
            group=group,
        )
    if as_csv_:
        _print_csv(RISING_COLUMNS, rising_rows(found))
    elif as_json:
        print_json(found)
    else:
        _print_rising(found)


def _print_rising(found: Rising) -> None:
    print_table(
        ("term", "articles", "sources", "times usual", "significance"),
        (
            (
                term.shown,
                str(term.count),
                str(term.sources),
                times(term.stands),
                f"{term.stands.ratio:.0f}",
            )
            for term in found.terms
        ),
        empty="No term rises.",
    )
    say()
    print_table(
        ("story", "newsrooms", "articles", "id"),
        (
            (each.title, str(len(each.newsrooms)), str(each.articles), each.article)
            for each in found.stories
        ),
        empty="No story rises.",
    )
    for said in rising_notes(found):
        say(said)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fail(f"{text!r} is no day; give one as 2026-03-23", code=USAGE)


def _print_csv(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    from newsbot.export.cells import as_csv

    print_csv(as_csv((columns, *lines)))


def _told(found: Attention) -> dict[str, object]:
    return {
        "by": found.by,
        "first": found.first,
        "last": found.last,
        "undated": found.undated,
        "absent": [gap.name for gap in found.absent],
        "unsteady": [gap.name for gap in found.unsteady],
        "lines": [
            {
                "query": line.query,
                "part": line.part,
                "change": line.change,
                "buckets": [
                    {
                        "first": bucket.first,
                        "last": bucket.last,
                        "over": bucket.over,
                        "count": line.counts[at],
                        "total_collected": line.totals[at],
                        "share": line.shares[at],
                        "gaps": bucket.gaps,
                    }
                    for at, bucket in enumerate(line.buckets)
                ],
            }
            for line in found.lines
        ],
    }


def _print(found: Attention) -> None:
    most = max((max(_heights(line, found), default=0.0) for line in found.lines), default=0.0)
    heights = [_heights(line, found) for line in found.lines]
    print_table(
        (found.by, *(line.label for line in found.lines), "gap"),
        (
            (
                bucket.first.isoformat(),
                *(
                    f"{_number(line, at, found):>6} {drawn(of_line[at], most, width=_BAR):<{_BAR}}"
                    for line, of_line in zip(found.lines, heights, strict=True)
                ),
                gap_in_short(bucket),
            )
            for at, bucket in enumerate(found.buckets)
        ),
        empty="No day is in this time.",
    )
    for line in found.lines:
        console.print(safe(f"{line.label}: {sentence(line, share=found.share)}."))
    for said in notes(found):
        say(said)


def _heights(line: Line, found: Attention) -> list[float]:
    if found.share:
        return [each or 0.0 for each in line.shares]
    return [float(each) for each in line.counts]


def _number(line: Line, at: int, found: Attention) -> str:
    share = line.shares[at]
    if found.share:
        return "-" if share is None else f"{share:.1%}"
    return str(line.counts[at])
