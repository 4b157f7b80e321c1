"""Lists of sites in plain text: one address a line, or a table as CSV.

A plain list takes what people and programs write: comments, blank lines, a title behind the address,
and newsboat's ``url "tag" "~Title"``. A table has a header that names its columns, or an address, a
name, groups and a delay in this order; it may be separated by commas, semicolons or tabs, as the
spreadsheets of different countries do.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from newsbot.discovery.entries import EntryPoint
from newsbot.discovery.subscriptions import KINDS, ListError, Subscription
from newsbot.text.urls import is_web_url

DELIMITERS = ("\t", ";", ",")

# What columns are called in newsbot's own tables and in those of others (Media Cloud, newsrooms'
# spreadsheets), in lower case without spaces, hyphens and underscores.
_COLUMNS = {
    "url": "homepage",
    "address": "homepage",
    "homepage": "homepage",
    "site": "homepage",
    "siteurl": "homepage",
    "website": "homepage",
    "link": "homepage",
    "htmlurl": "homepage",
    "domain": "homepage",
    "feed": "feed",
    "feedurl": "feed",
    "rss": "feed",
    "rssurl": "feed",
    "xmlurl": "feed",
    "name": "name",
    "title": "title",
    "label": "title",
    "group": "groups",
    "groups": "groups",
    "category": "groups",
    "categories": "groups",
    "folder": "groups",
    "tag": "groups",
    "tags": "groups",
    "delay": "delay",
    "concurrency": "concurrency",
    "javascript": "javascript",
    "poll": "poll",
    "entrypoints": "entry_points",
}
# Where there is no header.
_ORDER = ("homepage", "name", "groups", "delay")

_DOMAIN = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:/\S*)?")
_TAG = re.compile(r'"([^"]*)"')
_YES = frozenset(("yes", "true", "1", "on", "x"))
_NO = frozenset(("no", "false", "0", "off"))
# What a spreadsheet takes for a formula (OWASP, CSV injection); a quote before it makes it text.
_FORMULA = re.compile(r"'*[=+@\t\r-]")
FIELDS = (
    *("name", "title", "url", "groups", "delay", "concurrency"),
    *("javascript", "poll", "entry_points"),
)


def as_address(text: str) -> str:
    """Return the web address that a word is, https:// supplied; "" when it is none."""
    if len(text.split()) != 1:
        return ""
    if is_web_url(text):
        return text
    return f"https://{text}" if _DOMAIN.fullmatch(text) else ""


def read_plain(text: str) -> list[Subscription]:
    """Return the sites of a list with one address a line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if bare:
            found.append(_plain(bare, number))
    return found


def _plain(line: str, number: int) -> Subscription:
    words = line.replace("<", " ").replace(">", " ").split()
    address = next(filter(None, map(as_address, (word.rstrip(",;") for word in words))), "")
    if not address:
        return Subscription(line=number, problem=f"there is no web address in {line[:80]!r}")
    tags = _TAG.findall(line)
    title = [each[1:] for each in tags if each.startswith("~")]
    if not tags:
        rest = [word for word in words if as_address(word.rstrip(",;")) != address]
        title = [" ".join(rest).strip(" ,;:-–—|")]
    return Subscription(
        line=number,
        homepage=address,
        title="".join(title[:1])[:200],
        groups=tuple(dict.fromkeys(each for each in tags if each and each[0] not in "~!")),
    )


def delimiter_of(text: str) -> str | None:
    """Return what separates the columns of a table; None when it is a plain list."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")][:200]
    if lines and (told := re.fullmatch(r"sep=(.)", lines[0].strip(), re.IGNORECASE)):
        return told[1]
    for delimiter in DELIMITERS:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        if not rows or len(rows[0]) < 2:
            continue
        if _header(rows[0]):
            return delimiter
        full = [row for row in rows if len(row) > 1 and any(as_address(c.strip()) for c in row)]
        if 2 * len(full) > len(rows):
            return delimiter
    # A single column may have a header, too.
    return "," if lines and _header([lines[0]]) else None


def _header(row: Sequence[str]) -> tuple[str, ...] | None:
    """Return what a header's columns mean, "" for those that mean nothing; None when it is none."""
    columns = tuple(_COLUMNS.get(re.sub(r"[\s_-]", "", cell.strip().lower()), "") for cell in row)
    return columns if {"homepage", "feed"} & set(columns) else None


