"""Sources: what they are told apart by, what may be set of them."""

import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from newsbot.alerts.matches import announce
from newsbot.archive import articles, belonging, pages, rules, schema, sources
from newsbot.archive.connection import Database
from newsbot.archive.naming import Family, Names
from newsbot.archive.pages import Visit
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source, SourceExistsError, SourceNameError, Way
from newsbot.cli import app
from newsbot.config import Config
from newsbot.items import Article, Overrides
from newsbot.query import Document, evaluate
from newsbot.query.syntax import Equal
from newsbot.reading import Candidate
from newsbot.revisits import RevisitPlan
from newsbot.search.documents import Documents
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.text.dates import ParsedDate
from newsbot.text.site_key import site_key
from tests.conftest import Command, Site
from tests.constructed import add_source

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)


def source(name: str, homepage: str = "", **fields: object) -> Source:
    homepage = homepage or f"https://{name}.example/"
    return Source(
        id=sources.source_id(homepage),
        name=name,
        homepage=homepage,
        added_at=NOW,
        **fields,  # type: ignore[arg-type]
    )


def test_a_change_sets_what_it_names_and_nothing_else(database: Database) -> None:
    before = source("one", groups=("europe",), next_due=NOW)
    sources.add(database, before)
    ways = (Way(url="https://one.example/feed", kind="feed"),)
    overrides = Overrides(title="h1", drop=(".ad",))
    sources.change(database, before.id, entry_points=ways, overrides=overrides, delay=2.5)
    assert sources.find(database, "one") == attrs.evolve(
        before, entry_points=ways, overrides=overrides, delay=2.5
    )


def test_a_record_of_before_a_field_was_there_is_read(database: Database) -> None:
    bare = {
        "_id": "x",
        "name": "old",
        "homepage": "https://old.example/",
        "added_at": NOW,
        "known_as": ["old"],
    }
    database.sources.insert_one(bare)
    found = sources.find(database, "old")
    assert found is not None
    assert (found.former_names, found.addresses) == ((), ())


def test_settings_are_set_on_the_command_line(database: Database, newsbot: Command) -> None:
    sources.add(database, source("one", groups=("Europe", "wire"), next_due=NOW))
    ways = (Way(url="https://one.example/old", kind="feed"),)
    sources.change(database, source("one").id, entry_points=ways)
    words = "--feed https://one.example/new --no-entry-point https://one.example/old --delay 2.5 --concurrency 3 --javascript --no-poll --group Asia --no-group EUROPE"
    shown = newsbot.json("source", "set", "one", *words.split(), "--title", "One News")
    expected = {
        "delay": 2.5,
        "concurrency": 3,
        "javascript": True,
        "next_due": None,
        "groups": ["wire", "Asia"],
        "title": "One News",
        "entry_points": [{"url": "https://one.example/new", "kind": "feed"}],
    }
    assert isinstance(shown, dict)
    assert shown | expected == shown
    found = sources.find(database, "one")
    assert found is not None
    assert (found.delay, found.groups, found.next_due) == (2.5, ("wire", "Asia"), None)


def test_sources_are_listed_by_group_state_and_words_of_before(
    database: Database, newsbot: Command
) -> None:
    sources.add(database, source("one", groups=("Europe",)))
    sources.add(database, source("two", groups=("europe",), state="paused"))
    sources.add(database, source("three", addresses=("https://ones.example/",)))
    sources.rename(database, source("two", groups=("europe",)), "deux")

    def listed(*words: str) -> list[str]:
        called = ["source", "list", *words, "--json"]
        done = CliRunner().invoke(app, called, env=newsbot.environment)
        assert done.exit_code == 0, done.output
        return sorted(each["name"] for each in json.loads(done.stdout))

    assert listed("--group", "EUROPE") == ["deux", "one"]
    assert listed("--group", "europe", "--state", "paused") == ["deux"]
    assert listed("one") == ["one", "three"]
    assert listed("TWO") == ["deux"]
    shown = newsbot("source", "show", "two").stdout
    assert "was called    two" in shown
    assert "paused" in shown


def test_setting_nothing_is_bad_usage_that_says_what_to_give(
    database: Database, newsbot: Command
) -> None:
    sources.add(database, source("one"))
    done = newsbot("source", "set", "one")
    assert done.returncode == 2
    assert "give an option, as --group europe" in done.stderr


# What tells sites apart


@pytest.mark.parametrize(
    "address",
    [
        "http://site.example",
        "https://www.site.example/",
        "HTTPS://Site.Example:443/index.html",
        "http://site.example:80/?utm_source=feed",
        "https://m.site.example/",
        "https://amp.site.example",
    ],
)
def test_the_ways_to_type_an_address_make_no_other_site(address: str) -> None:
    assert site_key(address) == "site.example"


