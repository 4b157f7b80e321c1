"""The pages of one article: to be read, beside what it was or beside its copies, and as its page came."""

from collections.abc import Sequence
from typing import Any

import attrs
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from newsbot.alerts.marking import direction
from newsbot.archive import articles, matches, rules, sources
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.edits.differences import Piece, difference
from newsbot.fetching.raw_files import RawNotKeptError
from newsbot.fetching.raw_page import markup, payload
from newsbot.items import Overrides
from newsbot.similarity import Likeness, Text, compare
from newsbot.web import history
from newsbot.web.apart import Apart, ApartError
from newsbot.web.inert import HEADERS, inert
from newsbot.web.origins import Origins, origins
from newsbot.web.pages import Pages

# Seconds that a page as it came may take to be read, or made inert.
_PATIENCE = 10.0


@attrs.frozen(kw_only=True)
class Copy:
    """Another article of a story; ``distance`` (0.0 to 1.0) is how much of the two texts is not in both.

    None where neither was told from the other: each was held against the story's first.
    """

    kept: Kept
    distance: float | None


@attrs.frozen(kw_only=True)
class Beside:
    """An article beside another: what they are to each other, and what differs."""

    other: Kept
    likeness: Likeness
    changes: dict[str, tuple[Piece, ...]]


class ArticlePages:
    """The pages of the articles of one archive."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._data_dir = config.data_dir
        self._database = database
        self._pages = pages
        self._apart = Apart(_PATIENCE)
        self.router = APIRouter()
        where = "/article/{article}"
        for path, page in (
            (where, self.article),
            (where + "/origins", self.origins),
            (where + "/page", self.page_as_it_came),
            (where + "/markup", self.markup),
        ):
            self.router.add_api_route(path, page, methods=["GET"], response_model=None)

    def close(self) -> None:
        """End what works on publishers' pages."""
        self._apart.close()

    # To be read

    def article(self, request: Request, article: str) -> HTMLResponse:
        """Show one article, its history and its copies."""
        kept = self._kept(article)
        asked = request.query_params
        copies = _copies(kept, articles.of_story(self._database, kept.record.story))
        ids = {
            source
            for each in (kept, *(copy.kept for copy in copies))
            for source in each.record.sources
        }
        found = matches.of_articles(self._database, [article])
        known = rules.many(self._database, {match.alert for match in found})
        return self._pages.page(
            request,
            "article.html",
            kept=kept,
            as_published=asked.get("as") == "published",
            history=history.look(self._database, kept, asked.get("from", ""), asked.get("to", "")),
            copies=copies,
            beside=_beside(kept, copies, asked.get("beside", "")),
            whole=asked.get("rows") == "all",
            names=sources.names(self._database, ids),
            met=[(match, known.get(match.alert)) for match in found],
        )

    # As its page came

    def origins(self, request: Request, article: str) -> HTMLResponse:
        """Show where each field of an article stood on its page."""
        kept = self._kept(article)
        values: dict[str, Any] = {"found": None, "problem": ""}
        try:
            values["found"] = self._origins(kept)
        except (RawNotKeptError, ApartError) as error:
            values["problem"] = str(error)
        return self._pages.page(request, "article_origins.html", kept=kept, **values)

    def _origins(self, kept: Kept) -> Origins:
        article = kept.article
        if article.raw is None:
            raise RawNotKeptError("its page was not kept as it came")
        html, charset = payload(self._data_dir, article.raw)
        source = sources.find(self._database, article.source)
        return self._apart.run(
            origins,
            html,
            article.fetched_url,
            reference=article.fetched_at,
            charset=charset,
            overrides=source.overrides if source else Overrides(),
        )

    def page_as_it_came(self, article: str) -> Response:
        """Answer with an article's page as it came, made inert: for a frame."""
        kept = self._kept(article)
        language = kept.article.language
        try:
            text = self._markup(kept)
            told = self._apart.run(
                inert,
                text,
                kept.article.fetched_url,
                language=language,
                direction=direction(language),
            )
        except (RawNotKeptError, ApartError) as error:
            return PlainTextResponse(f"{error}\n", status_code=410, headers=HEADERS)
        return HTMLResponse(told.encode("utf8", "replace"), headers=HEADERS)

    def markup(self, article: str) -> Response:
        """Answer with the markup of an article's page as it came, as plain text."""
        try:
            text = self._markup(self._kept(article))
        except RawNotKeptError as error:
            return PlainTextResponse(f"{error}\n", status_code=410, headers=HEADERS)
        return PlainTextResponse(text.encode("utf8", "replace"), headers=HEADERS)

    def _markup(self, kept: Kept) -> str:
        if kept.article.raw is None:
            raise RawNotKeptError("its page was not kept as it came")
        return markup(self._data_dir, kept.article.raw)

    def _kept(self, article: str) -> Kept:
        kept = articles.get(self._database, article)
        if kept is None:
            raise HTTPException(404)
        return kept


def _copies(kept: Kept, story: Sequence[Kept]) -> list[Copy]:
    mine = kept.article.id
    return [
        Copy(
            kept=each,
            distance=each.record.distance
            if each.record.copy_of == mine
            else kept.record.distance
            if kept.record.copy_of == each.article.id
            else None,
        )
        for each in story
        if each.article.id != mine
    ]


def _beside(kept: Kept, copies: Sequence[Copy], other: str) -> Beside | None:
    """Return an article beside that of its copies which was asked for; None where none was."""
    found = next((each.kept for each in copies if each.kept.article.id == other), None)
    if found is None:
        return None
    one, two = kept.article, found.article
    told = {
        "headline": difference(one.title, two.title),
        "text": difference(one.body, two.body),
    }
    return Beside(
        other=found,
        likeness=compare(Text(one.title, one.body), Text(two.title, two.body)),
        changes={
            label: pieces
            for label, pieces in told.items()
            if any(each.change != "same" for each in pieces)
        },
    )
