"""Articles of a past: stored at the moments that a test says, and indexed."""

from datetime import UTC, datetime, timedelta

import attrs

from newsbot.archive import articles, sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import read
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.text.dates import ParsedDate

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@attrs.define
class PastArticles:
    """An archive that fills."""

    database: Database
    config: Config
    now: datetime = NOW
    count: int = 0

    def source(
        self, name: str, *, added: datetime | None = None, groups: tuple[str, ...] = ()
    ) -> str:
        """Add a source; returns its id."""
        made = Source(
            id=name.casefold(),
            name=name,
            homepage=f"https://{name.casefold()}.example/",
            groups=groups,
            added_at=added or self.now - timedelta(days=400),
        )
        sources.add(self.database, made)
        return made.id

    def article(
        self,
        title: str,
        body: str = "",
        *,
        ago: timedelta = timedelta(),
        published: timedelta | None = None,
        source: str = "coast",
        language: str = "en",
    ) -> Article:
        """Return one that was read so long before ``now``, published so long before that."""
        self.count += 1
        seen = self.now - ago
        day = (seen - published if published else seen).date()
        url = f"https://{source}.example/{self.count}"
        return Article(
            id=articles.article_id(url),
            url=url,
            fetched_url=url,
            source=source,
            fetched_at=seen,
            title=title,
            body=body or f"Number {self.count} of {seen:%B %d} tells of what {title} was.",
            published=ParsedDate(day, None, "test"),
            language=language,
        )

    def store(
        self,
        title: str,
        body: str = "",
        *,
        ago: timedelta = timedelta(days=1),
        published: timedelta | None = None,
        source: str = "coast",
        language: str = "en",
    ) -> Article:
        """Store one so long before ``now``."""
        made = self.article(
            title, body, ago=ago, published=published, source=source, language=language
        )
        judged = articles.judge(self.database, [read(made)])
        articles.keep(self.database, judged, now=self.now - ago, pending=False)
        return made

    def reader(self) -> Reader:
        """Return what searches it as it is now."""
        catch_up(self.config, self.database)
        return Reader(self.config, self.database)
