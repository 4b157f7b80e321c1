"""From a page of links to the next older one: pagination and archives by date.

What a page says is believed in this order: the relation ``next`` (HTML 4.6.7.13); links whose
address is the page's own with the next number, where something shows that the number counts pages
(the link's text is a number, its name says so, or the address does); for a page of one year, month
or day, the period before. No word of any language is needed; the words known are those of addresses
and class names, which sites of all languages share.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

import attrs

from newsbot.discovery.anchors import Anchor, join
from newsbot.discovery.page import Page
from newsbot.discovery.periods import Period, archive_period, period_before
from newsbot.text.urls import canonical_url, site_of

# A page number or an offset has so many digits at most; longer ones are ids.
_DIGITS = 6
# Names of the parameter, or of the path segment, that counts pages: WordPress, Drupal, Joomla,
# TYPO3, Bitrix (PAGEN_1), Django, Rails and Laravel by their documentation, and what newspapers'
# own systems use.
_PAGE_NAMES = frozenset(
    "page p pg pn pag pagina pagine seite sayfa strona strana stranica oldal sida side sivu lehekulg "
    "halaman trang paged paging pageno pagenum pagenumber page-number currentpage curpage pageindex "
    "start offset skip from limitstart pagen cpage s_page spage nextpage e-page-num".split()
)
# Parameters of pages that are asked for by their last entry and not by a number.
_CURSORS = frozenset("before older until before-time max_id older_than cursor after next".split())
_PAGER_WORDS = frozenset(
    "pagination pager paging paginator paginate pagenav pages pagelinks wp pagenavi older".split()
)
_NEXT_WORDS = frozenset({"next", "older"})
_ARROW = re.compile(r"\W*[»›→>❯⟩▶←«‹<❮⟨◀]\W*|\W*\d+\W*")
# Attributes by which buttons say what to load.
_LOADS = ("data-next-url", "data-next", "data-next-page", "data-url", "data-href", "hx-get")


@attrs.frozen
class _Numbered:
    """An address with one of its numbers taken out, and that number."""

    template: str
    number: int
    named: bool


def older_pages(page: Page) -> list[str]:
    """Return the pages of the same list that come after this one, the surest first.

    The first is the next page of the list, where it shows one; a page of a year, month or day is
    followed by the period before. Usually there are one or two; none where the list ends here.
    """
    url = page.url
    links = [link for link in page.anchors if site_of(link.url) == site_of(url)]
    heads = page.tree.css('link[rel~="next"][href]')
    found = [join(page.base, node.attributes.get("href") or "") for node in heads]
    found += [link.url for link in links if "next" in link.rel and "prev" not in link.rel]
    found += _numbered_next(links, url)
    for name in _LOADS:
        for node in page.tree.css(f"[{name}]")[:50]:
            address = join(page.base, node.attributes.get(name) or "")
            found += _numbered_next([_bare(address)], url) if address else []
    found += _cursors(links, url)
    found.append(period_before(url, (link.url for link in links)))
    return _once(found, url)


def archive_pages(page: Page) -> list[str]:
    """Return the pages of years, months and days that a page links to, the newest first."""
    periods: dict[str, Period] = {}
    for link in page.anchors:
        if site_of(link.url) == site_of(page.url):
            period = archive_period(link.url)
            if period is not None:
                periods.setdefault(link.url, period)
    ordered = sorted(periods, key=lambda each: (periods[each].last, periods[each].first))
    return _once(reversed(ordered), page.url)


def next_address(url: str) -> str:
    """Return what the next older page would be called, by the address alone; "" where it tells nothing.

    A page that is numbered in its address is followed by the next number, a page of a period by the
    period before. Whether it is there is for the caller to find out.
    """
    for numbered in _numbers(url):
        if numbered.named:
            return numbered.template.replace("{}", str(numbered.number + 1), 1)
    return period_before(url)


# Numbers


def _numbered_next(links: Iterable[Anchor], url: str) -> list[str]:
    """Return the links that are this address with the next number."""
    here = {each.template: each.number for each in _numbers(url)}
    bare = _comparable(url)
    following: dict[str, dict[int, str]] = defaultdict(dict)
    from_nothing: set[str] = set()
    for link in links:
        for numbered in _numbers(link.url):
            if not _counts_pages(link, numbered):
                continue
            if numbered.template in here or bare in _first_pages(numbered.template):
                following[numbered.template].setdefault(numbered.number, link.url)
                if link.text.strip() == str(numbered.number + 1):
                    from_nothing.add(numbered.template)
    found = []
    for template, pages in following.items():
        entries = _counts_entries(template, pages)
        now = here.get(template, 0 if entries or template in from_nothing else 1)
        later = sorted(number for number in pages if number > now)
        # A pager shows the last page, too; what is far away is not next.
        found += [pages[later[0]]] if later and (entries or later[0] <= now + 1) else []
    return found


def _counts_entries(template: str, pages: Iterable[int]) -> bool:
    """Say whether the numbers count entries and not pages: by name, or as multiples of one."""
    if re.search(r"[?&/](?:start|offset|from|skip|limitstart)[=/]\{\}", template):
        return True
    numbers = sorted(number for number in pages if number)
    return len(numbers) > 1 and numbers[0] >= 5 and all(n % numbers[0] == 0 for n in numbers)


def _counts_pages(link: Anchor, numbered: _Numbered) -> bool:
    """Say whether the number in a link's address is one of a page of a list."""
    if numbered.named or not link.names.isdisjoint(_NEXT_WORDS) or "next" in link.rel:
        return True
    text = link.text.strip()
    shown = text.isdecimal() and len(text) <= _DIGITS and int(text) == numbered.number
    return shown or (not link.names.isdisjoint(_PAGER_WORDS) and bool(_ARROW.fullmatch(text)))