def test_a_section_a_port_and_a_page_by_query_are_sites_of_their_own() -> None:
    addresses = (
        "https://site.example/",
        "https://site.example/sport/",
        "http://site.example:8080/",
        "https://site.example/?edition=ar",
        "https://blog.site.example/",
    )
    assert len({site_key(each) for each in addresses}) == len(addresses)
    assert site_key("https://site.example/sport") == site_key("http://www.site.example/sport/")


def test_what_is_no_address_has_no_key() -> None:
    assert site_key("wire") == site_key("mailto:a@b.example") == ""


# Names


def test_a_source_is_found_by_each_name_and_address_it_had(database: Database) -> None:
    sources.add(database, source("wire"))
    once = sources.rename(database, source("wire"), "Agency")
    feed = Way(url="https://new.example/rss", kind="feed")
    moved = attrs.evolve(
        once,
        homepage="https://new.example/",
        entry_points=(feed,),
        addresses=("https://wire.example/",),
    )
    sources.move(database, moved)
    assert moved.id == sources.source_id("https://wire.example/")
    for name in (
        "wire",
        "WIRE",
        "agency",
        "http://www.wire.example",
        "https://new.example",
        moved.id,
    ):
        assert sources.find(database, name) == moved, name
    assert sources.find(database, "https://new.example/sport/") is None


def test_a_former_name_is_given_to_no_other_source_and_may_be_taken_back(
    database: Database,
) -> None:
    for name in ("one", "two"):
        sources.add(database, source(name))
    renamed = sources.rename(database, source("one"), "first")
    with pytest.raises(SourceExistsError, match="former one of the source 'first'"):
        sources.rename(database, source("two"), "One")
    with pytest.raises(SourceExistsError, match="former one of the source 'first'"):
        sources.add(database, source("one", "https://other.example/"))
    assert sources.rename(database, renamed, "one").former_names == ("first",)


@pytest.mark.parametrize("name", ["", "   ", "a/b", 'say "x"', "-x", "x" * 101, "a\x00b"])
def test_a_name_that_nobody_could_say_is_refused(database: Database, name: str) -> None:
    sources.add(database, source("one"))
    with pytest.raises(SourceNameError):
        sources.rename(database, source("one"), name)


def test_an_archive_with_names_that_differ_by_case_alone_is_brought_forward(
    database: Database,
) -> None:
    database.sources.drop_indexes()
    for number, name in enumerate(("Sky", "sky", "other")):
        document = {"_id": str(number), "name": name, "homepage": f"https://{number}.example/"}
        database.sources.insert_one(document | {"added_at": NOW})
    database.meta.update_one({"_id": "schema"}, {"$set": {"version": 1}})
    schema.upgrade(database.raw, database.sealer)
    assert [each.name for each in sources.everything(database)] == ["Sky", "other", "sky-2"]


# Several sources of one article


def article(path: str, of: Source, body: str = "") -> Article:
    url = f"{of.homepage}{path}"
    words = body or " ".join(f"{of.name}{path}{number}" for number in range(40))
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source=of.id,
        fetched_at=NOW,
        title=f"Harbour report {path}",
        body=words,
        published=ParsedDate(NOW.date(), NOW, "test"),
    )


def keep(database: Database, *found: Article) -> None:
    """Store and announce articles, and mark their pages, as a crawl does."""
    kept = articles.keep(database, articles.judge(database, [*map(Candidate.of, found)]), now=NOW)
    announce(database, [each for each in kept if each.record.pending], now=NOW)
    visits = [
        Visit(url=each.url, source=each.source, outcome="article", at=NOW, article=each.id)
        for each in found
    ]
    pages.mark(database, visits, RevisitPlan((3_600.0,)))


def searched(settings: Config, database: Database, *queries: str) -> list[int]:
    catch_up(settings, database)
    reader = Reader(settings, database)
    return [reader.search(query).total for query in queries]


def test_an_article_that_another_met_first_belongs_to_both_without_edit_or_alert(
    database: Database, settings: Config
) -> None:
    site, sport = source("site"), source("sport", "https://site.example/sport/")
    for each in (site, sport):
        sources.add(database, each)
    for name, query in (("all", "harbour"), ("sport", "harbour source:sport")):
        rules.add(database, Rule(id=name, name=name, query=query, created_at=NOW))
    found = [article(f"sport/{number}", site) for number in range(120)]
    keep(database, *found)
    assert searched(settings, database, "source:sport", "source:site") == [0, 120]
    urls = [each.url for each in found]
    assert belonging.share(database, urls, sport.id) == 120
    assert belonging.share(database, urls, sport.id) == 0
    assert searched(settings, database, "source:sport", "source:site") == [120, 120]
    stored = articles.get(database, found[0].id)
    assert stored is not None
    assert (stored.record.sources, stored.record.revision) == ((site.id, sport.id), 1)
    assert stored.article.source == site.id
    assert [each["alert"] for each in database.matches.find()] == ["all"] * 120


# One meaning of source: and group:, whatever sources are called


