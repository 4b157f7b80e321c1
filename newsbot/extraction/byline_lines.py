"""Lines that are bylines by how they begin: "By …", "Von …", "بقلم …", "12.03.2024 - …".

Where the mark of a publishing system is missing, an author stands in a line of its own beside the
headline, behind a word that introduces a name, or behind the date.
"""

import itertools
import re
from collections.abc import Iterator
from functools import cache

from selectolax.lexbor import LexborNode

from newsbot.extraction.page_tree import PageTree
from newsbot.extraction.site_names import SEPARATOR, SiteNames
from newsbot.text.byline_words import folded_word, words
from newsbot.text.bylines import read_byline
from newsbot.text.lexicon import zipf

# Words that introduce a name in these languages and mean other things, or begin names, elsewhere.
_ONLY_IN = {"de": "ro", "di": "it", "na": "sw", "av": "sv nb nn no", "af": "da", "per": "ca",
            "par": "fr", "por": "es pt gl", "door": "nl", "von": "de", "vom": "de", "haber": "tr"}  # fmt: skip
# Words of systems in front of "by", in Drupal's and Blogger's languages: "Submitted by", "Gespeichert
# von", "Publié par".
_WRITTEN = frozenset(
    "gespeichert veroffentlicht erstellt eingestellt geschrieben verfasst eingetragen gepostet geplaatst "
    "submitted posted published written publie poste ecrit soumis publicado escrito enviado postado "
    "pubblicato inviato scritto publicerat publicerad skrevet indsendt opublikowane dodane".split()
)
_DATED = re.compile(
    r"^(?:\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}|\d{4}-\d\d-\d\d)(?:,?\s+\d\d?[:.]\d\d)?(?:\s+Uhr)?"
    r"\s*[-–—|,•·]?\s*"
)
_EDGES = "-–—•|· "
# Lines looked at before the headline and behind it.
_BEFORE, _BEHIND = 6, 30
_FARTHEST = 20_000
_NEAR = 3_000
_LONGEST = 100
# Longest line that only introduces the name in the next.
_INTRODUCTION = 30
# A byline in bold stands among the first paragraphs; its rarest word is rarer than this (Zipf).
_EARLY, _SIGNED, _RARE = 15, 60, 3.0
_CAPITAL_NOUNS = frozenset(("de", "lb"))
_WORDS = re.compile(r"[\s/]+")


def from_introduction(text: str) -> str:
    """Return a text from the word on that introduces a name, where a date or a label is before."""
    printed = text.split()
    for at, word in enumerate(printed[1:12], 1):
        introduces = (folded_word(word.rstrip(":")),) in words("by")
        before = printed[:at]
        written = at == 1 and folded_word(printed[0]) in _WRITTEN
        if introduces and (
            written or word.endswith(":") or any(any(map(str.isdigit, each)) for each in before)
        ):
            rest = printed[at:]
            label = next((n for n, each in enumerate(rest[1:], 1) if each.endswith(":")), len(rest))
            return " ".join(rest[:label])
    return text


def lines_near(head: LexborNode, site: SiteNames, language: str) -> Iterator[str]:
    """Yield lines around the headline that begin as a byline does, or are "Publisher – Desk"."""
    place = head
    for _ in range(4):
        if place.parent is None or place.parent.tag in ("body", "html"):
            break
        place = place.parent
    title = " ".join(head.text(deep=True).split())
    text = place.text(deep=True, separator="\n")[:_FARTHEST]
    # Only the text around the headline is cut into lines: a page's text is long.
    first = title.partition(" ")[0]
    at = max(0, text.find(title[:20] if title[:20] in text else first))
    text = text[max(0, at - _NEAR // 4) : at + _NEAR]
    lines = [line for line in (" ".join(each.split()) for each in text.split("\n")) if line]
    start = next((n for n, line in enumerate(lines) if len(line) > 3 and line in title), 0)
    lines = lines[max(0, start - _BEFORE) : start + _BEHIND]
    lines = [line for line in lines if len(line) < 4 or line not in title]
    for line, following in itertools.pairwise([*lines, ""]):
        if len(line) > _LONGEST:
            continue
        parts = SEPARATOR.split(line)
        if len(parts) == 2 and site.includes(parts[0]):
            if read_byline(parts[1]).desks:
                yield parts[1]
            continue
        joined = _introduces(line)
        whole = f"{line} {following}" if joined else _DATED.sub("", line).strip(_EDGES)
        dated = not joined and whole != line.strip(_EDGES)
        if introduced(whole, language, dated=dated) or (dated and _is_name(whole)):
            yield whole


def _introduces(line: str) -> bool:
    """Say whether a line is only "By" or "Author:", and the name stands in the next element."""
    if len(line) > _INTRODUCTION:
        return False
    folded = [folded_word(word) for word in _WORDS.split(line.strip(" :"))]
    return any(
        word in _first_words() and words("by").at_start(folded[at:]) == len(folded) - at
        for at, word in enumerate(folded)
    )


def signed_paragraphs(tree: PageTree, language: str) -> Iterator[str]:
    """Yield early paragraphs that are nothing but a byline, or a name, in bold or italics.

    A name has a word that is rare in the page's language; a heading in bold ("Further Reading") has
    none. Where every noun has a capital, and compounds are rare, that tells nothing, nor where the
    language is not known.
    """
    spoken = language[:2].lower()
    for node in tree.tagged("p")[:_EARLY]:
        text = node.text(deep=True)
        line = " ".join(text.split()) if len(text) < 4 * _SIGNED else ""
        if not 5 < len(line) < _SIGNED:
            continue
        inside = node.css_first("strong,b,em,i")
        if inside is None or " ".join(inside.text(deep=True).split()) != line:
            continue
        if introduced(line, language) or (
            spoken
            and spoken not in _CAPITAL_NOUNS
            and _is_name(line.replace("/", " / "), most=7)
            and any(_rarity(word.lower(), spoken) < _RARE for word in _WORDS.split(line))
        ):
            yield line


def _rarity(word: str, language: str) -> float:
    try:
        return zipf(word, language)
    except LookupError:  # a language without a word list
        return zipf(word, "en")


@cache
def _first_words() -> frozenset[str]:
    """Return the words that an introduction begins with: few lines begin with one."""
    return frozenset(phrase[0] for phrase in words("by").phrases)


def _is_name(text: str, most: int = 3) -> bool:
    printed = text.split()
    return 2 <= len(printed) <= most and all(
        word == "/"
        or (word[:1].isupper() and len(word) > 1 and word.strip(".-").replace("-", "").isalpha())
        for word in printed
    )


def introduced(line: str, language: str, *, dated: bool = False) -> bool:
    """Say whether a line is a byline; where a date is beside it, one word will do for a name."""
    printed = _WORDS.split(line, 11)
    colon = printed[0].endswith(":")
    if not colon and folded_word(printed[0]) not in _first_words():
        return False
    folded = [folded_word(word.rstrip(":")) for word in printed[:6]]
    length = words("by").at_start(folded)
    if not length and colon:
        length = words("desk").at_start(folded[:1])
    rest = printed[length:]
    spoken = language[:2].lower()
    if spoken and spoken not in _ONLY_IN.get(folded[0], spoken).split():
        return False
    least = 1 if dated or length > 1 else 2
    return length > 0 and least <= len(rest) <= 9 and not any(w[:1].islower() for w in rest[:2])
