"""How well dates are read, and what each rule is worth: ``python -m benchmarks.dating``.

Each labelled set is split in two by a hash of the page's id. The rules were made on the first half;
the second is only counted. A rule's worth is what the second half loses without it.
"""

import gzip
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from selectolax.lexbor import LexborHTMLParser

from newsbot.extraction import datelines, dating, stated_dates
from newsbot.extraction.page_parts import PageParts
from newsbot.extraction.statements import Statements, read_statements
from newsbot.extraction.tree import parse

CASES = Path(__file__).resolve().parents[2] / "shared" / "eval" / "cases"
SETS = ("dates", "trafilatura", "fundus_pub")
REFERENCE = datetime.now(UTC)

Page = tuple[str, str, int, LexborHTMLParser, Statements]
Rule = Callable[[], AbstractContextManager[object]]


def half_of(page_id: str) -> int:
    """Return 0 for a page that rules are made on, 1 for one that they are judged on."""
    return int(hashlib.sha256(page_id.encode()).hexdigest(), 16) % 2


def pages(folder: Path) -> Iterator[Page]:
    """Yield address, day, half, tree and statements of each page that is labelled with a day."""
    for line in (folder / "labels.jsonl").read_text("utf8").splitlines():
        label = json.loads(line)
        if label.get("date"):
            html = gzip.decompress((folder / "pages" / label["page"]).read_bytes())
            _, tree = parse(html)
            statements = read_statements(tree, label["url"])
            yield label["url"], label["date"][:10], half_of(label["id"]), tree, statements


def hits(of_set: list[Page]) -> tuple[list[bool], list[bool]]:
    """Return for each half whether the day of each page was right."""
    found: tuple[list[bool], list[bool]] = ([], [])
    for url, day, half, tree, statements in of_set:
        read = dating.read_dating(
            tree,
            statements,
            url=url,
            language=statements.language,
            timezone="UTC",
            reference=REFERENCE,
        ).published
        found[half].append(read is not None and read.day.isoformat() == day)
    return found


def constant(module: object, name: str, value: object) -> Rule:
    """Return a change of one constant, to be entered."""
    return lambda: patch.object(module, name, value)


def nothing(*_: object, **__: object) -> Iterator[object]:
    """Yield nothing, in place of a source of dates."""
    return iter(())


def without_sources(*names: str) -> Rule:
    """Return a change that leaves out keys of JSON-LD or kinds of meta tags."""
    told = stated_dates.stated_dates

    def some(statements: Statements, headline: str) -> Iterator[object]:
        return (
            each for each in told(statements, headline) if not each.source.startswith(tuple(names))
        )

    return lambda: patch.object(dating, "stated_dates", some)


RULES: dict[str, Rule] = {
    "JSON-LD": without_sources("json-ld"),
    "meta tags": without_sources("meta"),
    "date in the address": constant(dating, "address_dates", nothing),
    "datelines at the headline, and the check by them": constant(
        dating, "dates_at_headline", nothing
    ),
    "dates elsewhere on the page": constant(dating, "shown_dates", nothing),
    "dates in scripts": constant(dating, "script_dates", nothing),
    "microdata outside `<time>`": constant(dating, "microdata_dates", nothing),
    "check against address and dateline": constant(dating, "_checked", lambda taken, *_: taken),
    "same moment on the newsroom's clock": constant(dating, "_same_moment", lambda *_: False),
    "the other order of day and month": constant(dating, "_in_other_order", lambda *_: False),
    "month first in the United States": constant(
        dating, "_with_country", lambda language, _: language
    ),
    "parts that hold something else": constant(PageParts, "foreignness", lambda *_: 0),
    "nearness to the headline": constant(datelines, "_nearness", lambda _: 0),
    "elements named for a date": constant(datelines, "_NAMED_ADDS", 0),
    "labels": constant(datelines, "label_of", lambda _, text: ("published", text, False)),
    "dates among their like": constant(datelines, "_AMONG_ITS_LIKE", 0),
    "dates without a year": constant(datelines, "_WITHOUT_YEAR", 0),
    "dates within sentences": constant(datelines, "_WITHIN_SENTENCE", 0),
    "least trust of a place": constant(dating, "_DOUBTFUL", -100),
}


def main() -> int:
    """Print both halves' figures, and each rule's worth on the judged half."""
    if not CASES.is_dir():
        print(f"the labelled pages are not beside the checkout ({CASES})", file=sys.stderr)
        return 1
    sets = {name: list(pages(CASES / name)) for name in SETS}
    whole = {name: hits(of_set) for name, of_set in sets.items()}
    print(
        "| set | pages | made on | judged on | all | ms a page |\n| --- | --- | --- | --- | --- | --- |"
    )
    for name, of_set in sets.items():
        started = time.process_time()
        made, judged = hits(of_set)
        spent = (time.process_time() - started) / len(of_set) * 1000
        both = made + judged
        figures = " | ".join(f"{sum(half) / len(half):.3f}" for half in (made, judged, both))
        print(f"| {name} | {len(of_set)} | {figures} | {spent:.2f} |")
    print("\nPages lost on the judged half (and on the half that the rules were made on):\n")
    print(f"| without | {' | '.join(SETS)} |\n| --- | --- | --- | --- |")
    for rule, change in RULES.items():
        with change():
            without = {name: hits(sets[name]) for name in SETS}
        lost = (
            [sum(without[name][half]) - sum(whole[name][half]) for half in (1, 0)] for name in SETS
        )
        print(
            f"| {rule} | {' | '.join(f'{one:+d} ({other:+d})' for one, other in lost)} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
