"""What is kept of an article: stored by which run, edited, in the index. The index is really asked."""

from datetime import datetime

import tantivy

from newsbot.archive import sources
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.fetching.causes import in_part
from newsbot.search.follow import reached
from newsbot.search.index import Generation, current
from newsbot.why.steps import Step


def steps(config: Config, database: Database, kept: Kept) -> list[Step]:
    """Return the steps of an article from the archive to the index."""
    found = [_stored(database, kept)]
    record = kept.record
    if record.deleted_at is not None:
        words = "its publisher has taken it down; it stays as it read last"
        found.append(Step(name="edited", outcome="taken down", words=words, at=record.deleted_at))
    elif record.revision > 1:
        kinds = f" ({', '.join(record.kinds)})" if record.kinds else ""
        words = f"it reads as version {record.revision} now{kinds}; `newsbot show {kept.article.id} --history`"
        found.append(Step(name="edited", outcome="edited", words=words, at=record.changed_at))
    found.append(_indexed(config, kept))
    return found


def _stored(database: Database, kept: Kept) -> Step:
    article, record = kept.article, kept.record
    names = ", ".join(sources.names(database, record.sources).values()) or "(a removed source)"
    by = (
        f"by the run {article.run[:8]}" if article.run else "from a file, or a page kept as it came"
    )
    words = f"stored {by}, of {names}, as article {article.id}"
    if article.partial:
        words += f"; in part, {in_part(article.partial)}"
    if article.found_by == "backfill":
        words += "; found in a walk back in time"
    if record.copy_of:
        words += f"; its text is a copy of the article {record.copy_of}, with which it is one story"
    if record.also_at:
        words += f"; the same text stands at {len(record.also_at)} more of its addresses"
    if record.text_expired_at:
        words += (
            f"; its text was removed on {record.text_expired_at:%Y-%m-%d}, when its time was over"
        )
    if record.pending:
        words += "; its alerts are not looked through yet"
    about = {"article": article.id, "source": article.source, "story": record.story}
    if article.run:
        about["run"] = article.run
    return Step(name="stored", outcome="stored", words=words, at=record.first_seen, of=about)


def _indexed(config: Config, kept: Kept) -> Step:
    folder = current(config.index_dir)
    if folder is None:
        words = "there is no index yet; `newsbot up` or a `newsbot search` makes it"
        return Step(name="indexed", outcome="not indexed", words=words)
    upto: datetime = reached(folder)
    try:
        index = Generation(folder).index
        index.reload()
    except (ValueError, OSError) as error:
        words = f"the index cannot be opened ({error}); `newsbot reindex` builds it anew"
        return Step(name="indexed", outcome="not indexed", words=words)
    wanted = tantivy.Query.term_query(index.schema, "id", kept.article.id)
    there = index.searcher().search(wanted, 1).hits
    told = f"the index follows the archive up to {upto:%Y-%m-%d %H:%M:%S} UTC"
    if not there:
        late = kept.record.changed_at > upto
        words = (
            f"searches do not find it yet: {told}"
            if late
            else f"searches do not find it, though {told}; `newsbot reindex --check` mends that"
        )
        return Step(name="indexed", outcome="not indexed", words=words)
    if kept.record.changed_at > upto:
        words = f"searches find it as it read before its last change: {told}"
    else:
        words = "searches find it as it reads now"
    return Step(name="indexed", outcome="indexed", words=words)
