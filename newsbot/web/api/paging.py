"""How lists go on: ``limit`` things at a time, and ``next``, the address of those behind them.

A cursor says behind what a list goes on, and of which list it is; what was added or removed meanwhile
neither shows a thing twice nor leaves one out. One that somebody made up is refused.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

import attrs
from fastapi import Depends, Query, Request
from pydantic import Field

from newsbot.web.api.frame import Answer
from newsbot.web.api.problems import ProblemError

T = TypeVar("T")
Item = TypeVar("Item")

# Things on one page.
MOST, USUAL = 200, 50
_LONGEST = 4_000


class Page(Answer, Generic[T]):
    """A page of a list."""

    items: list[T]
    next: str | None = Field(
        None,
        description="The address of the next page, from the root of this server; null on the last.",
        examples=["/api/v1/articles?limit=50&cursor=WyJmZWQiXQ"],
    )


@attrs.frozen
class Paging:
    """Which page is asked for: so many things at most, behind ``key`` (None: from the first)."""

    request: Request
    limit: int
    cursor: str
    key: tuple[str, ...] | None

    def next(self, key: tuple[str, ...]) -> str:
        """Return the address of the page behind the thing with this key."""
        packed = json.dumps([_list_of(self.request), *key], separators=(",", ":")).encode()
        return self.address(urlsafe_b64encode(packed).decode().rstrip("="))

    def address(self, cursor: str) -> str:
        """Return the address of this list with that cursor."""
        asked = [each for each in self.request.query_params.multi_items() if each[0] != "cursor"]
        return f"{self.request.url.path}?{urlencode([*asked, ('cursor', cursor)])}"

    def of(
        self,
        found: Iterable[Item],
        key: Callable[[Item], tuple[str, ...]],
        *,
        newest_first: bool = False,
    ) -> tuple[Sequence[Item], str | None]:
        """Return this page of all there are, in the order of their keys, and the address of the next."""
        listed = sorted(found, key=key, reverse=newest_first)
        if (at := self.key) is not None:
            listed = [
                each for each in listed if (key(each) < at if newest_first else key(each) > at)
            ]
        page = listed[: self.limit]
        return page, self.next(key(page[-1])) if len(listed) > self.limit else None

    def when(self) -> tuple[datetime, str] | None:
        """Return behind which moment and id a list in the order of time goes on; None: at its beginning.

        Raises:
            ProblemError: where the cursor says none.
        """
        if self.key is None:
            return None
        try:
            moment, last = self.key
            return datetime.fromisoformat(moment).astimezone(UTC), last
        except (ValueError, OverflowError):
            raise _no_cursor() from None


def _no_cursor() -> ProblemError:
    return ProblemError("bad-cursor", "This is no cursor; begin at the first page, without one.")


def _list_of(request: Request) -> str:
    """Return what stands for a list: its address with all that narrows it."""
    asked = sorted(
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in ("cursor", "limit")
    )
    told = f"{request.url.path}?{urlencode(asked)}"
    return blake2b(told.encode("utf8", "surrogatepass"), digest_size=6).hexdigest()


def _paging(
    request: Request,
    limit: Annotated[
        int, Query(ge=1, le=MOST, description="Things on a page, at most.", examples=[50])
    ] = USUAL,
    cursor: Annotated[
        str, Query(description="Where the list goes on; `next` of a page has it.")
    ] = "",
) -> Paging:
    return Paging(request, limit, cursor, _read(request, cursor) if cursor else None)


def _plain(
    request: Request,
    limit: Annotated[
        int, Query(ge=1, le=MOST, description="Things on a page, at most.", examples=[50])
    ] = USUAL,
    cursor: Annotated[
        str, Query(description="Where the list goes on; `next` of a page has it.")
    ] = "",
) -> Paging:
    return Paging(request, limit, cursor, None)


def _read(request: Request, cursor: str) -> tuple[str, ...]:
    try:
        if len(cursor) > _LONGEST:
            raise ValueError
        of, *key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not all(isinstance(each, str) for each in (of, *key)) or not key:
            raise ValueError
    except (ValueError, TypeError, RecursionError):
        raise _no_cursor() from None
    if of != _list_of(request):
        raise ProblemError(
            "bad-cursor",
            "This cursor is of another list, or of other parameters; begin at the first page, without one.",
        )
    return tuple(key)


Asked = Annotated[Paging, Depends(_paging)]
"""Which page is asked for, of a list that goes on behind a key."""

AskedOfSearch = Annotated[Paging, Depends(_plain)]
"""Which page is asked for, of a list whose cursor the search index reads."""
