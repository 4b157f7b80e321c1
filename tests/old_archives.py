"""Small archives as each older version of the schema kept them, written by that version's own code.

    python -m tests.old_archives 3         # writes tests/data/schema-3.jsonl

takes the last newsbot that wrote that version out of the repository's history, has it fill an archive, and
keeps what stands there: a line a document or index, as MongoDB's extended JSON. When a migration is
added, the version before it is written once, with the commit before, and stays as it is.
"""

import inspect
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data"

# The commit that first wrote the next version; the one before it is the last of this. Of version 1 there
# is more than one: this is the last before sources had hosts that they are allowed, which version 3 is about.
NEXT = {1: "47f28ba", 2: "27877af", 3: "8b1a7c7", 4: "acf13ca", 5: "01e0da1", 6: "61cf226"}

# What seals the secrets of these archives: 32 zeros.
KEY = "A" * 43 + "="

MOMENT = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
COMMON = "the council said on monday that the bridge over the river stays closed until the end of the week"


def make(version: int) -> None:
    """Write the data of a version with the newsbot of its time; of the present one with this."""
    DATA.mkdir(exist_ok=True)
    out = DATA / f"schema-{version}.jsonl"
    with tempfile.TemporaryDirectory() as folder:
        if version in NEXT:
            command = ["git", "archive", f"{NEXT[version]}^", "newsbot"]
            tar = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
            with tarfile.open(fileobj=io.BytesIO(tar)) as packed:
                packed.extractall(folder, filter="data")
        else:
            (Path(folder) / "newsbot").symlink_to(ROOT / "newsbot")
        subprocess.run(
            [sys.executable, __file__, str(out), f"{folder}/data"],
            cwd=folder,
            env=os.environ
            | {"PYTHONPATH": folder, "PYTHONSAFEPATH": "1", "NEWSBOT_SECRET_KEY": KEY},
            check=True,
        )
    written = json.loads(out.read_text().splitlines()[0])
    assert written["version"] == version, written


def write(out: Path, data_dir: Path) -> None:
    """Fill an archive with whatever newsbot this process has, and keep what stands there."""
    from bson import json_util

    from newsbot.archive.connection import connect
    from newsbot.config import Config

    with connect(Config(data_dir=data_dir)) as database:
        fill(database)
        raw = database.raw
        lines = [json.dumps({"version": raw.meta.find_one({"_id": "schema"})["version"]})]
        for name in sorted(raw.list_collection_names()):
            for index in raw[name].list_indexes():
                if index["name"] != "_id_":
                    told = {key: value for key, value in index.items() if key not in ("v", "ns")}
                    lines.append(json_util.dumps({"in": name, "index": told}))
            for document in sorted(raw[name].find({}), key=lambda each: str(each["_id"])):
                options = json_util.CANONICAL_JSON_OPTIONS
                told = {"in": name, "document": document}
                lines.append(json_util.dumps(told, json_options=options, ensure_ascii=False))
    out.write_text("\n".join(lines) + "\n")


