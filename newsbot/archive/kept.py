"""An article and what the archive knows of it: the values that pass between those who keep it."""

from datetime import datetime
from typing import Literal

import attrs

from newsbot.archive.connection import Document
from newsbot.archive.records import from_document, to_document
from newsbot.edits.version import Kind
from newsbot.events import Facts
from newsbot.items import Article
from newsbot.reading import Fingerprint

# "duplicate": the source shows the same text at another address already. "completed": it was kept in
# part, and its page can be read by now. "doubtful": its page shows what is not believed to be an edit.
# "removed": it was taken out of the archive, and stays so.
Verdict = Literal["new", "edited", "completed", "known", "duplicate", "doubtful", "removed"]

# Why an article that is stored is no news: it was read out of pages kept as they came, or came with a file,
# or waited in a backup that was restored. "": it is.
Quiet = Literal["", "replayed", "imported", "restored"]


def _quiet(stored: str) -> str:
    """Return what older versions stored as true or false in the words of now."""
    return {"True": "replayed", "False": ""}.get(stored, stored)


@attrs.frozen(kw_only=True)
class Doubt:
    """What looks at an article showed that is not believed yet to be an edit of it.

    ``since`` is the first of them, ``looks`` how many there were in a row; ``why`` and ``body_hash`` are of
    what the last showed.
    """

    since: datetime
    looks: int
    why: str
    body_hash: str


@attrs.frozen(kw_only=True)
class Record:
    """What the archive knows of an article besides its text.

    ``story`` is the id shared by all articles that tell the same; ``revision`` counts from 1;
    ``sources`` are the ids of all sources that led to it; ``also_at`` are further addresses of the
    same text at the same source. ``first_seen`` is when it was stored, ``changed_at`` when its last
    revision was. ``quiet`` says of a pending article why nobody is to be told of it, a :data:`Quiet`.
    ``kinds`` are the kinds of change that led to this revision, ``deleted_at`` is when it was found that its
    publisher had taken it down (None: it is there), ``doubt`` what the last looks at it showed.
    ``text_expired_at`` is when its text was removed because its time was over (retention).
    ``copy_of`` is the article that its story began with, where its text is a copy ("": it is the first,
    or no copy), and ``distance`` how much of the two texts is not in both (0.0 to 1.0).
    """

    story: str
    revision: int
    content_hash: str
    body_hash: str
    first_seen: datetime
    changed_at: datetime
    sources: tuple[str, ...]
    also_at: tuple[str, ...] = ()
    pending: bool = False
    quiet: str = attrs.field(default="", converter=_quiet)
    kinds: tuple[Kind, ...] = ()
    deleted_at: datetime | None = None
    doubt: Doubt | None = None
    text_expired_at: datetime | None = None
    copy_of: str = ""
    distance: float | None = None

    @property
    def edits(self) -> int:
        """How often it was edited; that it was taken down is a revision, and none."""
        return max(0, self.revision - (2 if self.deleted_at else 1))


@attrs.frozen(kw_only=True)
class Kept:
    """An article and what the archive made of it.

    ``event`` is what it tells of its event, where it was read just now.
    """

    article: Article
    record: Record
    verdict: Verdict
    event: Facts | None = None


@attrs.frozen(kw_only=True)
class Judged:
    """A normalized article held against the archive: what it is there, and what it met.

    ``kinds`` are the kinds of change of an edit, ``doubt`` what is doubted of one.
    """

    article: Article
    prints: Fingerprint
    verdict: Verdict
    stored: Kept | None = None
    kinds: tuple[Kind, ...] = ()
    doubt: Doubt | None = None


@attrs.frozen(kw_only=True)
class Steps:
    """What is left to do with what is stored: whether anything is, and why nobody is to be told."""

    pending: bool
    quiet: Quiet

    def after(self, record: Record) -> "Steps":
        """Return what is left to do with a stored article that changes.

        What was news and is not announced yet stays news, whoever changes it: a replay silences nothing.
        """
        return Steps(pending=True, quiet="") if record.pending and not record.quiet else self

    def document(self, article: Article, record: Record) -> Document:
        """Return what is written of an article."""
        document = to_document(article) | to_document(record)
        if record.text_expired_at is None:
            del document["text_expired_at"]
        if not self.pending:  # as ``finish`` leaves it
            del document["pending"], document["quiet"]
        return document


def kept_of(document: Document, verdict: Verdict) -> Kept:
    """Return the article that a stored document holds, with this verdict on it."""
    return Kept(
        article=from_document(Article, document),
        record=from_document(Record, document),
        verdict=verdict,
    )