def test_a_query_that_names_a_former_name_finds_the_same_and_fires_the_same(
    database: Database, settings: Config
) -> None:
    before = source("wire", groups=("agencies",))
    sources.add(database, before)
    queries = ("source:wire", "source:Agency", "group:agencies", "harbour -source:wire")
    for query in queries:
        rules.add(database, Rule(id=query, name=query, query=query, created_at=NOW))
    keep(database, article("a", before))
    after = sources.rename(database, before, "agency")
    assert eventually(lambda: searched(settings, database, *queries) == [1, 1, 1, 0])
    sources.change(database, after.id, groups=("Wires",))
    assert eventually(
        lambda: searched(settings, database, "group:agencies", "group:wires") == [0, 1]
    )
    keep(database, article("b", after))
    assert searched(settings, database, *queries) == [2, 2, 0, 0]
    fired = Counter(each["alert"] for each in database.matches.find())
    assert fired == {"source:wire": 2, "source:Agency": 1, "group:agencies": 1}


IDS = st.sampled_from(["a1", "b2", "c3", "d4", "e5", "f6"])
WORDS = st.sampled_from(["wire", "WIRE", "Agency", "coast", "a1", "e5", "unheard of"])


@st.composite
def families(draw: st.DrawFn) -> list[Family]:
    """Sources as they may have become: ids and names shared out, none to two."""
    ids = draw(st.permutations(["a1", "b2", "c3", "d4"]))
    names = draw(st.permutations(["wire", "agency", "coast", "harbour"]))
    cut = draw(st.integers(1, 3))
    return [
        Family(
            id=some[0],
            name=called[0],
            ids=frozenset(some),
            known_as=frozenset(called),
            groups=tuple(draw(st.lists(st.sampled_from(["Wires", "wires", "x"]), max_size=2))),
        )
        for some, called in ((ids[:cut], names[:cut]), (ids[cut:], names[cut:]))
    ]


@given(families(), st.lists(IDS, min_size=1, max_size=3, unique=True), WORDS)
def test_both_ways_from_a_name_to_an_article_are_one(
    found: list[Family], belongs: list[str], word: str
) -> None:
    names = Names(found)
    document = Document.of(
        title="", body="", sources=names.names(belongs), groups=names.groups(belongs)
    )
    by_name, by_group = Equal("source", word), Equal("group", word)
    assert evaluate(by_name, document) == bool(names.called(word) & set(belongs))
    assert evaluate(by_group, document) == bool(names.grouped(word) & set(belongs))


def eventually(claim: Callable[[], bool]) -> bool:
    """Wait until a claim holds; names are read anew once a second."""
    deadline = time.monotonic() + 10
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


STORY = """<html><head><title>{title}</title><meta property="og:type" content="article"></head><body>
<article><h1>{title}</h1>{paragraphs}</article></body></html>"""


def test_a_section_learns_of_articles_that_the_whole_sites_crawl_has_read(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    links = []
    for number in range(6):
        title = f"Report number {number} from the harbour of the old town"
        text = "".join(f"<p>{title}, said witness {line} of that morning.</p>" for line in range(9))
        site.write(f"sport/2026/report-{number}.html", STORY.format(title=title, paragraphs=text))
        links.append(f'<li><a href="/sport/2026/report-{number}.html">{title}</a></li>')
    lists = f"<html><body><ul>{''.join(links)}</ul></body></html>"
    site.write("index.html", lists)
    site.write("sport/index.html", lists)
    assert newsbot("source", "add", site.base, "--name", "whole").returncode == 0
    assert newsbot("crawl", "whole").returncode == 0
    assert newsbot("source", "add", f"{site.base}/sport/", "--name", "sport").returncode == 0
    site.requests.clear()
    crawl = newsbot("crawl", "sport")
    assert crawl.returncode == 0, crawl.stderr
    assert [path for path in site.requests if "report" in path] == []
    whole, sport = (sources.find(database, name) for name in ("whole", "sport"))
    assert whole is not None
    assert sport is not None
    belong = [(each["sources"], each["revision"]) for each in database.articles.find()]
    assert belong == [([whole.id, sport.id], 1)] * 6


def test_the_name_of_a_source_is_known_to_its_first_article(database: Database) -> None:
    documents = Documents.of(database)
    assert documents.source_name("removed long ago") == ""
    added = source("one")
    sources.add(database, added)
    assert documents.source_name(added.id) == "one"


def test_a_list_in_a_pipe_has_a_line_for_each(newsbot: Command, database: Database) -> None:
    for number in range(3):
        name = f"a source with a long name, of which there are several, number {number}"
        add_source(database, name, datetime.now(UTC), "coast")
    for columns in ("", "0"):
        newsbot.environment.pop("COLUMNS", None)
        if columns:
            newsbot.environment["COLUMNS"] = columns
        _, *listed = newsbot("source", "list").stdout.splitlines()
        assert [line.split("  ")[0][-1] for line in listed] == ["0", "1", "2"]
