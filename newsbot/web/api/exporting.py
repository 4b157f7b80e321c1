"""Exports: what a query finds as a file, sent while it is made."""

from collections.abc import AsyncIterator, Generator
from typing import Annotated, Literal

import anyio
from anyio.to_thread import run_sync
from fastapi import Query
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from newsbot.archive.connection import Database
from newsbot.export.columns import NAMES, UnknownColumnError
from newsbot.export.sampling import Sample
from newsbot.export.streaming import stream
from newsbot.search.results import Reader
from newsbot.web.api.frame import area, now
from newsbot.web.api.problems import invalid_parameter
from newsbot.web.api.searching import QueryOrAll

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}
_EXAMPLES = {
    "text/csv": "id,title\r\n5f0c2f9d1f6c6d0a4b1e7c55,The harbour opens\r\n",
    "application/jsonl": '{"id":"5f0c2f9d1f6c6d0a4b1e7c55","title":"The harbour opens"}\n',
    "application/vnd.apache.parquet": "PAR1…",
}


class Exports:
    """What can be taken out of one archive."""

    def __init__(self, database: Database, reader: Reader) -> None:
        self._database = database
        self._reader = reader
        self.router = area("export")
        self.router.get(
            "/export",
            name="export",
            response_class=StreamingResponse,
            responses={
                200: {
                    "description": "The file, sent while it is made. Where it cannot be finished, the "
                    "connection ends in its middle: what came is no whole file.",
                    "content": {
                        kind: {"schema": {"type": "string"}, "example": example}
                        for kind, example in _EXAMPLES.items()
                    },
                }
            },
        )(self.export)

    def export(
        self,
        q: QueryOrAll = "",
        format: Annotated[  # noqa: A002 - the parameter's name for whoever asks
            Literal["csv", "jsonl", "parquet"], Query(description="What file it is to be.")
        ] = "jsonl",
        columns: Annotated[
            str,
            Query(
                description=f"Names of columns, with commas between; all unless given: {', '.join(NAMES)}.",
                examples=["id,title"],
            ),
        ] = "",
        sample: Annotated[
            int | None,
            Query(ge=1, le=10_000_000, description="So many articles at random, not all."),
        ] = None,
        seed: Annotated[
            int, Query(ge=0, lt=2**63, description="The same seed draws the same sample.")
        ] = 0,
        by: Annotated[
            Literal["", "day", "source"], Query(description="What the sample is spread over.")
        ] = "",
        bom: Annotated[
            bool, Query(description="Whether CSV begins with a byte order mark, as Excel wants it.")
        ] = True,
    ) -> StreamingResponse:
        """Take away all that a query finds, as CSV, JSON Lines or Parquet."""
        names = [each.strip() for each in columns.split(",") if each.strip()]
        if sample is None and by:
            raise invalid_parameter("by", "says what a sample is spread over; give sample, too")
        try:
            found = stream(
                self._database,
                self._reader,
                q.strip(),
                format,
                columns=names,
                sample=Sample(size=sample, seed=seed, by=by) if sample else None,
                bom=bom,
                now=now(),
            )
        except UnknownColumnError as error:
            raise invalid_parameter("columns", str(error)) from None
        return _Sent(
            found.data,
            media_type=MEDIA_TYPES[format],
            headers={
                "content-disposition": f'attachment; filename="newsbot.{format}"',
                "cache-control": "no-store",
                "newsbot-found": str(found.found),
            },
        )


class _Sent(StreamingResponse):
    """Bytes that are made in a thread, and no longer than somebody takes them."""

    def __init__(
        self, data: Generator[bytes, None, None], *, media_type: str, headers: dict[str, str]
    ) -> None:
        self._data = data
        super().__init__(self._parts(), media_type=media_type, headers=headers)

    async def _parts(self) -> AsyncIterator[bytes]:
        while (part := await run_sync(next, self._data, None)) is not None:
            if part:
                yield part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them; whoever makes them is told when it is over."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await run_sync(self._data.close)
