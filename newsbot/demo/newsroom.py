"""What is published on which site, and how it reads, at a given time.

The newsroom counts its posts: which story a number stands for follows from the seed, when it
appeared from the ledger's shifts. So any post, with the edits made to it by now, can be told from
its number alone, and nothing but the ledger has to be kept. Time is always passed in.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

import attrs

from newsbot.demo.ledger import Ledger, Shift
from newsbot.demo.sites import SITES
from newsbot.demo.slug import slug
from newsbot.demo.stock import SEED_SITE, Edit, Story, seed_story
from newsbot.demo.variation import varied

WIRE: Final = "wire"
MIRROR: Final = "mirror"

SHORTEST: Final = 0.01
LONGEST: Final = 86_400
"""Seconds that the pause between two stories may last."""

OPENING_PER_SITE: Final = 3
"""Stories of each site that are out when the newsroom first opens."""

OPENING_PAUSE: Final = timedelta(minutes=6)
"""How far apart those first stories are dated, going back from the opening."""

REPOST_DELAY: Final = 1.5
REPOST_WITHIN: Final = timedelta(seconds=6)
"""A wire story is reposted after so many intervals, but within so many seconds."""

CATCH_UP: Final = 5
"""Posts that may be made up for after a delay; after a longer one a new shift begins."""

REACH: Final = 2000
"""Posts that a list looks back over, of all sites together: lists end, as on real sites."""

SEED_NUMBER: Final = -1
"""The seed article's number: it was there before the first post."""

# As in the seed's own metadata.
_SEED_PUBLISHED: Final = datetime(2020, 3, 23, 17, 41, 7, tzinfo=UTC)
_SEED_MODIFIED: Final = datetime(2020, 3, 23, 17, 44, 52, tzinfo=UTC)

_ORDERS_KEPT: Final = 200
"""Rounds whose order is remembered; more than the lists of a page reach back."""

_LANGUAGES: Final = {site.name: site.language for site in SITES}


@attrs.frozen(kw_only=True)
class Post:
    """A story as it stands on a site at the time asked about.

    ``number`` is its place in the newsroom's count, ``slug`` the words of its address, which keep
    the first headline. ``modified`` is the time of the last edit (or of publication), ``revision``
    counts the edits made so far.
    """

    number: int
    site: str
    slug: str
    title: str
    section: str
    byline: str
    paragraphs: tuple[str, ...]
    published: datetime
    modified: datetime
    revision: int
    story: Story


