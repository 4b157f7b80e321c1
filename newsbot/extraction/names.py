"""What an element is for, by what its publisher calls it; the words are ``element_names.tsv``.

Classes and ids are English on most of the web, whatever a page's language, and they are made of few
words: ``related-posts``, ``articleBody``, ``c-share__list``.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

import attrs

# Names that say how a page is, not what an element is for: WordPress puts the tags and categories of
# a post on its element, others what the page has.
_ABOUT = re.compile(
    r"(?:tag|category|has|no|with|without|is|not|post|type|status|format|hentry|template|page|show|"
    r"col|js|theme)[-_]",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[a-z\u00c0-\uffff]+")
# A name of more words was made from a headline.
_SLUG = 6
# Opinion, not comments.
_COMMENTARY = "commentary"
_NOT_BOILERPLATE = frozenset(("text", "lead"))


@attrs.frozen
class _Names:
    """Purposes by single word, by pair of neighbours, by beginning, and by role."""

    words: dict[str, str]
    pairs: dict[tuple[str, str], str]
    beginnings: tuple[tuple[str, str], ...]
    roles: dict[str, str]


@cache
def _named(kinds: str) -> _Names:
    """Return the names of boilerplate ("boilerplate"), of texts ("text") or of leads ("lead")."""
    table = (files("newsbot.extraction") / "element_names.tsv").read_text("utf8")
    found = _Names({}, {}, (), {})
    beginnings = []
    for line in table.splitlines():
        if line.startswith("#"):
            continue
        kind, said = line.split("\t")
        if kind.startswith("role "):
            found.roles[said] = kind.removeprefix("role ")
            continue
        if kind != kinds and (kinds != "boilerplate" or kind in _NOT_BOILERPLATE):
            continue
        for name in said.split():
            first, *rest = name.split("-")
            if name.endswith("*"):
                beginnings.append((name[:-1], kind))
            elif rest:
                found.pairs[first, rest[0]] = kind
            else:
                found.words[name] = kind
    return attrs.evolve(found, beginnings=tuple(beginnings))


def _words(name: str) -> list[str]:
    if not name.islower():
        name = _CAMEL.sub("-", name).lower()
    return _WORD.findall(name)


def _kind(words: list[str], names: _Names) -> str:
    for pair in pairwise(words):
        if pair in names.pairs:
            return names.pairs[pair]
    for word in words:
        if word in names.words:
            return names.words[word]
        for beginning, kind in names.beginnings:
            if word.startswith(beginning) and word != _COMMENTARY:
                return kind
    return ""


@lru_cache(maxsize=1 << 15)
def purpose(names: str) -> str:
    """Return what an element is for that is no text of the article; "" where its names say nothing.

    ``names`` are its class, id, role and itemprop, parted by spaces.
    """
    known = _named("boilerplate")
    for name in names.split():
        if name in known.roles:
            return known.roles[name]
        if _ABOUT.match(name):
            continue
        words = _words(name)
        kind = _kind(words, known) if len(words) <= _SLUG else ""
        if kind:
            return kind
    return ""


@lru_cache(maxsize=1 << 15)
def is_text(names: str) -> bool:
    """Say whether an element is called the text of an article."""
    return any(_kind(_words(name), _named("text")) for name in names.split())


@lru_cache(maxsize=1 << 12)
def is_lead(names: str) -> bool:
    """Say whether an element is called the lead of an article."""
    return any(_kind(_words(name), _named("lead")) for name in names.split())
