"""Lists of terms: kept once, meant the same by every query that names them."""

import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsbot.alerts import lists as desk
from newsbot.alerts.matches import announce
from newsbot.alerts.rules import RuleBook
from newsbot.archive import articles, holds, lists, rules
from newsbot.archive.connection import Database
from newsbot.archive.holds import Hold
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.items import Article
from newsbot.keeping.holding import Holds
from newsbot.query import (
    Document,
    Percolator,
    Query,
    QuerySyntaxError,
    entry_of,
    evaluate,
    lists_of,
    parse,
    shown,
)
from newsbot.query.explain import explain
from newsbot.reading import Candidate
from newsbot.search.follow import catch_up
from newsbot.search.lists import Lists
from newsbot.search.results import Reader
from newsbot.text.dates import ParsedDate
from tests.conftest import Command, InProcess

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
KNOWN = {
    "assad": ("Assad", "الأسد", "Bashar al-Assad", '"President of Syria"'),
    "ships": ("frigat*", "=HMS"),
    "nothing": (),
    "many": tuple(f"word{number}" for number in range(999)),
    "prefixes": tuple(f"word{number}*" for number in range(101)),
    "ill": ("a OR b",),
}


def read(query: str) -> Query:
    return parse(query, KNOWN)


# What a list means, and where that is asked.


@pytest.mark.parametrize(
    ("query", "written_out"),
    [
        ("@assad", '(assad OR الأسد OR "Bashar al-Assad" OR "President of Syria")'),
        ("@ASSAD putin", '(Assad OR الأسد OR "Bashar al-Assad" OR "President of Syria") putin'),
        ("storm -@ships", "storm -(frigat* OR =HMS)"),
        ("title:@ships", "(title:frigat* OR title:=HMS)"),
        ("title:(@ships OR x)", "(title:frigat* OR title:=HMS OR title:x)"),
        (
            "@assad NEAR/3 met",
            '(Assad OR الأسد OR "Bashar al-Assad" OR "President of Syria") NEAR/3 met',
        ),
    ],
)
def test_a_list_means_any_of_its_entries(query: str, written_out: str) -> None:
    for title, body in (
        ("", "Bashar al-Assad met Putin"),
        ("frigates leave", "a storm"),
        ("x", "the President of Syria and a long way on somebody met"),
        ("HMS Daring", "hms storm"),
        ("", "بشار الأسد putin"),
        ("", "nothing at all"),
    ):
        document = Document.of(title=title, body=body)
        meant = evaluate(parse(written_out), document)
        assert evaluate(read(query), document) is meant
        assert Percolator({"rule": read(query)}).match(document) == (["rule"] if meant else [])


@pytest.mark.parametrize(
    "query", ["@assad", "storm AND NOT @ships", "title:@ships OR x", "@assad NEAR/3 (a OR b)"]
)
def test_a_query_with_a_list_is_shown_as_it_was_typed(query: str) -> None:
    assert shown(read(query)) == query
    assert read(shown(read(query))) == read(query)
    assert lists_of(read(query)) < KNOWN.keys()


def test_a_list_is_explained_entry_by_entry() -> None:
    told = explain(read("title:@ships"), now=NOW)
    assert told.meaning == "any of the list @ships"
    assert [each.query for each in told.parts] == ["title:frigat*", "title:=HMS"]