class Newsroom:
    """The state machine of the demo: ``advance`` publishes, the other methods read.

    ``stock`` maps sites to their stories. ``interval`` is the pause between two posts in seconds,
    over all sites. A ``ledger`` of an earlier run continues it; without one (or with one of
    another stock) the newsroom opens when ``advance`` is first called.
    """

    def __init__(
        self,
        stock: Mapping[str, tuple[Story, ...]],
        *,
        seed: str = "newsroom",
        interval: float = 4.0,
        ledger: Ledger | None = None,
    ) -> None:
        if not SHORTEST <= interval <= LONGEST:
            raise ValueError(
                f"The interval between two stories must be from {SHORTEST} to {LONGEST} seconds, "
                f"not {interval}."
            )
        self._stories = {story.key: (site, story) for site in stock for story in stock[site]}
        self._openers = [story.key for site in stock for story in stock[site][:OPENING_PER_SITE]]
        self._orders: dict[int, list[str]] = {}
        self._interval = interval
        self._fingerprint = blake2b(" ".join(self._stories).encode(), digest_size=8).hexdigest()
        self._earlier = ledger
        self._seed = ledger.seed if ledger else seed
        self._ledger = ledger if ledger and ledger.stock == self._fingerprint else None

    @property
    def is_open(self) -> bool:
        """Tell whether anything has been published yet."""
        return self._ledger is not None

    @property
    def ledger(self) -> Ledger:
        """Return what has to be kept; raise LookupError before the newsroom has opened."""
        if self._ledger is None:
            raise LookupError("The newsroom has not opened: call advance() first.")
        return self._ledger

    def advance(self, now: datetime) -> int:
        """Publish what is due at ``now`` and return how many posts that were."""
        if self._ledger is None:
            self._ledger = self._open(now)
            return self._ledger.published - self._ledger.origin
        ledger = self._ledger
        shift = ledger.shifts[-1]
        due = shift.first + int((now - shift.started).total_seconds() / shift.interval)
        overdue = due - ledger.published
        # The pace was changed, the machine slept, or its clock was set back: no flood of posts
        # for the time lost, and none dated in the future.
        slept = overdue > CATCH_UP
        set_back = overdue < -1
        if slept or set_back or shift.interval != self._interval:
            begun = Shift(first=ledger.published, started=now, interval=self._interval)
            # The first shift dates the opening, even if nothing was published in it.
            opening, *later = ledger.shifts
            kept = [shift for shift in later if shift.first < ledger.published]
            self._ledger = attrs.evolve(ledger, shifts=(opening, *kept, begun))
            return 0
        if overdue > 0:
            self._ledger = attrs.evolve(ledger, published=due)
        return max(overdue, 0)

    def next_due(self) -> datetime:
        """Return when the next post is due."""
        shift = self.ledger.shifts[-1]
        posts = self.ledger.published - shift.first + 1
        return shift.started + timedelta(seconds=posts * shift.interval)

    def post(self, site: str, number: int, now: datetime) -> Post | None:
        """Return post ``number`` as it stands on ``site`` at ``now``; None if it is not there."""
        if number == SEED_NUMBER:
            return self.seed_post() if site == SEED_SITE else None
        if not self.ledger.origin <= number < self.ledger.published:
            return None
        round_number, key = self._story_of(number)
        origin, story = self._stories[key]
        if site == MIRROR and origin == WIRE:
            return self._repost(number, varied(story, _LANGUAGES[WIRE], round_number), now)
        if site != origin:
            return None
        return self._as_edited(site, number, varied(story, _LANGUAGES[site], round_number), now)

    def latest(self, site: str, now: datetime, *, section: str = "") -> Iterator[Post]:
        """Yield the posts of a site, newest first, as far back as its lists reach.

        The Arabic site's lists end with the seed article.
        """
        newest = self.ledger.published - 1
        for number in range(newest, max(newest - REACH, self.ledger.origin - 1), -1):
            post = self.post(site, number, now)
            if post and section in ("", post.section):
                yield post
        if site == SEED_SITE and section in ("", seed_story().section):
            yield self.seed_post()

    @staticmethod
    def seed_post() -> Post:
        """Return the article with which newsbot began, dated as it was."""
        story = seed_story()
        return Post(
            number=SEED_NUMBER,
            site=SEED_SITE,
            slug=story.key,
            title=story.title,
            section=story.section,
            byline=story.byline,
            paragraphs=story.paragraphs,
            published=_SEED_PUBLISHED,
            modified=_SEED_MODIFIED,
            revision=0,
            story=story,
        )

    def _open(self, now: datetime) -> Ledger:
        size = len(self._stories)
        # Numbers of another stock are not used again: their addresses meant other stories.
        origin = -(-self._earlier.published // size) * size if self._earlier else 0
        first = origin + len(self._openers)
        return Ledger(
            seed=self._seed,
            stock=self._fingerprint,
            origin=origin,
            published=first,
            shifts=(Shift(first=first, started=now, interval=self._interval),),
        )

    def _story_of(self, number: int) -> tuple[int, str]:
        """Return the round and the key of a post: openers first, in an order drawn by the seed."""
        round_number, index = divmod(number, len(self._stories))
        return round_number, self._order(round_number)[index]

    def _order(self, round_number: int) -> list[str]:
        if round_number not in self._orders:
            if len(self._orders) >= _ORDERS_KEPT:
                self._orders.clear()

            def drawn(key: str) -> bytes:
                return blake2b(f"{self._seed} {round_number} {key}".encode()).digest()

            rest = [key for key in self._stories if key not in self._openers]
            self._orders[round_number] = [
                *sorted(self._openers, key=drawn),
                *sorted(rest, key=drawn),
            ]
        return self._orders[round_number]

    def _shift_of(self, number: int) -> Shift:
        shifts = self.ledger.shifts
        return shifts[max(bisect_right(shifts, number, key=lambda shift: shift.first) - 1, 0)]

    def _published_at(self, number: int) -> datetime:
        shift = self._shift_of(number)
        if number < shift.first:
            return shift.started - (shift.first - number) * OPENING_PAUSE
        return shift.started + timedelta(seconds=(number - shift.first + 1) * shift.interval)

    def _as_edited(self, site: str, number: int, story: Story, now: datetime) -> Post:
        shift = self._shift_of(number)
        published = self._published_at(number)
        # Edits of the first stories, which are dated back, are still to be seen happening.
        begins = max(published, shift.started)

        def made_at(edit: Edit) -> datetime:
            return begins + timedelta(seconds=edit.after * shift.interval)

        made = [edit for edit in story.edit if made_at(edit) <= now]
        added = [text for edit in made for text in (edit.paragraph, edit.correction) if text]
        return Post(
            number=number,
            site=site,
            slug=slug(story.title),
            title=next((edit.title for edit in reversed(made) if edit.title), story.title),
            section=story.section,
            byline=story.byline,
            paragraphs=(*story.paragraphs, *added),
            published=published,
            modified=made_at(made[-1]) if made else published,
            revision=len(made),
            story=story,
        )

    def _repost(self, number: int, story: Story, now: datetime) -> Post | None:
        pause = timedelta(seconds=REPOST_DELAY * self._shift_of(number).interval)
        published = self._published_at(number) + min(pause, REPOST_WITHIN)
        if published > now:
            return None
        return Post(
            number=number,
            site=MIRROR,
            slug=slug(story.repost_title),
            title=story.repost_title,
            section="all",
            byline="Echo Point Desk",
            paragraphs=story.paragraphs,
            published=published,
            modified=published,
            revision=0,
            story=story,
        )
