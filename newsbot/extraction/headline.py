"""The headline of an article, chosen among what a page offers for it.

A page says its headline up to ten times: in ``<h1>``, JSON-LD, Open Graph, ``<title>``. Some are
written for search engines or for sharing, some have the site's name or a kicker around them, some
are cut off. What is done, in this order: the site's name comes off; offers that differ in
punctuation alone are one; the visible heading that the others support, and the support that each
offer has from the others, choose among them; a kicker in front and a tail behind are dropped where
another trusted offer does without them; and the spelling is the one most sources agree on.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import attrs
from selectolax.lexbor import LexborHTMLParser

from newsbot.extraction.choice import Candidate, Choice
from newsbot.extraction.headings import Heading, headings, one_line
from newsbot.extraction.publisher import names_of_site
from newsbot.extraction.site_names import SiteNames, letters
from newsbot.extraction.statements import Statements, plain

# How far each kind of source is believed: the share of the pages of the working half on which it is
# the labelled title, scaled to the visible heading's.
_TRUST = {"h1": 2.5, "heading": 1.2, "json-ld": 1.3, "og": 1.0, "meta": 0.0, "title": 0.6}
_META = (
    ("og:title", "og"), ("twitter:title", "meta"), ("dc.title", "meta"), ("dcterms.title", "meta"),
    ("parsely-title", "meta"), ("sailthru.title", "meta"), ("headline", "meta"),
    ("cxenseparse:title", "meta"), ("title", "meta"),
)  # fmt: skip

_HEADLINE_CLASS = (
    '[itemprop~="headline"],[class*="entry-title"],[class*="post-title"],[class*="posttitle"],'
    '[class*="article-title"],[class*="headline" i],[class*="article__title"],h2,h3'
)
_BEHIND = re.compile(r"\s*[-–—|｜ㅣ·•»/:_]+\s*")
_CUT_OFF = re.compile(r"\s*(?:\.\.\.|…)$")
_RELATED = 0.5
_SURELY_RELATED = 0.8
_ABOUT_AS_GOOD = 0.3
# Of a headline with a tail, the part of it that is at least the headline.
_HEAD = 0.5
# How far a heading is believed that has nothing of what the page states.
_UNRELATED = 0.7
# Letters that a headline has at least where a longer one is given up for it.
_SHORTEST = 8


@attrs.frozen
class _Offer:
    text: str
    raw: str
    kind: str
    source: str
    weight: float

    @property
    def key(self) -> str:
        return letters(self.text)


def read_headline(tree: LexborHTMLParser, statements: Statements, *, publisher: str) -> Choice[str]:
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
    for node in statements.articles[:5]:
        for name in ("headline", "name"):
            yield from _offer(node.get(name), "json-ld", f"json-ld {name}", site)
    for tag, kind in _META:
        yield from _offer(statements.meta.get(tag), kind, f"meta {tag}", site)
    yield from _offer(statements.page_title, "title", "title", site)


def _offer(value: object, kind: str, source: str, site: SiteNames) -> Iterator[_Offer]:
    raw = one_line(plain(value))
    text = site.without(raw)
    if letters(text) and not (site.includes(text) and kind != "json-ld"):
        yield _Offer(text=text, raw=raw, kind=kind, source=source, weight=_TRUST[kind])


def _visible(
    tree: LexborHTMLParser, statements: Statements, stated: list[_Offer], site: SiteNames
) -> Iterator[_Offer]:
    """Yield the heading that is the article's, as far as the page's statements tell."""
    known = _Known.of(stated, statements.url)
    best = _best(headings(tree, "h1", statements.url), known, site, _ABOUT_AS_GOOD)
    if best and (best[0] >= _RELATED or not stated):
        yield _heading(best[1], "h1", site, 1.0)
        return
    other = _best(headings(tree, _HEADLINE_CLASS, statements.url), known, site, 0.0)
    if other and other[0] >= _SURELY_RELATED:
        yield _heading(other[1], "heading", site, 1.0)
    elif best:
        yield _heading(best[1], "h1", site, _UNRELATED)


def _best(
    found: list[Heading], known: "_Known", site: SiteNames, slack: float
) -> tuple[float, str] | None:
    """Return how much of a heading the page states, and its text, for the one that is stated most.

    Of several that are as good within ``slack`` it is the first: the others repeat it, or head lists.
    """
    rated = [
        (known.share(heading.text), heading.text)
        for heading in found
        if not heading.of_page and _is_text(heading.text) and not site.includes(heading.text)
    ]
    if not rated:
        return None
    most = max(share for share, _ in rated)
    return next(each for each in rated if each[0] >= most - slack)


def _is_text(text: str) -> bool:
    """Say whether a heading is more than a number or a date."""
    return sum(map(str.isalpha, text)) > len(text) / 2


def _heading(text: str, kind: str, site: SiteNames, share: float) -> _Offer:
    return _Offer(
        text=site.without(text, colons=False),
        raw=text,
        kind=kind,
        source=kind,
        weight=_TRUST[kind] * share,
    )


@attrs.frozen
class _Known:
    """The letters, three at a time, of what a page states as its title."""

    grams: frozenset[str]

    @classmethod
    def of(cls, stated: list[_Offer], url: str) -> "_Known":
        try:
            path = unquote(urlsplit(url).path)
        except ValueError:
            path = ""
        # The last long part of a path is the slug; those before it are sections.
        slug = max(path.split("/")[-2:], key=len)
        texts = {offer.key for offer in stated} | {letters(slug)}
        return cls(frozenset(gram for text in texts for gram in _grams(text)))

    def share(self, text: str) -> float:
        """Return the share of a text's letters that stand in the statements, 0 to 1."""
        own = _grams(letters(text))
        return len(own & self.grams) / len(own) if own else 0.0


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
    """Return the spelling that has most support; no capitals throughout where there is a choice."""
    votes: dict[str, float] = {}
    for offer in offers:
        votes[offer.text] = votes.get(offer.text, 0.0) + offer.weight
    return max(votes, key=lambda text: (not _shouted(text), votes[text]))


def _shouted(text: str) -> bool:
    return text.isupper() and len(text) > 12
