"""How a site is called, and titles without it.

Publishers write their name around a headline: ``Headline | The Paper``, ``The Paper: Headline``,
``Headline - National | Globalnews.ca``. It is told from a part of the headline by what the page
calls itself elsewhere and by the host it is read from, never by a list of publishers.
"""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

import attrs

# What stands between a headline and a site's name, in the <title> of pages.
SEPARATOR = re.compile(
    r"\s+(?:[-–—―|¦·•∙●»«›‹/\\~*<>_ㅣ⋆←→]|::|--|\|\||>>|<<)\s+"
    r"|\s*[|｜¦丨ㅣ»«]\s*"
    r"|\s*(?:--|::)\s*"
    r"|(?<=[\u3040-\u9fff\uac00-\ud7af])[_-](?=[\u3040-\u9fff\uac00-\ud7af\w])"
)
# One of which stands in every separator: texts without them, most headlines, are done with.
_MARK = re.compile(r"[-–—―|｜¦丨·•∙●»«›‹/\\~*<>_ㅣ⋆←→:：]")
_COLON = re.compile(r"(?<=\S)\s?[:：]\s+")
_NOT_LETTERS = re.compile(r"[\W_]+")
# Labels of a host that name no site.
_HOST_NOISE = frozenset("www www2 m mobile amp web news blog de en fr es it co com org net".split())
_LONGEST = 400
_MOST_PARTS = 12


@lru_cache(maxsize=1024)
def letters(text: str) -> str:
    """Return a text's letters and digits alone, folded: what is the same however it is printed."""
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text[:_LONGEST]).casefold())


@attrs.frozen
class SiteNames:
    """The names of one site and of the part of it that a page is in, as letters."""

    names: frozenset[str]
    sections: frozenset[str] = frozenset()

    def includes(self, text: str) -> bool:
        """Say whether a text is a name of the site, however it is printed."""
        return letters(text) in self.names

    def resembles(self, text: str) -> bool:
        """Say whether a text has a name of the site in it: "The Paper Staff"."""
        bare = letters(text)
        return any(len(name) >= 6 and name in bare for name in self.names) or bare in self.names

    def without(self, title: str, *, colons: bool = True) -> str:
        """Return a title without the site's name and what stands on the far side of it.

        ``colons``: whether a colon may part the name from the headline, as in a ``<title>``; in a
        headline it parts the headline's own words. A title that is only the name stays.
        """
        if not _MARK.search(title):
            return title
        parts = _parts(title, SEPARATOR)
        if len(parts) > 1 and letters(title[slice(*parts[-1])]) in self.sections:
            return self.without(title[: parts[-2][1]], colons=colons)
        for position in range(1, len(parts)):
            if self.includes(title[slice(*parts[position])]):
                return self.without(title[: parts[position - 1][1]], colons=colons)
        if len(parts) > 1 and self.includes(title[slice(*parts[0])]):
            return self.without(title[parts[1][0] :], colons=colons)
        if colons:
            parts = _parts(title, _COLON)
            if len(parts) > 1 and self.includes(title[slice(*parts[-1])]):
                return title[: parts[-2][1]]
            if len(parts) > 1 and self.includes(title[slice(*parts[0])]):
                return title[parts[1][0] :]
        return title


def _parts(title: str, separator: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return where the parts of a title begin and end, separators left out."""
    found, start = [], 0
    for match in separator.finditer(title):
        if match.start() > start:
            found.append((start, match.start()))
        start = match.end()
        if len(found) >= _MOST_PARTS:
            break
    if start < len(title):
        found.append((start, len(title)))
    return found


@lru_cache(maxsize=64)
def site_names(stated: tuple[str, ...], sections: tuple[str, ...], url: str) -> SiteNames:
    """Return the names of the site that a page is read from, given those it states.

    ``sections`` are the page's own names for the part of the site it is in; the folders of its
    address are added to them.
    """
    named = [each for each in stated if each]
    found = {letters(each) for each in named}
    # "Metro | News Blog" calls itself Metro as well.
    found |= {
        letters(each[start:end])
        for each in named
        for start, end in _parts(each, SEPARATOR)
        if end - start < len(each)
    }
    try:
        split = urlsplit(url)
        host, path = split.hostname or "", split.path
    except ValueError:
        host = path = ""
    host = host.removeprefix("www.")
    labels = host.split(".")
    found |= {letters(label) for label in labels[:-1] if label not in _HOST_NOISE}
    found |= {letters(".".join(labels[start:])) for start in range(len(labels) - 1)}
    found.add(letters(f"www.{host}"))
    return SiteNames(frozenset(found - {""}), _sections(sections, path))


def _sections(stated: tuple[str, ...], path: str) -> frozenset[str]:
    folders = path.rstrip("/").split("/")[1:-1]
    return frozenset(letters(each) for each in (*stated, *folders[:6])) - {""}
