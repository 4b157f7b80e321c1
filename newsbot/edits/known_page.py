"""What the page of a known article shows now, held against what was read of it; pure.

See :mod:`newsbot.redesign` for what follows from it.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from newsbot.edits.plausible import doubt
from newsbot.edits.version import Version
from newsbot.extraction import Extracted
from newsbot.items import Article, Raw, derived_id
from newsbot.redesign import NewPage, Part, Shown, Witness
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import believed
from newsbot.text.tokens import words
from newsbot.text.unicode import encodable, fold_whitespace
from newsbot.text.urls import page_key

# Kinds of page that say nothing of how articles are read: it is not the article that is there.
_ANOTHER_THING = frozenset({"wall", "error", "notice"})
# Dates that an entry told are not read from the page.
_OF_ENTRIES = frozenset({"feed", "sitemap"})
# A text of fewer words may go, and it says nothing.
_TELLING = 40
# An article that was published anew is dated anew; where more than a day lies between, one date is another's.
_SAME = timedelta(days=1)
# A page that prints the time prints it as it is answered.
_CLOCK = timedelta(seconds=5)
# A text of fewer characters is hardly one.
_HOLLOW = 120
_BEGINS = 400
_PARAGRAPHS = 60


def witness(
    article: Article, page: Extracted, landed: str, *, at: datetime, raw: Raw | None
) -> Witness | None:
    """Return what a page says that was asked for as this article's; None where it says nothing.

    ``landed`` is the address that answered, ``at`` when.
    """
    if page.kind in _ANOTHER_THING or page.next_page or article.partial:
        return None
    if page_key(landed) != page_key(article.fetched_url) and urlsplit(landed).path in ("", "/"):
        return None  # a page that is gone leads home
    had: list[Part] = []
    lost: dict[Part, str] = {}
    before, after = _before(article), _after(page)
    if len(words(before.body)) >= _TELLING:
        had.append("text")
        why = f"{page.why or page.kind}" if not page.is_article else doubt(before, after)
        if why:
            lost["text"] = why.removeprefix("it shows ").removeprefix("it ")
    if article.title and page.is_article:
        had.append("titles")
        if not after.title:
            lost["titles"] = "no title"
    dated = believed(article.published)
    if dated is not None and dated.source not in _OF_ENTRIES and page.is_article:
        had.append("dates")
        now = believed(page.published)
        if now is None:
            lost["dates"] = "no date"
        elif abs(now.day - dated.day) > _SAME and "text" not in lost:
            lost["dates"] = f"{now.day} where it was {dated.day}"
    known = frozenset(before.body.split("\n"))
    more = {line: size for line, size in paragraphs(after.body).items() if line not in known}
    titles = [set(words(each.title)) for each in (before, after)]
    odd = titles[0].isdisjoint(titles[1]) or sum(more.values()) > len(after.body) / 3
    return Witness(
        article=article.id,
        url=article.url,
        landed=page_key(landed),
        had=tuple(had),
        lost=lost,
        before=shown(before, at=article.fetched_at, raw=article.raw),
        after=shown(after, at=at, raw=raw, kind=page.kind),
        lines={derived_id(line): size for line, size in more.items()},
        length=len(after.body),
        odd=odd,
    )


def paragraphs(body: str) -> dict[str, int]:
    """Return the first paragraphs of a text, each with its length."""
    return {line: len(line) for line in body.split("\n")[:_PARAGRAPHS] if line}


def new_page(
    page: Extracted, read_at: datetime, *, title: str, dated: ParsedDate | None
) -> NewPage | None:
    """Return how a page was read that was met first; None of one that says nothing of how articles are.

    ``title`` and ``dated`` are what is known of it by what led to it.
    """
    if page.kind in _ANOTHER_THING:
        return None
    hollow = not page.is_article or len(page.body) < _HOLLOW
    own = believed(page.published)
    at = own.instant if own else None
    return NewPage(
        title=fold_whitespace(encodable(page.title)),
        hollow=hollow,
        titled=bool(page.title or title) or hollow,
        dated=own is not None or believed(dated) is not None or hollow,
        clocked=at is not None and abs(read_at - at) < _CLOCK,
        lines={} if hollow else {derived_id(k): v for k, v in paragraphs(page.body).items()},
        length=len(page.body),
    )


def shown(version: Version, *, at: datetime, raw: Raw | None, kind: str = "article") -> Shown:
    """Return what was read of a page, for people who compare."""
    stated = believed(version.published)
    return Shown(
        title=version.title,
        words=len(words(version.body)),
        day=stated.day.isoformat() if stated else "",
        authors=version.authors[:5],
        begins=version.body[:_BEGINS],
        kind=kind,
        at=at,
        raw=raw,
    )


def _before(article: Article) -> Version:
    return Version(
        title=article.title_as_published or article.title,
        body=article.body_as_published or article.body,
        authors=article.authors,
        published=article.published,
        language=article.language,
    )


def _after(page: Extracted) -> Version:
    return Version(
        title=fold_whitespace(encodable(page.title)),
        body=fold_whitespace(encodable(page.body)),
        authors=page.authors,
        published=page.published,
        language=page.language,
    )
