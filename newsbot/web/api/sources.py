"""Sources: what there are, how each fares, changed, paused, removed. How one is added: ``source_adding.py``."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from newsbot.alerts.vitals import Vitals, vitals
from newsbot.archive import audit, coverage, entry_points, sources, standings
from newsbot.archive.connection import Database
from newsbot.archive.entry_points import EntryPointRecord
from newsbot.archive.sources import Changes, Pair, Source, Way
from newsbot.config import Config
from newsbot.extraction import OverrideError, Overrides, check_overrides
from newsbot.fetching.addresses import allowance
from newsbot.fetching.credentials import HIDDEN, cookie, header, masked, proxy
from newsbot.text.urls import is_web_url
from newsbot.web.access import visitor
from newsbot.web.api.feed_addresses import FeedOf, feed_of, renewed
from newsbot.web.api.frame import PREFIX, Answer, IfMatch, Moment, Wish, area, now, unchanged
from newsbot.web.api.paging import Asked, Page
from newsbot.web.api.problems import invalid, not_found
from newsbot.web.api.records import answer_of

LISTED = f"{PREFIX}/sources"
SourceId = Annotated[
    str,
    Path(description="The source's id, or its name.", examples=["harbour-news"], max_length=2_000),
]
_Named = Annotated[str, Field(max_length=200)]
_Address = Annotated[str, Field(max_length=2_000)]


EntryPointOf = answer_of(EntryPointRecord, without=("rhythm", "links", "digest", "children"))


class PairOf(Answer):
    """A header or cookie; of a secret one the value is hidden."""

    name: str = Field(examples=["Accept-Language"])
    value: str = Field(examples=["ar"])


class WayOf(Answer):
    """An entry point: an address that leads to new articles."""

    url: str = Field(examples=["https://harbour.example/feed"])
    kind: str = Field(examples=["feed"])


class OverridesOf(Answer):
    """CSS selectors of where a site's pages show a field; "" leaves it to the general rules."""

    body: str
    title: str
    authors: str
    date: str
    drop: list[str]


class SourceOf(Answer):
    """A site that is crawled, and how. Secrets of it are hidden."""

    id: str
    name: str = Field(examples=["harbour-news"])
    title: str = Field(examples=["Harbour News"])
    homepage: str = Field(examples=["https://harbour.example/"])
    entry_points: list[WayOf]
    groups: list[str] = Field(examples=[["coast"]])
    state: Literal["active", "paused"]
    polled: bool
    """Whether it is crawled by its own rhythm."""
    javascript: bool
    delay: float | None
    concurrency: int | None
    overrides: OverridesOf
    former_names: list[str]
    addresses: list[str]
    allowed_hosts: list[str]
    headers: list[PairOf]
    cookies: list[PairOf]
    proxy: str
    added_at: Moment


class SourcePage(Page[SourceOf]):
    """A page of sources, by name."""


class EntryPoints(Answer):
    """A source's entry points, and what is known of each."""

    items: list[EntryPointOf]  # type: ignore[valid-type]


class PairWish(Wish):
    """A header or cookie."""

    name: str = Field(max_length=200, examples=["Accept-Language"])
    value: str = Field(max_length=8_000, examples=["ar"])
    """As it is hidden in answers, it stays as it is."""


class WayWish(Wish):
    """An entry point."""

    url: _Address = Field(examples=["https://harbour.example/feed"])
    kind: Literal["feed", "sitemap", "page"]


class OverridesWish(Wish):
    """CSS selectors of where a site's pages show a field."""

    body: str = Field(default="", max_length=1_000, examples=["article .text"])
    title: str = Field(default="", max_length=1_000, examples=["h1"])
    authors: str = Field(default="", max_length=1_000, examples=[""])
    date: str = Field(default="", max_length=1_000, examples=[""])
    drop: list[Annotated[str, Field(max_length=1_000)]] = Field(default=[], max_length=100)


class AccessWish(Wish):
    """How a site is reached."""

    allowed_hosts: list[_Named] = Field(default=[], max_length=100, examples=[[]])
    """Hosts that are not public and may be fetched from for it all the same, as host or host:port."""
    headers: list[PairWish] = Field(default=[], max_length=100, examples=[[]])
    cookies: list[PairWish] = Field(default=[], max_length=100, examples=[[]])
    proxy: str = Field(default="", max_length=2_000, examples=[""])


class SourceFields(AccessWish):
    """What may be set of a source; what is not named stays as it is."""

    name: str = Field(default="", max_length=200, examples=["harbour-news"])
    title: str = Field(default="", max_length=300, examples=["Harbour News"])
    groups: list[_Named] = Field(default=[], max_length=100, examples=[["coast"]])
    delay: float | None = Field(default=None, ge=0, le=86_400, allow_inf_nan=False)
    """Seconds between two requests; null for the configured ones."""
    concurrency: int | None = Field(default=None, ge=1, le=64)
    javascript: bool = False
    poll: bool = True
    """Whether it is crawled by its own rhythm."""
    entry_points: list[WayWish] = Field(default=[], max_length=1_000)
    overrides: OverridesWish = Field(default=OverridesWish())


