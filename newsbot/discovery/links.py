"""Links of a page: which lead to articles, and which to sections.

Judged by what the site itself shows, never by language: the shape of the address beside those of the
other links, where the link stands, and how much it says. Each link is weighed by itself first; then
links whose addresses have one template are weighed together, since a site names its articles alike.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import mean

import attrs

from newsbot.discovery.anchors import Anchor
from newsbot.discovery.entries import Entry
from newsbot.discovery.page import Page
from newsbot.discovery.periods import archive_period
from newsbot.discovery.shapes import Shape, shape_of
from newsbot.text.urls import canonical_url, site_of

# How much a link must weigh to be taken for an article's.
_ENOUGH = 2.0
# And how much on a page that shows nothing better: a young site has few articles, and no rule yet.
_LIKELIEST = 1.0
# A text that so many different links show tells nothing of them: "Read more".
_REPEATED = 3
# Links of one template that show the site's rule.
_MANY = 4
# Links of one template that make a page a list of them, where they are half of its content.
_LIST = 8
# Sections have names, not sentences.
_SECTION_NAME = 40
_SECTION_WORDS = 4
_LETTER = re.compile(r"[^\W_]")
# An address that is a number in a folder.
_NUMBERED = re.compile(r"/\d{1,6}(?:\.\w{2,5})?/?$")
_TITLE_NAMES = frozenset(
    "title headline heading teaser card story post article entry news lead hero".split()
)
_OTHER_NAMES = frozenset(
    "tag tags author byline category kicker comments share social login breadcrumb breadcrumbs pager "
    "pagination language lang cookie".split()
)
_OTHER_RELATIONS = frozenset(
    {"tag", "author", "category", "prev", "next", "license", "privacy-policy"}
)


@attrs.frozen
class _Link:
    """A link of a page, once for each address: the anchor that shows the most, and one in a menu."""

    url: str
    anchor: Anchor
    shape: Shape
    letters: int
    in_menu: Anchor | None
    archive: bool


def article_links(page: Page, *, known: Iterable[str] = ()) -> list[Entry]:
    """Return the links of a page that look like articles of the same site, in order, once each.

    ``known`` are addresses of the site's articles from elsewhere, a feed say: what is named like
    them is one, too. Never raises.
    """
    weights = _weighed(_links(page), known)
    found = [link for link, weight in weights if weight >= _ENOUGH]
    if not found:
        found = [
            link
            for link, weight in weights
            if weight >= _LIKELIEST and _telling(link.shape) and not link.anchor.around
        ]
    return [
        Entry(url=link.anchor.url, title=link.anchor.text if link.letters else "") for link in found
    ]


def section_links(page: Page, *, known: Iterable[str] = ()) -> list[str]:
    """Return the links of a page's menus that look like sections, the likeliest first, once each.

    Those come first under whose address the page shows articles. What is one of the ``known`` articles,
    or named like them, is no section. Never raises.
    """
    weights = _weighed(_links(page), known)
    articles = [link.url for link, weight in weights if weight >= _ENOUGH]
    addresses = {canonical_url(each) for each in known}
    rules = {shape_of(each).template for each in addresses if _telling(shape_of(each))}
    below = Counter(_parents(articles))
    found = [
        link
        for link, weight in weights
        if weight < _ENOUGH
        and link.url not in addresses
        and link.shape.template not in rules
        and _may_be_section(link)
    ]
    found.sort(key=lambda link: -min(below[link.url.rstrip("/")], 3))
    return [link.anchor.url for link in found]


def _links(page: Page) -> list[_Link]:
    """Return a page's links to the same site, each address once, in order."""
    site, here = site_of(page.url), canonical_url(page.url)
    shown: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in page.anchors:
        if site_of(anchor.url) == site:
            address = canonical_url(anchor.url)
            if address != here and shape_of(address).template:
                shown[address].append(anchor)
    texts = Counter(text for each in shown.values() for text in {anchor.text for anchor in each})
    counted = {
        _folder(each) for each in shown if _NUMBERED.search(each) and not archive_period(each)
    }
    return [
        _merged(address, each, texts, archive=_is_archive(address, counted))
        for address, each in shown.items()
    ]


def _folder(address: str) -> str:
    return address.rpartition("/")[0]


def _is_archive(address: str, counted: set[str]) -> bool:
    """Say whether an address is the page of a period; 2024 beside 1871 and 2310 is a number."""
    period = archive_period(address)
    if period is None:
        return False
    return (period.last - period.first).days < 300 or _folder(address) not in counted


def _merged(address: str, shown: Sequence[Anchor], texts: Counter[str], *, archive: bool) -> _Link:
    """Return the anchor of an address that says the most; one in the content before one in a menu."""

    def letters(anchor: Anchor) -> int:
        return _letters(anchor.text) if texts[anchor.text] < _REPEATED else 0

    best = max(shown, key=lambda each: (not each.around, each.heading, letters(each)))
    if not letters(best):
        best = max(shown, key=lambda each: (not each.around, letters(each)))
    heading = any(each.heading for each in shown if not each.around) or best.heading
    in_menu = next((each for each in shown if each.around and each.text), None)
    best = attrs.evolve(best, heading=heading)
    return _Link(address, best, shape_of(address), letters(best), in_menu, archive)


