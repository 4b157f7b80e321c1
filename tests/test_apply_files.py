"""Files that are wrong: every error of all of them at once, with its line and what would be right."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.applying.files import read_files, write_files
from newsbot.applying.kind import Record
from newsbot.applying.kinds import KINDS
from newsbot.applying.stated import Problems
from newsbot.archive import lists, sources
from newsbot.archive.connection import Database
from newsbot.query import QuerySyntaxError, entry_of
from tests.conftest import Command, InProcess

POST = """sources:
  post:
    homepage: https://post.example/
    entry_points: [feed: https://post.example/feed]
"""
LIST = "a list is expected here, a line each with - before it"
RULE = 'write one as cron: "0 6 * * mon-fri", every: 6h or at: 2027-01-31T06:00'
SECRET = (
    "may be a secret, and stands in no file; name the variable of the environment that has it: "
    "{env: NAME}"
)
ENTRY = "is for queries; an entry is one word or one phrase, each on a line of its own"
BAD = [
    # What is no YAML.
    (
        "lists:\n  ships: [frigat*\n",
        (
            "2: this is no YAML (while parsing a flow sequence, expected ',' or ']', but got "
            "'<stream end>'); a bracket is not closed, or a comma is missing"
        ),
    ),
    (
        "lists:\n\tships: [a]\n",
        (
            "2: this is no YAML (while scanning for the next token, found character '\\t' that cannot "
            "start any token); indent with spaces, not with tabs"
        ),
    ),
    (
        "lists:\n  ships:\n    - @other\n",
        (
            "3: this is no YAML (while scanning for the next token, found character '@' that cannot "
            "start any token); put a text that begins so in quotes"
        ),
    ),
    (
        "lists:\n  ships: HMS: Daring\n",
        (
            "2: this is no YAML (mapping values are not allowed here); put a text with a colon and a "
            "space in it in quotes"
        ),
    ),
    (
        "lists:\n  ships:\n    - *frigate\n",
        (
            "3: this is no YAML (found undefined alias 'frigate'); put a text that begins with an "
            "asterisk in quotes"
        ),
    ),
    (
        "lists:\n  ships:\n    - a\n   - b\n",
        (
            "4: this is no YAML (while parsing a block mapping, expected <block end>, but found "
            "'<block sequence start>'); look at how far this line and those before are indented"
        ),
    ),
    (
        "lists:\n  ships: ['a]\n\n",
        (
            "2: this is no YAML (while scanning a quoted scalar, found unexpected end of stream); "
            "a quotation mark is not closed"
        ),
    ),
    (
        "lists: {}\n---\nlists: {}\n",
        (
            "2: this is no YAML (expected a single document in the stream, but found another document)"
            "; write one document a file, without ---"
        ),
    ),
    ("lists:\n  ships: [a\x07]\n", "2: the invisible character U+0007 stands here"),
    ("lists:\n  a: " + "[" * 5_000, "1: what stands here is nested too deeply"),
    # What is at the wrong place.
    ("list:\n  ships: [a]\n", "1: a file has no 'list'; did you mean 'lists'?"),
    ("weather: {}\n", "1: a file has no 'weather'; there are lists, sources, schedules, alerts"),
    ("- lists\n", "1: names with values are expected here (name: value), not a list"),
    ("lists:\n  ships: a\n", f"2: {LIST}, not 'a'"),
    ("lists:\n  ships:\n", f"2: {LIST}, and nothing is"),
    ("lists:\n  <<: {a: [b]}\n", "2: << is not read; write the settings out"),
    ("lists:\n  ships: [!word a]\n", "2: the tag !word has no meaning here; leave it out"),
    ("lists:\n  ships: &x [a, *x]\n", "2: a text is expected here, not a list"),
    # Lists.
    ("lists:\n  ships: []\n", "2: @ships is empty; take it out to be rid of it"),
    (
        "lists:\n  ships:\n    - a OR b\n    - c\n    - (d\n    -\n",
        f"3: 'a OR b' is no entry of a list: OR {ENTRY}",
        f"5: '(d' is no entry of a list: ( {ENTRY}",
        "6: a text is expected here, and nothing is",
    ),
    (
        "lists:\n  my ships: [a]\n",
        "2: 'my ships' is no name for a list: it is of letters, digits, - and _, as in @navy-ships",
    ),
    ("lists:\n  ships: [a]\n  ships: [b]\n", "3: ships stands here twice, first in line 2"),
    ("lists:\n  ships: [a]\n  Ships: [b]\n", "3: @ships is stated twice, first in {file}:2"),
    # Sources.
    (
        "sources:\n  post:\n    title: Post\n",
        "2: the source 'post' has no homepage; write it as homepage: https://news.example/",
    ),
    (POST.replace("home", "home_"), "3: a source has no 'home_page'; did you mean 'homepage'?"),
    (
        "sources:\n  post:\n    homepage: post.example\n",
        "3: 'post.example' is no web address; write it as https://news.example/",
    ),
    (
        "sources:\n  po/st:\n    homepage: https://post.example/\n",
        (
            "2: 'po/st' can be no source's name: it begins with a letter or a digit and has no slash "
            "and no quotation mark"
        ),
    ),
    (
        POST + "    delay: fast\n    concurrency: 0\n    javascript: yes\n    colour: red\n",
        "5: a number is expected here, not 'fast'",
        "6: a number from 1 to 64 is expected here, not '0'",
        "7: true or false is expected here, not 'yes'",
        (
            "8: a source has no 'colour'; there are homepage, title, groups, entry_points, delay, "
            "concurrency, javascript, poll, paused, overrides, allowed_hosts, headers, cookies, proxy"
        ),
    ),
    (POST + "    concurrency: 2.5\n", "5: a whole number is expected here, not '2.5'"),
    (
        POST.replace("feed: ", "rss: "),
        "4: 'rss' is no entry point; write one as feed: https://…, sitemap: or page:",
    ),
    (
        POST.replace("[feed: https://post.example/feed]", "[]"),
        "4: a source has at least one entry point; leave entry_points out to have them looked for",
    ),
    (
        "sources:\n  post:\n    homepage: http://127.0.0.1:8080/\n",
        (
            "3: http://127.0.0.1:8080/ is not on the public Internet; to have it fetched all the same, "
            "write allowed_hosts: [127.0.0.1:8080]"
        ),
    ),
    (
        POST + "    overrides: {tittle: h1}\n",
        "5: overrides has no 'tittle'; did you mean 'title'?",
    ),
    (
        POST + "    overrides: {title: 'h1['}\n",
        "5: title: 'h1[' is no CSS selector that can be read; give one as div.story > p",
    ),
    (
        POST + "    headers: {Authorization: Bearer abc}\n    cookies: {session: abc}\n",
        f"5: the header Authorization {SECRET}",
        f"6: the cookie session {SECRET}",
    ),
    (POST + "    proxy: http://me:pw@proxy.example:1\n", f"5: a proxy with a password {SECRET}"),
    (
        POST + "    headers: {Authorization: {env: NOT_THERE}}\n",
        "5: the environment has no NOT_THERE; set it where newsbot apply is run",
    ),
    (
        POST + "    cookies: {session: {environment: X}}\n",
        "5: a text is expected here, or {env: NAME} with a variable of the environment",
    ),
    (POST + "    headers: {Host: x}\n", "5: the header Host is set by newsbot itself"),
    # Schedules.
    (
        "schedules:\n  post:\n    - cron: often\n    - every: 0\n    - {every: 6h, timezone: Mars}\n",
        (
            "3: cron 'often' cannot be read: Wrong number of fields; got 1, expected 5; five fields, "
            'as "0 6 * * mon-fri" for weekdays at six'
        ),
        "4: an interval is between one second and ten years",
        "5: there is no time zone 'Mars'; give an IANA name, as Asia/Damascus",
    ),
    (
        "schedules:\n  post:\n    - {every: 6h, at: 2027-01-01T00:00}\n    - timezone: UTC\n",
        f"3: a schedule has one of cron, every and at; {RULE}",
        f"4: a schedule has one of cron, every and at; {RULE}",
    ),
    ("schedules:\n  post:\n    - evry: 6h\n", "3: a schedule has no 'evry'; did you mean 'every'?"),
    ("schedules:\n  post: {every: 6h}\n", f"2: {LIST}, not names with values"),
]


@pytest.mark.parametrize("case", BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_told_with_its_line(case: tuple[str, ...], tmp_path: Path) -> None:
    text, *told = case
    file = tmp_path / "desk.yaml"
    file.write_text(text, "utf8")
    problems = Problems()
    read_files(tmp_path, "", problems)
    assert problems.lines() == [f"{file}:{line.replace('{file}', str(file))}" for line in told]


def test_every_error_of_all_files_is_told_and_nothing_changed(
    newsbot: Command, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.yaml").write_text("lists:\n  good: [a]\n  bad: [a OR b]\n")
    (tmp_path / "a" / "2.yml").write_bytes(b"lists:\n  x: [\xff]\n")
    (tmp_path / "b.yaml").write_text(POST + "    dely: 2\nlists: {good: [b]}\n")
    (tmp_path / "c.yaml").write_text("lists: [\n")
    (tmp_path / "notes.txt").write_text("lists: [\n")
    done = newsbot("apply", str(tmp_path), "--yes")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "newsbot: nothing was changed, for 5 things are wrong:",
        f"  {tmp_path}/a/1.yaml:3: 'a OR b' is no entry of a list: OR {ENTRY}",
        f"  {tmp_path}/a/2.yml:2: this line is not UTF-8; save the file as that",
        f"  {tmp_path}/b.yaml:5: a source has no 'dely'; did you mean 'delay'?",
        f"  {tmp_path}/b.yaml:6: @good is stated twice, first in {tmp_path}/a/1.yaml:2",
        (
            f"  {tmp_path}/c.yaml:2: this is no YAML (while parsing a flow node, expected the node "
            "content, but found '<stream end>'); a value is missing, or a bracket is not closed"
        ),
    ]
    assert lists.everything(database) == []
    assert sources.everything(database) == []


def test_a_folder_without_files_removes_nothing(newsbot_here: InProcess, tmp_path: Path) -> None:
    for path, says in ((tmp_path, "has no file that ends in .yaml"), (tmp_path / "x", "no folder")):
        done = newsbot_here("apply", str(path), "--yes")
        assert done.returncode == 2
        assert says in done.stderr


def test_a_file_of_remarks_alone_states_nothing(tmp_path: Path) -> None:
    for text in ("", "# nothing\n", "lists:\n", "lists: {}\nsources:\n"):
        (tmp_path / "x.yaml").write_text(text)
        problems = Problems()
        assert not any(read_files(tmp_path, "", problems).declared.values())
        assert problems.lines() == []


ENTRIES = st.lists(
    st.one_of(
        st.sampled_from(["no", "null", "~", "1.0", "0x1F", "2027-01-31", "=WHO", "frigat*", "'a"]),
        st.text(min_size=1).map(lambda text: " ".join(text.split())),
    ),
    min_size=1,
    unique=True,
)


def _is_entry(text: str) -> bool:
    try:
        entry_of(text)
        text.encode("utf8")
    except (QuerySyntaxError, UnicodeEncodeError):
        return False
    return True


@given(ENTRIES.map(lambda entries: tuple(filter(_is_entry, entries))))
def test_entries_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, entries: tuple[str, ...]
) -> None:
    folder = tmp_path_factory.mktemp("conf")
    record = Record(name="@no", values={"entries": entries}, mark=None, kept=None)
    write_files(folder, {kind.key: [] for kind in KINDS} | {"lists": [record] if entries else []})
    if entries:
        problems = Problems()
        (read,) = read_files(folder, "", problems).declared["lists"]
        assert problems.lines() == []
        assert (read.name, read.values) == ("@no", {"entries": entries})
