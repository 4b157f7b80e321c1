"""From an address to the article that is kept of it: found, fetched, read; or where it ended before."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from newsbot.archive import articles, frontier, hosts, pages, removed, runs
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.frontier import Chunk
from newsbot.archive.pages import RETRY_AFTER, Seen
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.fetching.causes import CAUSES
from newsbot.text.urls import canonical_url, site_of
from newsbot.why import whose
from newsbot.why.steps import Step

# Addresses that lead on to each other are followed so far.
_HOPS = 4
# Logs of runs are looked through so far back.
_LOGS = timedelta(days=14)


class Visits:
    """Follows one address through the archive; ``steps`` are those it went, ``kept`` is its article."""

    def __init__(self, config: Config, database: Database, *, now: datetime) -> None:
        self._config = config
        self._database = database
        self._now = now
        self.steps: list[Step] = []
        self.kept: Kept | None = None

    def follow(self, url: str) -> None:
        """Follow an address, given in its canonical form, to where it ended or to its article."""
        database = self._database
        seen = pages.at(database, url)
        for _ in range(_HOPS):
            if seen is None or seen.outcome != "alias":
                break
            self._add("found", "another address", seen.why, seen)
            if seen.article or not seen.leads_to:
                break
            url = canonical_url(seen.leads_to)
            seen = pages.at(database, url)
        if seen is not None:
            self._visited(seen)
            return
        self.kept = self._unvisited(url)
        if self.kept is None:
            self._never_visited(url)

    # Never visited

    def _unvisited(self, url: str) -> Kept | None:
        """Return an article that is kept under this address although no visit is on record."""
        rest = url.partition("://")[2]
        bare = rest.removeprefix("www.")
        for scheme in ("https", "http"):
            for host in ("", "www."):
                for form in (bare, bare.rstrip("/"), f"{bare.rstrip('/')}/"):
                    kept = articles.at(self._database, f"{scheme}://{host}{form}")
                    if kept is not None:
                        return kept
        return None

    def _never_visited(self, url: str) -> None:
        database = self._database
        grave = removed.get(database, articles.article_id(url))
        if grave is not None:
            self._removed(grave.at, grave.cause, grave.id)
            return
        mine = whose.of_host(database, url)
        self.steps.append(whose.described(database, mine))
        chunk = next(
            filter(None, (frontier.holding(database, url, source=each.id) for each in mine)), None
        ) or frontier.holding(database, url)
        if chunk is not None:
            self._waits(chunk, url, mine)
            return
        way = next(
            (way for each in mine for way in each.entry_points if canonical_url(way.url) == url),
            None,
        )
        if way is not None:
            words = f"it is an entry point ({way.kind}) of its source: read for links, not as an article"
            self.steps.append(Step(name="found", outcome="entry point", words=words))
            return
        words = (
            "no crawl has found a link to it (or left it out, which is not kept of each address)"
        )
        if mine:
            words += f"; {whose.shape_words(self._config, url)}"
        words = self._with_log(words, mine, url)
        self.steps.append(Step(name="found", outcome="never seen", words=words))

    def _waits(self, chunk: Chunk, url: str, mine: Sequence[Source]) -> None:
        lane = chunk.lane or "a walk back in time"
        words = f"a link to it was found at {lane}, and waits to be fetched{self._why_waiting(chunk, url)}"
        self.steps.append(
            Step(
                name="found",
                outcome="waiting",
                words=self._with_log(words, mine, url),
                at=chunk.found_at,
                of={"source": chunk.source},
            )
        )

    def _why_waiting(self, chunk: Chunk, url: str) -> str:
        database = self._database
        if chunk.backfill:
            return " by the next `newsbot crawl --since`, which goes on with it"
        host = hosts.get(database, site_of(url))
        if host.left_alone_until and host.left_alone_until > self._now:
            until = f"{host.left_alone_until:%Y-%m-%d %H:%M:%S} UTC"
            return f"; its host is left alone until {until}: {host.why}"
        unread = next((each for each in host.robots.values() if each.unread_since), None)
        if unread is not None:
            return f"; its host's robots.txt cannot be read: {unread.unread_why}"
        run = runs.active(database, chunk.source)
        if run is not None:
            return f"; the run {run.id[:8]} of its source is {run.state}"
        return "; a next run of its source goes on with it"

    def _with_log(self, words: str, some: Sequence[Source], url: str) -> str:
        said = whose.said_of(self._database, some, url, since=self._now - _LOGS)
        if said is None:
            return words
        return f"{words}. The run {said.run.id[:8]} said of it: {said.line}"

    # Visited

    def _visited(self, seen: Seen) -> None:
        if seen.outcome == "removed":
            grave = removed.get(self._database, seen.article)
            cause = grave.cause if grave else "takedown"
            self._removed(grave.at if grave else seen.fetched_at, cause, seen.article)
            return
        if seen.outcome != "alias":
            words = (
                "a link of its source led to it; when that was found is not kept once it is visited"
            )
            self._add("found", "found", words, seen, timed=False)
        article = seen.article or (articles.article_id(seen.url) if seen.url else "")
        self.kept = articles.get(self._database, article) if article else None
        if seen.outcome == "refused":
            self._refused(seen)
        elif seen.outcome == "failed":
            self._failed(seen)
        elif seen.outcome == "not-article":
            self._add("fetched", "fetched", "its page was read", seen)
            self._add("read", "no article", f"it was judged to be no article: {seen.why}", seen)
        elif self.kept is not None:
            self._fetched_well(seen)
        else:
            self._kept_nowhere(seen, article)

    def _refused(self, seen: Seen) -> None:
        cause = _cause(seen.why)
        words = f"it was not fetched: it {seen.why}"
        if self.kept is not None:
            words += "; what is kept of it is what an entry point carried"
        self._add(
            "fetched", "refused", f"{words}. It is not tried again by itself", seen, cause=cause
        )

    def _failed(self, seen: Seen) -> None:
        cause = _cause(seen.why)
        refused = cause != ""
        words = f"it {seen.why}" if refused else f"it could not be read: {seen.why}"
        if seen.next_visit is not None:
            again = f"{seen.next_visit:%Y-%m-%d %H:%M} UTC"
            words += f"; tried {seen.failures} times, again from {again} on"
        else:
            words += f"; tried {seen.failures} times, and given up (of {len(RETRY_AFTER) + 1})"
        if self.kept is not None:
            words += "; what is kept of it is what an entry point carried"
        self._add("fetched", "refused" if refused else "failed", words, seen, cause=cause)

    def _fetched_well(self, seen: Seen) -> None:
        words = "its page was read"
        if seen.visits > 1:
            words += f", {seen.visits} times by now"
        if seen.failures:
            words += f"; the last {seen.failures} looks failed: {seen.why}"
        elif seen.next_visit is not None:
            words += f"; looked at for edits again from {seen.next_visit:%Y-%m-%d %H:%M} UTC on"
        self._add("fetched", "fetched", words, seen)

    def _kept_nowhere(self, seen: Seen, article: str) -> None:
        """Say why a page of an article is without one in the archive."""
        self._add("fetched", "fetched", "its page was read", seen)
        grave = removed.get(self._database, article)
        if grave is not None:
            self._removed(grave.at, grave.cause, grave.id)
        elif seen.same_as:
            there = articles.get(self._database, seen.same_as)
            where = f" at {there.article.url} ({there.article.title})" if there else ""
            words = f"its text is that of the article {seen.same_as}{where}, which is kept once"
            self._add("read", "same article", words, seen, article=seen.same_as)
        elif seen.why == "the archive has it as it is":
            words = "the archive has its article at another address; at which was not kept then"
            self._add("read", "same article", words, seen)
        elif seen.why.startswith("duplicate"):
            words = "its text is that of another article of its source; of which was not kept then"
            self._add("read", "same article", words, seen)
        elif seen.why:
            self._add("read", "no article", f"nothing was kept of it: {seen.why}", seen)
        else:
            words = "an article was read there that is not in the archive; why is not known"
            self._add("read", "unknown", words, seen)

    def _removed(self, at: datetime, cause: str, article: str) -> None:
        self.kept = None
        because = (
            "on request (newsbot remove)"
            if cause == "takedown"
            else "when its time was over (retention)"
        )
        words = f"it was taken out of the archive {because}, and is not stored again"
        self.steps.append(
            Step(name="stored", outcome="removed", words=words, at=at, of={"article": article})
        )

    def _add(
        self, name: str, outcome: str, words: str, seen: Seen, *, timed: bool = True, **of: str
    ) -> None:
        """Add a step of the last visit; which run made it follows from its time."""
        about = {key: value for key, value in of.items() if value}
        if seen.source:
            about["source"] = seen.source
        if timed and name in ("fetched", "read"):
            run = runs.under_way(self._database, seen.source, seen.fetched_at)
            if run is not None:
                about["run"] = run.id
        self.steps.append(
            Step(
                name=name,  # type: ignore[arg-type]
                outcome=outcome,  # type: ignore[arg-type]
                words=words,
                at=seen.fetched_at if timed else None,
                of=about,
            )
        )


def _cause(why: str) -> str:
    """Return the cause of a refusal by its words, "" for what is none."""
    return next((name for name, each in CAUSES.items() if why.startswith(each.sentence)), "")
