"""An archive whose every field says something hostile, and what looks whether a page of it does any harm."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from newsbot.alerts.matches import announce
from newsbot.archive import (
    articles,
    channels,
    lists,
    matches,
    outbox,
    redesigns,
    rules,
    runs,
    searches,
    sources,
)
from newsbot.archive.connection import Database
from newsbot.archive.lists import TermList
from newsbot.archive.outbox import Message
from newsbot.archive.rules import Rule
from newsbot.archive.searches import SavedSearch
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from newsbot.fetching.captures import Capture, Provenance
from newsbot.fetching.raw_files import RawFiles
from newsbot.items import Article, Image, Raw
from newsbot.reading import Candidate
from newsbot.redesign import Shown, Witness
from newsbot.search.follow import catch_up
from newsbot.text.dates import ParsedDate
from newsbot.web.app import create_app
from newsbot.web.live import Live

# What the texts are put into; for a report of how much was rendered.
FIELDS = (
    *("article title, body, both as published, author, publisher, section, tag, description, address".split(", ")),
    *("read at, also at, picture, caption, date's source, page as it came, earlier version".split(", ")),
    *("source name, title, homepage, entry point, its kind, group, former name, further address".split(", ")),
    *("alert name, query, who made it, list name, list entry, saved name, saved query".split(", ")),
    *("run's reason, run's log, channel name, channel target, message's failure".split(", ")),
    *("changed page's title, text, author, what it lost".split(", ")),
)  # fmt: skip
# Parameters of addresses that are read from the request by hand.
_BY_HAND = {"/article/{article}": ("as", "from", "to", "beside", "rows")}


@attrs.frozen
class World:
    """Ids of what is in the archive, by what routes call them."""

    ids: Mapping[str, Sequence[str]]


def fill(config: Config, database: Database, texts: Sequence[str], every: Sequence[str]) -> World:
    """Put each of ``texts`` into every field of things of its own, and ``every`` one into what is a list."""
    now = datetime.now(UTC)
    ids: dict[str, list[str]] = {
        name: [] for name in ("article", "source", "run", "alert", "name", "search", "channel")
    }
    found: list[Article] = []
    for number, text in enumerate(texts):
        many = tuple(every) if number == 0 else (text,)
        source = _source(f"s{number}", number, text, many, now)
        sources.add(database, source)
        ids["source"].append(source.id)
        channel = channels.add(
            database, kind="webhook", target=f"{text} {number}", shown=text, name=text
        )
        ids["channel"].append(channel.id)
        ids["run"].append(_run(database, source.id, text, many, now))
        for which, query in (("a", f"harbour OR number{number}"), ("b", text)):
            rule = Rule(
                id=f"{which}{number}",
                name=f"{text} {which}{number}",
                query=query,
                channels=(channel.id,),
                by=text,
                created_at=now,
            )
            rules.add(database, rule)
            ids["alert"].append(rule.id)
        entries = TermList(
            id=f"{text} {number}".casefold(), entries=many, version=1, by=text, at=now
        )
        lists.replace(database, entries)
        ids["name"].append(entries.id)
        saved = SavedSearch(
            id=f"q{number}", name=f"{text} {number}", query=text, by=text, created_at=now
        )
        searches.add(database, saved)
        ids["search"].append(saved.id)
        raw = _raw(config, "\n".join(many), now)
        found.append(_article(number, source.id, text, many, raw, now))
        shown = Shown(title=text, begins=text, authors=many[:50], at=now, raw=raw)
        told = Witness(
            article=found[-1].id,
            url=text,
            landed=text,
            had=("text",),
            lost={"text": text},
            before=shown,
            after=shown,
        )
        redesigns.keep(database, source.id, f"run{number}", [told], now=now)
    ids["article"] = _stored(database, found, now)
    _undeliverable(database, texts, now)
    catch_up(config, database)
    return World(ids)


def _source(name: str, number: int, text: str, many: tuple[str, ...], now: datetime) -> Source:
    return Source(
        id=name,
        name=f"{text} {number}",
        homepage=text,
        title=text,
        entry_points=tuple(Way(url=each, kind=each) for each in many),
        groups=many,
        former_names=many,
        addresses=many,
        allowed_hosts=many,
        added_at=now,
    )


def _run(database: Database, source: str, text: str, many: tuple[str, ...], now: datetime) -> str:
    run = runs.request(database, source, trigger="poll", occasion=text, now=now)
    assert run is not None
    held = runs.take(database, run, owner=text, seconds=9, now=now)
    assert held is not None
    runs.finish(database, held, state="failed", reason=text, now=now, counters={}, log=many)
    return run.id


def _raw(config: Config, page: str, now: datetime) -> Raw:
    files = RawFiles(
        config.data_dir, user_agent="n", file_bytes=10**9, keep_bytes=0, keep_days=0, spare=0
    )
    kept = files.write(
        Capture(
            url=f"https://harbour.example/{len(page)}",
            headers=((b"Content-Type", b"text/html; charset=utf-8"),),
            body=page.encode(),
            at=now,
            provenance=Provenance(source="s"),
        )
    )
    files.close()
    return kept


def _article(
    number: int, source: str, text: str, many: tuple[str, ...], raw: Raw, now: datetime
) -> Article:
    return Article(
        id=f"{number:024x}",
        url=text or f"https://harbour.example/{number}",
        fetched_url=text,
        source=source,
        run=text,
        fetched_at=now,
        title=text,
        body="\n".join((f"number{number} harbour", *many)),
        title_as_published=f"{text} as published",
        body_as_published="\n".join((f"number{number} as published", *many)),
        authors=many,
        published=ParsedDate(now.date(), source=text),
        modified=ParsedDate(now.date(), source=text),
        publisher=text,
        section=text,
        tags=many,
        description=text,
        images=tuple(Image(url=each, caption=each) for each in many),
        raw=raw,
    )


def _stored(database: Database, found: Sequence[Article], now: datetime) -> list[str]:
    """Keep articles, each with an edit; returns their ids."""
    ids = []
    for each in found:
        edited = attrs.evolve(
            each,
            title=f"{each.title} edited",
            body=f"{each.body}\nand an end",
            fetched_at=now + timedelta(seconds=1),
        )
        for version in (each, edited):
            judged = articles.judge(database, [Candidate.of(version)])
            kept = articles.keep(database, judged, now=now)
            announce(database, kept, now=now)
        ids.append(each.id)
    return ids


def _undeliverable(database: Database, texts: Sequence[str], now: datetime) -> None:
    """Set messages aside that could not be delivered, for reasons in the words of others."""
    some = matches.latest(database, since=now - timedelta(days=1), at_most=len(texts))
    outbox.put(
        database,
        [
            Message(
                id=f"m{number}",
                alert=match.alert,
                article=match.article,
                story=match.story,
                occasion=text,
                channel=text,
                passage=match.passage,
                state="dead",
                created_at=now,
                next_attempt=now,
                failure=text,
            )
            for number, (match, text) in enumerate(zip(some, texts, strict=False))
        ],
    )


# What can be asked for


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Yield the routes that answer GET."""

    def each(found: list[BaseRoute]) -> Iterator[APIRoute]:
        for route in found:
            if isinstance(route, APIRoute) and "GET" in route.methods:
                yield route
            included = getattr(route, "original_router", None)
            if included is not None:
                yield from each(included.routes)

    yield from each(app.routes)


