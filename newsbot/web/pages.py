"""The pages. Each is a plain function of the archive, run in a thread."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from newsbot.archive import reader_marks
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.export.cells import as_csv
from newsbot.fetching.causes import in_part
from newsbot.search.desk import Desk
from newsbot.search.results import Reader
from newsbot.web import now, show
from newsbot.web.access import visitor
from newsbot.web.first_steps import Beginning
from newsbot.web.guard import form_token, with_token
from newsbot.web.languages import Language, languages
from newsbot.web.navigation import open_to, place, way
from newsbot.web.sides import sides
from newsbot.web.speech import direction_of_letters, speaking, speech_of, spoken
from newsbot.web.themes import keys_of, theme_of

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
        letters=direction_of_letters,
        web_address=show.web_address,
    )
    templates.globals.update(
        marked=show.marked,
        difference=show.difference,
        moment=_said("moment"),
        open_to=open_to,
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
        self._beginning = Beginning(database)
        self._templates = {code: _templates(each) for code, each in languages().items()}
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (("/", self.now),):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Return a rendered page."""
        token = form_token(request)
        path = request.url.path
        speech = speech_of(request)
        language = speech.language
        # Where a form of the page's head leads back to.
        read = request.method in ("GET", "HEAD")
        with speaking(speech):
            html = (
                self._templates[language.code]
                .get_template(template)
                .render(
                    path=path,
                    here=f"{path}?{request.url.query}".rstrip("?") if read else "/",
                    token=token,
                    language=language,
                    languages=languages(),
                    theme=theme_of(request),
                    keys=keys_of(request),
                    visitor=visitor(request),
                    way=way(path, visitor(request)),
                    place=place(path),
                    **values,
                )
            )
        response = HTMLResponse(html, status_code=status)
        with_token(request, response)
        return response

    # Reading

    def now(self, request: Request) -> HTMLResponse:
        """Show what arrives, and how it stands with the reader and the desk."""
        moment, name = datetime.now(UTC), visitor(request).name
        person = reader_marks.visit(self._database, name, now=moment)
        deed = reader_marks.last_deed(self._database, name)
        arrived = Desk(self._database, self._reader, person).arrived(person.before)
        return self.page(
            request,
            "now.html",
            now=now.look(self._reader, self._database, person, self._beginning),
            person=person,
            arrived=arrived,
            deed=deed if deed and deed.is_recent(moment) else None,
        )