def existing(database: Database, source: str) -> Source:
    """Return the source of that id, name or address.

    Raises:
        ProblemError: where there is none.
    """
    found = sources.find(database, source)
    if found is None:
        raise not_found("source", source, listed=LISTED)
    return found


def as_answered(source: Source) -> SourceOf:
    """Return a source as it is answered, its secrets hidden."""
    shown = masked(source)
    values = {name: getattr(shown, name) for name in SourceOf.model_fields if name != "polled"}
    return SourceOf.model_validate({**values, "polled": source.next_due is not None})


class Sources:
    """The sources of one archive."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self.router = area("sources")
        get, post = self.router.get, self.router.post
        one = "/sources/{source}"
        get("/sources", name="list")(self.listed)
        get(one, name="get")(self.source)
        self.router.patch(one, name="change")(self.change)
        self.router.delete(one, name="remove", status_code=204)(self.remove)
        post(f"{one}/pause", name="pause")(self.pause)
        post(f"{one}/resume", name="resume")(self.resume)
        get(f"{one}/health", name="health", response_model=answer_of(Vitals))(self.health)
        get(f"{one}/entry-points", name="entry_points")(self.entry_points)
        get(f"{one}/feed", name="feed")(self.feed)
        post(f"{one}/feed", name="renew_feed")(self.renew_feed)

    def listed(
        self,
        paging: Asked,
        text: Annotated[
            str, Query(description="What a name, title or address has in it.", max_length=500)
        ] = "",
        group: Annotated[str, Query(description="Those of this group alone.", max_length=200)] = "",
        state: Annotated[
            Literal["active", "paused"] | None, Query(description="Those in this state alone.")
        ] = None,
    ) -> SourcePage:
        """List the sources, by name."""
        found = [
            each
            for each in sources.everything(self._database)
            if _is_wanted(each, text.casefold(), group.casefold(), state)
        ]
        page, following = paging.of(found, lambda each: (each.name, each.id))
        return SourcePage(items=[as_answered(each) for each in page], next=following)

    def source(self, source: SourceId) -> SourceOf:
        """Get a source."""
        return as_answered(existing(self._database, source))

    def change(
        self, request: Request, source: SourceId, wish: SourceFields, if_match: IfMatch = None
    ) -> SourceOf:
        """Change a source; what is not named stays as it is, a list that is named is all there is."""
        there = self._as_seen(request, source, if_match)
        changes = changes_of(there, wish)
        if "name" in wish.model_fields_set and wish.name.strip() != there.name:
            try:
                sources.rename(self._database, there, wish.name)
            except sources.SourceNameError as error:
                raise invalid({"name": str(error)}) from None
        if "poll" in wish.model_fields_set and wish.poll != (there.next_due is not None):
            changes["next_due"] = now() if wish.poll else None
        sources.change(self._database, there.id, **changes)
        audit.note(self._database, "source set", ids=[there.id], by=visitor(request).name)
        return as_answered(existing(self._database, there.id))

    def remove(self, request: Request, source: SourceId, if_match: IfMatch = None) -> Response:
        """Forget a source; its articles stay in the archive."""
        there = self._as_seen(request, source, if_match)
        sources.remove(self._database, there.id)
        audit.note(self._database, "source remove", ids=[there.id], by=visitor(request).name)
        return Response(status_code=204)

    def pause(self, request: Request, source: SourceId) -> SourceOf:
        """Stop crawling a source by its rhythm, until it is resumed."""
        there = existing(self._database, source)
        sources.change(self._database, there.id, state="paused")
        audit.note(self._database, "source pause", ids=[there.id], by=visitor(request).name)
        return as_answered(existing(self._database, there.id))

    def resume(self, request: Request, source: SourceId) -> SourceOf:
        """Crawl a paused source again, beginning now."""
        there = existing(self._database, source)
        sources.change(self._database, there.id, state="active", next_due=now())
        audit.note(self._database, "source resume", ids=[there.id], by=visitor(request).name)
        return as_answered(existing(self._database, there.id))

    def health(self, source: SourceId) -> Vitals:
        """Tell how a source fares: what is wrong, what it brings, how complete that is."""
        there, moment = existing(self._database, source), now()
        since = (moment - timedelta(days=7)).date()
        ledger = coverage.of(self._database, there.id, since, moment.date())
        stands = standings.of(self._database, there.id)
        return vitals(stands, there, ledger, config=self._config, now=moment)

    def entry_points(self, source: SourceId) -> EntryPoints:
        """List a source's entry points, with what is known of each."""
        there = existing(self._database, source)
        return EntryPoints(items=list(entry_points.load(self._database, there)))

    def feed(self, request: Request, source: SourceId) -> FeedOf:
        """Get where a source's articles are read as a feed. Whoever has the address reads it."""
        there = existing(self._database, source)
        return feed_of(request, self._database, "source", there.id)

    def renew_feed(self, request: Request, source: SourceId) -> FeedOf:
        """Give a source's feed another address; the one before ends."""
        there = existing(self._database, source)
        return renewed(request, self._database, "source", there.id)

    def _as_seen(self, request: Request, source: str, if_match: str | None) -> Source:
        there = existing(self._database, source)
        unchanged(request, as_answered(there))
        del if_match  # stands among the parameters for the document
        return there


