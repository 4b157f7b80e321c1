"""The headline of an article, chosen among what a page offers for it.

A page says its headline up to ten times: in ``<h1>``, JSON-LD, Open Graph, ``<title>``. Some are
written for search engines or for sharing, some have the site's name or a kicker around them, some
are cut off. What is done, in this order: the site's name comes off; offers that differ in
punctuation alone are one; the visible heading that the others support, and the support that each
offer has from the others, choose among them; a kicker in front and a tail behind are dropped where
another trusted offer does without them; and the spelling is the one most sources agree on.
"""

import itertools
import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote, urlsplit

import attrs

from newsbot.extraction.choice import Candidate, Choice
from newsbot.extraction.headings import Heading, headings, one_line
from newsbot.extraction.page_tree import PageTree
from newsbot.extraction.publisher import names_of_site
from newsbot.extraction.site_names import SiteNames, letters
from newsbot.extraction.statements import Statements, plain

# How far each kind of source is believed. The visible heading outweighs JSON-LD or Open Graph and the
# <title> together, not all three; tags that repeat another one's words only lend their spelling.
# Found on half of the labelled pages; between 2.0 and 3.0 for h1 the others hardly move.
_TRUST = {"h1": 2.5, "heading": 1.2, "json-ld": 1.3, "og": 1.0, "meta": 0.0, "title": 0.6}
_META = (
    ("og:title", "og"), ("twitter:title", "meta"), ("dc.title", "meta"), ("dcterms.title", "meta"),
    ("parsely-title", "meta"), ("sailthru.title", "meta"), ("headline", "meta"),
    ("cxenseparse:title", "meta"), ("title", "meta"),
)  # fmt: skip

# Where a page's headline stands that is no h1. Each selector costs 20 microseconds a page.
_OTHER_HEADINGS = 'h2,h3,[itemprop~="headline"],[class*="headline" i],[class*="title"]'
# What parts a headline from a tail whose words are not known: " - National", " | Europe", "-정치".
_BEHIND = re.compile(r"\s*[-–—|｜ㅣ·•»/:_]+\s*")
_CUT_OFF = re.compile(r"\s*(?:\.\.\.|…)$")
# Shares of a heading's letters that stand in what the page states: enough to be the article's, enough
# to be its headline without being an h1, and little enough to make no difference.
_RELATED = 0.5
_SURELY_RELATED = 0.8
_ABOUT_AS_GOOD = 0.3
# Of a headline with a tail, the part of it that is at least the headline.
_HEAD = 0.5
# Letters that a headline has at least where a longer one is given up for it.
_SHORTEST = 8


@attrs.frozen
class _Offer:
    text: str
    raw: str
    kind: str
    source: str
    weight: float
    key: str


def read_headline(tree: PageTree, statements: Statements, *, publisher: str) -> Choice[str]:
    """Return the headline of an article: without the site's name, kicker and cut-off ends.

    ``publisher`` is the site's name where it is known, else "". The tree is read as it came, and is
    not changed. Never raises; a page without any title gives "".
    """
    site = names_of_site(statements, publisher)
    stated = list(_stated(statements, site))
    visible = list(_visible(tree, statements, stated, site))
    offers = [*visible, *stated]
    if not offers:
        title = one_line(statements.page_title)
        return Choice(value=title, source="title" if title else "")
    scores: dict[str, float] = {}
    for offer in _one_of_each_kind(offers):
        scores[offer.key] = scores.get(offer.key, 0.0) + offer.weight
    best = max(scores, key=lambda key: scores[key])
    best = _shorter(best, offers)
    text = _spelling([offer for offer in offers if offer.key == best])
    return Choice(
        value=text,
        source=next(offer.source for offer in offers if offer.key == best),
        considered=tuple(_explained(offers, best, scores)),
    )


def _explained(offers: list[_Offer], best: str, scores: dict[str, float]) -> Iterator[Candidate]:
    for offer in offers:
        if offer.key == best:
            why = f"support {scores[best]:.1f}"
        elif best in offer.key:
            why = "has more than the headline"
        else:
            why = f"support {scores.get(offer.key, 0.0):.1f}"
        yield Candidate(text=offer.raw, source=offer.source, taken=offer.key == best, why=why)


def _one_of_each_kind(offers: list[_Offer]) -> Iterator[_Offer]:
    """Yield offers so that one kind of source supports a text once."""
    seen = set()
    for offer in offers:
        if (offer.kind, offer.key) not in seen:
            seen.add((offer.kind, offer.key))
            yield offer


def _stated(statements: Statements, site: SiteNames) -> Iterator[_Offer]:
    said: list[tuple[object, str, str]] = [
        (node.get(name), "json-ld", f"json-ld {name}")
        for node in statements.articles[:5]
        for name in ("headline", "name")
    ]
    said += [(statements.meta.get(tag), kind, f"meta {tag}") for tag, kind in _META]
    said.append((statements.page_title, "title", "title"))
    # Most of them say the same: what is read of one text is kept.
    read: dict[str, tuple[str, str]] = {}
    for value, kind, source in said:
        if not value or not isinstance(value, str):
            continue
        if value not in read:
            raw = one_line(plain(value))
            read[value] = raw, site.without(raw)
        raw, text = read[value]
        key = letters(text)
        if key and (kind == "json-ld" or not site.includes(text)):
            yield _Offer(text=text, raw=raw, kind=kind, source=source, weight=_TRUST[kind], key=key)


