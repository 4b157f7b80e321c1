"""The authors of an article: the people whose names stand on it.

A page says who wrote it in JSON-LD, in meta tags and in print. Asked in that order; the first that
names people is believed. What names only the site, an agency or a desk is kept for the case that
nothing names people: then an agency, a desk, or the site itself, as stated, is the author.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from newsbot.extraction.choice import Candidate, Choice
from newsbot.extraction.page_tree import PageTree
from newsbot.extraction.printed_bylines import printed_bylines
from newsbot.extraction.publisher import names_of_site
from newsbot.extraction.site_names import SiteNames, letters
from newsbot.extraction.statements import Node, Statements, plain, types_of
from newsbot.text.bylines import read_byline

_MOST_NAMES = 30
_DEEPEST = 5

# Meta tags that name authors, most telling first.
_META = ("parsely-author", "sailthru.author", "byl", "author", "article:author", "og:author",
         "og:article:author", "cxenseparse:author", "dable:author", "dc.creator", "dcterms.creator",
         "dc:creator", "citation_author", "article:author_name", "mediator_author")  # fmt: skip
_META_NAMES = frozenset(_META)
_ADDRESS = re.compile(
    r"^\s*(?:https?:|www\.|/|@)|[\w.]@[\w-]+\.|\.(?:com|net|html?|php)\b/", re.IGNORECASE
)
_SLUG = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)+|\d+")
# Marks and lengths that no name has.
_NO_NAME = re.compile(r"[?!:→»«…#]|^\w+:$|(?:\S+\s+){6}")
# Legal forms behind a company's name.
_COMPANY = re.compile(
    r"\b(?:GmbH|mbH|e\.\s?V\.|Inc|Ltd|LLC|S\.?p\.?A|S\.?r\.?l|Pty|Corp|Publishing|Verlag)\b"
)
# Accounts of publishing systems that stand where an author's name should.
_NOBODY = frozenset(
    "admin administrator administrador administrateur root webmaster wordpressadmin author authors "
    "user guest gast default editor1 undefined null none unknown anonymous anonym nn na test "
    "twitter facebook news share follow instagram linkedin xing rss website homepage email youtube "
    "superuser super siteadmin adminuser webadmin".split()
)


@attrs.frozen
class _Signature:
    """Who one source names: people first, then houses (agencies, desks, the site)."""

    source: str
    text: str
    people: tuple[str, ...]
    houses: tuple[str, ...]

    @property
    def is_stated(self) -> bool:
        """Whether it is said to machines rather than printed."""
        return self.source.startswith(("json-ld", "meta"))


def read_authors(
    tree: PageTree, statements: Statements, *, publisher: str, language: str
) -> Choice[tuple[str, ...]]:
    """Return the names of an article's authors, in the order that the page gives them.

    ``publisher`` is the site's name or "", ``language`` a BCP 47 tag or "". Where no person is
    named, an agency or a desk that signs alone is the author, and the site where it names itself.
    The tree is not changed. Never raises.
    """
    site = names_of_site(statements, publisher)
    seen: list[_Signature] = []
    for signature in _signatures(tree, statements, site, language):
        if not signature.people and not signature.houses:
            continue
        seen.append(signature)
        if signature.people and not _is_account(signature):
            break
    if not seen:
        return Choice(value=())
    named = [each for each in seen if each.people]
    taken = next((each for each in named if not _is_account(each)), (named or seen)[0])
    value = (taken.people + _beside_people(taken, site)) if taken.people else taken.houses
    considered = tuple(
        Candidate(
            text=each.text,
            source=each.source,
            taken=each is taken,
            why="names people" if each.people else "names no person",
        )
        for each in seen
    )
    return Choice(value=value[:_MOST_NAMES], source=taken.source, considered=considered)


def _is_account(signature: _Signature) -> bool:
    """Say whether machines are told an account, "jdoe", where a person's name may be in print."""
    return signature.is_stated and all(
        name.islower() and name.isascii() and " " not in name for name in signature.people
    )


