"""The pages of collections: all of them, one as a report that prints well, and how articles come into one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import attrs
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.datastructures import FormData

from newsbot.archive import articles, audit, collections, feeds, sources, stories
from newsbot.archive.articles import Kept
from newsbot.archive.collections import (
    SHARINGS,
    ChangedError,
    Collection,
    CollectionError,
    Entry,
)
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.export import collected
from newsbot.search.results import Reader
from newsbot.web.access import Visitor, visitor
from newsbot.web.feeds import addresses
from newsbot.web.guard import checked
from newsbot.web.pages import Pages

# Articles on one page of a collection, unless all are asked for.
PAGE = 50
_AT_ONCE = 50
# Articles that are put aside at once.
_MOST = 200
_FILES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}


async def _sent(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=1_000)


Sent = Annotated[FormData, Depends(_sent)]


def sees(who: Visitor, collection: Collection) -> bool:
    """Say whether somebody may see a collection; whoever is at the machine sees all."""
    return who.by == "machine" or collection.seen_by(who.name)


def changes(who: Visitor, collection: Collection) -> bool:
    """Say whether somebody may change a collection; whoever is at the machine may change all."""
    return who.by == "machine" or collection.changed_by(who.name)


@attrs.frozen
class Shown:
    """An article of a collection on its page; ``kept`` is None where it is not in the archive any more."""

    place: int
    entry: Entry
    kept: Kept | None


class CollectionPages:
    """The collections of one archive, on pages."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._database = database
        self._reader = Reader(config, database)
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (
            ("/collections", self.listed),
            ("/collections/add", self.choose),
            ("/collections/{collection}", self.shown),
        ):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        add(
            "/collections/{collection}/export",
            self.export,
            methods=["GET"],
            response_model=None,
        )
        for path, step in (
            ("/collections", self.make),
            ("/collections/add", self.put_in),
            ("/collections/{collection}/{step}", self.change),
        ):
            add(path, step, methods=["POST"], response_model=None)

    # What there is

    def listed(self, request: Request) -> HTMLResponse:
        """List the collections, and offer to make one."""
        return self._listed(request)

    def _listed(
        self, request: Request, typed: FormData | None = None, error: str = ""
    ) -> HTMLResponse:
        who = visitor(request)
        found = [each for each in collections.everything(self._database) if sees(who, each)]
        return self._pages.page(
            request,
            "collections.html",
            status=400 if error else 200,
            collections=found,
            sharings=SHARINGS,
            typed=_typed(typed),
            error=error,
        )

    def shown(
        self,
        request: Request,
        collection: str,
        text: str = "",
        start: Annotated[int, Query(ge=1, le=collections.MOST, alias="from")] = 1,
        whole: Annotated[str, Query(alias="all")] = "",
    ) -> HTMLResponse:
        """Show a collection as a report."""
        return self._shown(request, self._existing(request, collection), text, start, whole)

    def _shown(
        self,
        request: Request,
        found: Collection,
        text: str = "",
        start: int = 1,
        whole: str = "",
        *,
        typed: FormData | None = None,
        error: str = "",
        edit: bool = False,
    ) -> HTMLResponse:
        last = len(found.entries) if whole else min(start + PAGE - 1, len(found.entries))
        some = found.entries[start - 1 : last]
        kept = self._kept([each.article for each in some if each.gone_at is None])
        told = [Shown(at, each, kept.get(each.article)) for at, each in enumerate(some, start)]
        ids = {each.kept.article.source for each in told if each.kept}
        return self._pages.page(
            request,
            "collection.html",
            status=409 if error else 200,
            collection=found,
            told=told,
            names=sources.names(self._database, ids),
            start=start,
            following=last + 1 if last < len(found.entries) else 0,
            whole=bool(whole),
            text="whole" if text == "whole" else "passage",
            may_change=changes(visitor(request), found) and visitor(request).role >= 2,
            may_tell=self._owns(request, found),
            edit=edit or "edit" in request.query_params,
            feed=addresses(request, feeds.address(self._database, "collection", found.id))
            if (edit or "edit" in request.query_params) and self._owns(request, found)
            else None,
            sharings=SHARINGS,
            typed=_typed(typed),
            error=error,
        )

    @staticmethod
    def _owns(request: Request, found: Collection) -> bool:
        who = visitor(request)
        return who.by == "machine" or who.name == found.owner

    def _kept(self, ids: Sequence[str]) -> dict[str, Kept]:
        found: dict[str, Kept] = {}
        for at in range(0, len(ids), _AT_ONCE):
            found |= articles.many(self._database, ids[at : at + _AT_ONCE])
        return found

    def export(self, request: Request, collection: str, form: str = "csv") -> Response:
        """Answer with a collection as a file."""
        found = self._existing(request, collection)
        kind = next((each for each in ("csv", "jsonl", "parquet") if each == form), None)
        if kind is None:
            raise HTTPException(404)
        return StreamingResponse(
            collected.stream(self._database, found, kind),
            media_type=_FILES[kind],
            headers={
                "content-disposition": f'attachment; filename="collection-{found.id}.{kind}"',
                "cache-control": "no-store",
            },
        )

    def _existing(self, request: Request, collection: str) -> Collection:
        found = collections.find(self._database, collection)
        if found is None or not sees(visitor(request), found):
            raise HTTPException(404)
        return found

    # Putting aside

    def choose(
        self, request: Request, article: Annotated[list[str] | None, Query()] = None
    ) -> HTMLResponse:
        """Offer the collections that articles can be put into."""
        return self._choose(request, article or [])

    def _choose(
        self, request: Request, ids: Sequence[str], typed: FormData | None = None, error: str = ""
    ) -> HTMLResponse:
        who = visitor(request)
        kept = self._kept(list(dict.fromkeys(ids))[:_MOST])
        return self._pages.page(
            request,
            "collection_add.html",
            status=400 if error else 200,
            chosen=list(kept.values()),
            collections=[
                each for each in collections.everything(self._database) if changes(who, each)
            ],
            typed=_typed(typed),
            error=error,
        )

    def put_in(self, request: Request, form: Sent) -> Response:
        """Put articles into a collection, a new one where none is chosen."""
        checked(request, str(form.get("token", "")))
        told = [str(each) for each in form.getlist("story")]
        ids = [*map(str, form.getlist("article")), *self._newest_of(told)][:_MOST]
        if form.get("do") == "choose":
            return self._choose(request, ids)
        now, by = datetime.now(UTC), visitor(request).name
        try:
            there = [each for each in ids if each in self._kept(ids)]
            if not there:
                raise CollectionError(
                    "no article is chosen; choose one in a list, then put it aside"
                )
            if form.get("collection"):
                found = self._existing(request, str(form["collection"]))
                if not changes(visitor(request), found):
                    raise HTTPException(403, "This collection is another's to change.")
            else:
                found = collections.new(str(form.get("name", "")), by=by, now=now)
                collections.add(self._database, found)
            collections.put_in(
                self._database,
                found.id,
                there,
                by=by,
                now=now,
                note=str(form.get("note", "")),
                tags=_tags(form),
            )
        except CollectionError as error:
            return self._choose(request, ids, form, _sentence(error))
        return RedirectResponse(f"/collections/{found.id}", status_code=303)

    def _newest_of(self, told: Sequence[str]) -> list[str]:
        """Return the newest article of each of these stories, in their order."""
        heads = stories.heads(self._database, told[:_MOST])
        members = stories.members_of(self._database, set(heads.values()))
        among = [each for some in members.values() for each in some]
        hits = self._reader.told(of=among, limit=len(members)).hits if among else ()
        newest = {hit.story: hit.kept.article.id for hit in hits}
        return [newest[heads[each]] for each in told[:_MOST] if heads[each] in newest]

    # Changing

    def make(self, request: Request, form: Sent) -> Response:
        """Make an empty collection."""
        checked(request, str(form.get("token", "")))
        try:
            made = collections.new(
                str(form.get("name", "")),
                by=visitor(request).name,
                now=datetime.now(UTC),
                about=str(form.get("about", "")),
                tags=_tags(form),
                sharing=_sharing(form),
            )
            collections.add(self._database, made)
        except CollectionError as error:
            return self._listed(request, form, _sentence(error))
        return RedirectResponse(f"/collections/{made.id}", status_code=303)

    def change(self, request: Request, collection: str, step: str, form: Sent) -> Response:
        """Change what a collection says of itself, a note, the order; take an article out; remove it all."""
        checked(request, str(form.get("token", "")))
        found, who = self._existing(request, collection), visitor(request)
        whole = step in ("tell", "remove", "renew")
        if not changes(who, found) or (whole and not self._owns(request, found)):
            raise HTTPException(403, "This collection is another's to change.")
        now, article = datetime.now(UTC), str(form.get("article", ""))
        how: dict[str, Any] = {"by": who.name, "now": now}
        back = f"/collections/{found.id}?edit=1"
        try:
            match step:
                case "tell":
                    collections.tell(
                        self._database,
                        found.id,
                        **how,
                        name=str(form.get("name", "")),
                        about=str(form.get("about", "")),
                        tags=_tags(form),
                        sharing=_sharing(form),
                        version=_number(form.get("version")),
                    )
                case "note":
                    collections.annotate(
                        self._database,
                        found.id,
                        article,
                        **how,
                        note=str(form.get("note", "")),
                        tags=_tags(form),
                        version=_number(form.get("version")),
                    )
                case "move":
                    to = _number(form.get("to"))
                    collections.move(self._database, found.id, article, **how, to=to)
                case "leave-out":
                    collections.leave_out(self._database, found.id, article, **how)
                case "renew":
                    feeds.renew(self._database, "collection", found.id)
                    audit.note(self._database, "feed renew", ids=[found.id], by=who.name)
                case "remove":
                    collections.remove(self._database, found.id)
                    audit.note(
                        self._database,
                        "collection remove",
                        ids=[found.id],
                        counts={"articles": len(found.entries)},
                        by=who.name,
                    )
                    return RedirectResponse("/collections", status_code=303)
                case _:
                    raise HTTPException(404)
        except CollectionError as error:
            there = error.found if isinstance(error, ChangedError) else found
            start = _number(form.get("from")) or 1
            return self._shown(
                request, there, start=start, typed=form, error=_sentence(error), edit=True
            )
        start = _number(form.get("from"))
        back += f"&from={start}" if start > 1 else ""
        return RedirectResponse(f"{back}#at-{article}" if article else back, status_code=303)


_FIELDS = ("name", "about", "tags", "sharing", "note", "article", "collection")


def _typed(form: FormData | None) -> dict[str, str]:
    """Return what was typed, by the names of inputs."""
    return {name: str(form.get(name, "")) if form else "" for name in _FIELDS}


def _tags(form: FormData) -> list[str]:
    return str(form.get("tags", "")).replace("،", ",").split(",")


def _sharing(form: FormData) -> collections.Sharing:
    return next((each for each in SHARINGS if each == form.get("sharing")), "private")


def _number(value: object) -> int:
    text = str(value or "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _sentence(error: Exception) -> str:
    told = str(error)
    return f"{told[:1].upper()}{told[1:]}."
