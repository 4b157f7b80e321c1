"""The search index: Tantivy, fed with our own analyser's tokens.

The index is a cache of the archive. It lives in a folder of *generations*; the file ``CURRENT``
names the one in use, so that a rebuilt one is put in place by writing one word. Two tokens of a
text may share a position (two readings of one word): positions are ours.
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from itertools import chain, starmap
from pathlib import Path

import attrs
import tantivy

from newsbot.query import Document
from newsbot.query.lexing import FARTHEST
from newsbot.query.terms import UNORDERED
from newsbot.text.tokens import placed

# A change of the schema makes the generations of an older one unusable: they are built anew.
VERSION = 9

# Fields of analysed text.
TEXT = ("title", "body", "author", "tag")
# What articles are counted by: ids of sources, tags of languages, and names as they are printed.
COUNTED = ("by_source", "by_language", "by_section", "by_author", "by_story")
# The texts of a text's tokens, and their positions.
_Placed = tuple[list[str], list[int]]
# The words of all texts as they are written, for queries that ask for them so.
WRITTEN = "written"
_WRITTEN_WORD = re.compile(r"\w+")
_LONGEST = 1_000  # characters; Tantivy takes no term of 64 kB
# Positions between two values of a field, so that nothing spans them, however far it reaches.
_GAP = FARTHEST + UNORDERED


def schema() -> tantivy.Schema:
    """Return the index's schema."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in TEXT:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field(WRITTEN, tokenizer_name="whitespace", index_option="basic")
    # A source's names and groups may change any day; its id does not, so it is filed by that.
    for field in ("source", "lang", "url", "section"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in COUNTED:
        stored = field == "by_story"
        builder.add_text_field(
            field, stored=stored, fast=True, tokenizer_name="raw", index_option="basic"
        )
    # Days since 1970 as published; microseconds of first storing; the published day, or that of first
    # storing where none is known; what stands for an article's place among the newest, and for its story.
    # Ranges and orders are read from the columns. A number of many articles at once is read in a fiftieth
    # of the time of a text.
    for field in ("day", "seen", "seen_day", "recent", "place", "story_key"):
        builder.add_integer_field(field, fast=True)
    # What stands for all that is told here of an article, and where the hash of its content stands among
    # all: by these the index is compared with the archive.
    for field in ("state", "slot"):
        builder.add_integer_field(field, fast=True)
    # What stands for an article's id, and finds it, too.
    builder.add_integer_field("key", indexed=True, fast=True)
    return builder.build()


_EPOCH = date(1970, 1, 1)


def ordinal(day: date) -> int:
    """Return a day as the index counts it."""
    return day.toordinal() - _EPOCH.toordinal()


def day_of(number: float) -> date:
    """Return the day that the index counts so."""
    return _EPOCH + timedelta(days=int(number))


def key_of(text: str) -> int:
    """Return the number that stands for an id: 63 bits of its digest."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def slot_of(content_hash: str) -> int:
    """Return the number by which hashes of contents stand in their order: that of their first seven bytes."""
    return int.from_bytes(content_hash.encode()[:7].ljust(7, b"\0"), "big")


def state_of(article: str, document: Document, *, story: str = "") -> int:
    """Return the number that stands for all that the index is told of an article."""
    told = (
        *(article, story, document.title, document.body, document.authors, document.tags),
        *(document.source_ids, document.site, document.language, document.section, document.url),
        document.published_day and ordinal(document.published_day),
        document.seen and int(document.seen.timestamp() * 1_000_000),
    )
    return key_of(json.dumps(told, separators=(",", ":")))


# Bits of a place that tell apart what was first stored in one millisecond; with those of the milliseconds
# they are 53, which the index's arithmetic keeps apart.
_SAME = 11


def place_of(article: str, seen: datetime | None) -> int:
    """Return an article's place among the newest: the later it was first stored, the greater.

    It never changes. Two articles that were first stored in the same millisecond have the same place
    once in two thousand times.
    """
    moment = max(int(seen.timestamp() * 1_000), 0) if seen else 0
    return (moment << _SAME) | (key_of(article) & ((1 << _SAME) - 1))


def entry(article: str, document: Document, *, story: str = "", content_hash: str = "") -> str:
    """Return what the index keeps of an article, as the JSON that Tantivy reads.

    ``story`` is the id of the story that it was stored with; others may be one with that since.
    ``content_hash`` says where it stands when the index is compared with the archive.
    """
    title, body = placed(document.title), placed(document.body)
    fields: dict[str, object] = {
        "id": article,
        "title": _field([title]),
        "body": _field([body]),
        "source": sorted({*document.source_ids, document.site.casefold()} - {""}),
        "lang": sorted(document.equal_keys("lang")),
        "url": list(document.url_keys),
        "section": sorted(document.equal_keys("section")),
        "key": key_of(article),
        "state": state_of(article, document, story=story),
        "slot": slot_of(content_hash),
        "story_key": key_of(story),
        "place": place_of(article, document.seen),
        WRITTEN: " ".join(chain.from_iterable(starmap(_all_written, _texts(document)))),
    }
    counted = (
        document.source_ids,
        (document.language.casefold(),),
        (document.section,),
        document.authors,
        (story,),
    )
    for field, values in zip(COUNTED, counted, strict=True):
        fields[field] = [value[:_LONGEST] for value in values if value]
    if document.seen:
        fields["seen"] = int(document.seen.timestamp() * 1_000_000)
        fields["seen_day"] = fields["recent"] = ordinal(document.seen.astimezone(UTC).date())
    if document.published_day:
        fields["day"] = fields["recent"] = ordinal(document.published_day)
    for field, values in (("author", document.authors), ("tag", document.tags)):
        if values:
            fields[field] = _field([placed(value) for value in values])
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _field(values: Sequence[_Placed]) -> str | dict[str, object]:
    """Return a field's tokens: with a space between them where each has the next position.

    Tantivy takes such a text in a tenth of the time that it takes for tokens with their positions.
    """
    if len(values) == 1:
        texts, positions = values[0]
        text = " ".join(texts)
        # As many words as tokens: no token is empty, or has a space in it.
        if positions == list(range(len(texts))) and len(text.split()) == len(texts):
            return text
    tokens: list[tuple[int, int, int, str, int]] = []
    base = 0
    for texts, positions in values:
        # A token's offsets (from, to), position, text and how many positions it takes: the order of the
        # fields in Tantivy's own type, which reads this in two thirds of the time for named ones.
        tokens += [
            (0, 0, base + position, text, 1)
            for text, position in zip(texts, positions, strict=True)
        ]
        base += max(positions, default=-1) + _GAP
    return {"text": "", "tokens": tokens}


def _all_written(field: str, text: str) -> list[str]:
    code, found = str(TEXT.index(field)), set(words_written(text))
    return [code + (word if len(word) < _LONGEST else word[:_LONGEST]) for word in found]


def _texts(document: Document) -> Iterator[tuple[str, str]]:
    yield "title", document.title
    yield "body", document.body
    yield from (("author", each) for each in document.authors)
    yield from (("tag", each) for each in document.tags)


def words_written(text: str) -> list[str]:
    """Return the words of a text as they are written, without the signs between them."""
    return _WRITTEN_WORD.findall(text)


def written(field: str, word: str) -> str:
    """Return the value by which a word is found in a field just as it is written there."""
    return f"{TEXT.index(field)}{word[:_LONGEST]}"


@attrs.frozen
class Followed:
    """How far a generation follows the archive: a change stream's token, and up to when."""

    token: str | None
    at: datetime


class Generation:
    """One built index on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = tantivy.Index(schema(), path=str(folder), reuse=True)

    @classmethod
    def create(cls, root: Path) -> "Generation":
        """Make an empty generation beside those there are."""
        folder = root / f"v{VERSION}-{time.time_ns()}"
        folder.mkdir(parents=True)
        return cls(folder)

    def followed(self) -> Followed | None:
        """Return how far it follows the archive; None when it was never filled."""
        try:
            stored = json.loads((self.folder / "followed.json").read_text())
            return Followed(stored["token"], datetime.fromisoformat(stored["at"]))
        except (OSError, ValueError, KeyError):
            return None

    def note(self, followed: Followed) -> None:
        """Write down how far it follows the archive; what it says is committed already."""
        draft = self.folder / "followed.json.new"
        draft.write_text(json.dumps({"token": followed.token, "at": followed.at.isoformat()}))
        draft.replace(self.folder / "followed.json")


def current(root: Path) -> Path | None:
    """Return the folder of the generation in use; None when there is none of this schema."""
    try:
        name = (root / "CURRENT").read_text().strip()
    except OSError:
        return None
    folder = root / name
    return folder if name.startswith(f"v{VERSION}-") and folder.is_dir() else None


def switch(root: Path, generation: Generation) -> None:
    """Put a generation into use."""
    draft = root / "CURRENT.new"
    draft.write_text(generation.folder.name)
    draft.replace(root / "CURRENT")
