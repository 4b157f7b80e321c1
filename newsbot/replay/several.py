"""Articles over several pages, put together again from pages that come one by one.

A page that names a next one waits for it: in newsbot's own files until the page comes that was fetched
for the same link as its next part; in those of others until the page comes that stands at that address.
After many pages without it the article is what there is.
"""

from collections.abc import Iterator

import attrs

from newsbot.extraction import Extracted, extract
from newsbot.extraction.joining import MOST_PAGES, join
from newsbot.replay.reading import Result, Work, finish
from newsbot.replay.wanted import Wanted

# Pages after which a next page is waited for no longer: in a crawl it is fetched within a few.
PATIENCE = 3_000

Key = tuple[str, ...]


@attrs.frozen(kw_only=True)
class _Waiting:
    """An article whose next page has not come; ``alone`` is what its first page gave by itself."""

    first: Work
    alone: Result
    read: tuple[Extracted, ...]
    urls: tuple[str, ...]
    place: tuple[int, int]
    since: int


class Several:
    """Puts the pages of an article together. Takes what each page gave, in the order of the pages."""

    def __init__(self, wanted: Wanted, patience: int = PATIENCE) -> None:
        self._wanted = wanted
        self._patience = patience
        self._waiting: dict[Key, _Waiting] = {}
        self._count = 0

    def take(self, page: Work, result: Result, place: tuple[int, int]) -> Iterator[Result]:
        """Yield what is complete with this page. ``place`` is where it stands."""
        self._count += 1
        before = self._waiting.pop(_key(page), None)
        if before is not None:
            yield from self._next(before, page, result)
        elif page.provenance.part > 1:
            yield Result(cause="later_pages")
        elif result.extracted is None:
            yield result
        else:
            first = attrs.evolve(page, body=b"")
            yield from self._hold_or_end(
                _Waiting(
                    first=first,
                    alone=attrs.evolve(result, extracted=None),
                    read=(result.extracted,),
                    urls=(page.url,),
                    place=place,
                    since=self._count,
                )
            )
        yield from self._given_up()

    def rest(self) -> Iterator[Result]:
        """Yield what still waits."""
        waiting, self._waiting = list(self._waiting.values()), {}
        for each in waiting:
            yield self._end(each)

    def earliest(self) -> tuple[int, int] | None:
        """Return where the first page stands that still waits."""
        return min((each.place for each in self._waiting.values()), default=None)

    def _next(self, before: _Waiting, page: Work, result: Result) -> Iterator[Result]:
        yield Result(cause="later_pages")
        found = result.extracted or extract(
            page.body, page.url, reference=page.at, charset=page.charset
        )
        if not found.is_article:
            yield self._end(before)
            return
        yield from self._hold_or_end(
            attrs.evolve(
                before, read=(*before.read, found), urls=(*before.urls, page.url), since=self._count
            )
        )

    def _hold_or_end(self, waiting: _Waiting) -> Iterator[Result]:
        following = waiting.read[-1].next_page
        if following and len(waiting.read) < MOST_PAGES and following not in waiting.urls:
            self._waiting[_next_key(waiting.first, len(waiting.read) + 1, following)] = waiting
        else:
            yield self._end(waiting)

    def _given_up(self) -> Iterator[Result]:
        while self._waiting:
            key = next(iter(self._waiting))
            if self._waiting[key].since + self._patience > self._count:
                return
            yield self._end(self._waiting.pop(key))

    def _end(self, waiting: _Waiting) -> Result:
        if waiting.first.provenance.visits and waiting.read[-1].next_page:
            # Half of an article that was kept before would look like an edit.
            return Result(cause="later_pages_missing")
        if len(waiting.read) == 1:
            return waiting.alone
        return finish(join(waiting.read), waiting.first, self._wanted)


def _key(page: Work) -> Key:
    about = page.provenance
    return (about.run, about.link, str(about.part)) if about.run else (page.url,)


def _next_key(first: Work, part: int, following: str) -> Key:
    about = first.provenance
    return (about.run, about.link, str(part)) if about.run else (following,)
