"""What stands in a feed: articles with their full texts, as values that any format of feed is made of. Pure.

The HTML of an entry is made here from the stored text alone: paragraphs, escaped, in the direction of the
article. Nothing of a publisher's own markup is in it.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time
from uuid import NAMESPACE_OID, uuid5

import attrs
from markupsafe import Markup

from newsbot.archive.articles import Kept
from newsbot.fetching.causes import in_part
from newsbot.query import QuerySyntaxError
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import believed
from newsbot.web.show import direction, exactly, web_address

# All that XML 1.0 (2.2, "Characters") has no place for, in any form.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@attrs.frozen(kw_only=True)
class Entry:
    """An article in a feed.

    ``id`` never changes, nor does it differ from feed to feed. ``address`` is the publisher's page, or "";
    ``page`` is newsbot's own. ``published`` is None where no believable moment is known; ``updated`` is when
    the article was stored or last changed. ``html`` is its text with what is to be said of it; ``notes`` are
    that, as sentences.
    """

    id: str
    title: str
    address: str
    page: str
    updated: datetime
    html: str
    article: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""
    language: str = ""
    published: datetime | None = None
    first_seen: datetime | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Feed:
    """A feed: ``id`` stays when its address is renewed; ``page`` shows the same to people; ``own`` is its
    address.
    """

    id: str
    title: str
    subtitle: str
    page: str
    own: str
    updated: datetime
    entries: tuple[Entry, ...]


def clean(text: str) -> str:
    """Return a text without what XML cannot have."""
    return _NO_XML.sub("", text)


def urn(*parts: str) -> str:
    """Return the URN that these parts always have (RFC 9562, 5.5)."""
    return uuid5(NAMESPACE_OID, "\x1f".join(("newsbot", *parts))).urn


def entries(found: Iterable[tuple[Kept, str]], base: str) -> tuple[Entry, ...]:
    """Return articles as entries, each given with its source's name; ``base`` is newsbot's own address."""
    return tuple(_entry(kept, source, base) for kept, source in found)


def _entry(kept: Kept, source: str, base: str) -> Entry:
    article, record = kept.article, kept.record
    stated = believed(article.published)
    page = f"{base}/article/{article.id}"
    notes = tuple(_notes(kept))
    language = article.language if _LANGUAGE.fullmatch(article.language) else ""
    return Entry(
        id=urn("article", article.id),
        title=clean(article.title).strip() or "(no headline)",
        address=web_address(article.url),
        page=page,
        updated=record.changed_at,
        html=_html(kept, source, page, notes, language),
        article=article.id,
        authors=_said(article.authors),
        source=clean(source),
        language=language,
        published=stated.instant if stated else None,
        first_seen=record.first_seen,
        tags=_said(article.tags),
        notes=notes,
    )


def _said(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names that have something in them for a feed."""
    return tuple(dict.fromkeys(name for each in names if (name := clean(each).strip())))


def _notes(kept: Kept) -> Iterable[str]:
    """Yield what a reader has to know of an article, a sentence each."""
    article, record = kept.article, kept.record
    if record.deleted_at:
        yield (
            f"Its publisher has taken this article down: its page was gone on "
            f"{exactly(record.deleted_at)}. It stays here as it read last."
        )
    if article.partial:
        yield f"Kept in part, {in_part(article.partial)}."
    if record.text_expired_at:
        yield (
            f"Its text was removed here on {record.text_expired_at:%Y-%m-%d}, when its time was over."
        )
    if article.free is False:
        yield "For subscribers: this may be its beginning only."
    yield from _dated(article.published)
    if record.edits:
        yield f"Edited {record.edits}×; this is how it reads now."


def _dated(stated: ParsedDate | None) -> Iterable[str]:
    if stated is None:
        yield "Its date is not known."
    elif stated.doubt:
        yield f"Dated {stated.day.isoformat()}, which is not believed: {stated.doubt}."
    elif stated.instant is None:
        yield f"Published on {stated.day.isoformat()}; the time of day is not stated."


def _html(kept: Kept, source: str, page: str, notes: tuple[str, ...], language: str) -> str:
    lang = Markup(' lang="{}"').format(language) if language else ""
    paragraphs = [line for line in kept.article.body.splitlines() if line.strip()]
    if not paragraphs and not kept.record.text_expired_at:
        notes = (*notes, "No text was found on the page.")
    parts = [Markup("<p><em>{}</em></p>").format(note) for note in notes]
    if paragraphs:
        text = Markup("\n").join(Markup("<p>{}</p>").format(line) for line in paragraphs)
        parts.append(Markup('<div dir="{}"{}>\n{}\n</div>').format(direction(language), lang, text))
    name = Markup("<bdi>{}</bdi> · ").format(source) if source else ""
    parts.append(Markup('<p>{}<a href="{}">in the archive</a></p>').format(name, page))
    return clean(Markup("\n").join(parts))


def refusal(feed: str, error: QuerySyntaxError, page: str, now: datetime) -> Entry:
    """Return the one entry of a feed whose query is none any more: it says so, and is new each day."""
    return Entry(
        id=urn("refusal", feed),
        title="This search cannot be answered as it stands",
        address=page,
        page=page,
        updated=datetime.combine(now.date(), time(), UTC),
        html=clean(
            Markup(
                "<p>The query of this saved search is not understood, or takes too long, so that "
                "this feed has no articles until it is mended:</p>\n<pre>{}</pre>\n"
                '<p><a href="{}">The saved searches</a></p>'
            ).format(error.explain(), page)
        ),
    )