def _is_wanted(source: Source, text: str, group: str, state: str | None) -> bool:
    named = (source.name, source.title, source.homepage, *source.former_names, *source.addresses)
    return (
        (not text or any(text in each.casefold() for each in named))
        and (not group or group in (each.casefold() for each in source.groups))
        and state in (None, source.state)
    )


# What may be set


def changes_of(there: Source, wish: SourceFields) -> Changes:
    """Return what a wish changes of a source.

    Raises:
        ProblemError: naming each value that cannot be.
    """
    changes = access_of(there, wish)
    named = wish.model_fields_set
    if "title" in named:
        changes["title"] = " ".join(wish.title.split())
    if "groups" in named:
        changes["groups"] = groups_of(wish.groups)
    if "delay" in named:
        changes["delay"] = wish.delay
    if "concurrency" in named:
        changes["concurrency"] = wish.concurrency
    if "javascript" in named:
        changes["javascript"] = wish.javascript
    if "entry_points" in named:
        changes["entry_points"] = _ways(wish)
    if "overrides" in named:
        changes["overrides"] = overrides_of(wish.overrides)
    return changes


def _ways(wish: SourceFields) -> tuple[Way, ...]:
    if not wish.entry_points:
        raise invalid({"entry_points": "the source would have no entry point left"})
    wrong = {
        f"entry_points.{at}.url": "is no web address"
        for at, way in enumerate(wish.entry_points)
        if not is_web_url(way.url)
    }
    if wrong:
        raise invalid(wrong)
    return tuple(Way(url=way.url, kind=way.kind) for way in wish.entry_points)


def overrides_of(wish: OverridesWish) -> Overrides:
    """Return overrides as they are wished for.

    Raises:
        ProblemError: where a selector cannot be read.
    """
    made = Overrides(
        body=wish.body,
        title=wish.title,
        authors=wish.authors,
        date=wish.date,
        drop=tuple(wish.drop),
    )
    try:
        check_overrides(made)
    except OverrideError as error:
        raise invalid({"overrides": str(error)}) from None
    return made


def groups_of(given: list[str]) -> tuple[str, ...]:
    """Return groups without spaces around; case tells no two apart."""
    named = {each.casefold(): each for each in (" ".join(one.split()) for one in given) if each}
    return tuple(named.values())


def access_of(there: Source | None, wish: AccessWish) -> Changes:
    """Return what a wish changes of how a site is reached; ``there`` is its source, None of a new one.

    Raises:
        ProblemError: naming each value that cannot be.
    """
    named, changes = wish.model_fields_set, Changes()
    problems: dict[str, str] = {}
    try:
        at = "allowed_hosts"
        if at in named:
            changes["allowed_hosts"] = tuple(dict.fromkeys(map(allowance, wish.allowed_hosts)))
        at = "headers"
        if at in named:
            kept = {each.name.casefold(): each for each in there.headers} if there else {}
            changes["headers"] = tuple(
                kept.get(each.name.casefold()) or _no_pair(each)
                if each.value == HIDDEN
                else header(f"{each.name}: {each.value}")
                for each in wish.headers
            )
        at = "cookies"
        if at in named:
            kept = {each.name: each for each in there.cookies} if there else {}
            changes["cookies"] = tuple(
                kept.get(each.name) or _no_pair(each)
                if each.value == HIDDEN
                else cookie(f"{each.name}={each.value}")
                for each in wish.cookies
            )
        at = "proxy"
        if at in named and not (there and wish.proxy and wish.proxy == masked(there).proxy):
            changes["proxy"] = proxy(wish.proxy) if wish.proxy else ""
    except ValueError as error:
        problems[at] = str(error)
    if problems:
        raise invalid(problems)
    return changes


def _no_pair(wish: PairWish) -> Pair:
    raise ValueError(f"{wish.name!r} has no value that could stay; give it one")
