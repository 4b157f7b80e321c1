"""Where saved searches, sources and alerts are read as feeds: addresses that are secrets."""

from typing import Annotated

from fastapi import Request
from pydantic import Field

from newsbot.archive import audit, feeds
from newsbot.archive.connection import Database
from newsbot.archive.feeds import FeedAddress, Subject
from newsbot.web.access import visitor
from newsbot.web.api.frame import Answer, Moment
from newsbot.web.feeds import addresses

_Address = Annotated[str, Field(examples=["https://desk.example/feed/6bJ1…"])]


class FeedOf(Answer):
    """Where it is read as a feed. Whoever has an address reads it."""

    atom: _Address
    json_feed: _Address
    made_at: Moment


def feed_of(request: Request, database: Database, kind: Subject, of: str) -> FeedOf:
    """Return where a feed is read."""
    return _told(request, feeds.address(database, kind, of))


def renewed(request: Request, database: Database, kind: Subject, of: str) -> FeedOf:
    """Give a feed another address; the one before ends."""
    made = feeds.renew(database, kind, of)
    audit.note(database, "feed renew", ids=[of], by=visitor(request).name)
    return _told(request, made)


def _told(request: Request, made: FeedAddress) -> FeedOf:
    at = addresses(request, made)
    return FeedOf(atom=at["atom"], json_feed=at["json"], made_at=made.made_at)
