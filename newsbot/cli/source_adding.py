"""``newsbot source add`` and ``source test``: what a site has, before it is a source."""

from datetime import UTC, datetime
from typing import Annotated

import attrs
import typer

from newsbot.archive import sources
from newsbot.archive.sources import Source, SourceNameError
from newsbot.cli import context
from newsbot.cli.output import FAILURE, USAGE, Json, fail, print_json, say
from newsbot.cli.source_access import (
    AllowHost,
    Cookie,
    Header,
    Proxy,
    access_changed,
    print_access,
)
from newsbot.cli.source_report import print_survey, print_trial
from newsbot.fetching.credentials import Access
from newsbot.fetching.survey import Survey, SurveyError, survey
from newsbot.fetching.trial import try_site
from newsbot.fetching.trial_report import report
from newsbot.spiders.adding import NothingFoundError, Wishes, add_site
from newsbot.spiders.recognition import KnownSiteError
from newsbot.text.site_key import site_key


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("add")(add)
    app.command("test")(try_out)


def add(
    url: Annotated[str, typer.Argument(help="The site's homepage, as https://news.example/.")],
    name: Annotated[str, typer.Option(help="A short name; by default from the address.")] = "",
    group: Annotated[list[str] | None, typer.Option(help="A group it belongs to.")] = None,
    javascript: Annotated[
        bool | None, typer.Option(help="Whether its pages need a browser; by default found out.")
    ] = None,
    delay: Annotated[
        float | None, typer.Option(min=0, help="Seconds between two requests.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="Requests at a time.")
    ] = None,
    poll: Annotated[
        bool, typer.Option(help="Crawl it by its own rhythm while `newsbot up` runs.")
    ] = True,
    allow_host: AllowHost = None,
    header: Header = None,
    cookie: Cookie = None,
    proxy: Proxy = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Add it although it looks like a source that is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a site by its homepage: its feeds, sitemaps and sections are found there."""
    config = context.config()
    access = access_changed(
        Access(), allow_host=allow_host, header_=header, cookie_=cookie, proxy_=proxy
    )
    try:
        found = survey(url, config, access)
        with context.archive(config) as database:
            made = add_site(
                database,
                url,
                found,
                Wishes(
                    name=name,
                    groups=tuple(group or ()),
                    javascript=javascript,
                    delay=delay,
                    concurrency=concurrency,
                    poll=poll,
                    access=access,
                ),
                now=datetime.now(UTC),
                anyway=anyway,
            )
    except SourceNameError as error:
        fail(f"{error}; nothing was changed", code=USAGE)
    except SurveyError as error:
        fail(str(error), code=USAGE if error.bad_address else FAILURE)
    except KnownSiteError as error:
        fail(f"{error}; nothing was changed{_instead(error.source, found, anyway=anyway)}")
    except (sources.SourceExistsError, NothingFoundError) as error:
        fail(f"{error}; nothing was changed")
    if as_json:
        print_json(made)
        return
    kept = {way.url for way in made.entry_points}
    taken = tuple(each for each in found.findings if each.url in kept)
    print_survey(attrs.evolve(found, findings=taken))
    print_access(made)
    say(f"Added as {made.name}. Crawl it now with: newsbot crawl {made.name}")


def _instead(source: Source, found: Survey, *, anyway: bool) -> str:
    """Return what else may be done with a site that is a source already."""
    there = {way.url for way in source.entry_points}
    more = [way for way in found.entry_points if way.kind == "feed" and way.url not in there]
    feed = (
        f". To have {source.name} read it as well: "
        f"newsbot source set {source.name!r} --feed {more[0].url}"
        if len(found.entry_points) == 1 and more
        else ""
    )
    twice = anyway or site_key(found.homepage) == site_key(source.homepage)
    return f"{'' if twice else '; --anyway adds it as a source of its own'}{feed}"


def try_out(
    url: Annotated[str, typer.Argument(help="The site's homepage, as https://news.example/.")],
    allow_host: AllowHost = None,
    header: Header = None,
    cookie: Cookie = None,
    proxy: Proxy = None,
    as_json: Json = False,
) -> None:
    """Try a site: what leads to its articles, a few of them as they are read, and how to crawl it.

    Makes sixty requests at most, and changes nothing.
    """
    access = access_changed(
        Access(), allow_host=allow_host, header_=header, cookie_=cookie, proxy_=proxy
    )
    try:
        trial = try_site(url, context.config(), access)
    except SurveyError as error:
        fail(str(error), code=USAGE if error.bad_address else FAILURE)
    if as_json:
        print_json(report(trial))
    else:
        print_trial(trial)
