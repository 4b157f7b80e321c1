"""What a message says, as values, whatever it is sent by: webhooks, letters and pages are made of these.

What messages of each kind keep in ``said`` (JSON values; a key that is missing says nothing):

* every kind: ``lines`` (sentences), ``sources`` (names);
* edit: ``kinds`` (of change), ``revision`` (its number);
* spread: ``what`` (publishers, groups, hour, day, surge), ``number``, ``usual``, ``terms``;
* digest: ``from``, ``to`` (ISO 8601), ``count``, and of an empty one ``read``, ``of``, ``missing``;
* silence, operator: ``title``.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from newsbot.archive.articles import Kept
from newsbot.archive.matches import Match, Passage
from newsbot.archive.outbox import Message, MessageKind
from newsbot.archive.rules import Rule
from newsbot.edits.differences import Piece
from newsbot.edits.version import Kind
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import believed

NO_HEADLINE = "(no headline)"
# Of a digest so many parts are told; of the rest their number, and where they are.
MOST_PARTS = 100
# Characters of a change that are shown, and of what stayed the same on each side of it.
_SHOWN, _AROUND = 1_200, 80


@attrs.frozen(kw_only=True)
class Moment:
    """A time as it is told: ``shown`` by the reader's clocks, ``original`` as it is kept (ISO 8601, UTC).

    ``original`` is a day alone, the publisher's own, where no time of day is known; that day is then shown
    as it is, in no zone.
    """

    shown: str
    original: str


@attrs.frozen(kw_only=True)
class Told:
    """An article that a message tells of, and why.

    ``passage`` is the sentence that matched, with its marks, and as published where it was disguised;
    ``clause`` the part of the query that was met. ``page`` is the publisher's page, ``archive`` newsbot's
    own. ``more_sources`` is how many other sources tell the story. ``title_as_published`` is "" where the
    publisher wrote the same. ``kinds`` are the kinds of change, of an edit, and ``changes`` what changed,
    by "headline", "by", "published" and "text", as published and shortened.
    """

    message: str
    kind: MessageKind = "article"
    occasion: str = ""
    article: str
    story: str
    title: str
    title_as_published: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""
    published: Moment | None = None
    seen: Moment
    passage: Passage
    clause: str = ""
    page: str
    archive: str
    more_sources: int = 0
    lines: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    changes: Mapping[str, tuple[Piece, ...]] = attrs.Factory(dict)

    @property
    def headline(self) -> str:
        """Its headline for reading, or what stands for one."""
        return self.title.strip() or NO_HEADLINE


@attrs.frozen(kw_only=True)
class Telling:
    """All that one message says.

    ``headline`` is one line: what a letter has as its subject. ``alert`` is an id, "" for a message of no
    alert; ``page`` is where the alert (or what it is about) stands on newsbot's page. ``told`` are the
    articles, of a digest its parts, of which ``left_out`` more are not told. ``lines`` are sentences beside
    them, ``sources`` names of sources that these are about. ``story`` is "" where it tells of none or several.
    """

    id: str
    kind: MessageKind
    occasion: str = ""
    at: datetime
    zone: str = "UTC"
    alert: str = ""
    name: str = ""
    query: str = ""
    story: str = ""
    headline: str
    lines: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    left_out: int = 0
    sources: tuple[str, ...] = ()
    page: str = ""


@attrs.frozen(kw_only=True)
class Known:
    """What the archive knows of the articles that messages are about.

    ``kept`` are the articles by message; ``sources`` the names of sources by id; ``more_sources`` how many
    other sources tell a story, by story; ``matches`` those of a message's alert and article, by message;
    ``changes`` what an edit changed, by message.
    """

    kept: Mapping[str, Kept]
    sources: Mapping[str, str] = attrs.Factory(dict)
    more_sources: Mapping[str, int] = attrs.Factory(dict)
    matches: Mapping[str, Match] = attrs.Factory(dict)
    changes: Mapping[str, Mapping[str, tuple[Piece, ...]]] = attrs.Factory(dict)


def telling(
    message: Message,
    rule: Rule | None,
    parts: Sequence[Message],
    known: Known,
    *,
    base: str,
    left_out: int = 0,
) -> Telling:
    """Return what a message says; ``parts`` are those of a digest, ``base`` is newsbot's own address."""
    zone = rule.timing.zone if rule else "UTC"
    about = parts if message.kind == "digest" else (message,)
    told = tuple(
        _told(each, known, zone, base) for each in about[:MOST_PARTS] if each.id in known.kept
    )
    said = message.said
    left_out += max(0, len(about) - MOST_PARTS)
    return Telling(
        id=message.id,
        kind=message.kind,
        occasion=message.occasion,
        at=message.created_at,
        zone=zone,
        alert=rule.id if rule else "",
        name=rule.name if rule else "",
        query=rule.query if rule else "",
        story=message.story,
        headline=one_line(_headline(message, told, left_out, zone)),
        lines=(*_lines(message), *_texts(said, "lines")),
        told=told,
        left_out=left_out,
        sources=_texts(said, "sources") or _texts(said, "missing"),
        page=f"{base}/alerts/{rule.id}" if rule else base,
    )


def _told(message: Message, known: Known, zone: str, base: str) -> Told:
    kept = known.kept[message.id]
    article = kept.article
    match = known.matches.get(message.id)
    return Told(
        message=message.id,
        kind=message.kind,
        occasion=message.occasion,
        article=article.id,
        story=message.story or kept.record.story,
        title=article.title,
        title_as_published=article.title_as_published or "",
        language=article.language,
        authors=article.authors,
        source=known.sources.get(article.source, ""),
        published=_published(article.published, zone),
        seen=moment(kept.record.first_seen, zone),
        passage=message.passage,
        clause=match.clause if match else "",
        page=article.url,
        archive=f"{base}/article/{article.id}",
        more_sources=known.more_sources.get(message.story, 0),
        lines=(*_lines(message), *_texts(message.said, "lines")),
        kinds=tuple(message.said.get("kinds", ())),
        changes=known.changes.get(message.id, {}),
    )


