"""The API answers as its own description says, whatever it is asked."""

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.follow import catch_up
from tests.described import walk
from tests.test_web import article, put


def test_nothing_that_may_be_asked_fails_or_is_answered_otherwise_than_described(
    own_archive: tuple[Config, Database],
) -> None:
    config, database = own_archive
    put(database, article("a"), article("b", body="Nine ships wait. " * 9))
    catch_up(config, database)
    asked, failed = walk(config, database, examples=1, number=11)
    assert failed == {}
    assert asked > 100
