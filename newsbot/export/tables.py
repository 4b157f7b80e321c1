"""Articles as one table in memory, for notebooks."""

from collections.abc import Sequence
from contextlib import closing

import pyarrow as pa

from newsbot.archive.connection import Database
from newsbot.archive.streaming import in_order
from newsbot.export.columns import Column, row
from newsbot.export.finding import Finding
from newsbot.export.formats import arrow_schema, batch
from newsbot.export.telling import Teller, chunks


def table(database: Database, finding: Finding, columns: Sequence[Column]) -> pa.Table:
    """Return what was found as a table with these columns: as the Parquet file of its export has it."""
    schema, teller = arrow_schema(columns), Teller(database)
    with closing(in_order(database, finding.ids)) as articles:
        batches = [
            batch([row(each, columns) for each in teller.tell([k for k in chunk if k])], schema)
            for chunk in chunks(articles)
        ]
    return pa.Table.from_batches(batches, schema=schema)
