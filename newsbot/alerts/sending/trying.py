"""A test of a channel: a real message, of an article in the archive, sent at once and answered for."""

from datetime import UTC, datetime

from newsbot.alerts import gathering
from newsbot.alerts.sending.failure import SendError
from newsbot.alerts.sending.ways import Ways
from newsbot.alerts.telling import Telling
from newsbot.archive import articles, channels, matches
from newsbot.archive.channels import Channel
from newsbot.archive.connection import Database
from newsbot.archive.kept import Kept
from newsbot.archive.matches import NO_PASSAGE, Match, Passage
from newsbot.archive.outbox import Message
from newsbot.archive.sealing import SealError
from newsbot.config import Config
from newsbot.items import derived_id

# Characters of an article's beginning that a test shows where no alert has met one.
_BEGINNING = 200
_EMPTY = "The archive has no article yet to show here; the channel works all the same."


async def try_out(config: Config, database: Database, channel: Channel) -> Telling:
    """Send a test to a channel; returns what it said.

    It tells of the last match, or else of an article of the archive. Nothing is kept of it.

    Raises:
        SendError: when the receiver did not take it, saying why.
    """
    said = example(config, database, channel)
    try:
        secret = channels.opened(database, channel)
    except SealError as error:
        raise SendError(str(error)) from None
    async with Ways(config, at_once=1) as ways:
        await ways.send(said, channel, secret, sealer=database.sealer)
    return said


def example(config: Config, database: Database, channel: Channel) -> Telling:
    """Return what a test says."""
    now = datetime.now(UTC)
    kept, match = _newest(database)
    article = kept.article.id if kept else ""
    passage = match.passage if match else _beginning(kept)
    message = Message(
        id=derived_id("test", channel.id, now.isoformat()),
        kind="test",
        alert="",
        article=article,
        story=kept.record.story if kept else "",
        occasion="test",
        channel=channel.id,
        passage=passage,
        said={"lines": [] if kept else [_EMPTY]},
        created_at=now,
        next_attempt=now,
    )
    said = gathering.one(database, message, base=config.web_address)
    assert said is not None  # it is of no alert, and its article was there just now
    return said


def _newest(database: Database) -> tuple[Kept | None, Match | None]:
    epoch = datetime.fromtimestamp(0, UTC)
    for match in matches.latest(database, since=epoch, at_most=1):
        kept = articles.get(database, match.article)
        if kept is not None:
            return kept, match
    return articles.any_one(database), None


def _beginning(kept: Kept | None) -> Passage:
    if kept is None:
        return NO_PASSAGE
    line = next((line for line in kept.article.body.splitlines() if line.strip()), "")
    short = line if len(line) <= _BEGINNING else f"{line[:_BEGINNING].rpartition(' ')[0]} …"
    return Passage(text=short)
