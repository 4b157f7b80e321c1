"""An alert fires for an article if and only if a search for the alert's query finds that article."""

from newsbot.archive.connection import Database
from newsbot.config import Config
from tests.alert_law import judged


def test_what_fired_while_an_archive_grew_is_what_searches_find_in_it(
    database: Database, settings: Config
) -> None:
    verdict = judged(database, settings, seed=9, articles_drawn=2_000, rules_drawn=400, spared=40)
    assert verdict.wrong == [], verdict.wrong[:3]
    assert (verdict.articles, verdict.rules) == (2_000, 400)
    assert verdict.edits > 200
    assert verdict.matches > 5_000
    assert verdict.always < 20
