"""When an article is looked at again for edits, and what is learnt of who edits.

Each article has a plan of looks, by the time since its first visit. Which of them find edits differs from
publisher to publisher, and from the first hour to the seventh day; where a look hardly ever does, most
are left out, and one in ten is made so that a publisher who begins to edit is found.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b

import attrs

# Before anything was seen, a look is taken to find an edit once in ten; as much trust as in ten looks.
_PRIOR_EDITED, _PRIOR_LOOKED = 1.0, 10.0
# Looks of one kind that are remembered; when there are more, all of them come to count half.
_MEMORY = 200.0
# Of the looks that are hardly worth it, one in so many is made.
FLOOR = 10


@attrs.frozen
class Edits:
    """Of each look of the plan: how many were made of a source's articles, how many found an edit."""

    looked: tuple[float, ...] = ()
    edited: tuple[float, ...] = ()

    def share(self, look: int) -> float:
        """Return the share of such looks that is to be expected to find an edit."""
        looked, edited = (
            values[look] if look < len(values) else 0.0 for values in (self.looked, self.edited)
        )
        return (_PRIOR_EDITED + edited) / (_PRIOR_LOOKED + looked)

    def after(self, made: Iterable[tuple[int, bool]]) -> "Edits":
        """Return what is known after more looks: which each was, and whether it found an edit."""
        looked, edited = list(self.looked), list(self.edited)
        for look, found in made:
            while len(looked) <= look:
                looked.append(0.0)
                edited.append(0.0)
            looked[look] += 1
            edited[look] += found
            if looked[look] > _MEMORY:
                looked[look], edited[look] = looked[look] / 2, edited[look] / 2
        return Edits(tuple(looked), tuple(edited))


@attrs.frozen
class RevisitPlan:
    """The looks at an article of a source.

    ``after`` are seconds since its first visit. A look is made of all articles where at least the share
    ``worth`` of such looks finds an edit. Looks are spread by the share ``spread`` of their wait, so that
    what was published together is not looked at together.
    """

    after: tuple[float, ...]
    edits: Edits = attrs.field(factory=Edits)
    worth: float = 0.0
    spread: float = 0.0

    def following(self, url: str, look: int, at: datetime) -> tuple[int, datetime] | None:
        """Return which look comes after this one (-1: the first visit), and when; None after the last."""
        for number in range(look + 1, len(self.after)):
            chance = _chance(url, number)
            if self.edits.share(number) < self.worth and chance * FLOOR >= 1:
                continue
            wait = max(0.0, self.after[number] - (self.after[look] if look >= 0 else 0.0))
            wait *= 1 + self.spread * (2 * (chance * FLOOR % 1) - 1)
            return number, at + timedelta(seconds=wait)
        return None


# A deletion is one when a page was gone on so many visits, over this time.
_GONE_LOOKS, _GONE_FOR = 3, timedelta(days=1)
# A page that is gone is looked at so often until then; and so long after, in case that it returns.
_GONE_PAUSE = timedelta(hours=13)
_RETURNS_AFTER = (timedelta(days=7), timedelta(days=30))
# A page that shows what is not believed to be its article is looked at again after these times.
_DOUBTED_PAUSES = (timedelta(hours=6.5), timedelta(hours=18), timedelta(days=2))


@attrs.frozen(kw_only=True)
class Gone:
    """Visits in a row at which a server said that there is no such page any more (404, 410).

    Visits at which it said nothing of the kind and showed nothing either are passed over.
    """

    since: datetime
    last: datetime
    looks: int = 1

    @classmethod
    def after(cls, before: "Gone | None", at: datetime) -> "Gone":
        """Return what is known after one more such visit."""
        if before is None:
            return cls(since=at, last=at)
        return cls(since=before.since, last=at, looks=before.looks + 1)

    @property
    def for_good(self) -> bool:
        """Whether the page counts as deleted."""
        return self.looks >= _GONE_LOOKS and self.last - self.since >= _GONE_FOR

    def following(self, at: datetime) -> datetime | None:
        """Return when to look again, after a look at that moment; None where nobody need any more."""
        if not self.for_good:
            return at + _GONE_PAUSE
        return next((self.since + each for each in _RETURNS_AFTER if self.since + each > at), None)


def after_doubt(at: datetime, looks: int) -> datetime | None:
    """Return when to look again at a page of which so many looks in a row were not believed."""
    return at + _DOUBTED_PAUSES[looks - 1] if looks <= len(_DOUBTED_PAUSES) else None


def _chance(url: str, look: int) -> float:
    """Return a number from 0 to 1 that this look at this page always has."""
    drawn = blake2b(f"{look} {url}".encode("utf8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(drawn, "big") / 2**64
