"""Collections: articles put aside, in an order, with notes."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from newsbot.archive import articles, audit, collections
from newsbot.archive.collections import ChangedError, Collection, CollectionError, Sharing
from newsbot.archive.connection import Database
from newsbot.export import collected
from newsbot.export.columns import UnknownColumnError
from newsbot.web.access import visitor
from newsbot.web.api.articles import ArticleId
from newsbot.web.api.exporting import MEDIA_TYPES
from newsbot.web.api.frame import Answer, IfMatch, Moment, Wish, area, unchanged
from newsbot.web.api.paging import Asked, Page
from newsbot.web.api.problems import ProblemError, invalid_parameter, not_found
from newsbot.web.collections import changes, sees

_EXAMPLE = "5f0c2f9d1f6c6d0a4b1e7c55"
CollectionId = Annotated[
    str, Path(description="The collection's id.", examples=[_EXAMPLE], max_length=200)
]


class EntryOf(Answer):
    """An article in a collection."""

    article: str = Field(examples=[_EXAMPLE])
    by: str = Field(examples=["ada"])
    """Who put it there."""
    at: Moment
    note: str = Field(examples=["Check the date."])
    tags: list[str] = Field(examples=[["harbour"]])
    version: int
    """Grows with each change of its note and tags."""
    changed_by: str
    """Who made the last of these; "" where nobody did."""
    gone_at: Moment | None
    """When the article was removed from the archive; null where it was not."""


class CollectionShort(Answer):
    """A collection in a list."""

    id: str = Field(examples=[_EXAMPLE])
    name: str = Field(examples=["Harbour"])
    owner: str = Field(examples=["ada"])
    created_at: Moment
    at: Moment
    """When it was changed last."""
    by: str = Field(examples=["ada"])
    """Who changed it last."""
    about: str
    """What it says of itself."""
    tags: list[str] = Field(examples=[["ships"]])
    sharing: Sharing
    """Who sees it: its owner, or everybody, who may change it where that is said."""
    version: int


class CollectionOf(CollectionShort):
    """A collection with what is in it."""

    entries: list[EntryOf]
    """Its articles, in their order."""


class CollectionPage(Page[CollectionShort]):
    """A page of collections."""


class CollectionWish(Wish):
    """A new collection."""

    name: str = Field(examples=["Harbour"])
    about: str = ""
    tags: list[str] = Field(default=[], examples=[["ships"]])
    sharing: Sharing = "private"


class CollectionChange(Wish):
    """What of a collection is changed; what is left out stays."""

    name: str | None = Field(None, examples=["Port"])
    about: str | None = None
    tags: list[str] | None = None
    sharing: Sharing | None = None


class PutIn(Wish):
    """Articles to put at the end of a collection; those that are in it stay as they are."""

    articles: list[str] = Field(min_length=1, max_length=200, examples=[[_EXAMPLE]])
    note: str = ""
    tags: list[str] = Field(default=[], examples=[["harbour"]])


class EntryChange(Wish):
    """What of an article's entry is changed; what is left out stays."""

    note: str | None = Field(None, examples=["Check the date."])
    tags: list[str] | None = None
    version: int | None = Field(None, ge=1, examples=[1])
    """The entry's version that you saw: needed with a note or tags."""
    place: int | None = Field(None, ge=1, le=collections.MOST)
    """Where it is put: the first place is 1."""