def parameters(route: APIRoute) -> tuple[str, ...]:
    """Return the names that a route's query may have."""

    def of(dependant: Any) -> Iterator[str]:
        yield from (each.alias for each in dependant.query_params)
        for inner in dependant.dependencies:
            yield from of(inner)

    return tuple(dict.fromkeys((*of(route.dependant), *_BY_HAND.get(route.path, ()))))


@contextmanager
def served(config: Config, database: Database, port: int) -> Iterator[FastAPI]:
    """Serve the pages of an archive at a port of this machine, in a thread."""
    app = create_app(config, database, Live(config, database))
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=port, log_config=None, log_level="critical", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.should_exit = True
        thread.join(10)


# What is looked for in a page, beside what it does by itself.
AUDIT = """() => {
  const bad = [], here = location.origin;
  const leads = new Set(["href", "src", "action", "formaction", "xlink:href", "srcset", "data", "poster",
                         "background", "ping", "srcdoc", "cite", "manifest"]);
  for (const e of document.querySelectorAll("*")) {
    const tag = e.localName;
    if (["object", "embed", "applet", "base", "style", "frame", "math", "template", "foreignobject"].includes(tag)
        || (tag === "script" && !e.src.startsWith(here + "/static/"))
        || (tag === "meta" && e.httpEquiv)) bad.push(e.outerHTML.slice(0, 200));
    for (const a of e.attributes) {
      if (a.name.startsWith("on") || a.name === "style") bad.push(tag + " " + a.name + "=" + a.value.slice(0, 100));
      if (!leads.has(a.name) || (a.name === "data" && tag !== "object")) continue;
      let to;
      try { to = new URL(a.value, document.baseURI); } catch { bad.push(tag + " " + a.name + "=" + a.value.slice(0, 100)); continue; }
      const web = to.protocol === "http:" || to.protocol === "https:";
      if (!web) bad.push(tag + " " + a.name + "=" + a.value.slice(0, 100));
      else if (to.origin !== here && !(tag === "a" && a.name === "href" && e.relList.contains("noopener") && e.relList.contains("noreferrer")))
        bad.push(tag + " leaves: " + a.value.slice(0, 100) + " rel=" + e.rel);
    }
  }
  return bad;
}"""