def read_table(text: str, delimiter: str) -> list[Subscription]:
    """Return the sites of a table.

    Raises:
        ListError: when it is no table.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: tuple[str, ...] | None = None
    found = []
    line = 1
    try:
        for row in reader:
            first, line = line, reader.line_num + 1
            if not _says_something(row):
                continue
            if columns is None:
                columns = _header(row)
                if columns is not None:
                    continue
                columns = _headerless(row)
            found.append(_row(dict(zip(columns, map(_cell, row), strict=False)), first))
    except csv.Error as error:
        raise ListError(f"line {line} cannot be read as a table: {error}") from None
    return found


def _says_something(row: Sequence[str]) -> bool:
    """Say whether a row is one of the table, and no blank, comment or word to the spreadsheet."""
    if row and row[0].startswith("#"):
        return any(as_address(cell.strip()) for cell in row[1:])
    return any(cell.strip() for cell in row) and not re.fullmatch(r"(?i)sep=.?", row[0].strip())


def _cell(text: str) -> str:
    text = text.strip()
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _headerless(row: Sequence[str]) -> tuple[str, ...]:
    """Return what the columns mean where nobody says it: the address wherever it stands."""
    at = next((place for place, cell in enumerate(row) if as_address(cell.strip())), 0)
    others = iter(_ORDER[1:])
    return tuple("homepage" if place == at else next(others, "") for place in range(len(row)))


class _CellError(ValueError):
    pass


def _row(said: dict[str, str], line: int) -> Subscription:
    address, feed = (as_address(said.get(name, "")) for name in ("homepage", "feed"))
    try:
        if not address and not feed:
            wrong = said.get("homepage") or said.get("feed") or ""
            raise _CellError(f"{wrong[:80]!r} is no web address")
        ways = _ways(said.get("entry_points", ""))
        if feed and all(way.url != feed for way in ways):
            ways = (EntryPoint(url=feed, kind="feed"), *ways)
        concurrency = _number(said.get("concurrency", ""), "concurrency")
        return Subscription(
            line=line,
            homepage=address,
            entry_points=ways,
            name=said.get("name", ""),
            title=said.get("title", ""),
            groups=_split(said.get("groups", "")),
            delay=_number(said.get("delay", ""), "delay"),
            concurrency=None if concurrency is None else int(concurrency),
            javascript=_truth(said.get("javascript", ""), "javascript"),
            poll=_truth(said.get("poll", ""), "poll"),
        )
    except _CellError as error:
        return Subscription(line=line, title=said.get("title", ""), problem=str(error))


def _ways(text: str) -> tuple[EntryPoint, ...]:
    """Read "feed https://… page https://…"."""
    words = text.split()
    pairs = zip(words[::2], words[1::2], strict=False)
    ways = tuple(EntryPoint(url=url, kind=KINDS[kind]) for kind, url in pairs if kind in KINDS)
    if 2 * len(ways) != len(words):
        raise _CellError(f"entry points {text[:80]!r} are not written as: feed URL page URL")
    return ways


def _split(text: str) -> tuple[str, ...]:
    names = (each.strip() for each in re.split(r"[|;,]", text))
    return tuple(dict.fromkeys(filter(None, names)))


def _number(text: str, name: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = -1.0
    if not 0 <= number < 86_400:
        raise _CellError(f"{name} {text[:40]!r} is no number that can be")
    return number


def _truth(text: str, name: str) -> bool | None:
    word = text.casefold()
    if word in _YES or word in _NO:
        return word in _YES
    if not word:
        return None
    raise _CellError(f"{name} {text[:40]!r} is neither yes nor no")


def write_table(sites: Iterable[Subscription]) -> str:
    """Return the table of these sites, with a header."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(FIELDS)
    for site in sites:
        ways = " ".join(f"{way.kind} {way.url}" for way in site.entry_points)
        cells = (
            *(site.name, site.title, site.homepage, "|".join(site.groups)),
            *(_shown(site.delay), _shown(site.concurrency)),
            *(_shown(site.javascript), _shown(site.poll), ways),
        )
        writer.writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells])
    return out.getvalue()


def _shown(value: float | bool | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:g}"


def write_plain(sites: Iterable[Subscription]) -> str:
    """Return these sites' homepages, one a line, with their titles behind."""
    return "".join(f"{site.homepage}  {site.title or site.name}\n" for site in sites)
