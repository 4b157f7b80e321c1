"""What is kept as files: shown, done, and done only once."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.archive import articles, lists, rules, schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.search.lists import Lists
from tests.conftest import Command, InProcess, Site

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
DESK = """# What the desk follows.
lists:
  places:      # all spellings
    - حلب
    - Homs
sources:
  post:
    homepage: https://post.example/
    entry_points:
      - feed: https://post.example/feed.xml
    groups: [Syria, daily]
    delay: 2
schedules:
  post:
    - cron: "0 6 * * mon-fri"
      timezone: Asia/Damascus
    - every: 15m
"""
NOTHING = "Nothing to change: all is as the files say.\n"


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "desk.yaml").write_text(DESK, "utf8")
    return folder


@pytest.fixture
def apply(newsbot_here: InProcess, conf: Path) -> Callable[..., str]:
    """Have the files applied as they are, or as they are with texts replaced; what it said."""

    def run(*replaced: tuple[str, str], to: Path | None = None) -> str:
        file = conf / "desk.yaml"
        text = file.read_text("utf8")
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text, "utf8")
        done = newsbot_here("apply", str(to or conf), "--yes")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def source(database: Database, name: str = "post") -> Source:
    found = sources.find(database, name)
    assert found is not None
    return found


def test_a_plan_is_shown_done_and_done_once(
    newsbot: Command, database: Database, conf: Path
) -> None:
    planned = newsbot("apply", str(conf), "--plan")
    assert planned.returncode == 3
    at = f"{conf}/desk.yaml"
    assert planned.stdout == (
        f"+ list @places  ({at}:3)\n    entries:\n      + حلب\n      + Homs\n"
        "    kept by file: conf/desk.yaml\n"
        f"+ source post  ({at}:7)\n    homepage: https://post.example/\n"
        "    entry_points:\n      + feed: https://post.example/feed.xml\n"
        "    groups:\n      + Syria\n      + daily\n    delay: 2\n"
        "    kept by file: conf/desk.yaml\n"
        f"+ schedule post: cron 0 6 * * mon-fri (Asia/Damascus)  ({at}:15)\n"
        "    kept by file: conf/desk.yaml\n"
        f"+ schedule post: every 15m  ({at}:17)\n    kept by file: conf/desk.yaml\n"
        "4 to add, 0 to change, 0 to remove.\n"
    )
    assert sources.everything(database) == []

    unasked = newsbot("apply", str(conf))
    assert (unasked.returncode, sources.everything(database)) == (2, [])
    assert "give --yes to apply without being asked" in unasked.stderr

    done = newsbot("apply", str(conf), "--yes")
    assert (done.returncode, done.stdout) == (
        0,
        f"{planned.stdout}Done: 4 added, 0 changed, 0 removed.\n",
    )
    made = source(database)
    assert (made.groups, made.delay, made.state) == (("Syria", "daily"), 2.0, "active")
    assert made.next_due is not None
    assert lists.everything(database)[0].entries == ("حلب", "Homs")
    assert [each.kind for each in schedules.everything(database)] == ["cron", "interval"]

    before = [list(of.find({})) for of in (database.sources, database.lists, database.schedules)]
    for word in ("--plan", "--yes"):
        again = newsbot("apply", str(conf), word)
        assert (again.returncode, again.stdout) == (0, NOTHING)
    assert before == [
        list(of.find({})) for of in (database.sources, database.lists, database.schedules)
    ]


@pytest.mark.parametrize(("answer", "code"), [("n", 1), ("y", 0)])
def test_on_a_terminal_it_asks(
    newsbot: Command, database: Database, conf: Path, answer: str, code: int
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "newsbot.cli", "apply", str(conf)],
        env=newsbot.environment,
        stdin=theirs,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    assert "Apply? [y/N]:" in done.stdout + done.stderr
    assert len(sources.everything(database)) == (1 if code == 0 else 0)


def test_each_field_is_told_as_it_was_and_as_it_becomes(
    apply: Callable[..., str], database: Database, conf: Path
) -> None:
    apply()
    said = apply(
        ("    delay: 2\n", "    title: Post\n    poll: false\n"),
        ("[Syria, daily]", "[daily, Syria, ar]"),
        ("    - Homs\n", "    - Hama\n    - Idlib\n"),
        ("timezone: Asia/Damascus", "timezone: Asia/Damascus\n      paused: true"),
    )
    at = f"{conf}/desk.yaml"
    assert said == (
        f"~ list @places  ({at}:3)\n    entries: 2 of them → 3 of them\n"
        "      - Homs\n      + Hama\n      + Idlib\n"
        f"~ source post  ({at}:8)\n    groups: 2 of them → 3 of them\n      + ar\n"
        "    title: - → Post\n    poll: true → false\n    delay: 2 → -\n"
        f"~ schedule post: cron 0 6 * * mon-fri (Asia/Damascus)  ({at}:17)\n"
        "    paused: false → true\n"
        "0 to add, 3 to change, 0 to remove.\nDone: 0 added, 3 changed, 0 removed.\n"
    )
    made = source(database)
    assert (made.title, made.delay, made.next_due) == ("Post", None, None)
    assert apply() == NOTHING


def test_what_no_file_states_is_left_alone(
    apply: Callable[..., str], newsbot_here: InProcess, database: Database
) -> None:
    apply()
    newsbot_here("source", "set", "post", "--concurrency", "3", "--delay", "9", "--group", "x")
    newsbot_here("list", "add", "mine", "storm")
    newsbot_here("schedule", "add", "post", "--every", "7d")
    said = apply()  # what files state is set back, and no more
    assert "    groups: 3 of them → 2 of them\n      - x\n    delay: 9 → 2\n" in said
    assert "0 to add, 1 to change, 0 to remove." in said
    assert source(database).concurrency == 3
    assert apply() == NOTHING


def test_what_files_added_goes_with_them(
    apply: Callable[..., str], newsbot_here: InProcess, database: Database, conf: Path
) -> None:
    apply()
    article = Article(
        id=articles.article_id("https://post.example/1"),
        url="https://post.example/1",
        fetched_url="https://post.example/1",
        source=source(database).id,
        fetched_at=NOW,
        title="Report",
        body="A storm",
    )
    found = articles.judge(database, [Candidate.of(article)])
    articles.keep(database, found, now=NOW)
    newsbot_here("schedule", "add", "post", "--every", "7d")
    (conf / "desk.yaml").write_text("lists: {}\n")
    assert apply() == (
        "- schedule post: cron 0 6 * * mon-fri (Asia/Damascus)\n"
        "- schedule post: every 15m\n"
        "- source post: its articles stay, and 1 of its schedules that no file states go with it\n"
        "- list @places\n"
        "0 to add, 0 to change, 4 to remove.\nDone: 0 added, 0 changed, 4 removed.\n"
    )
    assert (sources.everything(database), lists.everything(database)) == ([], [])
    assert schedules.everything(database) == []
    assert database.articles.count_documents({}) == 1
    assert apply() == NOTHING


def test_what_was_there_before_the_files_stays_after_them(
    apply: Callable[..., str], newsbot_here: InProcess, database: Database, conf: Path
) -> None:
    newsbot_here("list", "add", "places", "حلب", "Homs")
    assert "~ list @places" in apply()
    (kept,) = lists.everything(database)
    assert (kept.version, kept.kept_by_file and kept.kept_by_file.by) == (1, "conf/desk.yaml")
    assert "conf/desk.yaml keeps it" in newsbot_here("list", "add", "places", "Hama").stdout
    assert "kept by the file conf/desk.yaml" in newsbot_here("list", "show", "places").stdout
    said = apply(("  places:      # all spellings\n    - حلب\n    - Homs\n", ""))
    assert "= list @places: it was there before the files; it stays" in said
    (kept,) = lists.everything(database)
    assert (kept.entries, kept.kept_by_file) == (("حلب", "Homs", "Hama"), None)
    assert apply() == NOTHING


def test_two_sets_of_files_leave_each_other_alone(
    apply: Callable[..., str], newsbot_here: InProcess, database: Database, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.yaml").write_text("lists: {storms: [storm]}\n")
    (other / "y.yaml").write_text("lists: {rains: [rain]}\n")
    apply()
    apply(to=other)
    assert apply() == NOTHING
    # One file alone: only what that file added goes.
    (other / "x.yaml").write_text("lists: {}\n")
    assert apply(to=other / "x.yaml").startswith("- list @storms\n0 to add, 0 to change, 1 to")
    assert [each.id for each in lists.everything(database)] == ["places", "rains"]
    moved = newsbot_here("apply", str(other), "--plan", "--name", "another")
    assert "kept by file: other/y.yaml → another/y.yaml" in moved.stdout


def test_a_list_in_use_cannot_be_removed_or_made_useless(
    apply: Callable[..., str], newsbot_here: InProcess, database: Database, conf: Path
) -> None:
    apply()
    query = "@places NEAR/3 rain"
    rules.add(database, Rule(id="r", name="weather", query=query, created_at=NOW))
    file = conf / "desk.yaml"
    file.write_text(DESK.replace("    - Homs\n", '    - "=Homs"\n').replace("delay: 2", "delay: 3"))
    refused = newsbot_here("apply", str(conf), "--yes")
    assert refused.returncode == 1
    assert f"{file}:3: alert 'weather' uses @places" in refused.stderr
    file.write_text("lists: {}\n")
    refused = newsbot_here("apply", str(conf), "--yes")
    assert (refused.returncode, refused.stderr) == (
        1,
        (
            "newsbot: nothing was changed, for one thing is wrong:\n"
            "  the files no longer have the list: @places is used by alert 'weather'; "
            "change or remove it first\n"
        ),
    )
    assert source(database).delay == 2.0


def test_a_list_changed_by_a_file_is_in_force_within_a_second(
    newsbot: Command, database: Database, conf: Path
) -> None:
    assert newsbot("apply", str(conf), "--yes").returncode == 0
    known = Lists.of(database)
    assert known.now().entries == {"places": ("حلب", "Homs")}
    (conf / "desk.yaml").write_text(DESK.replace("Homs", "Hama"), "utf8")
    assert newsbot("apply", str(conf), "--yes").returncode == 0
    changed = time.monotonic()
    while known.now().entries["places"] != ("حلب", "Hama"):
        assert time.monotonic() - changed < 1
        time.sleep(0.01)


def test_a_source_is_renamed_and_moved_and_stays_itself(
    apply: Callable[..., str], database: Database
) -> None:
    apply()
    before = source(database)
    said = apply(("  post:", "  river post:"))
    assert "    name: post → river post\n" in said
    said = apply(("https://post.example", "https://river.example"))
    assert "    homepage: https://post.example/ → https://river.example/\n" in said
    after = source(database, "post")
    assert (after.id, after.name, after.homepage) == (
        before.id,
        "river post",
        "https://river.example/",
    )
    assert after.groups == ("Syria", "daily")
    assert len(schedules.everything(database)) == 2
    assert apply() == NOTHING


def test_a_source_is_stated_once(newsbot_here: InProcess, database: Database, conf: Path) -> None:
    twice = DESK.replace(
        "schedules:", "  other:\n    homepage: http://www.post.example\nschedules:"
    )
    twice = twice.replace("  post:\n    - cron", "  pots:\n    - cron")
    (conf / "desk.yaml").write_text(
        twice.replace(
            "www.post.example\n", "www.post.example\n    entry_points: [page: http://x.example/]\n"
        )
    )
    refused = newsbot_here("apply", str(conf), "--yes")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[1:] == [
        f"  {conf}/desk.yaml:13: http://www.post.example is the homepage of 'post' as well; state it once",
        f"  {conf}/desk.yaml:18: there is no source 'pots'; did you mean 'post'?",
        f"  {conf}/desk.yaml:20: there is no source 'pots'; did you mean 'post'?",
    ]
    assert sources.everything(database) == []


def test_a_site_without_entry_points_is_looked_at_first(
    newsbot_here: InProcess, database: Database, conf: Path, make_site: Callable[[], Site]
) -> None:
    site, gone = make_site(), make_site()
    site.write("feed.xml", '<rss version="2.0"><channel><title>T</title></channel></rss>')
    link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    site.write("index.html", f"<html><head><title>Here</title>{link}</head><body>x</body></html>")
    gone.close()
    host = site.base.partition("://")[2]
    here = f"    homepage: {site.base}/\n    allowed_hosts: ['{host}']\n"
    there = here.replace(site.base, gone.base).replace(host, gone.base.partition("://")[2])
    file = conf / "desk.yaml"
    file.write_text(f"sources:\n  here:\n{here}  gone:\n{there}")
    refused = newsbot_here("apply", str(conf), "--yes")
    assert refused.returncode == 1
    assert f"{file}:5: " in refused.stderr
    assert sources.everything(database) == []
    file.write_text(f"sources:\n  here:\n{here}")
    done = newsbot_here("apply", str(conf), "--yes")
    assert f"    entry_points:\n      + feed: {site.base}/feed.xml\n" in done.stdout, done.stderr
    made = source(database, "here")
    assert (made.title, made.allowed_hosts) == ("Here", (host,))
    asked = len(site.requests)
    assert newsbot_here("apply", str(conf), "--yes").stdout == NOTHING
    assert len(site.requests) == asked


def test_secrets_come_from_the_environment_and_are_never_shown(
    newsbot_here: InProcess, database: Database, conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POST_TOKEN", "Bearer s3cret")
    monkeypatch.setenv("POST_COOKIE", "c00kie")
    monkeypatch.setenv("POST_PROXY", "http://me:pa55@proxy.example:3128")
    access = (
        "    headers: {authorization: {env: POST_TOKEN}, Accept-Language: ar}\n"
        "    cookies: {session: {env: POST_COOKIE}}\n    proxy: {env: POST_PROXY}\n"
    )
    file = conf / "desk.yaml"
    file.write_text(DESK.replace("    delay: 2\n", access), "utf8")
    done = newsbot_here("apply", str(conf), "--yes")
    assert "    headers.Authorization: •••• (from $POST_TOKEN)\n" in done.stdout
    made = source(database)
    assert [(pair.name, pair.value) for pair in made.headers] == [
        ("Authorization", "Bearer s3cret"),
        ("Accept-Language", "ar"),
    ]
    assert (made.cookies[0].value, made.proxy) == ("c00kie", "http://me:pa55@proxy.example:3128")
    said = done.stdout + newsbot_here("apply", str(conf), "--plan", "--json").stdout
    monkeypatch.setenv("POST_TOKEN", "Bearer an0ther")
    said += newsbot_here("apply", str(conf), "--plan", "--json").stdout
    done = newsbot_here("apply", str(conf), "--yes")
    assert "    headers.Authorization: •••• → •••• (from $POST_TOKEN)\n" in done.stdout
    assert source(database).headers[0].value == "Bearer an0ther"
    out = conf.parent / "out"
    said += done.stdout + newsbot_here("apply", "--export", str(out)).stdout
    said += "".join(each.read_text("utf8") for each in out.iterdir())
    assert not [word for word in ("s3cret", "an0ther", "c00kie", "pa55") if word in said]
    assert "# Left out, since it may be secret: post: headers Authorization\n" in said
    file.write_text(DESK.replace("    delay: 2\n", "    headers: {Accept-Language: ar}\n"), "utf8")
    newsbot_here("apply", str(conf), "--yes")
    made = source(database)
    assert ([pair.name for pair in made.headers], made.cookies, made.proxy) == (
        ["Accept-Language"],
        (),
        "",
    )


def test_what_is_exported_says_what_there_is(
    newsbot_here: InProcess, database: Database, conf: Path
) -> None:
    file = conf / "desk.yaml"
    more = (
        "    concurrency: 3\n    paused: true\n    overrides: {title: h1.x, drop: [div.ad, p.x]}\n"
    )
    file.write_text(DESK.replace("    delay: 2\n", f"    delay: 0.5\n{more}"), "utf8")
    newsbot_here("apply", str(conf), "--yes")
    out = conf.parent / "out"
    done = newsbot_here("apply", "--export", str(out))
    assert done.stdout == (
        f"Wrote {out}/lists.yaml: 1 list.\nWrote {out}/sources.yaml: 1 source.\n"
        f"Wrote {out}/schedules.yaml: 2 schedules.\n"
    )
    assert "    - حلب\n" in (out / "lists.yaml").read_text("utf8")
    # The same under the same name: only which file keeps what is another.
    planned = newsbot_here("apply", str(out), "--plan", "--name", "conf", "--json")
    changed = {
        each["field"] for step in json.loads(planned.stdout)["steps"] for each in step["changes"]
    }
    assert changed == {"kept by file"}
    again = newsbot_here("apply", "--export", str(out))
    assert (again.returncode, "would be written over" in again.stderr) == (2, True)


def test_a_moment_that_is_past_is_not_added(
    apply: Callable[..., str], database: Database, conf: Path
) -> None:
    said = apply(("    - every: 15m", "    - at: 2020-01-31T06:00"))
    at = f"{conf}/desk.yaml:17"
    assert f"{at}: post: at 2020-01-31T06:00 is past and is not added; take it out\n" in said
    assert [each.kind for each in schedules.everything(database)] == ["cron"]