class Collections:
    """The collections of one archive."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.router = area("collections")
        one, entry = "/collections/{collection}", "/collections/{collection}/entries/{article}"
        self.router.get("/collections", name="list")(self.listed)
        self.router.post("/collections", name="add", status_code=201)(self.add)
        self.router.get(one, name="get")(self.collection)
        self.router.patch(one, name="change")(self.change)
        self.router.delete(one, name="remove", status_code=204, response_model=None)(self.remove)
        self.router.post(f"{one}/entries", name="put_in")(self.put_in)
        self.router.patch(entry, name="change_entry")(self.change_entry)
        self.router.delete(entry, name="leave_out")(self.leave_out)
        self.router.get(
            f"{one}/export",
            name="export",
            response_class=StreamingResponse,
            responses={
                200: {
                    "content": {
                        kind: {"schema": {"type": "string"}, "example": "…"}
                        for kind in MEDIA_TYPES.values()
                    }
                }
            },
        )(self.export)

    def listed(self, request: Request, paging: Asked) -> CollectionPage:
        """List the collections that you may see, the last made first."""
        who = visitor(request)
        found = [each for each in collections.everything(self._database) if sees(who, each)]
        page, following = paging.of(
            found, lambda each: (each.created_at.isoformat(), each.id), newest_first=True
        )
        items = [CollectionShort.model_validate(each) for each in page]
        return CollectionPage(items=items, next=following)

    def add(self, request: Request, wish: CollectionWish) -> CollectionOf:
        """Make an empty collection of your own."""
        now = datetime.now(UTC)
        try:
            made = collections.new(
                wish.name,
                by=visitor(request).name,
                now=now,
                about=wish.about,
                tags=wish.tags,
                sharing=wish.sharing,
            )
            collections.add(self._database, made)
        except CollectionError as error:
            raise _problem(error) from None
        return CollectionOf.model_validate(made)

    def collection(self, request: Request, collection: CollectionId) -> CollectionOf:
        """Get a collection with its entries."""
        return CollectionOf.model_validate(self._existing(request, collection))

    def change(
        self,
        request: Request,
        collection: CollectionId,
        wish: CollectionChange,
        if_match: IfMatch = None,
    ) -> CollectionOf:
        """Change the name of a collection, what it says of itself, its tags, or who sees it."""
        del if_match
        there = self._owned(request, collection)
        unchanged(request, CollectionOf.model_validate(there))
        told = {name: value for name, value in wish.model_dump().items() if value is not None}
        kept: dict[str, Any] = {
            name: getattr(there, name) for name in ("name", "about", "tags", "sharing")
        }
        try:
            changed = collections.tell(
                self._database,
                there.id,
                by=visitor(request).name,
                now=datetime.now(UTC),
                version=there.told_version,
                **(kept | told),
            )
        except CollectionError as error:
            raise _problem(error) from None
        return CollectionOf.model_validate(changed)

    def remove(self, request: Request, collection: CollectionId) -> Response:
        """Remove a collection of yours; its articles stay in the archive."""
        there = self._owned(request, collection)
        collections.remove(self._database, there.id)
        audit.note(
            self._database,
            "collection remove",
            ids=[there.id],
            counts={"articles": len(there.entries)},
            by=visitor(request).name,
        )
        return Response(status_code=204)

    def put_in(self, request: Request, collection: CollectionId, wish: PutIn) -> CollectionOf:
        """Put articles at the end of a collection."""
        there = self._changed(request, collection)
        known = articles.many(self._database, list(dict.fromkeys(wish.articles)))
        for each in wish.articles:
            if each not in known:
                raise not_found("article", each, listed="/api/v1/search")
        try:
            changed = collections.put_in(
                self._database,
                there.id,
                wish.articles,
                by=visitor(request).name,
                now=datetime.now(UTC),
                note=wish.note,
                tags=wish.tags,
            )
        except CollectionError as error:
            raise _problem(error) from None
        return CollectionOf.model_validate(changed)

    def change_entry(
        self, request: Request, collection: CollectionId, article: ArticleId, wish: EntryChange
    ) -> CollectionOf:
        """Change the note and tags of an article in a collection, or its place."""
        there = self._changed(request, collection)
        entry = there.entry(article)
        if entry is None:
            raise not_found("entry", article, listed=f"/api/v1/collections/{there.id}")
        how: dict[str, Any] = {"by": visitor(request).name, "now": datetime.now(UTC)}
        try:
            if wish.note is not None or wish.tags is not None:
                if wish.version is None:
                    raise ProblemError(
                        "precondition-required",
                        "Send the version of the entry that you saw, so that nobody's note is lost.",
                    )
                there = collections.annotate(
                    self._database,
                    there.id,
                    article,
                    **how,
                    note=entry.note if wish.note is None else wish.note,
                    tags=entry.tags if wish.tags is None else wish.tags,
                    version=wish.version,
                )
            if wish.place is not None:
                there = collections.move(self._database, there.id, article, **how, to=wish.place)
        except CollectionError as error:
            raise _problem(error) from None
        return CollectionOf.model_validate(there)

    def leave_out(
        self, request: Request, collection: CollectionId, article: ArticleId
    ) -> CollectionOf:
        """Take an article out of a collection."""
        there = self._changed(request, collection)
        by = visitor(request).name
        changed = collections.leave_out(
            self._database, there.id, article, by=by, now=datetime.now(UTC)
        )
        return CollectionOf.model_validate(changed)

    def export(
        self,
        request: Request,
        collection: CollectionId,
        format: Annotated[  # noqa: A002 - the parameter's name for whoever asks
            Literal["csv", "jsonl", "parquet"], Query(description="What file it is to be.")
        ] = "jsonl",
        columns: Annotated[
            str,
            Query(
                description="Names of columns, with commas between, as in /export; all unless given."
            ),
        ] = "",
        bom: Annotated[
            bool, Query(description="Whether CSV begins with a byte order mark, as Excel wants it.")
        ] = True,
    ) -> StreamingResponse:
        """Take away a collection, with what was noted, as CSV, JSON Lines or Parquet."""
        there = self._existing(request, collection)
        names = [each.strip() for each in columns.split(",") if each.strip()]
        try:
            data = collected.stream(self._database, there, format, columns=names, bom=bom)
        except UnknownColumnError as error:
            raise invalid_parameter("columns", str(error)) from None
        name = f"collection-{there.id}.{format}"
        return StreamingResponse(
            data,
            media_type=MEDIA_TYPES[format],
            headers={
                "content-disposition": f'attachment; filename="{name}"',
                "cache-control": "no-store",
            },
        )

    # Whose

    def _existing(self, request: Request, collection: str) -> Collection:
        found = collections.find(self._database, collection)
        if found is None or not sees(visitor(request), found):
            raise not_found("collection", collection, listed="/api/v1/collections")
        return found

    def _changed(self, request: Request, collection: str) -> Collection:
        found = self._existing(request, collection)
        if not changes(visitor(request), found):
            raise ProblemError(
                "forbidden",
                f"This collection is {found.owner}'s, who has not opened it to changes.",
            )
        return found

    def _owned(self, request: Request, collection: str) -> Collection:
        found, who = self._existing(request, collection), visitor(request)
        if who.by != "machine" and who.name != found.owner:
            raise ProblemError("forbidden", f"Only {found.owner}, whose collection it is, may.")
        return found


def _problem(error: CollectionError) -> ProblemError:
    told = str(error)
    kind = "changed-meanwhile" if isinstance(error, ChangedError) else "conflict"
    return ProblemError(kind, f"{told[:1].upper()}{told[1:]}.")
