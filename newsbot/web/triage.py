"""The page of triage: stories by how they stand with a reader and with the desk, and what is done about them.

Without script every button is of a form. With it (``static/triage.js``) the API does the same, and the
page stays where it is.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import attrs
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from newsbot.alerts.usefulness import Share, Usefulnesses
from newsbot.archive import articles, reader_marks, rules, searches, sources, triage
from newsbot.archive.connection import Database
from newsbot.archive.triage import FOR_THE_DESK, OWN, Done
from newsbot.config import Config
from newsbot.query import QuerySyntaxError
from newsbot.search.cursors import PageError
from newsbot.search.desk import SHOWS, Desk, Listed, Wanted
from newsbot.search.facets import clause_of
from newsbot.search.results import Reader
from newsbot.web.access import visitor
from newsbot.web.guard import checked
from newsbot.web.languages import language_of
from newsbot.web.pages import Pages

PAGE = 30
# Stories that somebody else has are told of one by one.
_TOLD = 5
_MOST_NAMES = 400


async def _sent(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=500)


Sent = Annotated[FormData, Depends(_sent)]


@attrs.frozen(kw_only=True)
class Asked:
    """A list of stories as it is asked for in an address.

    ``q`` is a query, ``alert`` an alert's id, ``saved`` a saved search's, ``of`` a source or group by its name.
    """

    show: str = "new"
    q: str = ""
    alert: str = ""
    saved: str = ""
    of: str = ""

    def address(self, **changed: str) -> str:
        """Return the address of this list with some of it changed; what is the default is left out."""
        told = f"/triage?{self.values(**changed)}"
        return told.removesuffix("?")

    def values(self, **changed: str) -> str:
        """Return what stands behind the question mark of the address."""
        values = attrs.asdict(self) | changed
        plain = attrs.asdict(Asked())
        return urlencode(
            {name: value for name, value in values.items() if value and value != plain.get(name)}
        )


class _AskedError(Exception):
    """What cannot be listed; the text says why."""


class TriagePages:
    """The stories of one archive, for triage."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._database = database
        self._reader = Reader(config, database)
        self._pages = pages
        self._use = Usefulnesses(database)
        self.router = APIRouter()
        add = self.router.add_api_route
        add(
            "/triage",
            self.listed,
            methods=["GET"],
            response_class=HTMLResponse,
            response_model=None,
        )
        add(
            "/triage/value",
            self.value,
            methods=["GET"],
            response_class=HTMLResponse,
            response_model=None,
        )
        for path, step in (
            ("/triage/mark", self.mark),
            ("/triage/desk", self.decide),
            ("/triage/read-to", self.read_to),
            ("/triage/undo", self.undo),
        ):
            add(path, step, methods=["POST"], response_model=None)

    def listed(
        self,
        request: Request,
        show: str = "new",
        q: str = "",
        alert: str = "",
        saved: str = "",
        of: str = "",
        after: str = "",
        refused: str = "",
    ) -> HTMLResponse:
        """List stories by how they stand."""
        asked = Asked(
            show=show if show in SHOWS else "new",
            q=q.strip(),
            alert=alert,
            saved=saved,
            of=of.strip(),
        )
        now = datetime.now(UTC)
        person = reader_marks.visit(self._database, visitor(request).name, now=now)
        desk = Desk(self._database, self._reader, person)
        found, error = Listed(told=()), ""
        words = language_of(request).words
        try:
            found = desk.listed(self._wanted(asked, words.gettext), limit=PAGE, after=after)
        except QuerySyntaxError as wrong:
            error = wrong.explain()
        except PageError as wrong:
            error = f"{str(wrong).capitalize()}."
        except _AskedError as wrong:
            error = str(wrong)
        deed = reader_marks.last_deed(self._database, person.name)
        return self._pages.page(
            request,
            "triage.html",
            status=400 if error else 200,
            asked=asked,
            after=after,
            found=found,
            error=error,
            person=person,
            arrived=desk.arrived(person.before),
            deed=deed if deed and deed.is_recent(now) else None,
            refused=self._refused(desk, refused),
            alerts=rules.everything(self._database),
            searches=searches.everything(self._database),
            known=self._names(),
            top=_first(found),
        )

    def value(self, request: Request) -> HTMLResponse:
        """Show how much of what each alert told was of use, those of least use first."""
        shares = self._use.shares(now=datetime.now(UTC))
        none = Share(useful=0, useless=0)
        told = [(each, shares.get(each.id, none)) for each in rules.everything(self._database)]
        told.sort(key=lambda each: (2.0 if (of := each[1].share) is None else of, each[0].name))
        return self._pages.page(request, "triage_value.html", told=told)

    def _wanted(self, asked: Asked, gettext: Any) -> Wanted:
        """Return what is asked for, as one query.

        Raises:
            _AskedError: for a saved search, an alert, a source or a group that there is not.
        """
        parts = [f"({asked.q})"] if asked.q else []
        if asked.saved:
            search = searches.of_id(self._database, asked.saved)
            if search is None:
                raise _AskedError(gettext("There is no such saved search any more."))
            parts.append(f"({search.query})")
        if asked.alert and rules.find(self._database, asked.alert) is None:
            raise _AskedError(gettext("There is no such alert any more."))
        if asked.of:
            parts.append(self._clause(asked.of, gettext))
        query = asked.q if parts == [f"({asked.q})"] else " ".join(parts)
        show = next(each for each in SHOWS if each == asked.show)
        return Wanted(show=show, query=query, alert=asked.alert)

    def _clause(self, name: str, gettext: Any) -> str:
        listed = sources.everything(self._database)
        folded = name.casefold()
        if any(group.casefold() == folded for each in listed for group in each.groups):
            found = clause_of("group", name)
        elif any(folded in (each.name.casefold(), each.id) for each in listed):
            found = clause_of(
                "source", next(e.name for e in listed if folded in (e.name.casefold(), e.id))
            )
        else:
            found = ""
        if not found:
            told = gettext("There is no source or group %(name)s; choose one that is suggested.")
            raise _AskedError(told % {"name": name})
        return found

    def _names(self) -> list[str]:
        listed = sources.everything(self._database)
        groups = sorted({group for each in listed for group in each.groups})
        return [*groups, *sorted(each.name for each in listed)][:_MOST_NAMES]

    def _refused(self, desk: Desk, told: str) -> list[Any]:
        """Return the stories that somebody else had, as they stand now."""
        ids = [each for each in told.split(",") if each][:_TOLD]
        if not ids:
            return []
        return list(desk.told(self._reader.told(of=ids, limit=_TOLD).hits))

    # What is done

    def mark(self, request: Request, form: Sent) -> Response:
        """Mark stories as read, unread, starred or not."""
        checked(request, str(form.get("token", "")))
        what, wanted = _what(form)
        own = next((each for each in OWN if each == what), None)
        if own is None:
            raise HTTPException(404)
        now = datetime.now(UTC)
        return _back(form, triage.own(self._database, visitor(request).name, own, wanted, now=now))

    def decide(self, request: Request, form: Sent) -> Response:
        """Take stories, give them back, say that they are done or not relevant."""
        checked(request, str(form.get("token", "")))
        what, wanted = _what(form)
        decision = next((each for each in FOR_THE_DESK if each == what), None)
        if decision is None:
            raise HTTPException(404)
        name, now = visitor(request).name, datetime.now(UTC)
        return _back(form, triage.for_the_desk(self._database, name, decision, wanted, now=now))

    def read_to(self, request: Request, form: Sent) -> Response:
        """Mark everything up to an article, given by its id, as read."""
        checked(request, str(form.get("token", "")))
        kept = articles.get(self._database, str(form.get("article", "")))
        if kept is not None:
            name, now = visitor(request).name, datetime.now(UTC)
            triage.read_to(self._database, name, kept.record.first_seen, now=now)
        return _back(form)

    def undo(self, request: Request, form: Sent) -> Response:
        """Take back the last thing that was done."""
        checked(request, str(form.get("token", "")))
        done = triage.undo(self._database, visitor(request).name, now=datetime.now(UTC))
        return _back(form, done)


def _first(found: Listed) -> str:
    """Return the article up to which everything is read, where somebody has read this page; "" for none."""
    return found.told[0].hit.kept.article.id if found.told else ""


def _what(form: FormData) -> tuple[str, list[str]]:
    """Return what is to be done, and of which stories: the one of its own button, or those that are ticked."""
    what, _, story = str(form.get("do", "")).partition(":")
    return what, [story] if story else [str(each) for each in form.getlist("story")]


def _back(form: Mapping[str, Any], done: Done | None = None) -> Response:
    """Lead back to the list, and say which stories somebody else has."""
    place = "/" if form.get("page") == "now" else "/triage"
    listed = str(form.get("list", ""))[:4_000]
    if done is not None and done.taken:
        place, told = "/triage", urlencode({"refused": ",".join(list(done.taken)[:_TOLD])})
        listed = f"{listed}&{told}" if listed else told
    return RedirectResponse(
        f"{place}?{listed}" if listed and place != "/" else place, status_code=303
    )
