"""What each rule of headline and authors is worth: the figures without it, on each half of the pages.

A page's half is told by a hash of its id. Rules were found on the working half and are judged on the
other; one that is worth nothing on either goes. Run as ``python -m benchmarks.headline_ablation``.
"""

import gzip
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import attrs
from selectolax.lexbor import LexborHTMLParser

from benchmarks.site import CASES
from newsbot.extraction import (
    authors,
    byline_lines,
    headings,
    headline,
    printed_bylines,
    publisher,
    site_names,
)
from newsbot.extraction.statements import Statements, read_statements
from newsbot.extraction.tree import parse

SETS = ("fundus_pub", "trafilatura")
HALVES = ("working", "judged")
_NEVER = re.compile(r"(?!)")


def _less_trust(kind: str) -> dict[str, float]:
    return {**headline._TRUST, kind: 0.0}


def _without_kind(kind: int) -> Callable[..., int | None]:
    """Return a reader of how an author is marked that does not know one kind of mark."""
    known = printed_bylines._kind

    def read(node: Any) -> int | None:
        found = known(node)
        return None if found == kind else found

    return read


def _shorter_by(*, front: bool) -> Callable[..., str]:
    """Return a shortener that drops only what stands before a headline, or only behind it."""
    known = headline._shorter

    def shorten(best: str, offers: list[Any]) -> str:
        found = known(best, offers)
        return found if best.endswith(found) is front or found == best else best

    return shorten


def _no_lines(*_: object) -> Iterator[str]:
    return iter(())


# What a rule is called, where it stands, and what stands there without it.
RULES: dict[str, tuple[tuple[str, object, str, object], ...]] = {
    "title": (
        ("the visible heading counts", headline, "_TRUST", _less_trust("h1")),
        ("JSON-LD counts", headline, "_TRUST", _less_trust("json-ld")),
        ("Open Graph counts", headline, "_TRUST", _less_trust("og")),
        ("<title> counts", headline, "_TRUST", _less_trust("title")),
        ("the site's name comes off", site_names.SiteNames, "without", lambda _, title, **__: title),
        ("a section's name comes off", site_names, "_sections", lambda *_: frozenset()),
        ("kickers and tails come off", headline, "_shorter", lambda best, _: best),
        ("… kickers", headline, "_shorter", _shorter_by(front=False)),
        ("… tails", headline, "_shorter", _shorter_by(front=True)),
        ("headings of the page do not count", headings, "_CHROME", _NEVER),
        ("headings that lead home do not count", headings, "_leads_home", lambda *_: False),
        ("other headings where h1 is none", headline, "_SURELY_RELATED", 2.0),
        ("the spelling most agree on", headline, "_spelling", lambda offers: offers[0].text),
    ),
    "authors": (
        ("references to people are followed", authors, "_referred", lambda value, _: value),
        ("meta tags", authors, "_META", ()),
        ("marks: itemprop", printed_bylines, "_kind", _without_kind(0)),
        ("marks: rel", printed_bylines, "_kind", _without_kind(1)),
        ("marks: class, precise", printed_bylines, "_kind", _without_kind(2)),
        ("marks: class, loose", printed_bylines, "_kind", _without_kind(3)),
        ("marks: links to an author's page", printed_bylines, "_kind", _without_kind(4)),
        ("marks: boxes about the author", printed_bylines, "_kind", _without_kind(5)),
        ("marks of comments and asides do not count", printed_bylines, "_OTHERS", _NEVER),
        ("marks far from the headline do not count", printed_bylines, "_FARTHEST", 99),
        ("lines that begin as bylines", printed_bylines, "lines_near", _no_lines),
        ("… whose name is in the next element", byline_lines, "_introduces", lambda _: False),
        ("… behind a date", byline_lines, "_DATED", _NEVER),
        ("from the word that introduces a name", printed_bylines, "from_introduction", str),
        ("names in bold before the text", printed_bylines, "signed_paragraphs", _no_lines),
        ("the site is no person", site_names.SiteNames, "resembles", lambda *_: False),
        ("agencies beside people, where stated", authors, "_beside_people", lambda *_: ()),
        ("a name in print before an account's", authors, "_is_account", lambda _: False),
        ("what no name has", authors, "_may_sign", lambda _: True),
        ("companies are no people", authors, "_COMPANY", _NEVER),
    ),
}  # fmt: skip


@attrs.frozen
class _Case:
    label: dict[str, Any]
    tree: LexborHTMLParser
    statements: Statements


def run() -> None:
    """Print what every rule is worth, in pages."""
    cases = {(name, half): list(_cases(name, half)) for name in SETS for half in HALVES}
    head = "".join(f"{f'{name}, {half}':>23}" for name, half in cases)
    for field, rules in RULES.items():
        base = {key: _right(field, each) for key, each in cases.items()}
        print(f"{field:45}{head}")
        shares = (f"{sum(right) / len(right):.3f} of {len(right)}" for right in base.values())
        print(f"{'(all rules)':45}" + "".join(f"{share:>23}" for share in shares))
        for name, place, attribute, without in rules:
            with patch.object(place, attribute, without):
                worth = [sum(base[key]) - sum(_right(field, each)) for key, each in cases.items()]
            print(f"{name:45}" + "".join(f"{each:>+23d}" for each in worth))


def half_of(page_id: str) -> str:
    """Return the half that a page is in: rules are found on one, judged on the other."""
    return HALVES[int(hashlib.sha256(page_id.encode()).hexdigest(), 16) % 2]


def _cases(name: str, half: str) -> Iterator[_Case]:
    for line in (CASES / name / "labels.jsonl").open(encoding="utf8"):
        label = json.loads(line)
        if half_of(label["id"]) == half:
            html = gzip.decompress((CASES / name / "pages" / label["page"]).read_bytes())
            _, tree = parse(html)
            yield _Case(label, tree, read_statements(tree, label["url"]))


def _right(field: str, cases: list[_Case]) -> list[bool]:
    """Return for each page that has the label whether it is met, folded as the scorer does."""
    site_names.site_names.cache_clear()
    return [_is_right(field, case) for case in cases if case.label.get(field)]


def _is_right(field: str, case: _Case) -> bool:
    tree, statements = case.tree, case.statements
    house = publisher.read_publisher(tree, statements).value
    if field == "title":
        found = headline.read_headline(tree, statements, publisher=house).value
        return _fold(found) == _fold(case.label["title"])
    names = authors.read_authors(
        tree, statements, publisher=house, language=statements.language
    ).value
    return set(map(_fold, names)) == set(map(_fold, case.label["authors"]))


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


if __name__ == "__main__":
    run()
