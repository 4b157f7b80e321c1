"""Replayed articles into the archive: on behalf of their source, without news in them."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import urlsplit

import attrs

from newsbot.alerts.matches import announce
from newsbot.alerts.rules import RuleBook
from newsbot.archive import replayed, replays, sources
from newsbot.archive.connection import Database
from newsbot.archive.replays import Progress
from newsbot.archive.sources import Source
from newsbot.fetching.captures import Provenance
from newsbot.reading import Candidate
from newsbot.replay.reader import Page
from newsbot.text.site_key import host_of, site_key
from newsbot.text.urls import site_of


class ArchiveDestination:
    """Writes to the archive; ``files`` are the ids and names of the files that are replayed."""

    def __init__(self, database: Database, files: Sequence[tuple[str, str]]) -> None:
        self._database = database
        self._files = files
        self._done = 0
        self._known: dict[str, Source] = {}
        self._by_host: dict[str, Source] = {}
        self._by_authority: dict[str, Source] = {}
        self._new: dict[str, Source] = {}
        records = {each.id: each for each in sources.records(database)}
        # The whole of a site before its sections; what a source is before what one was.
        for record in sorted(records.values(), key=lambda each: len(each.homepage)):
            if not record.merged_into:
                self._learn(record, record)
        for record in records.values():
            self._learn(record, sources.living(record, records))

    # On whose behalf

    def on_behalf_of(self, page: Page) -> Provenance:
        """Return the page's provenance: of its source, of its host's, or of one that is to be made."""
        own = page.provenance
        if own is not None:
            source = self._known.get(own.source) or self._as_it_was(own)
            return attrs.evolve(
                own, source=source.id, title=source.title, overrides=source.overrides
            )
        source = self._of_page(page.url)
        return Provenance(
            source=source.id,
            name=source.name,
            homepage=source.homepage,
            title=source.title,
            overrides=source.overrides,
        )

    def _of_page(self, url: str) -> Source:
        authority = urlsplit(url).netloc
        if authority not in self._by_authority:
            known = self._by_host.get(host_of(site_key(url)))
            self._by_authority[authority] = known or self._of_host(url)
        return self._by_authority[authority]

    def _as_it_was(self, own: Provenance) -> Source:
        return self._to_be_made(
            Source(
                id=own.source,
                name=own.name or own.source,
                homepage=own.homepage,
                title=own.title,
                overrides=own.overrides,
                state="paused",
                added_at=datetime.now(UTC),
            )
        )

    def _of_host(self, url: str) -> Source:
        parts = urlsplit(url)
        homepage = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
        return self._to_be_made(
            Source(
                id=sources.source_id(homepage),
                name=site_of(url),
                homepage=homepage,
                state="paused",
                added_at=datetime.now(UTC),
            )
        )

    def _to_be_made(self, source: Source) -> Source:
        """Keep a source in mind; it is made with its first article."""
        try:
            sources.checked_name(source.name)
        except sources.SourceNameError:
            source = attrs.evolve(source, name=source.id)
        self._new[source.id] = source
        self._learn(source, source)
        return source

    def _learn(self, record: Source, source: Source) -> None:
        """Know a source by its record's id and addresses: its own, or one that was merged into it."""
        self._known.setdefault(record.id, source)
        for address in (record.homepage, *record.addresses):
            if address:
                self._by_host.setdefault(host_of(site_key(address)), source)

    def _make(self, source: Source) -> None:
        for name in chain(
            (source.name,),
            (f"{source.name[:90]}-{number}" for number in range(2, 1_000)),
            (source.id,),
        ):
            try:
                sources.add(self._database, attrs.evolve(source, name=name))
            except sources.SourceExistsError as error:
                if error.source.id == source.id:
                    return
            else:
                return

    # What is written

    def write(self, candidates: Sequence[Candidate]) -> Counter[str]:
        """Store articles and write their matches, of which nobody is told."""
        found = {candidate.article.source for candidate in candidates}
        made = [source for each in found if (source := self._new.pop(each, None)) is not None]
        for source in sources.add_many(self._database, made) if made else ():
            self._make(source)
        now = datetime.now(UTC)
        watched = bool(RuleBook.of(self._database).in_force().rules)
        done = replayed.keep(self._database, candidates, now=now, watched=watched)
        tally = Counter[str](each.outcome for each in done)
        if watched:
            told = [
                each.kept
                for each in done
                if each.outcome in ("new", "edited", "completed", "reread")
            ]
            tally["matches"] += sum(announce(self._database, told, now=now))
        return tally

    def save(self, file: int, offset: int) -> None:
        """Note that all before this place is in the archive."""
        now = datetime.now(UTC)
        for identity, name in self._files[self._done : file]:
            done = Progress(id=identity, file=name, done=True, at=now)
            replays.save(self._database, done)
        self._done = max(self._done, file)
        if file < len(self._files) and offset:
            identity, name = self._files[file]
            replays.save(self._database, Progress(id=identity, file=name, offset=offset, at=now))