def _numbers(url: str) -> Iterator[_Numbered]:
    """Yield an address with each of its numbers that may count pages taken out."""
    parts = urlsplit(canonical_url(url))
    segments = parts.path.split("/")
    for place, segment in enumerate(segments):
        for run in re.finditer(r"(?<!\d)\d+(?!\d)", segment):
            if len(run[0]) > _DIGITS:
                continue
            rest = segment[: run.start()].rstrip("-_=.,;")
            pure = run[0] == segment.partition(".")[0]
            word = (segments[place - 1] if pure else rest).lower()
            taken = segment[: run.start()] + "{}" + segment[run.end() :]
            path = "/".join([*segments[:place], taken, *segments[place + 1 :]])
            template = urlunsplit(parts._replace(path=path))
            yield _Numbered(template, int(run[0]), word in _PAGE_NAMES)
    pairs = parts.query.split("&") if parts.query else []
    for place, pair in enumerate(pairs):
        name, _, value = pair.partition("=")
        if value.isascii() and value.isdigit() and len(value) <= _DIGITS:
            named = re.sub(r"[_\d]+$", "", _bracketed(name)) in _PAGE_NAMES
            query = "&".join([*pairs[:place], f"{name}={{}}", *pairs[place + 1 :]])
            yield _Numbered(urlunsplit(parts._replace(query=query)), int(value), named)


def _bracketed(name: str) -> str:
    """Return a parameter's telling part: ``tx_news[page]`` is page."""
    inner = re.search(r"\[([^\]]+)\]$", unquote(name))
    return (inner[1] if inner else name).lower().replace("@", "")


def _first_pages(template: str) -> set[str]:
    """Return the addresses that the first page of a numbered list may have."""
    parts = urlsplit(template)
    if "{}" in parts.query:
        kept = "&".join(pair for pair in parts.query.split("&") if "{}" not in pair)
        return {_comparable(urlunsplit(parts._replace(query=kept)))}
    segments = parts.path.split("/")
    place = next(number for number, segment in enumerate(segments) if "{}" in segment)
    segment = segments[place]
    before, after = segments[:place], segments[place + 1 :]
    paths = []
    if segment.partition(".")[0] == "{}":
        paths.append([*before, *after])
        if before and before[-1].lower() in _PAGE_NAMES:
            paths.append([*before[:-1], *after])
    else:
        unnumbered = re.sub(r"(?:(?:^|[-_=.,;~])(?:page|pag|p|s))?[-_=.,;~]?\{\}", "", segment)
        paths.append([*before, unnumbered, *after])
        if unnumbered.partition(".")[0] in ("", "index", "page", "p", "default"):
            paths.append([*before, *after])
    return {_comparable(urlunsplit(parts._replace(path="/".join(path)))) for path in paths}


def _comparable(url: str) -> str:
    """Return an address as first pages are compared: without closing slash and file ending."""
    parts = urlsplit(canonical_url(url))
    path = re.sub(r"\.(?:s?html?|php|aspx?|jsp)$", "", parts.path.rstrip("/"), flags=re.IGNORECASE)
    return urlunsplit(parts._replace(path=path))


def _bare(address: str) -> Anchor:
    nothing: frozenset[str] = frozenset()
    return Anchor(address, "", False, False, nothing, "", nothing)


# Lists that are continued after an entry


def _cursors(links: Iterable[Anchor], url: str) -> list[str]:
    here = urlsplit(canonical_url(url))
    kept = _without_cursor(here)
    return [
        link.url
        for link in links
        if (there := urlsplit(link.url)).query != here.query
        and there.path.rstrip("/") == here.path.rstrip("/")
        and _without_cursor(there) == kept
        and (link.names | link.rel) & (_NEXT_WORDS | _PAGER_WORDS)
    ]


def _without_cursor(parts: SplitResult) -> list[tuple[str, str]]:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    return [(name, value) for name, value in pairs if _bracketed(name) not in _CURSORS]


def _once(addresses: Iterable[str], url: str) -> list[str]:
    here = canonical_url(url)
    once: dict[str, str] = {}
    for address in addresses:
        if address and site_of(address) == site_of(url) and canonical_url(address) != here:
            once.setdefault(canonical_url(address), address)
    return list(once.values())