def _visible(
    tree: PageTree, statements: Statements, stated: list[_Offer], site: SiteNames
) -> Iterator[_Offer]:
    """Yield the heading that is the article's, as far as the page's statements tell."""
    known = _Known(stated, statements.url)
    best = _best(headings(tree.tagged("h1")), known, site, statements.url, _ABOUT_AS_GOOD)
    if best and (best[0] >= _RELATED or not stated):
        yield _heading(best[1], "h1", site)
        return
    other = _best(headings(tree.css(_OTHER_HEADINGS)), known, site, statements.url, 0.0)
    if other and other[0] >= _SURELY_RELATED:
        yield _heading(other[1], "heading", site)
    elif best:
        yield _heading(best[1], "h1", site)


def _best(
    found: list[Heading], known: "_Known", site: SiteNames, url: str, slack: float
) -> tuple[float, str] | None:
    """Return how much of a heading the page states, and its text, for the one that is stated most.

    Of several that are as good within ``slack`` it is the first: the others repeat it, or head lists.
    """
    named = [each for each in found if _is_text(each.text) and not site.includes(each.text)]
    for heading in named:
        if known.says(heading.text) and not heading.is_of_page(url):
            return 1.0, heading.text
    rated = [(known.share(heading.text), number, heading) for number, heading in enumerate(named)]
    rated.sort(key=lambda each: (-each[0], each[1]))
    # What a heading stands in is asked of the best alone: it is dearer than their words.
    own = (each for each in rated if not each[2].is_of_page(url))
    best = next(own, None)
    if best is None:
        return None
    near = itertools.takewhile(lambda each: each[0] >= best[0] - slack, own) if slack else ()
    share, _, heading = min((best, *near), key=lambda each: each[1])
    return share, heading.text


def _is_text(text: str) -> bool:
    """Say whether a heading is more than a number or a date."""
    return sum(map(str.isalpha, text)) > len(text) / 2


def _heading(text: str, kind: str, site: SiteNames) -> _Offer:
    bare = site.without(text, colons=False)
    return _Offer(
        text=bare,
        raw=text,
        kind=kind,
        source=kind,
        weight=_TRUST[kind],
        key=letters(bare),
    )


class _Known:
    """The letters of what a page states as its title, and of its address."""

    def __init__(self, stated: list[_Offer], url: str) -> None:
        self._keys = {offer.key for offer in stated}
        self._url = url

    def says(self, text: str) -> bool:
        """Say whether a text is stated as it is."""
        return letters(text) in self._keys

    def share(self, text: str) -> float:
        """Return the share of a text's letters, three at a time, that are stated: 0 to 1."""
        own = _grams(letters(text))
        return len(own & self._stated) / len(own) if own else 0.0

    @cached_property
    def _stated(self) -> frozenset[str]:
        try:
            path = unquote(urlsplit(self._url).path)
        except ValueError:
            path = ""
        # The last long part of a path is the slug; those before it are sections.
        slug = letters(max(path.split("/")[-2:], key=len))
        return frozenset(gram for text in (*self._keys, slug) for gram in _grams(text))


def _grams(key: str) -> frozenset[str]:
    return frozenset(key[at : at + 3] for at in range(max(1, len(key) - 2))) if key else frozenset()


def _shorter(best: str, offers: list[_Offer]) -> str:
    """Return the offer without the kicker before a headline, or the tail behind it."""
    longer = [offer for offer in offers if offer.key == best]
    for offer in offers:
        if offer.key == best or len(offer.key) < _SHORTEST or offer.kind == "title":
            continue
        if _CUT_OFF.search(offer.raw):
            continue
        if best.endswith(offer.key) and offer.kind not in ("meta", "heading"):
            return offer.key
        if (
            len(offer.key) >= _HEAD * len(best)
            and best.startswith(offer.key)
            and all(_parted_after(each.text, offer.key) for each in longer)
        ):
            return offer.key
    return best


def _parted_after(text: str, key: str) -> bool:
    """Say whether a separator follows the part of a text whose letters are the key."""
    return any(letters(text[: match.start()]) == key for match in _BEHIND.finditer(text))


def _spelling(offers: list[_Offer]) -> str:
    """Return the spelling that is stated, else the one with most support; capitals throughout last.

    Templates set what they print: quotes become typographic, and words are broken or glued.
    """
    votes: dict[str, float] = {}
    stated: set[str] = set()
    for offer in offers:
        votes[offer.text] = votes.get(offer.text, 0.0) + offer.weight
        if offer.kind in _STATED:
            stated.add(offer.text)
    return max(votes, key=lambda text: (not _shouted(text), text in stated, votes[text]))


_STATED = frozenset(("json-ld", "og"))


def _shouted(text: str) -> bool:
    return text.isupper() and len(text) > 12
