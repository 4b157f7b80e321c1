"""Old articles by the thousand: every match is on record, and nobody is told of one.

The whole, with ten thousand articles, is ``python -m benchmarks.backfill_alerts``.
"""

from newsbot.alerts.holding import NOISE
from newsbot.archive.connection import Database
from newsbot.config import Config
from tests.walked_back import walk_back


def test_a_walk_back_sends_nothing_and_the_law_holds_pair_by_pair(
    settings: Config, database: Database
) -> None:
    found = walk_back(settings, database, count=600, alerts=40, seed=1)
    assert found.articles == 600
    assert len(found.searches) > 300
    assert found.alerts == found.searches
    assert found.held <= {"backfill", *NOISE}
    assert found.messages == 0
    assert database.articles.count_documents({"pending": True}) == 0
