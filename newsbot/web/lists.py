"""The page of the desk's lists: what ``@name`` stands for in queries, who uses it, and its forms."""

from datetime import UTC, datetime
from typing import Annotated

import attrs
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.alerts import lists as desk
from newsbot.archive import lists
from newsbot.archive.connection import Database
from newsbot.archive.lists import TermList
from newsbot.web.access import visitor
from newsbot.web.guard import checked
from newsbot.web.pages import Pages


@attrs.frozen
class _Typed:
    """What stands in a form: what was typed, or what is kept."""

    name: str = ""
    entries: str = ""
    version: int = 0


class ListsPage:
    """The lists of one archive, on a page."""

    def __init__(self, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        add(
            "/lists", self.listed, methods=["GET"], response_class=HTMLResponse, response_model=None
        )
        add("/lists", self.change, methods=["POST"], response_model=None)
        add("/lists/{name}/remove", self.remove, methods=["POST"], response_model=None)

    def listed(self, request: Request) -> HTMLResponse:
        """List the lists, and offer to make one."""
        return self._listed(request)

    def _listed(self, request: Request, typed: _Typed = _Typed(), error: str = "") -> HTMLResponse:
        there = lists.everything(self._database)
        names, users = {each.id for each in there}, desk.users(self._database)
        return self._pages.page(
            request,
            "lists.html",
            status=400 if error else 200,
            lists=[(each, _form(each, typed), users.get(each.id, [])) for each in there],
            new=typed if _key(typed.name) not in names else _Typed(),
            error=error,
        )

    def change(
        self,
        request: Request,
        token: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        entries: Annotated[str, Form()] = "",
        version: Annotated[int, Form()] = 0,
    ) -> Response:
        """Make a list, or have one be what was typed; what cannot be is said, and nothing typed is lost."""
        checked(request, token)
        typed = _Typed(name, entries, version)
        try:
            key = desk.list_name(name.strip())
            wanted = desk.entries_in(entries.splitlines())
            self._see_that_it_is_as_shown(key, version)
            desk.change(
                self._database,
                key,
                lambda _: wanted,
                by=visitor(request).name,
                now=datetime.now(UTC),
            )
        except desk.ListError as error:
            return self._listed(request, typed, f"Nothing was changed: {error}")
        return RedirectResponse(f"/lists#{key}", status_code=303)

    def _see_that_it_is_as_shown(self, key: str, version: int) -> None:
        """Refuse to write over what somebody else has changed since the form was shown."""
        there = lists.find(self._database, key)
        if there is None or there.removed:
            return
        if not version:
            raise desk.ListError(f"there is a list @{key} already; it stands below")
        if there.version != version:
            raise desk.ListError(
                f"@{key} was changed by {there.by} since you opened it: it stands below as it is now. "
                "What you typed is kept in the form; look at both, then save again"
            )

    def remove(self, request: Request, name: str, token: Annotated[str, Form()] = "") -> Response:
        """Remove a list that nobody uses."""
        checked(request, token)
        try:
            desk.remove(
                self._database,
                desk.list_name(name),
                by=visitor(request).name,
                now=datetime.now(UTC),
            )
        except desk.ListError as error:
            return self._listed(request, error=f"Nothing was changed: {error}")
        return RedirectResponse("/lists", status_code=303)


def _form(kept: TermList, typed: _Typed) -> _Typed:
    """Return what stands in the form of a list that is kept."""
    entries = typed.entries if _key(typed.name) == kept.id else "\n".join(kept.entries)
    return _Typed(kept.id, entries, kept.version)


def _key(name: str) -> str:
    try:
        return desk.list_name(name.strip())
    except desk.ListError:
        return ""
