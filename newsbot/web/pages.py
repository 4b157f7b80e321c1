"""The pages. Each is a plain function of the archive, run in a thread."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from newsbot.alerts.entry_point_words import state_of
from newsbot.alerts.vitals import ills_of, in_short, lines, vitals
from newsbot.archive import (
    coverage,
    entry_points,
    feeds,
    redesigns,
    runs,
    sources,
    standings,
)
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.export.cells import as_csv
from newsbot.fetching.causes import in_part
from newsbot.search.results import Reader
from newsbot.web import now, show
from newsbot.web.access import visitor
from newsbot.web.feeds import addresses
from newsbot.web.guard import form_token, with_token
from newsbot.web.languages import Language, languages
from newsbot.web.sides import sides
from newsbot.web.speech import speaking, speech_of, spoken

PAGE = 20


def as_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """Return a table as a CSV file to keep."""
    disposition = {"content-disposition": f'attachment; filename="{name}.csv"'}
    told = as_csv((columns, *rows))
    return Response(told, media_type="text/csv; charset=utf-8", headers=disposition)


def _templates(language: Language) -> Environment:
    """Return the templates in one language: ``_`` and ``{% trans %}`` speak it."""
    templates = Environment(
        loader=PackageLoader("newsbot.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    templates.install_gettext_translations(language.words, newstyle=True)  # type: ignore[attr-defined]
    templates.policies["ext.i18n.trimmed"] = True
    templates.filters.update({name: _said(name) for name in _SPOKEN})
    templates.filters.update(
        in_part=in_part,
        direction=show.direction,
        web_address=show.web_address,
    )
    templates.globals.update(
        marked=show.marked,
        difference=show.difference,
        moment=_said("moment"),
        sides=sides,
        time_ago=_said("time_ago"),
    )
    return templates


# Filters that speak the reader's language: methods of :class:`newsbot.web.speech.Speech`.
_SPOKEN = (
    *("ago", "span", "exactly", "published"),
    *("number", "share", "told", "told_text", "listed"),
)


def _said(name: str) -> Callable[..., str]:
    def said(*values: Any) -> str:
        told: str = getattr(spoken(), name)(*values)
        return told

    return said


class Pages:
    """The pages of one archive."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self._reader = Reader(config, database)
        self._templates = {code: _templates(each) for code, each in languages().items()}
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (
            ("/", self.now),
            ("/sources", self.sources),
            ("/sources/{source}", self.source),
        ):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Return a rendered page."""
        token = form_token(request)
        path = request.url.path
        speech = speech_of(request)
        language = speech.language
        with speaking(speech):
            html = (
                self._templates[language.code]
                .get_template(template)
                .render(
                    path=path, token=token, language=language, visitor=visitor(request), **values
                )
            )
        response = HTMLResponse(html, status_code=status)
        with_token(response, token)
        return response

    # Reading

    def now(self, request: Request) -> HTMLResponse:
        """Show what arrives."""
        return self.page(request, "now.html", now=now.look(self._reader, self._database))

    def sources(self, request: Request) -> HTMLResponse:
        """List the sources."""
        listed = sources.everything(self._database)
        since = datetime.now(UTC) - timedelta(days=7)
        last: dict[str, runs.Run] = {}
        new: dict[str, int] = {}
        for run in runs.latest(self._database, since=since, at_most=2_000):
            last.setdefault(run.source, run)
            new[run.source] = new.get(run.source, 0) + run.counters.get("new", 0)
        moment = datetime.now(UTC)
        stand = standings.everything(self._database, moment)
        ills = {each.id: ills_of(stand.get(each.id), each, self._config, moment) for each in listed}
        health = {name: in_short(found) for name, found in ills.items() if found}
        # Those with which something is wrong come first.
        listed.sort(key=lambda each: each.id not in health)
        return self.page(
            request, "sources.html", sources=listed, last=last, new=new, health=health, known=stand
        )

    def source(self, request: Request, source: str) -> HTMLResponse:
        """Show one source and its runs."""
        found = sources.find(self._database, source)
        if found is None:
            raise HTTPException(404)
        since = datetime.now(UTC) - timedelta(days=30)
        latest = runs.latest(self._database, since=since, source=found.id, at_most=30)
        feed = addresses(request, feeds.address(self._database, "source", found.id))
        moment = datetime.now(UTC)
        week_ago = (moment - timedelta(days=7)).date()
        stands = standings.of(self._database, found.id)
        fares = vitals(
            stands,
            found,
            coverage.of(self._database, found.id, week_ago, moment.date()),
            config=self._config,
            now=moment,
        )
        return self.page(
            request,
            "source.html",
            source=found,
            runs=latest,
            feed=feed,
            fares=fares,
            stands=stands,
            vitals=lines(fares, moment),
            ways=entry_points.load(self._database, found),
            changed=redesigns.of(self._database, found.id),
            state_of=lambda record: state_of(record, moment),
        )
