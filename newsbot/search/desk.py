"""Lists of stories by how they stand with a reader and with the desk.

What is new is found by walking down the newest stories and passing over those that are read, no further
than to where the reader has read everything. What was starred, taken or decided is listed by when, the
last first; what an alert met, by its matches. No list looks at more than a bounded number of stories.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

import attrs

from newsbot.archive import desk_marks, matches, reader_marks, stories, triage
from newsbot.archive.connection import Database
from newsbot.archive.reader_marks import Reader as Person
from newsbot.archive.triage import Standing
from newsbot.search.asking import within
from newsbot.search.cursors import PageError, asked
from newsbot.search.index import place_of
from newsbot.search.results import Hit, Reader

Show = Literal["new", "all", "starred", "mine", "taken", "done", "not relevant"]
"""Which stories: ``mine`` are those that the reader has taken."""
SHOWS: tuple[Show, ...] = get_args(Show)

# Stories that are looked at for one page of what is new, and of what an alert met at most.
_LOOKED, _MET = 400, 500
# How far back matches, and what was brought back or marked as unread, are listed; and how many of these.
_BACK = timedelta(days=30)
_MOST_BACK = 100
_DECIDED = 2_000
_LATEST = 2**63 - 1


@attrs.frozen
class Told:
    """A story as a list shows it: an article of it, and how it stands."""

    hit: Hit
    standing: Standing


@attrs.frozen(kw_only=True)
class Listed:
    """A page of stories.

    ``back`` are those that were brought back, or marked as unread before everything was read up to here,
    on the first page of what is new. ``next`` asks for the page behind this one, "" where there is none.
    """

    told: tuple[Told, ...]
    back: tuple[Told, ...] = ()
    next: str = ""


@attrs.frozen(kw_only=True)
class Wanted:
    """Which stories are listed: those that stand so, that a query finds, that an alert (its id) met."""

    show: Show = "new"
    query: str = ""
    alert: str = ""


class Desk:
    """Lists the stories of an archive for one reader."""

    def __init__(self, database: Database, reader: Reader, person: Person) -> None:
        self._database = database
        self._reader = reader
        self._person = person

    def listed(self, wanted: Wanted, *, limit: int, after: str = "") -> Listed:
        """Return a page of stories.

        Raises:
            QuerySyntaxError: when the query is none.
            PageError: when ``after`` is no page of this list.
        """
        if wanted.alert:
            return self._page(wanted, self._met(wanted), limit, after)
        if wanted.show in ("new", "all"):
            return self._newest(wanted, limit, after)
        return self._page(wanted, self._marked(wanted), limit, after)

    def told(self, hits: Iterable[Hit]) -> tuple[Told, ...]:
        """Return stories with how they stand."""
        by_story = {hit.story: hit for hit in hits}
        shown = {story: hit.kept for story, hit in by_story.items()}
        seen = triage.first_seen(self._database, shown)
        stand = triage.standing(self._database, self._person, seen)
        return tuple(Told(hit, stand[story]) for story, hit in by_story.items())

    def arrived(self, since: datetime | None) -> int | None:
        """Return how many articles were stored since then; None where it is not said since when."""
        if since is None:
            return None
        everything = self._reader.select("", now=datetime.now(UTC))
        low = place_of("", since)
        return everything.narrowed(within(everything.schema, "place", low, _LATEST)).total

    # Newest first

    def _newest(self, wanted: Wanted, limit: int, after: str) -> Listed:
        new = wanted.show == "new"
        back = self._back(wanted) if new and not after else ()
        apart = {each.standing.story for each in back}
        found: list[Told] = []
        looked = 0
        while len(found) < limit and looked < _LOOKED:
            # Where little is new on the first page, more is looked at on the next.
            some = 2 * limit if looked else limit
            page = self._reader.told(wanted.query, limit=some, after=after)
            after, looked = page.next, looked + some
            told = self.told(page.hits)
            found += [
                each
                for each in told
                if not new
                or not (each.standing.read or each.standing.story in apart or self._is_back(each))
            ]
            if new and told and self._all_read(told[-1].hit):
                after = ""
            if not after:
                break
        return Listed(told=tuple(found), back=back, next=after)

    def _all_read(self, hit: Hit) -> bool:
        """Say whether all that stands below in the list of the newest was read as a whole."""
        until = self._person.read_to
        return until is not None and hit.kept.record.first_seen <= until

    def _since(self) -> datetime:
        return datetime.now(UTC) - _BACK

    def _is_back(self, told: Told) -> bool:
        """Say whether a story is listed apart, among those that were brought back."""
        at = told.standing.back_at
        return at is not None and at >= self._since()

    def _back(self, wanted: Wanted) -> tuple[Told, ...]:
        since = self._since()
        ids = [
            each.id
            for each in desk_marks.came_back(self._database, since=since, at_most=_MOST_BACK)
        ]
        if self._person.read_to is not None:
            name = self._person.name
            ids += [
                each.story
                for each in reader_marks.unread(
                    self._database, name, since=since, at_most=_MOST_BACK
                )
            ]
        told = self._of(wanted, list(dict.fromkeys(ids)))
        return tuple(
            each
            for each in told
            if not each.standing.read and (each.standing.back or self._all_read(each.hit))
        )

    # By when they were marked, or met

    def _marked(self, wanted: Wanted) -> list[tuple[datetime, str]]:
        """Return which stories are marked so, and when they were, the last first."""
        now, name = datetime.now(UTC), self._person.name
        if wanted.show == "starred":
            starred = reader_marks.starred(self._database, name)
            return [(each.starred_at or now, each.story) for each in starred]
        decided = desk_marks.decided(
            self._database,
            "taken" if wanted.show in ("mine", "taken") else _state(wanted.show),
            by=name if wanted.show == "mine" else "",
            at_most=_DECIDED,
            now=now,
        )
        return [(each.at or now, each.id) for each in decided]

    def _met(self, wanted: Wanted) -> list[tuple[datetime, str]]:
        """Return which stories an alert met lately and when, the last first."""
        found = matches.latest(
            self._database, since=self._since(), alert=wanted.alert, at_most=_MET
        )
        return [(each.matched_at, each.story) for each in found]

    def _page(
        self, wanted: Wanted, marked: Sequence[tuple[datetime, str]], limit: int, after: str
    ) -> Listed:
        """Return a page of stories in the order of when they were marked."""
        heads = stories.heads(self._database, (story for _, story in marked))
        order: dict[str, datetime] = {}
        for at, story in marked:
            order.setdefault(heads[story], at)
        keys = sorted(order, key=lambda story: (order[story], story), reverse=True)
        if after:
            behind = _read(after, wanted)
            keys = [story for story in keys if (_stamp(order[story]), story) < behind]
        found: list[Told] = []
        for start in range(0, len(keys), limit):
            some = keys[start : start + limit]
            by_story = {each.standing.story: each for each in self._of(wanted, some)}
            found += [
                by_story[story]
                for story in some
                if story in by_story and _shown(by_story[story].standing, wanted.show, self._person)
            ]
            if len(found) >= limit:
                more = len(found) > limit or start + limit < len(keys)
                found = found[:limit]
                last = found[-1].standing.story
                goes_on = _token(_stamp(order[last]), last, wanted) if more else ""
                return Listed(told=tuple(found), next=goes_on)
        return Listed(told=tuple(found))

    def _of(self, wanted: Wanted, ids: Sequence[str]) -> tuple[Told, ...]:
        """Return those of these stories of which the query finds something."""
        heads = sorted(set(stories.heads(self._database, ids).values()))
        members = stories.members_of(self._database, heads)
        among = [each for some in members.values() for each in some]
        if not among:
            return ()
        return self.told(self._reader.told(wanted.query, of=among, limit=len(heads)).hits)


def _shown(standing: Standing, show: Show, person: Person) -> bool:
    match show:
        case "new":
            return not standing.read
        case "starred":
            return standing.starred
        case "mine":
            return standing.desk == "taken" and standing.by == person.name
        case "all":
            return True
        case _:
            return standing.desk == show


def _state(show: Show) -> Literal["done", "not relevant"]:
    return "done" if show == "done" else "not relevant"


# Where a list by marks goes on: when the last that was shown was marked, and which that was.


def _stamp(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)


def _token(at: int, story: str, wanted: Wanted) -> str:
    return f"{at}-{story}-{asked(wanted.show, wanted.query, wanted.alert)}"


def _read(after: str, wanted: Wanted) -> tuple[int, str]:
    at, _, rest = after.partition("-")
    story, _, of = rest.partition("-")
    if not (at.isascii() and at.isdigit() and len(at) < 16):
        raise PageError("this is no page of a list of stories; begin at the first")
    if of != asked(wanted.show, wanted.query, wanted.alert):
        raise PageError("this is a page of another list; begin at the first")
    return int(at), story
