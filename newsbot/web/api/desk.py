"""What the desk keeps: saved searches and their feeds, and lists of terms."""

from typing import Annotated, Any, Literal

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import Field

from newsbot.alerts import lists as changing
from newsbot.archive import lists, searches
from newsbot.archive.connection import Database
from newsbot.archive.lists import TermList
from newsbot.archive.searches import SavedSearch, SearchNameError
from newsbot.query import parse
from newsbot.search.lists import Lists
from newsbot.web.access import visitor
from newsbot.web.api.feed_addresses import FeedOf, feed_of, renewed
from newsbot.web.api.frame import PREFIX, IfMatch, Wish, area, now, unchanged
from newsbot.web.api.paging import Asked, Page
from newsbot.web.api.problems import ProblemError, invalid, not_found, sentence
from newsbot.web.api.records import answer_of

SearchId = Annotated[str, Path(description="The saved search's id, or its name.", max_length=300)]
ListName = Annotated[
    str,
    Path(description="The list's name, without the @.", examples=["navy-ships"], max_length=100),
]
SearchOf, ListOf = answer_of(SavedSearch), answer_of(TermList)


class SearchPage(Page[Any]):
    """A page of saved searches, by name."""

    items: list[SearchOf]  # type: ignore[valid-type]


class ListPage(Page[Any]):
    """A page of lists, by name."""

    items: list[ListOf]  # type: ignore[valid-type]


class NewSearch(Wish):
    """A search to save."""

    name: str = Field(max_length=200, examples=["Harbours"])
    query: str = Field(max_length=20_000, examples=["harbour OR ferry"])
    order: Literal["newest", "relevance"] = "newest"


class SearchName(Wish):
    """Another name of a saved search."""

    name: str = Field(max_length=200, examples=["Harbours and ferries"])


class Entries(Wish):
    """What a list is to have: all of it."""

    entries: list[str] = Field(max_length=10_000, examples=[["Aurora", '"Northern Star"']])
    """Words and phrases."""


class SavedSearches:
    """The saved searches of one archive."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.router = area("saved searches")
        get, post = self.router.get, self.router.post
        one = "/searches/{search}"
        get("/searches", name="list")(self.listed)
        post("/searches", name="add", status_code=201, response_model=SearchOf)(self.add)
        get(one, name="get", response_model=SearchOf)(self.search)
        self.router.patch(one, name="rename", response_model=SearchOf)(self.rename)
        self.router.delete(one, name="remove", status_code=204)(self.remove)
        get(f"{one}/feed", name="feed")(self.feed)
        post(f"{one}/feed", name="renew_feed")(self.renew_feed)

    def listed(self, paging: Asked) -> SearchPage:
        """List the saved searches, by name."""
        found = searches.everything(self._database)
        page, following = paging.of(found, lambda each: (each.name, each.id))
        return SearchPage(items=list(page), next=following)

    def search(self, search: SearchId) -> SavedSearch:
        """Get a saved search."""
        return self._existing(search)

    def add(self, request: Request, wish: NewSearch, response: Response) -> SavedSearch:
        """Save a search under a name."""
        parse(wish.query, Lists.of(self._database).now().entries)
        try:
            made = searches.new(
                wish.name, wish.query, order=wish.order, by=visitor(request).name, now=now()
            )
        except SearchNameError as error:
            raise invalid({"name": str(error)}) from None
        searches.add(self._database, made)
        response.headers["location"] = f"{PREFIX}/searches/{made.id}"
        return made

    def rename(
        self, request: Request, search: SearchId, wish: SearchName, if_match: IfMatch = None
    ) -> SavedSearch:
        """Give a saved search another name; its feed goes on at the same address."""
        there = self._as_seen(request, search, if_match)
        try:
            searches.rename(self._database, there.id, wish.name)
        except SearchNameError as error:
            raise invalid({"name": str(error)}) from None
        return self._existing(there.id)

    def remove(self, request: Request, search: SearchId, if_match: IfMatch = None) -> Response:
        """Remove a saved search; its feed ends."""
        searches.remove(self._database, self._as_seen(request, search, if_match).id)
        return Response(status_code=204)

    def feed(self, request: Request, search: SearchId) -> FeedOf:
        """Get where a saved search is read as a feed. Whoever has the address reads it."""
        return feed_of(request, self._database, "search", self._existing(search).id)

    def renew_feed(self, request: Request, search: SearchId) -> FeedOf:
        """Give the feed of a saved search another address; the one before ends."""
        return renewed(request, self._database, "search", self._existing(search).id)

    def _as_seen(self, request: Request, search: str, if_match: str | None) -> SavedSearch:
        there = self._existing(search)
        unchanged(request, SearchOf.model_validate(there))
        del if_match  # stands among the parameters for the document
        return there

    def _existing(self, search: str) -> SavedSearch:
        found = searches.find(self._database, search)
        if found is None:
            raise not_found("saved search", search, listed=f"{PREFIX}/searches")
        return found


class TermLists:
    """The lists of one archive."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.router = area("lists")
        one = "/lists/{name}"
        self.router.get("/lists", name="list")(self.listed)
        self.router.get(one, name="get", response_model=ListOf)(self.list_)
        self.router.put(one, name="put", response_model=ListOf)(self.put)
        self.router.delete(one, name="remove", status_code=204)(self.remove)

    def listed(self, paging: Asked) -> ListPage:
        """List the lists that queries may name as @name."""
        page, following = paging.of(lists.everything(self._database), lambda each: (each.id,))
        return ListPage(items=list(page), next=following)

    def list_(self, name: ListName) -> TermList:
        """Get a list of terms."""
        return self._existing(name)

    def put(
        self, request: Request, name: ListName, wish: Entries, if_match: IfMatch = None
    ) -> TermList:
        """Have a list be these entries; one that is not there yet is made, without If-Match.

        A change holds everywhere within a second. It is refused where a query that uses the list could not be
        understood with it.
        """
        try:
            key = changing.list_name(name)
            there = self._find(key)
            if there is not None:
                unchanged(request, ListOf.model_validate(there))
            elif if_match:
                raise not_found("list", name, listed=f"{PREFIX}/lists")
            wanted = changing.entries_in(wish.entries)
            by = visitor(request).name
            return changing.change(self._database, key, lambda _: wanted, by=by, now=now())
        except changing.ListError as error:
            raise ProblemError("conflict", sentence(error)) from None

    def remove(self, request: Request, name: ListName, if_match: IfMatch = None) -> Response:
        """Remove a list that nobody uses."""
        there = self._existing(name)
        unchanged(request, ListOf.model_validate(there))
        del if_match  # stands among the parameters for the document
        try:
            changing.remove(self._database, there.id, by=visitor(request).name, now=now())
        except changing.ListError as error:
            raise ProblemError("conflict", sentence(error)) from None
        return Response(status_code=204)

    def _existing(self, name: str) -> TermList:
        found = self._find(name.removeprefix("@").casefold())
        if found is None:
            raise not_found("list", name, listed=f"{PREFIX}/lists")
        return found

    def _find(self, key: str) -> TermList | None:
        found = lists.find(self._database, key)
        return None if found is None or found.removed else found
