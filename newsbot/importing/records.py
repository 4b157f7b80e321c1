"""From the fields of a record to an article, or to what is wrong with them. Pure.

A record has an address and a title or a text, and what else is known, under the names of an export's
columns. Of a date, ``published`` may stand for all the columns that tell it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Literal

import attrs

from newsbot.export.columns import NAMES
from newsbot.items import Article, Image, derived_id
from newsbot.text.bylines import read_byline
from newsbot.text.dates import IMPORTED, ParsedDate
from newsbot.text.doubts import weighed
from newsbot.text.unicode import encodable
from newsbot.text.urls import canonical_url, is_web_url

# Fields that stand for several others.
_SHORT = frozenset({"published", "modified", "author"})
KNOWN = frozenset(NAMES) | _SHORT

# The longest text that is taken, in characters: that of the largest page that is fetched.
LONGEST = 10_000_000


class RecordError(Exception):
    """A record that is no article; the text says what is wrong and what would be right."""


@attrs.frozen(kw_only=True)
class Incoming:
    """An article as a file tells it.

    ``source`` is the name of its source and ``sources`` those of all that led to it, as the file calls
    them; ``article.source`` is still empty. ``dated`` says that the file tells when the page was read,
    ``deleted_at`` is when it was found that its publisher had taken it down, ``text_expired_at`` when its text was let go.
    """

    article: Article
    source: str = ""
    sources: tuple[str, ...] = ()
    also_at: tuple[str, ...] = ()
    dated: bool = False
    deleted_at: datetime | None = None
    text_expired_at: datetime | None = None


def incoming(fields: Mapping[str, Any], *, now: datetime) -> Incoming:
    """Return the article that a record holds.

    ``now`` stands for when its page was read, where the record does not say.

    Raises:
        RecordError: when it holds none, naming the field.
    """
    url = _text(fields, "url").strip()
    if not url:
        raise RecordError("it has no `url`; give the article's address")
    if not is_web_url(url):
        raise RecordError(f"`url` is no web address: {url[:80]!r}; write it as https://…")
    title, body = _text(fields, "title"), _text(fields, "body")
    if not title.strip() and not body.strip():
        raise RecordError("it has neither `title` nor `body`; give one of them")
    url = canonical_url(url)
    fetched_at = _moment(fields, "fetched_at")
    free = fields.get("free")
    if free not in (True, False, None):
        raise RecordError(f"`free` is {free!r}; write true, false or null")
    article = Article(
        id=derived_id("article", url),
        url=url,
        fetched_url=_text(fields, "fetched_url") or url,
        source="",
        fetched_at=fetched_at or now,
        # It is read anew from what was published, so that a better reading is what is kept.
        title=_text(fields, "title_as_published") or title,
        body=_text(fields, "body_as_published") or body,
        authors=_authors(fields),
        published=_published(fields, fetched_at or now),
        modified=_date(fields, "modified"),
        language=_text(fields, "language"),
        publisher=_text(fields, "publisher"),
        section=_text(fields, "section"),
        tags=_texts(fields, "tags"),
        description=_text(fields, "description"),
        images=_images(fields),
        free=free,
        partial=_text(fields, "partial"),
        found_by=_found_by(fields),
    )
    return Incoming(
        article=article,
        source=_text(fields, "source").strip(),
        sources=_texts(fields, "sources"),
        also_at=tuple(
            canonical_url(each) for each in _texts(fields, "also_at") if is_web_url(each)
        ),
        dated=fetched_at is not None,
        deleted_at=_moment(fields, "deleted_at"),
        text_expired_at=_moment(fields, "text_expired_at"),
    )


def unknown(fields: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of fields that are not understood and left out."""
    return frozenset(fields) - KNOWN


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RecordError(f"`{name}` is {_kind(value)}; give a text")
    if len(value) > LONGEST:
        raise RecordError(f"`{name}` has more than {LONGEST} characters")
    return encodable(value)


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "an object" if isinstance(value, Mapping) else f"{value!r}")


def _texts(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = fields.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return (encodable(value),)
    if not isinstance(value, Sequence) or not all(isinstance(each, str) for each in value):
        raise RecordError(f"`{name}` is {_kind(value)}; give a list of texts")
    return tuple(map(encodable, value))


def _authors(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the authors: a list is one of names, a text is a byline."""
    for name in ("authors", "author"):
        value = fields.get(name)
        if isinstance(value, str):
            value = encodable(value)
            byline = read_byline(value)
            return (*byline.names, *byline.agencies) or (value,)
        if value is not None:
            return _texts(fields, name)
    return ()


def _images(fields: Mapping[str, Any]) -> tuple[Image, ...]:
    value = fields.get("images")
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RecordError(f"`images` is {_kind(value)}; give a list of objects with a `url`")
    images = []
    for each in value:
        told = {"url": each} if isinstance(each, str) else each
        if not isinstance(told, Mapping) or not _text(told, "url"):
            raise RecordError("`images` has an entry without a `url`")
        images.append(Image(url=_text(told, "url"), caption=_text(told, "caption")))
    return tuple(images)


def _found_by(fields: Mapping[str, Any]) -> Literal["", "backfill"]:
    value = _text(fields, "found_by")
    if value == "backfill":
        return "backfill"
    if value:
        raise RecordError(f"`found_by` is {value!r}; write backfill, or leave it out")
    return ""


def _moment(fields: Mapping[str, Any], name: str) -> datetime | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _no_moment(name, value)


def _no_moment(name: str, value: object) -> RecordError:
    return RecordError(
        f"`{name}` is {str(value)[:40]!r}; write a moment with its offset, as 2020-03-23T13:05:00+03:00"
    )


def _date(fields: Mapping[str, Any], name: str) -> ParsedDate | None:
    """Return a date, told by its columns or by one field: a day, or a moment with its offset."""
    where = _text(fields, f"{name}_from")
    day, instant = fields.get(f"{name}_day"), _moment(fields, f"{name}_at")
    short = fields.get(name)
    if day is None and instant is None and short:
        where = where or IMPORTED
        if isinstance(short, str) and len(short.strip()) > len("2020-03-23"):
            instant = _moment(fields, name)
            # The publisher's own day, which a moment in another zone may have left.
            day = short.strip()[:10] if instant else None
        elif isinstance(short, datetime) and (short.tzinfo or short.time() != time.min):
            instant, day = _moment(fields, name), short.date()
        else:
            day = short
    if day is None or day == "":
        return ParsedDate(instant.date(), instant, where or IMPORTED) if instant else None
    return ParsedDate(_day(name, day), instant, where or IMPORTED)


def _published(fields: Mapping[str, Any], fetched_at: datetime) -> ParsedDate | None:
    """Return the date of publication; one that cannot be, or that the file says not to believe, is not."""
    stated = _date(fields, "published")
    why, printed = _text(fields, "published_doubt"), fields.get("published_printed")
    if stated is None and why and printed:
        stated = _date({"published": printed}, "published")
        return attrs.evolve(stated, doubt=why) if stated else None
    # An archive that somebody made a file of may be older than the web.
    return weighed(stated, fetched_at, confirmed=True)


def _day(name: str, value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise RecordError(
            f"`{name}` is {str(value)[:40]!r}; write a day as 2020-03-23, or a moment with its offset, "
            "as 2020-03-23T13:05:00+03:00"
        ) from None