def _beside_people(taken: _Signature, site: SiteNames) -> tuple[str, ...]:
    """Return the houses that are authors beside people: those that the page states, not its site.

    A printed line names an agency as the source of a part as often as an author.
    """
    if not taken.is_stated:
        return ()
    return tuple(name for name in taken.houses if not site.includes(name))


def _signatures(
    tree: PageTree, statements: Statements, site: SiteNames, language: str
) -> Iterator[_Signature]:
    for node in statements.articles[:5]:
        for key in ("author", "creator"):
            if key not in node:
                continue
            yield _signed(_stated(node.get(key), statements.nodes), f"json-ld {key}", site)
    said: dict[str, list[tuple[str, bool]]] = {}
    for name, text in statements.all_meta:
        if name in _META_NAMES:
            said.setdefault(name, []).append((text, False))
    for tag in _META:
        if tag in said:
            yield _signed(said[tag], f"meta {tag}", site)
    title = f"{statements.page_title} {statements.meta.get('og:title', '')}"
    for source, texts in printed_bylines(tree, site, title, language):
        yield _signed([(text, False) for text in texts], source, site)


def _stated(
    value: object, nodes: Sequence[Node], *, house: bool = False, depth: int = 0
) -> Iterator[tuple[str, bool]]:
    """Yield the names in a stated author, and whether each is said to be an organization.

    An author is a text, a person, a reference to one, or a list of such.
    """
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        yield plain(value), house
    elif isinstance(value, list):
        for each in value[:_MOST_NAMES]:
            yield from _stated(each, nodes, house=house, depth=depth + 1)
    elif isinstance(value, dict):
        value = _referred(value, nodes)
        is_house = any(kind.endswith("organization") for kind in types_of(value))
        yield from _stated(value.get("name"), nodes, house=is_house, depth=depth + 1)


def _referred(value: Node, nodes: Sequence[Node]) -> Node:
    """Return the node that a reference is to, where the page has it."""
    known = value.get("@id")
    if value.get("name") or not isinstance(known, str):
        return value
    return next((node for node in nodes if node.get("@id") == known and node.get("name")), value)


def _may_sign(name: str) -> bool:
    """Say whether a name is one: no account of a system, no label, no piece of a sentence."""
    parts = name.split()
    if not letters(name) or _NO_NAME.search(name):
        return False
    if all(letters(part) in _NOBODY for part in parts):
        return False
    return len(parts) == 1 or not (parts[-1].isascii() and parts[-1].islower())


def _signed(said: Iterable[tuple[str, bool]], source: str, site: SiteNames) -> _Signature:
    people: dict[str, str] = {}
    houses: dict[str, str] = {}
    texts = []
    stated = source.startswith(("json-ld", "meta"))
    for text, is_house in itertools.islice(said, _MOST_NAMES):
        texts.append(text)
        if is_house or site.includes(text):
            if letters(text):
                houses.setdefault(letters(text), text)
            continue
        if text.endswith((":", "：")):  # a label without what it is of
            continue
        if _COMPANY.search(text):
            houses.setdefault(letters(text), text)
            continue
        if not text or _ADDRESS.search(text) or _SLUG.fullmatch(text):
            continue
        byline = read_byline(text)
        for name in byline.names:
            key = letters(name)
            if not _may_sign(name):
                continue
            if name in byline.desks or site.resembles(name):
                # "Recipe by The Paper" in print is no author; in JSON-LD it is the site's desk.
                if stated or name in byline.desks or site.includes(name):
                    houses.setdefault(key, name)
            else:
                people.setdefault(key, name)
        for name in byline.agencies:
            houses.setdefault(letters(name), name)
    return _Signature(
        source=source,
        text=" | ".join(texts),
        people=tuple(people.values()),
        houses=tuple(name for key, name in houses.items() if key not in people),
    )