@pytest.mark.parametrize(
    ("query", "at", "says"),
    [
        ("storm @asad", 6, "there is no list @asad; did you mean @assad?"),
        ("@xyz", 0, "make it with: newsbot list add xyz TERM"),
        ("@", 0, "names no list"),
        ("@a,b", 0, "names no list"),
        ("@assad*", 0, "a list takes no asterisk"),
        ("=@assad", 0, "put it before words in the list"),
        ("@nothing", 0, "the list @nothing is empty"),
        ("@ill", 0, "has the entry 'a OR b', which is none"),
        ("@ships NEAR/3 x", 7, "@ships has some (=)"),
        ("a b @many", 4, "more than 1000 clauses with the 999 of @many"),
        ("@prefixes", 0, "more than 100 prefixes"),
        ("-@ships", 0, "only excludes"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(query: str, at: int, says: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        read(query)
    assert (caught.value.position, says in caught.value.message) == (at, True), caught.value.message


@pytest.mark.parametrize(
    "entry", ["@other", "a OR b", "title:a", "-a", "(a)", '"a b" c', "=A b", "...", "a*b", ""]
)
def test_an_entry_is_one_word_or_one_phrase(entry: str) -> None:
    with pytest.raises(QuerySyntaxError):
        entry_of(entry)


# Kept in the archive.


def change(database: Database, name: str, *entries: str) -> lists.TermList:
    return desk.change(database, name, lambda _: entries, by="desk", now=NOW)


def article(number: int, body: str) -> Article:
    url = f"https://x.example/{number}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source="s",
        fetched_at=NOW,
        title=f"Report {number}",
        body=body,
        language="en",
        published=ParsedDate(date(2026, 3, 1)),
    )


def store(database: Database, settings: Config, *bodies: str) -> None:
    found = [Candidate.of(article(number, body)) for number, body in enumerate(bodies)]
    announce(database, articles.keep(database, articles.judge(database, found), now=NOW), now=NOW)
    catch_up(settings, database)


def test_search_alert_hold_and_export_mean_the_same_list(
    database: Database, settings: Config, newsbot_here: InProcess, tmp_path: Path
) -> None:
    change(database, "assad", "Assad")
    change(database, "assad", "Assad", "President of Syria")
    rules.add(database, Rule(id="r", name="r", query="body:@assad NEAR/9 putin", created_at=NOW))
    hold = Hold(id="h", kind="query", what="@assad", reason="x", by="x", at=NOW)
    holds.add(database, hold)
    store(database, settings, "Putin met the President of Syria", "Assad met nobody", "A storm")

    found = Reader(settings, database).search("@assad")
    assert found.total == 2
    assert "President of Syria" in " ".join(hit.passage.text for hit in found.hits)
    (match,) = database.matches.find()
    assert match["lists"] == {"assad": 2}
    assert match["article"] == article(0, "").id
    held = Holds.read(database).held([hit.kept.article.id for hit in found.hits])
    assert len(held) == 2

    to = tmp_path / "found.csv"
    done = newsbot_here("export", "@assad", "--to", str(to))
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "found.csv.manifest.json").read_text("utf8"))
    assert manifest["counts"]["articles"] == 2
    assert manifest["query"]["understood"] == "@assad"
    assert manifest["program"]["lists"] == {
        "assad": {"version": 2, "entries": ["Assad", "President of Syria"]}
    }


def test_a_change_is_in_force_within_a_second(database: Database, newsbot: Command) -> None:
    change(database, "names", "storm")
    rules.add(database, Rule(id="r", name="r", query="@names", created_at=NOW))
    rain = Document.of(title="", body="rain")
    book, known = RuleBook.of(database), Lists.of(database)
    assert book.in_force().percolator.match(rain) == []
    assert newsbot("list", "add", "names", "rain").returncode == 0
    changed = time.monotonic()
    while "rain" not in known.now().entries["names"]:
        assert time.monotonic() - changed < 1
        time.sleep(0.01)
    assert book.in_force().percolator.match(rain) == ["r"]
    assert book.in_force().lists == {"r": {"names": 2}}


def test_what_has_not_changed_keeps_its_version(database: Database) -> None:
    assert change(database, "names", "a1", "b1").version == 1
    assert change(database, "names", "a1", "b1").version == 1
    assert change(database, "names", "b1").version == 2


def test_a_version_grows_past_a_removal(database: Database) -> None:
    change(database, "names", "a1")
    desk.remove(database, "names", by="x", now=NOW)
    assert Lists.of(database).now().entries == {}
    assert lists.everything(database) == []
    assert change(database, "names", "a1").version == 3


# Adds so many entries of its own, one at a time.
_ADDS = """
import sys
from datetime import UTC, datetime
from newsbot.alerts import lists as desk
from newsbot.archive.connection import connect
from newsbot.config import load_config
with connect(load_config()) as database:
    for number in range(15):
        entry = f"{sys.argv[1]}{number}"
        desk.change(database, "names", lambda there: (*there, entry), by="x", now=datetime.now(UTC))
"""


def test_changes_at_once_lose_none(database: Database, newsbot: Command) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", _ADDS, word], env=newsbot.environment)
        for word in ("storm", "rain", "wind")
    ]
    assert [each.wait(60) for each in running] == [0, 0, 0]
    (kept,) = lists.everything(database)
    assert (len(set(kept.entries)), kept.version) == (45, 45)
    assert lists.version(database) == 45


def test_a_list_in_use_cannot_be_removed(database: Database) -> None:
    change(database, "names", "storm")
    rules.add(database, Rule(id="r", name="weather", query="x -@Names", created_at=NOW))
    rules.add(database, Rule(id="q", name="other", query='"@names"', created_at=NOW))
    holds.add(
        database, Hold(id="h7", kind="query", what="title:@names", reason="x", by="x", at=NOW)
    )
    with pytest.raises(desk.ListError, match="used by alert 'weather', hold h7;"):
        desk.remove(database, "names", by="x", now=NOW)
    assert lists.everything(database)[0].version == 1


def test_who_uses_each_list_is_told(database: Database) -> None:
    change(database, "names", "storm")
    change(database, "places", "harbour")
    change(database, "idle", "x")
    for name, query in (("a", "@Names -@places"), ("b", "@names"), ("c", "@gone"), ("d", "storm")):
        rules.add(database, Rule(id=name, name=name, query=query, created_at=NOW))
    used = desk.users(database)
    assert used == {"idle": [], "names": ["alert 'a'", "alert 'b'"], "places": ["alert 'a'"]}


