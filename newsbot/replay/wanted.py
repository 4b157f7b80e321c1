"""Which of a WARC file's pages are wanted: by host, by day of publication, by language.

What can be told from a record's header is told there, before a page costs anything.
"""

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import attrs

from newsbot.items import Article
from newsbot.text.date_words import base_language
from newsbot.text.doubts import believed

# A page that was fetched before a day began anywhere says nothing that was published on it.
_AHEAD = timedelta(days=1)


@attrs.frozen(kw_only=True)
class Wanted:
    """What is asked for; what is empty or None asks for nothing in particular.

    ``hosts`` are domains, whose subdomains are wanted too. ``languages`` are BCP 47 tags, of which the
    first part counts. ``since`` and ``until`` are days of publication, both included: an article whose
    day is not known is not wanted where one is given.
    """

    hosts: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    def host(self, url: str) -> bool:
        """Say whether an address is of a host that is wanted."""
        if not self.hosts:
            return True
        try:
            labels = (urlsplit(url).hostname or "").split(".")
        except ValueError:
            return False
        return any(".".join(labels[place:]) in self.hosts for place in range(len(labels)))

    def fetched(self, at: datetime) -> bool:
        """Say whether a page that was fetched then can hold what is wanted."""
        return self.since is None or at.date() >= self.since - _AHEAD

    def published(self, article: Article) -> bool:
        """Say whether an article's day of publication is wanted."""
        if self.since is None and self.until is None:
            return True
        stated = believed(article.published)
        day = stated.day if stated else None
        return (
            day is not None
            and (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
        )

    def language(self, article: Article) -> bool:
        """Say whether an article's language is wanted; one that is not told yet may be."""
        return (
            not self.languages
            or not article.language
            or base_language(article.language) in self.languages
        )

    def key(self) -> tuple[str, ...]:
        """Return this as words, the same for the same."""
        return (
            *sorted(self.hosts),
            "/",
            *sorted(self.languages),
            str(self.since),
            str(self.until),
        )
