"""The pages of admins: people, everybody's tokens, and the record of who did what."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.archive import audit, sessions, tokens, users
from newsbot.archive.audit import Entry
from newsbot.archive.connection import Database
from newsbot.people import changing
from newsbot.people import tokens as making
from newsbot.people.changing import PeopleError
from newsbot.people.passwords import SHORTEST
from newsbot.people.roles import ROLES
from newsbot.web.access import visitor
from newsbot.web.auth import sentence
from newsbot.web.guard import checked
from newsbot.web.pages import Pages

ENTRIES = 100

Text = Annotated[str, Form()]


class PeoplePages:
    """The people of one archive, for those who see to them."""

    def __init__(self, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (
            ("/admin/people", self.people),
            ("/admin/tokens", self.tokens),
            ("/admin/audit", self.audit),
        ):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        for path, step in (
            ("/admin/people", self.add),
            ("/admin/people/{person}/{step}", self.change),
            ("/admin/tokens/{token_id}/remove", self.remove_token),
        ):
            add(path, step, methods=["POST"], response_model=None)

    def people(self, request: Request) -> HTMLResponse:
        """List the people, and offer to add one."""
        return self._people(request)

    def _people(
        self,
        request: Request,
        *,
        error: str = "",
        said: str = "",
        name: str = "",
        role: str = "viewer",
        at: str = "",
    ) -> HTMLResponse:
        found = users.everything(self._database)
        now = datetime.now(UTC)
        return self._pages.page(
            request,
            "people.html",
            status=400 if error else 200,
            people=[(each, len(sessions.of(self._database, each.id, now=now))) for each in found],
            roles=ROLES,
            shortest=SHORTEST,
            error=error,
            said=said,
            name=name,
            role=role if found else users.ADMIN,
            at=at,
        )

    def add(
        self,
        request: Request,
        token: Text = "",
        name: Text = "",
        role: Text = "viewer",
        password: Text = "",
    ) -> Response:
        """Add a person."""
        checked(request, token)
        try:
            user = changing.add(
                self._database, name, role=role, password=password, by=visitor(request).name
            )
        except PeopleError as error:
            return self._people(request, error=sentence(error), name=name, role=role)
        return RedirectResponse(f"/admin/people#{user.serial}", status_code=303)

    def change(
        self,
        request: Request,
        person: str,
        step: str,
        token: Text = "",
        role: Text = "",
        password: Text = "",
    ) -> Response:
        """Give somebody another role or password, end sessions, take codes away, or remove somebody."""
        checked(request, token)
        by = visitor(request).name
        user = users.find(self._database, person)
        if user is None:
            raise HTTPException(404)
        try:
            match step:
                case "role":
                    changing.set_role(self._database, user.id, role, by=by)
                case "password":
                    changing.set_password(self._database, user.id, password, by=by)
                case "end-sessions":
                    changing.end_sessions(self._database, user.id, by=by)
                case "codes-off":
                    changing.without_codes(self._database, user.id, by=by)
                case "remove":
                    changing.remove(self._database, user.id, by=by)
                case _:
                    raise HTTPException(404)
        except PeopleError as error:
            return self._people(request, error=sentence(error), at=user.id)
        return RedirectResponse(f"/admin/people#{user.serial}", status_code=303)

    def tokens(self, request: Request) -> HTMLResponse:
        """List everybody's tokens."""
        return self._pages.page(
            request,
            "tokens.html",
            tokens=tokens.everything(self._database),
            names={each.id: each.name for each in users.everything(self._database)},
            now=datetime.now(UTC),
        )

    def remove_token(self, request: Request, token_id: str, token: Text = "") -> Response:
        """Remove a token, whosever it is."""
        checked(request, token)
        try:
            found = making.find(self._database, token_id)
        except PeopleError:
            raise HTTPException(404) from None
        making.remove(self._database, found, by=visitor(request).name)
        return RedirectResponse("/admin/tokens", status_code=303)

    def audit(
        self, request: Request, by: str = "", action: str = "", before: str = ""
    ) -> HTMLResponse:
        """List who did what, newest first."""
        moment, last = cursor(before)
        found = audit.before(
            self._database,
            moment,
            last=last,
            by=by.strip(),
            action=action.strip(),
            at_most=ENTRIES + 1,
        )
        shown, further = found[:ENTRIES], ""
        if len(found) > ENTRIES:
            asked = {"by": by, "action": action, "before": cursor_of(shown[-1])}
            further = "?" + urlencode({name: value for name, value in asked.items() if value})
        return self._pages.page(
            request,
            "audit.html",
            entries=shown,
            further=further,
            by=by,
            action=action,
            before=before,
        )


def cursor_of(entry: Entry) -> str:
    """Return what stands for the place behind an entry of the record: its moment in UTC, and its id."""
    return f"{entry.at.astimezone(UTC).replace(tzinfo=None).isoformat()}_{entry.id}"


def cursor(text: str) -> tuple[datetime, str]:
    """Return the moment and the id that a place in the record stands for; the end where it is none."""
    moment, _, last = text.partition("_")
    now = datetime.now(UTC)
    try:
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    except ValueError:
        return now, ""
    return (at, last) if at < now else (now, "")
