"""Overrides tried on one page: what would be read with them, beside what is stored."""

from datetime import UTC, datetime

import attrs

from newsbot.archive import articles
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.extraction import Extracted, extract
from newsbot.fetching.raw_files import RawNotKeptError
from newsbot.fetching.raw_page import payload
from newsbot.fetching.survey import checked, fetch_page
from newsbot.fetching.visitor import SurveyError
from newsbot.items import Article, Overrides
from newsbot.text.dates import ParsedDate
from newsbot.text.urls import canonical_url
from newsbot.web.apart import Apart, ApartError

# Seconds that reading one page may take, and characters of a text that are shown.
PATIENCE, BEGINS = 10.0, 600


class TryError(Exception):
    """Overrides that cannot be tried on a page; the text says why and what to do."""


@attrs.frozen(kw_only=True)
class Read:
    """What is read of a page, or stored of it. ``words`` are those of its text, which ``begins`` so."""

    title: str
    authors: tuple[str, ...]
    published: ParsedDate | None
    language: str
    words: int
    begins: str
    why: str = ""
    """Why it is read as no article; "" where it is one."""


@attrs.frozen(kw_only=True)
class Tried:
    """Overrides tried on a page: with them, without any, and as is stored (None: nothing is).

    ``missed`` are selectors that matched nothing, each with its field; ``kept`` says that the page is one that
    is kept as it came, else it was fetched now.
    """

    url: str
    kept: bool
    with_them: Read
    without: Read
    stored: Read | None
    missed: tuple[str, ...]


def try_on(
    url: str,
    overrides: Overrides,
    source: Source,
    *,
    config: Config,
    database: Database,
    apart: Apart,
    anew: bool = False,
) -> Tried:
    """Try overrides on an article's page: as it is kept where it is, unless ``anew``, else as it is now.

    Raises:
        TryError: when there is no page to be had, or it cannot be read.
    """
    try:
        address = checked(url)
        known = articles.get(database, articles.article_id(canonical_url(address)))
        stored = known.article if known else None
        page = None if anew else _kept(config, stored)
        if page is None:
            where, html, charset = fetch_page(address, config, source)
            moment = datetime.now(UTC)
        else:
            html, charset = page
            assert stored is not None
            where, moment = stored.fetched_url, stored.fetched_at

        def read(some: Overrides) -> Extracted:
            return apart.run(
                extract, html, where, reference=moment, charset=charset, overrides=some
            )

        with_them = read(overrides)
        without = read(Overrides()) if overrides.selectors() else with_them
    except SurveyError as error:
        raise TryError(str(error)) from None
    except ApartError as error:
        raise TryError(f"{url} could not be read: {error}") from None
    return Tried(
        url=where,
        kept=page is not None,
        with_them=_read(with_them),
        without=_read(without),
        stored=_stored(stored) if stored else None,
        missed=with_them.missed,
    )


def _kept(config: Config, stored: Article | None) -> tuple[bytes, str] | None:
    """Return the page of an article as it came, where it is kept still."""
    if stored is None or stored.raw is None:
        return None
    try:
        return payload(config.data_dir, stored.raw)
    except RawNotKeptError:
        return None


def _read(found: Extracted) -> Read:
    return Read(
        title=found.title,
        authors=found.authors,
        published=found.published,
        language=found.language,
        words=len(found.body.split()),
        begins=found.body[:BEGINS],
        why="" if found.is_article else found.why,
    )


def _stored(article: Article) -> Read:
    return Read(
        title=article.title,
        authors=article.authors,
        published=article.published,
        language=article.language,
        words=len(article.body.split()),
        begins=article.body[:BEGINS],
    )
