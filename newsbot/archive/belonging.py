"""Articles that belong to several sources: a site, and a section of it that is a source of its own.

Who meets a link whose page another source's crawl has read does not read it again; that the article
is one of theirs, too, is said here. It is no edit, and nothing is announced.
"""

from collections.abc import Sequence

from newsbot.archive.articles import article_id
from newsbot.archive.connection import Database, patiently
from newsbot.archive.pages import AT_ONCE, page_id


@patiently
def share(database: Database, urls: Sequence[str], source: str) -> int:
    """Have the articles that others found at these canonical URLs belong to this source as well.

    Returns how many pages it met so for the first time. Whoever reads them is asked again only for
    pages that are new to it: a page remembers with whom it was shared, and is marked last.
    """
    met = 0
    ids = list(dict.fromkeys(map(page_id, urls)))
    for start in range(0, len(ids), AT_ONCE):
        others = {
            "_id": {"$in": ids[start : start + AT_ONCE]},
            "outcome": {"$in": ["article", "alias"]},
            "source": {"$ne": source},
            "shared_with": {"$ne": source},
        }
        pages = list(database.pages.find(others, {"article": 1, "url": 1}))
        if not pages:
            continue
        # A page that showed a text that was known says no article; it may be the one of its address.
        found = [page.get("article") or article_id(page["url"]) for page in pages]
        database.articles.update_many(
            {"_id": {"$in": found}, "sources": {"$ne": source}}, {"$addToSet": {"sources": source}}
        )
        database.pages.update_many(
            {"_id": {"$in": [page["_id"] for page in pages]}},
            {"$addToSet": {"shared_with": source}},
        )
        met += len(pages)
    return met
