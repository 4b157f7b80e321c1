"""The desk's lists on the page: made, changed, removed, and never over somebody else's change."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from newsbot.alerts import lists as desk
from newsbot.archive import lists, rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.search.follow import catch_up
from tests.test_saved_page import forms
from tests.test_web import HOSTILE, article, page, put, shown, source

__all__ = ["page", "source"]

pytestmark = pytest.mark.usefixtures("source")


def made(page: TestClient, name: str, entries: str) -> str:
    """Make a list by the last form of the page; returns what is shown then."""
    form = forms(shown(page, "/lists"), "/lists")[-1]
    return page.post("/lists", data=form | {"name": name, "entries": entries}).text


def test_a_list_is_made_searched_with_and_removed(
    page: TestClient, database: Database, settings: Config
) -> None:
    put(database, article("a"))
    catch_up(settings, database)
    text = made(page, "@Ports", "harbour\n# both spellings\nميناء\n")
    assert "<bdi>@ports</bdi>" in text
    assert "<strong>2</strong> entries" in text
    found = lists.find(database, "ports")
    assert found is not None
    assert (found.entries, found.by) == (("harbour", "ميناء"), "the web page")
    assert "<strong>1</strong> article" in shown(page, "/search?q=@ports")

    (form,) = forms(text, "/lists/ports/remove")
    assert "There are no lists yet." in page.post("/lists/ports/remove", data=form).text


def test_a_list_is_changed_and_never_over_somebody_elses_change(
    page: TestClient, database: Database
) -> None:
    text = made(page, "ports", "harbour")
    form = forms(text, "/lists")[0]
    assert form["version"] == "1"
    page.post("/lists", data=form | {"entries": "harbour\nquay"})
    late = page.post("/lists", data=form | {"entries": "harbour\ndock"})
    assert late.status_code == 400
    assert "was changed by the web page since you opened it" in late.text
    assert "harbour\ndock" in late.text, "what was typed is kept"
    found = lists.find(database, "ports")
    assert found is not None
    assert found.entries == ("harbour", "quay")

    again = page.post("/lists", data=forms(late.text, "/lists")[0] | {"entries": "harbour\ndock"})
    assert again.status_code == 200
    twice = made(page, "PORTS", "pier")
    assert "there is a list @ports already" in twice


def test_what_cannot_be_is_said_and_not_lost(page: TestClient) -> None:
    text = made(page, "ports", 'harbour\n"quay')
    assert "line 2" in text
    assert "&#34;quay</textarea>" in text
    assert "is no name for a list" in made(page, "two words", "harbour")
    assert "would be empty" in made(page, "ports", "# nothing")


def test_a_list_in_use_names_its_users_and_stays(page: TestClient, database: Database) -> None:
    made(page, "ports", "harbour")
    now = datetime.now(UTC)
    rules.add(database, Rule(id="r", name="quayside", query="@ports", created_at=now))
    text = shown(page, "/lists")
    assert "used by <bdi>alert &#39;quayside&#39;</bdi>" in text
    assert forms(text, "/lists/ports/remove") == []
    form = forms(text, "/lists")[0]
    refused = page.post("/lists/ports/remove", data={"token": form["token"]})
    assert refused.status_code == 400
    assert "is used by alert" in refused.text


def test_a_form_of_another_page_changes_nothing(page: TestClient, database: Database) -> None:
    made(page, "ports", "harbour")
    for address in ("/lists", "/lists/ports/remove"):
        assert page.post(address, data={"name": "ports", "entries": "x"}).status_code == 403
    assert [each.version for each in lists.everything(database)] == [1]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_entries_stay_inert(text: str, page: TestClient, database: Database) -> None:
    entry = "\u201c" + text.translate({ord("\u201d"): None}) + " x\u201d"
    try:
        desk.entries_in([entry])
    except desk.ListError:
        _is_inert(text, made(page, "h", entry))
        return
    desk.change(database, "h", lambda _: (entry,), by=text, now=datetime.now(UTC))
    _is_inert(text, shown(page, "/lists"))


def _is_inert(text: str, shown: str) -> None:
    """See that markup is escaped, and that what a template would compute stands there as it was typed."""
    assert (text in shown) == ("<" not in text)
