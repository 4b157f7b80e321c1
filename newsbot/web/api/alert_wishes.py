"""What is sent of alerts: an alert, a change of one, and a text that one is tried on."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from newsbot.edits.version import Kind
from newsbot.web.api.frame import Wish

_LONGEST = 20_000


class TimingWish(Wish):
    """When messages go out."""

    how: Literal["at once", "hourly", "daily", "weekly"] = "at once"
    at: str = Field(default="08:00", examples=["08:00"])
    """When a digest goes out: HH:MM; of an hour its minutes."""
    weekday: int = Field(default=0, ge=0, le=6)
    """Of a weekly digest; 0 is Monday."""
    zone: str = Field(default="UTC", examples=["Asia/Damascus"])
    """Whose clocks count (IANA)."""
    quiet: list[str] = Field(default=[], max_length=2, examples=[["22:00", "07:00"]])
    """Two times of day between which nothing goes out; none for never."""
    most: int = Field(default=0, ge=0, lt=2**31)
    """How many go out at once on a day, the rest in one digest; 0 is all."""
    even_empty: bool = False
    """Whether a digest goes out that has nothing in it."""


class EditsWish(Wish):
    """What is told of edits."""

    meets: bool = True
    """Whether an article counts that meets the query only since an edit."""
    kinds: list[Kind] = Field(default=[])
    """Kinds of change of which is told."""
    least: int = Field(default=0, ge=0, lt=2**31)
    """Words that have to be other."""


class NoiseWish(Wish):
    """What holds a message back, never a match."""

    title_only: bool = False
    mentions: int = Field(default=1, ge=1, lt=2**31)
    """As many passages have to meet the query."""
    without: list[str] = Field(default=[])
    """Sources and groups that are not told of."""


class SpreadWish(Wish):
    """When it tells of a story, or of its query, once more."""

    publishers: int = Field(default=0, ge=0, lt=2**31)
    groups: int = Field(default=0, ge=0, lt=2**31)
    surge: Literal["", "hour", "day"] = ""


class AlertFields(Wish):
    """What people set of an alert; what is not named stays as it is, or as it is for a new one."""

    name: str = Field(default="", max_length=200, examples=["harbour"])
    query: str = Field(default="", max_length=_LONGEST, examples=["harbour OR ferry"])
    sources: list[str] = Field(default=[], examples=[["harbour-news"]])
    """Names of sources or groups that it looks at; none for all."""
    languages: list[str] = Field(default=[], examples=[["en"]])
    channels: list[str] = Field(default=[], examples=[[]])
    """Whom it tells: names or ids of channels."""
    timing: TimingWish = TimingWish()
    edits: EditsWish = EditsWish()
    noise: NoiseWish = NoiseWish()
    spread: SpreadWish = SpreadWish()
    each: Literal["story", "article"] = "story"
    """What one message is about."""
    max_age: float = Field(default=3.0, ge=0, lt=1e6, allow_inf_nan=False)
    """Days after its publication for which an article is told; 0 is always."""
    muted: list[str] = Field(default=[], examples=[[]])
    """Stories of which nothing more is told."""
    state: Literal["active", "paused"] = "active"


class NewAlert(AlertFields):
    """An alert to add."""

    name: str = Field(max_length=200, examples=["harbour"])
    query: str = Field(max_length=_LONGEST, examples=["harbour OR ferry"])


class AlertToTest(AlertFields):
    """An alert, or a change of one, to be tried on the past."""


class TextToTry(Wish):
    """A text that an alert, or a query, is tried on, with as much as is known of it."""

    body: str = Field(max_length=1_000_000, examples=["The harbour opened at dawn."])
    title: str = Field(default="", max_length=_LONGEST, examples=["The harbour opens"])
    authors: list[str] = Field(default=[])
    tags: list[str] = Field(default=[])
    source: str = ""
    groups: list[str] = Field(default=[])
    language: str = Field(default="", max_length=100, examples=["en"])
    """Told from the text unless given."""
    section: str = ""
    url: str = ""
    published: date | None = None


class QueryTrial(TextToTry):
    """A text that a query is tried on."""

    query: str = Field(max_length=_LONGEST, examples=["harbour"])


class StoryToMute(Wish):
    """A story, by its id or by that of one of its articles."""

    story: str = Field(max_length=200, examples=["f079d29000c983e0b93bd71c"])


class Release(Wish):
    """What is told after all."""

    reasons: list[str] = Field(default=[], max_length=50, examples=[["old"]])
    """Only what is held for these; none for all that is held because it is old."""


class ToVersion(Wish):
    """To which version an alert goes back."""

    version: int = Field(default=0, ge=0, lt=2**31)
    """0 is what it was before its last change."""


def values_of(wish: AlertFields) -> dict[str, Any]:
    """Return what was named of an alert by the names of its fields: ``timing.at``."""
    return _flat(wish)


def _flat(wish: BaseModel, section: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in sorted(wish.model_fields_set):
        value = getattr(wish, name)
        if isinstance(value, BaseModel):
            found |= _flat(value, f"{name}.")
        else:
            found[f"{section}{name}"] = tuple(value) if isinstance(value, list) else value
    return found


def as_text(wish: TextToTry) -> Mapping[str, Any]:
    """Return a text by the names of the fields of what is tried."""
    return {
        "body": wish.body,
        "title": wish.title,
        "authors": tuple(wish.authors),
        "tags": tuple(wish.tags),
        "sources": (wish.source,) if wish.source else (),
        "groups": tuple(wish.groups),
        "language": wish.language,
        "section": wish.section,
        "url": wish.url,
        "published": wish.published,
    }
