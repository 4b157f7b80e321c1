"""What a collection has, newest first and page by page, each thing once whatever is added meanwhile."""

from datetime import datetime

from pymongo.collection import Collection

from newsbot.archive.connection import Document

Behind = tuple[datetime, str]
"""The moment and the id of the thing behind which a list goes on."""


def newest(
    collection: Collection[Document],
    query: Document,
    field: str,
    *,
    since: datetime | None = None,
    behind: Behind | None = None,
    at_most: int,
) -> list[Document]:
    """Return what a query finds by the moment in ``field``, the last first; of one moment by ids, the last first.

    ``since`` bounds how far back is looked: what is further back is neither listed nor gone through.
    """
    found: list[Document] = []
    when: Document = {"$gte": since} if since else {}
    if behind:
        moment, last = behind
        when["$lt"] = moment
        same = query | {field: moment, "_id": {"$lt": last}}
        found = list(collection.find(same).sort("_id", -1).limit(at_most))
    if len(found) < at_most:
        older = collection.find(query | ({field: when} if when else {}))
        found += older.sort([(field, -1), ("_id", -1)]).limit(at_most - len(found))
    return found