# Times


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; UTC where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def moment(at: datetime, zone: str) -> Moment:
    """Return a moment as it is told by the clocks of a zone."""
    local = at.astimezone(zone_of(zone))
    name = local.strftime("%Z")
    named = f"UTC{name}" if name[:1] in "+-" else name
    return Moment(
        shown=f"{_day(local.date())}, {local:%H:%M} {named}",
        original=at.astimezone(UTC).isoformat(timespec="seconds"),
    )


def _published(stated: ParsedDate | None, zone: str) -> Moment | None:
    stated = believed(stated)
    if stated is None:
        return None
    if stated.instant is None:
        return Moment(shown=_day(stated.day), original=stated.day.isoformat())
    told = moment(stated.instant, zone)
    if stated.instant.astimezone(zone_of(zone)).date() == stated.day:
        return told
    return attrs.evolve(told, shown=f"{told.shown} ({_day(stated.day)} where it was published)")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# Words

_OF_EDITS = {
    "retraction": "Withdrawn",
    "deletion": "Taken down",
    "restored": "There again",
    "correction": "Corrected",
    "headline": "New headline",
    "addition": "Added to",
}
_SPREAD = {
    "publishers": "{number} publishers tell this story",
    "groups": "Sources of {number} groups tell this story",
}


def _headline(message: Message, told: Sequence[Told], left_out: int, zone: str) -> str:
    title = told[0].headline if told else NO_HEADLINE
    said = message.said
    match message.kind:
        case "edit":
            kinds = said.get("kinds", ())
            how = next((words for kind, words in _OF_EDITS.items() if kind in kinds), "Changed")
            return f"{how}: {title}"
        case "spread":
            how = _spread(said)
            return f"{how}: {title}" if told else how
        case "digest":
            return _of_digest(said, len(told) + left_out, zone)
        case "silence" | "operator":
            return str(said.get("title", "")) or "Something is wrong with newsbot"
        case "test":
            return f"Test: {title}" if told else "Test"
        case _:
            return title


def _of_digest(said: Mapping[str, Any], count: int, zone: str) -> str:
    count = int(said.get("count", count))
    found = {0: "No match", 1: "1 message"}.get(count, f"{count} messages")
    ends = [_read(said.get(name)) for name in ("from", "to")]
    if None in ends:
        return found
    first, last = (moment(each, zone).shown for each in ends if each)
    return f"{found}, {first} to {last}"


def _spread(said: Mapping[str, Any]) -> str:
    what, number = str(said.get("what", "")), said.get("number", "")
    if what in _SPREAD:
        return _SPREAD[what].format(number=number)
    span = {"hour": " in an hour", "day": " in a day"}.get(str(said.get("span", what)), "")
    usual = said.get("usual")
    beside = f", where {usual:g} are usual" if isinstance(usual, (int, float)) else ""
    return f"{number} stories{span}{beside}"


def _lines(message: Message) -> tuple[str, ...]:
    said = message.said
    if message.kind == "spread":
        terms = _texts(said, "terms")
        return (f"{_spread(said)}.", *((f"Most told of: {', '.join(terms)}.",) if terms else ()))
    if message.kind == "edit" and said.get("kinds"):
        return (f"What changed: {', '.join(map(str, said['kinds']))}.",)
    if message.kind == "digest" and not said.get("count", 1):
        return (_empty(said),)
    return ()


def _empty(said: Mapping[str, Any]) -> str:
    read, of, missing = said.get("read"), said.get("of"), _texts(said, "missing")
    if read is None or of is None:
        return "No match."
    words = f"No match; {read} of {of} sources read"
    if not missing:
        return f"{words}."
    left = int(of) - int(read)
    more = (
        f", among them {', '.join(missing)}" if left > len(missing) else f": {', '.join(missing)}"
    )
    return f"{words}; {left} {'was' if left == 1 else 'were'} not{more}."


def _texts(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = said.get(name, ())
    return tuple(map(str, given)) if isinstance(given, (list, tuple)) else ()


def _read(text: object) -> datetime | None:
    if isinstance(text, datetime):
        return text
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def one_line(text: str) -> str:
    """Return a text as one line: no line break, no control character, no half of a character."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else _for(c) for c in whole).split())


def _for(character: str) -> str:
    # Joiners and direction marks are part of how words are written.
    return character if character in "\u200c\u200d\u200e\u200f\u061c" else " "


# Changes


def shortened(
    changes: Mapping[str, Iterable[Piece]], most: int = _SHOWN
) -> dict[str, tuple[Piece, ...]]:
    """Return what changed with a few words around it, each field in so many characters."""
    return {label: tuple(_shortened(list(pieces), most)) for label, pieces in changes.items()}


def _shortened(pieces: list[Piece], most: int) -> Iterable[Piece]:
    left = most
    for number, piece in enumerate(pieces):
        text = piece.text
        if piece.change == "same":
            text = _ends(text, first=number == 0, last=number == len(pieces) - 1)
        if len(text) > left:
            yield attrs.evolve(piece, text=f"{text[:left].rstrip()} …")
            return
        left -= len(text)
        yield attrs.evolve(piece, text=text)


def _ends(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= 2 * _AROUND:
        return text
    head = "" if first else text[:_AROUND].rpartition(" ")[0] or text[:_AROUND]
    tail = "" if last else text[-_AROUND:].partition(" ")[2] or text[-_AROUND:]
    return f"{head} … {tail}"
