"""The page of a source's overrides: written, tried on one of its pages, and saved."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.archive import articles, audit, sources, standings
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.extraction import OverrideError, check_overrides
from newsbot.items import Overrides
from newsbot.web.access import visitor
from newsbot.web.apart import Apart
from newsbot.web.guard import checked
from newsbot.web.overriding import PATIENCE, Tried, TryError, try_on
from newsbot.web.pages import Pages
from newsbot.web.sources import Sent

FIELDS = ("title", "authors", "date", "body")
LONGEST = 2_000


class OverridePages:
    """The overrides of the sources of one archive."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._pages = pages
        self._apart = Apart(PATIENCE)
        self.router = APIRouter()
        where = "/sources/{source}/overrides"
        add = self.router.add_api_route
        add(where, self.form, methods=["GET"], response_class=HTMLResponse, response_model=None)
        add(where, self.take, methods=["POST"], response_model=None)

    def close(self) -> None:
        """End what works on publishers' pages."""
        self._apart.close()

    def form(self, request: Request, source: str) -> HTMLResponse:
        """Offer a source's overrides."""
        found = self._existing(source)
        typed = {name: getattr(found.overrides, name) for name in FIELDS}
        typed |= {"drop": "\n".join(found.overrides.drop), "url": "", "anew": ""}
        return self._form(request, found, typed | {"url": request.query_params.get("url", "")})

    def _form(
        self,
        request: Request,
        source: Source,
        typed: Mapping[str, str],
        *,
        tried: Tried | None = None,
        error: str = "",
    ) -> HTMLResponse:
        stands = standings.of(self._database, source.id)
        known = articles.many(self._database, stands.known if stands else ())
        return self._pages.page(
            request,
            "source_overrides.html",
            status=422 if error else 200,
            source=source,
            typed=typed,
            tried=tried,
            error=error,
            known=[each.article for each in known.values()],
        )

    def take(self, request: Request, source: str, form: Sent) -> Response:
        """Try overrides, or save them."""
        checked(request, str(form.get("token", "")))
        found = self._existing(source)
        typed = {
            name: str(form.get(name, "")).strip()[:LONGEST]
            for name in (*FIELDS, "drop", "url", "anew")
        }
        said: Any = {name: typed[name] for name in FIELDS}
        drop = tuple(line.strip() for line in typed["drop"].splitlines() if line.strip())
        overrides = Overrides(**said, drop=drop)
        try:
            check_overrides(overrides)
            if form.get("do") == "save":
                return self._save(request, found, overrides)
            if not typed["url"]:
                raise TryError("give the address of one of its articles, or choose one")
            tried = try_on(
                typed["url"],
                overrides,
                found,
                config=self._config,
                database=self._database,
                apart=self._apart,
                anew=bool(typed["anew"]),
            )
        except (OverrideError, TryError) as error:
            return self._form(request, found, typed, error=str(error))
        return self._form(request, found, typed, tried=tried)

    def _save(self, request: Request, source: Source, overrides: Overrides) -> Response:
        sources.change(self._database, source.id, overrides=overrides)
        audit.note(self._database, "source override", ids=(source.id,), by=visitor(request).name)
        return RedirectResponse(f"/sources/{source.id}", status_code=303)

    def _existing(self, source: str) -> Source:
        found = sources.find(self._database, source)
        if found is None:
            raise HTTPException(404)
        return found