def fill(database: object) -> None:
    """Do a little of everything: two sources, articles with an edit, a copy, alerts, a run."""
    import attrs

    from newsbot.alerts.matches import announce
    from newsbot.archive import articles, pages, runs, schedules, sources
    from newsbot.archive.pages import Visit
    from newsbot.archive.schedules import Schedule
    from newsbot.archive.sources import Source, Way
    from newsbot.items import Article
    from newsbot.reading import read
    from newsbot.text.dates import ParsedDate

    def paper(name: str, homepage: str) -> Source:
        given = {"id": sources.source_id(homepage), "name": name, "homepage": homepage}
        way = Way(url=homepage + "feed.xml", kind="feed")
        return Source(**given, entry_points=(way,), groups=("Syria",), added_at=MOMENT)

    def article(source: Source, path: str, title: str, body: str) -> Article:
        url = source.homepage + path
        return Article(
            id=articles.article_id(url),
            url=url,
            fetched_url=url,
            source=source.id,
            fetched_at=MOMENT,
            title=title,
            body=body,
            authors=("Lina Haddad",),
            published=ParsedDate(MOMENT.date(), MOMENT, "test"),
            language="ar" if "ا" in body else "en",
        )

    def keep(*found: Article, now: datetime, tell: bool = True) -> None:
        kept = articles.keep(database, articles.judge(database, [*map(read, found)]), now=now)
        if tell:
            announce(database, kept, now=now)

    one = paper("river-post", "https://river-post.example/")
    other = paper("Here", "http://127.0.0.1:8099/")
    for each in (one, other):
        sources.add(database, each)
    with suppress(sources.SourceExistsError):  # since version 2 names differ by more than case
        sources.add(database, paper("HERE", "https://here.example/"))
    add_rules(database)
    first = article(
        one, "a/bridge", "Bridge stays closed", f"{COMMON}, and buses go round by the north"
    )
    arabic = "قال المجلس يوم الإثنين إن إطـ.ـلاق النـ.ـار بدأ قرب الجسر وإن الطريق مغلق حتى نهاية الأسبوع"
    second = article(one, "a/arabic", "وقف إطـ.ـلاق النـ.ـار", arabic)
    keep(first, second, now=MOMENT)
    keep(
        article(other, "a/copy", "A bridge is closed", first.body),
        now=MOMENT + timedelta(minutes=5),
    )
    keep(attrs.evolve(first, title="Bridge opens again"), now=MOMENT + timedelta(hours=3))
    left = article(one, "a/left", "Left behind", f"a worker was killed here, {COMMON} once more")
    keep(left, now=MOMENT + timedelta(hours=4), tell=False)

    def visit(url: str, source: Source, outcome: str, **more: object) -> Visit:
        return Visit(url=url, source=source.id, outcome=outcome, at=MOMENT, **more)

    visits = [
        visit(first.url, one, "article", article=first.id),
        visit(second.url, one, "article", article=second.id),
        visit(one.homepage + "about", one, "not-article", why="no-text"),
        visit(one.homepage + "broken", one, "failed", why="500"),
    ]
    # Until version 4 each address was a page; these two are one since.
    visits += [
        visit(f"{s}://www.river-post.example/a/twice", one, "not-article")
        for s in ("http", "https")
    ]
    plan: object = (3_600.0, 86_400.0)
    if "plan" in inspect.signature(pages.mark).parameters:
        from newsbot.revisits import RevisitPlan

        plan = RevisitPlan((3_600.0, 86_400.0))
    for each in visits:
        pages.mark(database, [each], plan)
    run = runs.request(database, one.id, trigger="request", occasion="1", now=MOMENT)
    held = runs.take(database, run, owner="worker", seconds=10, now=MOMENT)
    runs.finish(database, held, state="done", now=MOMENT, counters={"new": 3}, log=("a line",))
    schedules.add(
        database,
        Schedule(
            id="s", source=one.id, kind="cron", when="0 6 * * *", timezone="UTC", added_at=MOMENT
        ),
    )
    try:
        from newsbot.archive import frontier
    except ImportError:  # before version 4
        return
    link = frontier.Link(url=one.homepage + "a/waits", address=one.homepage + "a/waits")
    chunk = frontier.chunk([link], source=one.id, lane="feed", found_at=MOMENT, newest=MOMENT)
    frontier.put(database, [chunk])


def add_rules(database: object) -> None:
    """Add two alerts that tell one channel: since version 10 it is kept by itself, sealed."""
    hook: object
    where = {"kind": "webhook", "target": "http://127.0.0.1:8098/hook"}
    try:
        from newsbot.archive import channels
        from newsbot.archive.rules import Rule, add
    except ImportError:
        from newsbot.archive.alerts import Channel, Rule
        from newsbot.archive.alerts import add_rule as add

        hook = Channel(**where)
    else:
        hook = channels.add(database, **where, now=MOMENT).id
    for name, query in (("bridge", "bridge"), ("fire", '"إطلاق النار"')):
        add(database, Rule(id=name, name=name, query=query, channels=(hook,), created_at=MOMENT))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        make(int(sys.argv[1]))
    else:
        write(Path(sys.argv[1]), Path(sys.argv[2]))
