"""The columns of an export: what each is called, holds and means; and an article as a row of them.

One table for all formats. The values of a row are Python's own: ``str``, ``bool``, ``int``, ``date``,
``datetime`` (UTC), lists of ``str``, and of pictures as dicts; None where nothing is known. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Literal

import attrs

from newsbot.archive.articles import Kept
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import believed

Kind = Literal["text", "texts", "flag", "number", "day", "moment", "pictures"]
Value = str | bool | int | date | datetime | Sequence[str] | Sequence[Mapping[str, str]] | None
Row = dict[str, Value]


@attrs.frozen(kw_only=True)
class Told:
    """An article with what is told of it in an export.

    ``source`` is the id and the name of its source, ``sources`` the names of all that led to it;
    ``story`` is the id of its story, and ``first`` says that no article before it in the export is of
    that story.
    """

    kept: Kept
    source: tuple[str, str]
    sources: tuple[str, ...]
    story: str
    first: bool


@attrs.frozen
class Column:
    """A column: its name, what kind its values are of, what it means, and where they come from."""

    name: str
    kind: Kind
    meaning: str
    value: Callable[[Told], Value] = attrs.field(repr=False)


def _day(parsed: ParsedDate | None) -> date | None:
    return parsed.day if parsed else None


def _instant(parsed: ParsedDate | None) -> datetime | None:
    return utc(parsed.instant) if parsed and parsed.instant else None


def _precision(parsed: ParsedDate | None) -> str | None:
    if parsed is None:
        return None
    return "instant" if parsed.instant else "day"


def _where(parsed: ParsedDate | None) -> str | None:
    return parsed.source if parsed else None


def _printed(parsed: ParsedDate | None) -> str | None:
    if parsed is None or not parsed.doubt:
        return None
    return utc(parsed.instant).isoformat() if parsed.instant else parsed.day.isoformat()


def _doubt(parsed: ParsedDate | None) -> str | None:
    return (parsed.doubt or None) if parsed else None


def utc(moment: datetime) -> datetime:
    """Return a moment in UTC, to the millisecond, which is what the archive keeps."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


COLUMNS: tuple[Column, ...] = (
    Column("id", "text", "the article's id, which follows from its address", lambda t: t.kept.article.id),
    Column("url", "text", "its canonical address", lambda t: t.kept.article.url),
    Column("source", "text", "the name of the source that found it first", lambda t: t.source[1] or None),
    Column("source_id", "text", "the id of that source, which stays when it is renamed", lambda t: t.source[0]),
    Column("sources", "texts", "the names of all sources that led to it", lambda t: t.sources),
    Column("publisher", "text", "who publishes it, as its page says", lambda t: t.kept.article.publisher or None),
    Column("title", "text", "its headline, as it is read", lambda t: t.kept.article.title),
    Column("body", "text", "its text, as it is read: a paragraph a line", lambda t: t.kept.article.body),
    Column(
        "title_as_published", "text", "the headline with its publisher's disguises, where it has any",
        lambda t: t.kept.article.title_as_published,
    ),
    Column(
        "body_as_published", "text", "the text with its publisher's disguises, where it has any",
        lambda t: t.kept.article.body_as_published,
    ),
    Column("description", "text", "what its page says it is about", lambda t: t.kept.article.description or None),
    Column("authors", "texts", "the names in its byline", lambda t: t.kept.article.authors),
    Column("language", "text", "its language, a BCP 47 tag", lambda t: t.kept.article.language or None),
    Column("section", "text", "the section it stands in", lambda t: t.kept.article.section or None),
    Column("tags", "texts", "its keywords", lambda t: t.kept.article.tags),
    Column(
        "published_day", "day", "the day of publication, in the publisher's own time zone",
        lambda t: _day(believed(t.kept.article.published)),
    ),
    Column(
        "published_at", "moment", "the moment of publication, where a time of day is known",
        lambda t: _instant(believed(t.kept.article.published)),
    ),
    Column(
        "published_precision", "text", "`instant`, `day`, or nothing where no date is known and believed",
        lambda t: _precision(believed(t.kept.article.published)),
    ),
    Column(
        "published_from", "text", "where that date was read: `json-ld`, `text`, …",
        lambda t: _where(believed(t.kept.article.published)),
    ),
    Column(
        "published_printed", "text", "the date that its publisher prints, where it is not believed: a day or a moment",
        lambda t: _printed(t.kept.article.published),
    ),
    Column(
        "published_doubt", "text", "why that date is not believed, so that `published_day` and `published_at` are empty",
        lambda t: _doubt(t.kept.article.published),
    ),
    Column("modified_day", "day", "the day its publisher says it was changed", lambda t: _day(t.kept.article.modified)),
    Column("modified_at", "moment", "the moment of that change", lambda t: _instant(t.kept.article.modified)),
    Column("modified_from", "text", "where that date was read", lambda t: _where(t.kept.article.modified)),
    Column("first_seen", "moment", "when this archive first stored it", lambda t: utc(t.kept.record.first_seen)),
    Column("changed_at", "moment", "when this archive stored what it says now", lambda t: utc(t.kept.record.changed_at)),
    Column("fetched_at", "moment", "when the page was read", lambda t: utc(t.kept.article.fetched_at)),
    Column("fetched_url", "text", "where the page was read", lambda t: t.kept.article.fetched_url or None),
    Column("revision", "number", "1, and one more for each edit that was seen", lambda t: t.kept.record.revision),
    Column("kinds", "texts", "the kinds of change that led to this revision", lambda t: t.kept.record.kinds),
    Column(
        "deleted_at", "moment", "when it was found that its publisher had taken it down",
        lambda t: utc(t.kept.record.deleted_at) if t.kept.record.deleted_at else None,
    ),
    Column(
        "text_expired_at", "moment", "when its text was let go, for its time was over; `body` is empty then",
        lambda t: utc(t.kept.record.text_expired_at) if t.kept.record.text_expired_at else None,
    ),
    Column("story", "text", "the id of its story: copies, and other reports of its event, share it", lambda t: t.story),
    Column(
        "first_of_story", "flag", "no article of its story stands before it in this export", lambda t: t.first
    ),
    Column(
        "partial", "text", "why its page could not be read, where the text is what its feed carried",
        lambda t: t.kept.article.partial or None,
    ),
    Column(
        "free", "flag", "false where its publisher says that the text is for subscribers: it may be its beginning only",
        lambda t: t.kept.article.free,
    ),
    Column(
        "found_by", "text", "`backfill` for a walk back in time, nothing for the news",
        lambda t: t.kept.article.found_by or None,
    ),
    Column("also_at", "texts", "further addresses of the same text at the same source", lambda t: t.kept.record.also_at),
    Column(
        "images", "pictures", "its pictures: `url`, `caption`",
        lambda t: tuple({"url": each.url, "caption": each.caption} for each in t.kept.article.images),
    ),
)  # fmt: skip

NAMES = tuple(column.name for column in COLUMNS)


class UnknownColumnError(Exception):
    """A column that there is not; the text lists those that there are."""


def chosen(names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of these names, in the order of the table; all of them for no name.

    Raises:
        UnknownColumnError: for a name that is none.
    """
    for name in names:
        if name not in NAMES:
            raise UnknownColumnError(f"there is no column {name!r}; there are {', '.join(NAMES)}")
    return tuple(column for column in COLUMNS if not names or column.name in names)


def row(told: Told, columns: Sequence[Column]) -> Row:
    """Return an article as a row of these columns."""
    return {column.name: column.value(told) for column in columns}
