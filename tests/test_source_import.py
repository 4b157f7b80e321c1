"""Many sources at once, and sites that are recognised: real sites, a real archive."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import attrs
import pytest
from typer.testing import CliRunner

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, Way
from newsbot.cli import app
from newsbot.config import Config
from newsbot.discovery import EntryPoint
from newsbot.discovery.lists import read_list
from newsbot.fetching.survey import Survey, survey
from newsbot.spiders.adding import Wishes, add_site, moved
from newsbot.spiders.importing import Import, Line
from newsbot.spiders.recognition import KnownSiteError, KnownSites
from tests.conftest import Command, Site
from tests.test_kills import wait_until
from tests.test_sources import NOW, source

MakeSite = Callable[[], Site]


def seen(homepage: str, *feeds: str, stated: tuple[str, ...] = ()) -> Survey:
    """What a survey of a site finds."""
    ways = tuple(EntryPoint(url=each, kind="feed") for each in feeds)
    page = EntryPoint(url=homepage, kind="page")
    return Survey(
        homepage=homepage,
        title="T",
        entry_points=(*ways, page),
        links=9,
        needs_javascript=False,
        stated=stated,
    )


def coast(**fields: object) -> Source:
    feeds = ("https://coast.example/feed", "https://coast.example/sport/feed")
    ways = tuple(Way(url=each, kind="feed") for each in feeds)
    return source("coast", entry_points=ways, **fields)


# Who a site is

SAME = {
    "as typed": ("coast.example", seen("https://coast.example/")),
    "www": ("https://www.coast.example/", seen("https://www.coast.example/")),
    "http and port": ("http://coast.example:80", seen("http://coast.example/")),
    "mobile": ("https://m.coast.example/", seen("https://m.coast.example/")),
    "amp": ("https://amp.coast.example/", seen("https://amp.coast.example/")),
    "redirect": ("https://kst.example/", seen("https://coast.example/")),
    "canonical": (
        "https://c.example/",
        seen("https://c.example/", stated=("https://coast.example/",)),
    ),
    "feed elsewhere": (
        "https://x.example/",
        seen("https://x.example/", "http://www.coast.example/feed/"),
    ),
    "former address": ("https://old.example/", seen("https://old.example/")),
    "merged": ("https://tiny.example/", seen("https://tiny.example/")),
}


@pytest.mark.parametrize("way", SAME)
def test_a_known_site_is_recognised(way: str) -> None:
    url, found = SAME[way]
    merged = attrs.evolve(source("tiny"), merged_into=coast().id)
    known = KnownSites([coast(addresses=("https://old.example/",)), merged, source("other")])
    recognised = known.recognise(url, found)
    assert recognised is not None
    assert recognised.source.name == "coast"


def test_the_address_that_led_to_a_site_is_known_from_then_on(database: Database) -> None:
    made = add_site(database, "kst.example", seen("https://coast.example/"), Wishes(), now=NOW)
    assert made.addresses == ("https://kst.example",)
    assert sources.find(database, "http://www.kst.example/") == made


def test_what_is_no_more_than_alike_is_not_recognised() -> None:
    known = KnownSites([coast(), source("other")])
    for url in (
        "https://coasts.example/",
        "http://coast.example:8080/",
        "https://blog.coast.example/",
    ):
        assert known.recognise(url, seen(url, f"{url}feed")) is None


def test_a_section_is_a_source_of_its_own_and_leaves_the_whole_its_feeds(
    database: Database,
) -> None:
    whole = coast()
    sources.add(database, whole)
    found = seen(
        "https://coast.example/sport/",
        "https://coast.example/feed",
        "https://coast.example/sport/all",
    )
    made = add_site(database, found.homepage, found, Wishes(), now=NOW)
    assert made.id != whole.id
    assert [way.url for way in made.entry_points] == [
        "https://coast.example/sport/all",
        "https://coast.example/sport/",
    ]
    with pytest.raises(KnownSiteError, match=r"its homepage is https://coast\.example/sport/"):
        add_site(database, "coast.example/sport", found, Wishes(), now=NOW)


def test_the_whole_site_that_comes_after_its_section_keeps_all_of_its_feeds(
    database: Database,
) -> None:
    sources.add(
        database, source("sport", "https://coast.example/sport/", entry_points=coast().entry_points)
    )
    found = seen("https://coast.example/", "https://coast.example/feed")
    made = add_site(database, found.homepage, found, Wishes(), now=NOW)
    assert made.entry_points[0].url == "https://coast.example/feed"


def test_what_looks_known_may_be_added_anyway_but_not_twice(database: Database) -> None:
    sources.add(database, coast())
    twin = seen("https://twin.example/", "https://coast.example/feed")
    with pytest.raises(KnownSiteError, match=r"the same feed, https://coast\.example/feed"):
        add_site(database, twin.homepage, twin, Wishes(), now=NOW)
    add_site(database, twin.homepage, twin, Wishes(), now=NOW, anyway=True)
    with pytest.raises(KnownSiteError, match="its homepage is"):
        add_site(database, twin.homepage, twin, Wishes(), now=NOW, anyway=True)


def test_who_takes_over_a_moved_sources_old_address_is_another_source(database: Database) -> None:
    first = coast()
    sources.add(database, first)
    sources.move(database, moved(first, seen("https://shore.example/")))
    squatter = seen("https://coast.example/")
    with pytest.raises(KnownSiteError, match="is another address of it"):
        add_site(database, "coast.example", squatter, Wishes(), now=NOW)
    other = add_site(database, "coast.example", squatter, Wishes(name="new"), now=NOW, anyway=True)
    assert other.id != first.id
    found = [
        sources.find(database, url) for url in ("http://coast.example", "shore.example", first.id)
    ]
    assert [each and each.name for each in found] == ["new", None, "coast"]


# Real sites

PAGE = """<html><head><title>{title}</title>{head}</head><body>
<a href="{base}/a/1.html">A first story of the day about the harbour</a>
<a href="{base}/a/2.html">A second story of the day about the harbour</a></body></html>"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>t</title>
<link>{home}</link><atom:link rel="self" href="{own}"/>
<item><title>A first story</title><link>{home}a/1.html</link></item></channel></rss>"""


def lay(site: Site, *, feed: bool = True, head: str = "") -> Site:
    link = f'<link rel="alternate" type="application/rss+xml" href="{site.base}/feed.xml">'
    page = PAGE.format(base=site.base, title="The Coast", head=head + (link if feed else ""))
    site.write("index.html", page)
    if feed:
        site.write("feed.xml", RSS.format(home=f"{site.base}/", own=f"{site.base}/feed.xml"))
    return site


def test_a_feed_and_a_twin_of_a_known_site_lead_to_it(
    make_site: MakeSite, database: Database, settings: Config
) -> None:
    one, twin, proxy = lay(make_site()), make_site(), make_site()
    add_site(database, one.base, survey(one.base, settings), Wishes(name="coast"), now=NOW)
    lay(twin, feed=False, head=f'<link rel="canonical" href="{one.base}/">')
    copy = proxy.write(
        "copy.xml", RSS.format(home="http://nowhere.example/", own=f"{one.base}/feed.xml")
    )
    home = proxy.write("home.xml", RSS.format(home=f"{one.base}/", own=""))
    for url in (f"{one.base}/feed.xml", f"{one.base}/index.html", twin.base, copy, home):
        with pytest.raises(KnownSiteError, match="is the source 'coast' already"):
            add_site(database, url, survey(url, settings), Wishes(), now=NOW)
    assert len(sources.records(database)) == 1


def test_adding_and_moving_on_the_command_line(
    make_site: MakeSite, newsbot: Command, database: Database
) -> None:
    one, new = lay(make_site()), lay(make_site())
    assert newsbot("source", "add", one.base, "--name", "coast").returncode == 0
    again = newsbot("source", "add", f"{one.base}/feed.xml")
    assert again.returncode == 1
    assert "is the source 'coast' already" in again.stderr
    assert "--anyway" not in again.stderr  # it would be no other

    before = sources.find(database, "coast")
    moved_to = newsbot.json("source", "move", "coast", new.base)
    assert isinstance(moved_to, dict)
    assert before is not None
    assert (moved_to["id"], moved_to["homepage"]) == (before.id, f"{new.base}/")
    assert moved_to["addresses"] == [f"{one.base}/", f"{one.base}/feed.xml"]
    assert newsbot("source", "move", "coast", one.base).returncode == 0  # and back
    after = sources.find(database, new.base)
    assert after is not None
    assert (after.id, after.homepage) == (before.id, before.homepage)


# Lists


def opml(*outlines: tuple[str, str, str]) -> bytes:
    lines = [
        f"<outline type='rss' text={quoteattr(title)} xmlUrl={quoteattr(feed)} htmlUrl={quoteattr(home)}/>"
        for title, feed, home in outlines
    ]
    return ("<opml><body>\n" + "\n".join(lines) + "\n</body></opml>").encode()


def importing(database: Database, settings: Config, data: bytes, *, private: bool = True) -> Import:
    return Import(database, settings, read_list(data), now=NOW, private=private)


def outcomes(lines: list[Line]) -> list[tuple[tuple[int, ...], str, str]]:
    return [(line.lines, line.outcome, line.source) for line in lines]


def test_lines_of_one_site_are_one_source_and_a_second_time_adds_nothing(
    database: Database, settings: Config
) -> None:
    sources.add(database, coast())
    data = opml(
        ("World", "https://wire.example/world", "https://wire.example/"),
        ("Coast", "https://coast.example/feed", "https://coast.example"),
        ("Sport", "https://wire.example/sport", "http://www.wire.example"),
        ("World again", "https://wire.example/world", ""),
        ("Boats", "https://coast.example/boats", "https://coast.example/"),
        ("Mail", "mailto:a@b.example", ""),
        ("Inside", "http://169.254.169.254/feed", "http://169.254.169.254/"),
    )
    work = importing(database, settings, data, private=False)
    expected = [
        ((2, 4, 5), "new", ""),
        ((3, 6), "more", "coast"),
        ((7,), "bad", ""),
        ((8,), "bad", ""),
    ]
    plan = work.plan()
    assert outcomes(plan) == expected
    assert plan[1].why.endswith("adds its feed https://coast.example/boats")
    assert "is no web address" in plan[2].why
    assert "not on the public Internet" in plan[3].why
    done = work.carry_out()
    assert outcomes(done) == [((2, 4, 5), "new", "wire"), *expected[1:]]
    wire = sources.find(database, "wire")
    assert wire is not None
    assert [way.url for way in wire.entry_points] == [
        "https://wire.example/world",
        "https://wire.example/sport",
    ]
    again = importing(database, settings, data, private=False).carry_out()
    assert [line.outcome for line in again] == ["known", "known", "bad", "bad"]
    assert len(sources.everything(database)) == 2


def test_sites_without_a_feed_are_looked_at_and_one_that_fails_loses_no_other(
    make_site: MakeSite, database: Database, settings: Config
) -> None:
    good, plain, twin, gone = (
        lay(make_site()),
        lay(make_site(), feed=False),
        make_site(),
        make_site(),
    )
    lay(twin, feed=False, head=f'<meta property="og:url" content="{good.base}/">')
    gone.close()
    listed = [
        good.base,
        gone.base,
        f"{good.base}/feed.xml",
        plain.base,
        twin.base,
        "ftp://x.example/",
    ]
    work = importing(database, settings, "\n".join(listed).encode())
    assert [line.unseen for line in work.plan()] == [True] * 5 + [False]
    done = work.carry_out()
    by_line = {line.lines[0]: line for line in done}
    assert [by_line[n].outcome for n in (2, 4, 6)] == ["bad", "new", "bad"]
    assert "refuses the connection" in by_line[2].why
    of_good = [by_line[n] for n in (1, 3, 5)]
    assert [line.outcome for line in of_good] == ["new", "known", "known"]
    assert len({line.source for line in of_good}) == 1
    assert len(sources.everything(database)) == 2
    for each in sources.everything(database):
        assert each.allowed_hosts


def test_an_import_that_is_killed_is_made_up_for_by_the_next(
    database: Database, newsbot: Command, tmp_path: Path
) -> None:
    data = opml(
        *((f"Site {n}", f"https://s{n}.example/feed", f"https://s{n}.example/") for n in range(400))
    )
    file = tmp_path / "list.opml"
    file.write_bytes(data)
    killed = newsbot.start("source", "import", str(file), "--yes", output=tmp_path / "said")
    wait_until(lambda: database.sources.count_documents({}) >= 50)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    there = database.sources.count_documents({})
    assert there < 400
    done = newsbot("source", "import", str(file), "--yes")
    assert done.returncode == 0, done.stderr
    assert f"{400 - there} new, {there} known, 0 bad." in done.stdout
    assert database.sources.count_documents({}) == 400
    dues = sorted(each.next_due for each in sources.everything(database) if each.next_due)
    assert (dues[-1] - dues[0]).total_seconds() > 100


def test_an_import_that_cannot_ask_or_read_says_what_to_give(
    database: Database, newsbot: Command, tmp_path: Path
) -> None:
    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["source", "import", *words], env=newsbot.environment)
        return done.exit_code, done.output

    file = tmp_path / "list.csv"
    file.write_text("url,feed\nhttps://one.example/,https://one.example/feed\nnothing,\n")
    assert run(str(file))[0] == 2
    assert sources.everything(database) == []
    code, said = run(str(file), "--yes", "--json")
    assert code == 1
    assert [line["outcome"] for line in json.loads(said)] == ["new", "bad"]
    assert len(sources.everything(database)) == 1
    assert run(str(file), "--dry-run", "--json")[0] == 1
    assert run(str(tmp_path / "nowhere"))[0] == 2
    file.write_text("<html><body>Log in</body></html>")
    assert run(str(file), "--yes")[0] == 2


@pytest.mark.parametrize("ending", ["opml", "csv"])
def test_what_is_exported_makes_the_same_sources_again(
    ending: str, database: Database, settings: Config, newsbot: Command, tmp_path: Path
) -> None:
    first = [
        coast(groups=("Middle East", "daily"), title="The Coast & Sea", delay=2.5, next_due=NOW),
        source(
            "صحيفة",
            "https://ar.example/",
            entry_points=(Way(url="https://ar.example/", kind="page"),),
        ),
        source(
            "Two Words",
            "http://two.example/news/",
            title="=SUM(A1)",
            javascript=True,
            entry_points=(Way(url="http://two.example/sitemap.xml", kind="sitemap"),),
        ),
    ]
    for each in first:
        sources.add(database, each)
    file = tmp_path / f"list.{ending}"
    assert newsbot("source", "export", str(file)).returncode == 0
    database.sources.delete_many({})
    lines = Import(database, settings, read_list(file.read_bytes()), now=NOW).carry_out()
    assert {line.outcome for line in lines} == {"new"}
    mine = {each.name: each for each in sources.everything(database)}
    for each in first:
        again = mine[each.name]
        assert attrs.evolve(again, next_due=None) == attrs.evolve(each, next_due=None)
        assert (again.next_due is None) == (each.next_due is None)