def test_who_changes_a_list_has_it_at_once(database: Database) -> None:
    assert Lists.of(database).now().entries == {}
    change(database, "names", "storm")
    assert Lists.of(database).now().entries == {"names": ("storm",)}
    desk.remove(database, "names", by="x", now=NOW)
    assert Lists.of(database).now().entries == {}


def test_an_alert_added_while_its_list_is_removed_keeps_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(database, "names", "storm")
    replace = lists.replace

    def slowly(database: Database, changed: lists.TermList) -> bool:
        if changed.removed:
            rules.add(database, Rule(id="r", name="weather", query="@names", created_at=NOW))
        return replace(database, changed)

    monkeypatch.setattr(lists, "replace", slowly)
    with pytest.raises(desk.ListError, match="used by alert 'weather'"):
        desk.remove(database, "names", by="x", now=NOW)
    (kept,) = lists.everything(database)
    assert (kept.entries, kept.version) == (("storm",), 3)


def test_a_change_that_an_alert_could_not_bear_is_refused(database: Database) -> None:
    change(database, "names", "storm")
    rules.add(database, Rule(id="r", name="weather", query="@names NEAR/3 rain", created_at=NOW))
    with pytest.raises(desk.ListError, match="alert 'weather' uses @names") as caught:
        change(database, "names", "=WHO")
    assert "^" in str(caught.value)
    assert lists.everything(database)[0].entries == ("storm",)


# The commands.


def test_the_commands(newsbot_here: InProcess, database: Database, tmp_path: Path) -> None:
    assert newsbot_here("list", "add", "@Navy", "frigat*", "HMS Daring").returncode == 0
    assert newsbot_here("list", "add", "navy", "=HMS", "frigat*").stdout == (
        "@navy has 3 entries (version 2).\n"
    )
    shown = newsbot_here("list", "show", "navy").stdout.splitlines()
    assert shown[0].startswith("# @navy, version 2, by ")
    assert shown[1:] == ["frigat*", "HMS Daring", "=HMS"]
    assert newsbot_here("list", "remove", "navy", "=HMS").returncode == 0

    assert newsbot_here("alert", "add", "ships", "@navy storm").returncode == 0
    table = newsbot_here("list", "list").stdout
    assert "@navy" in table
    assert "alert 'ships'" in table
    assert "used by alert 'ships'" in newsbot_here("list", "remove", "navy").stderr
    assert newsbot_here("alert", "test", "@navy", "frigates").stdout == (
        "It would fire.\n  met: @navy (frigat*)\n  in the body: [frigates]\n"
    )
    told = newsbot_here.json("query", "explain", "@navy")
    assert isinstance(told, dict)
    assert told["lists"] == {"navy": 3}
    newsbot_here("alert", "remove", "ships")
    assert newsbot_here("list", "remove", "navy").stdout == "The list @navy is removed.\n"
    gone = newsbot_here("search", "@navy")
    assert gone.returncode == 2
    assert "there is no list @navy" in gone.stderr


def test_a_file_is_imported_as_a_whole_or_not_at_all(
    newsbot_here: InProcess, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "places.txt"
    file.write_text("\ufeff# places\n\nإدلب\nIdlib\n  Deir  ez-Zor \n(Homs\ntitle:x\n", "utf8")
    failed = newsbot_here("list", "import", str(file))
    assert failed.returncode == 2
    assert "line 6:\n  (Homs\n  ^\n" in failed.stderr
    assert "line 7:\n  title:x\n" in failed.stderr
    assert lists.everything(database) == []
    file.write_text("# places\n\nإدلب\nIdlib\n  Deir  ez-Zor \nIdlib\n", "utf8")
    assert newsbot_here("list", "import", str(file)).returncode == 0
    (kept,) = lists.everything(database)
    assert (kept.id, kept.entries) == ("places", ("إدلب", "Idlib", "Deir ez-Zor"))
    again = newsbot_here("list", "show", "places").stdout
    file.write_text(again, "utf8")
    assert "version 1" in newsbot_here("list", "import", str(file)).stdout


def test_what_is_no_list_is_said(newsbot_here: InProcess, database: Database) -> None:
    assert "is no name for a list" in newsbot_here("list", "add", "a b", "x").stderr
    assert "there is no list 'navy'" in newsbot_here("list", "show", "navy").stderr
    assert "there is no list @navy" in newsbot_here("list", "remove", "navy").stderr
    assert "no other list" in newsbot_here("list", "add", "navy", "@ships").stderr
    assert "cannot be read" in newsbot_here("list", "import", "/nowhere/x.txt").stderr