def _letters(text: str) -> int:
    """Return how much a text says, in letters; one of an East Asian script says as much as two."""
    return sum(2 if "\u2e80" <= each <= "\uffdc" else 1 for each in _LETTER.findall(text))


def _weighed(links: Sequence[_Link], known: Iterable[str]) -> list[tuple[_Link, float]]:
    own = {link.url: _weight(link) for link in links}
    rules = {shape.template for each in known if _telling(shape := shape_of(each))}
    alike: dict[str, list[_Link]] = defaultdict(list)
    for link in links:
        if own[link.url] > _NEVER:
            alike[link.shape.template].append(link)
    weights = []
    rule = _most_shown(alike)
    averages = {template: _average(likes, own) for template, likes in alike.items()}
    for link in links:
        weight = own[link.url]
        if weight > _NEVER:
            weight += _of_its_likes(link, weight, averages[link.shape.template])
            if link.shape.template == rule and not link.anchor.around:
                weight += 2
            if link.shape.template in rules:
                weight += 3
        weights.append((link, weight))
    return weights


_NEVER = -9.0


def _weight(link: _Link) -> float:
    """Return how much a link by itself looks like an article's."""
    shape, anchor = link.shape, link.anchor
    if shape.media or shape.service or (shape.paged):
        return _NEVER
    if anchor.rel & _OTHER_RELATIONS or link.archive:
        return _NEVER
    weight = 0.0
    weight += 2.0 if shape.dated else 0.0
    weight += 2.0 if shape.words >= 4 else 1.25 if shape.words == 3 else 0.0
    weight += (
        1.75
        if shape.number >= 6
        else 1.25
        if shape.number == 5
        else 0.75
        if shape.number >= 3
        else 0.0
    )
    weight += 2.0 if link.letters >= 25 else 1.0 if link.letters >= 12 else 0.0
    weight += 1.0 if anchor.heading else 0.0
    weight += 0.5 if anchor.names & _TITLE_NAMES else 0.0
    weight -= 1.0 if anchor.names & _OTHER_NAMES else 0.0
    weight -= 3.0 if anchor.around and not anchor.heading else 1.0 if anchor.around else 0.0
    if shape.listing and not (shape.dated or shape.number >= 4 or shape.words >= 5):
        weight -= 3.0
    if not _telling(shape):
        # A word or two in the address: a section, unless the link reads like a headline.
        weight -= 1.0
    return weight


def _average(likes: Sequence[_Link], own: dict[str, float]) -> float | None:
    """Return what links of one template weigh in the content; None where they show no rule."""
    inside = [own[each.url] for each in likes if not each.anchor.around]
    if len(likes) < _MANY or len(inside) * 2 < len(likes):
        return None
    return mean(inside)


def _of_its_likes(link: _Link, weight: float, average: float | None) -> float:
    """Return what the links of one template say of each: they are of one kind."""
    if average is None or not _telling(link.shape):
        return 0.0
    most = 0.0 if link.anchor.around else 1.5
    return max(min((average - weight) / 2, most), -1.5)


def _most_shown(alike: dict[str, list[_Link]]) -> str:
    """Return the template by which most links of the content are named, where there is one; else "".

    A page that lists many addresses that differ in a number alone lists articles, however little each
    of them says. (Slugs say enough themselves.)
    """
    counts = {
        template: sum(not link.anchor.around for link in links)
        for template, links in alike.items()
        if "#" in template and not _unwanted(links[0])
    }
    content = sum(not link.anchor.around for links in alike.values() for link in links)
    template = max(counts, key=lambda each: counts[each], default="")
    many = bool(template) and counts[template] >= _LIST and counts[template] * 2 >= content
    return template if many else ""


def _unwanted(link: _Link) -> bool:
    shape = link.shape
    other = shape.media or shape.service or shape.listing or shape.paged
    return other or link.archive


def _telling(shape: Shape) -> bool:
    """Say whether an address has what tells articles apart: a slug, a number, a date."""
    return shape.dated or shape.words >= 3 or shape.number >= 1


def _may_be_section(link: _Link) -> bool:
    shape, anchor = link.shape, link.in_menu
    wanted = shape.depth - 1 if shape.listing else shape.depth
    return bool(
        anchor is not None
        and len(anchor.text) <= _SECTION_NAME
        and not (shape.media or shape.service or shape.paged or shape.dated)
        and shape.number < 4
        and 1 <= wanted <= 2
        and shape.words <= _SECTION_WORDS
        and "?" not in shape.template
        and not anchor.rel & _OTHER_RELATIONS
    )


def _parents(addresses: Iterable[str]) -> Iterable[str]:
    for address in addresses:
        while address.count("/") > 3:
            address = address.rpartition("/")[0]
            yield address
