"""Who publishes a page: the site's name as it writes it itself."""

from collections.abc import Iterator

from newsbot.extraction.choice import Candidate, Choice
from newsbot.extraction.headings import headings
from newsbot.extraction.page_tree import PageTree
from newsbot.extraction.site_names import SEPARATOR, SiteNames, letters, site_names
from newsbot.extraction.statements import Statements, names_in, plain, types_of
from newsbot.text.urls import is_web_url

# Types of schema.org whose name is the site's, where no article names its publisher.
_HOUSES = frozenset(
    ("website", "newsmediaorganization", "organization", "corporation", "periodical")
)
_META = ("og:site_name", "application-name", "dc.publisher", "dcterms.publisher", "publisher",
         "apple-mobile-web-app-title", "copyright")  # fmt: skip
_LONGEST = 80
_EDGES = " :|-–—·•»"


def read_publisher(tree: PageTree, statements: Statements) -> Choice[str]:
    """Return the name of the site that publishes a page; "" where it shows none.

    Asked are Open Graph, the article's publisher in JSON-LD, the site's own node there, other meta
    tags, and last what the page's title has behind the headline. Never raises.
    """
    titles = _headlines(statements)
    considered: list[Candidate] = []
    chosen: Candidate | None = None
    for stated in (True, False):
        if chosen is not None:
            break  # the page's text is looked through only where it states nothing
        for text, source in _stated(statements) if stated else _shown(tree, statements):
            why = "it is the headline" if letters(text) in titles else _refusal(text)
            if chosen is None and not why:
                chosen = Candidate(text=text, source=source, taken=True, why="first that is a name")
                considered.append(chosen)
            else:
                why = why or "others come first"
                considered.append(Candidate(text=text, source=source, why=why))
    if chosen is None:
        return Choice(value="", considered=tuple(considered))
    return Choice(value=chosen.text, source=chosen.source, considered=tuple(considered))


def names_of_site(statements: Statements, publisher: str) -> SiteNames:
    """Return every name that a page gives its site, with its host's.

    A headline that stands in the place of a name is none, unless the publisher is called so.
    """
    titles = _headlines(statements)
    stated_names = (text for text, _ in _stated(statements))
    names = (publisher, *(text for text in stated_names if letters(text) not in titles))
    stated = [node.get("articleSection") for node in statements.articles[:5]]
    sections = [each for value in stated for each in names_in(value)]
    sections.append(statements.meta.get("article:section", ""))
    return site_names(names, tuple(sections), statements.url)


def _shown(tree: PageTree, statements: Statements) -> Iterator[tuple[str, str]]:
    shown = _in_title(tree, statements)
    if shown:
        yield shown, "title"


def _stated(statements: Statements) -> Iterator[tuple[str, str]]:
    if statements.meta.get("og:site_name"):
        yield statements.meta["og:site_name"], "meta og:site_name"
    for node in statements.articles[:5]:
        for name in names_in(node.get("publisher")):
            yield plain(name), "json-ld publisher"
    for node in statements.nodes[:50]:
        if types_of(node) & _HOUSES:
            for name in names_in(node.get("name")):
                yield plain(name), "json-ld site"
    for tag in _META[1:-1]:
        if statements.meta.get(tag):
            yield statements.meta[tag], f"meta {tag}"


def _in_title(tree: PageTree, statements: Statements) -> str:
    """Return the site's name as a page's title has it behind the headline, or before it."""
    title = statements.page_title
    shown = headings(tree.tagged("h1"))
    host = site_names((), (), statements.url)
    for heading in shown:
        if len(heading.text) <= _LONGEST and (
            host.includes(heading.text) or heading.leads_home(statements.url)
        ):
            return heading.text
    heads = [heading.text for heading in shown if not heading.is_of_page(statements.url)]
    for part in SEPARATOR.split(title)[:8]:
        if host.includes(part):
            return part.strip(_EDGES)
    # The headline is the longest of the headings that stand in the title; the site's name another.
    inside = sorted((head for head in heads if len(head) > 3 and head in title), key=len)
    if not inside or inside[-1] == title:
        return ""
    before, _, behind = title.partition(inside[-1])
    for side, last in ((behind, True), (before, False)):
        parts = [part.strip(_EDGES) for part in SEPARATOR.split(side) if part.strip(_EDGES)]
        if parts:
            return parts[-1 if last else 0]
    return ""


def _headlines(statements: Statements) -> frozenset[str]:
    """Return what a page says its headline is, which some systems write in every field."""
    return frozenset(map(letters, statements.headlines)) - {""}


def _refusal(text: str) -> str:
    if not letters(text):
        return "no letters"
    if len(text) > _LONGEST:
        return "too long for a name"
    if is_web_url(text):
        return "an address"
    return ""
