"""The page of one article: its pictures named, its versions and copies side by side, its page as it came."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import attrs
import pytest
from fastapi.testclient import TestClient

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.edits.differences import Piece, difference
from newsbot.fetching.captures import Capture, Provenance
from newsbot.fetching.raw_files import RawFiles
from newsbot.items import Article, Image, Raw
from newsbot.text.dates import ParsedDate
from newsbot.web.apart import Apart, ApartError
from newsbot.web.app import create_app
from newsbot.web.inert import inert
from newsbot.web.live import Live
from newsbot.web.sides import sides
from tests.test_web import BODY, article, put

PAGE = f"""<!doctype html><html lang="en"><head><title>Harbour opens - Harbour News</title>
<meta charset="windows-1252"><meta http-equiv="refresh" content="0;url=https://evil.example/">
<link rel="preconnect" href="https://evil.example"><base href="https://evil.example/">
<meta property="article:published_time" content="2026-03-01T08:30:00Z"></head>
<body onload="alert(1)"><script>alert(2)</script><h1>Harbour opens</h1><p class="byline">By Ann Lee</p>
<article>{"".join(f"<p>{line}</p>" for line in BODY.splitlines() * 3)}</article>
<p><a href="/more" ping="https://evil.example">more</a> <a href="javascript:alert(3)">x</a>
<img src="https://evil.example/p.gif" alt="A ferry in the harbour"><form action="https://evil.example"><button>Go</button></form>
<iframe src="https://evil.example"></iframe></p></body></html>"""


def raw_of(config: Config, page: str) -> Raw:
    files = RawFiles(
        config.data_dir, user_agent="n", file_bytes=10**9, keep_bytes=0, keep_days=0, spare=0
    )
    kept = files.write(
        Capture(
            url="https://harbour.example/raw",
            headers=((b"Content-Type", b"text/html; charset=utf-8"),),
            body=page.encode(),
            at=datetime(2026, 3, 1, 9, tzinfo=UTC),
            provenance=Provenance(source="s"),
        )
    )
    files.close()
    return kept


@attrs.frozen
class Shelf:
    """An archive with a few articles, and its pages."""

    pages: TestClient
    plain: Article
    edited: Article
    copy: Article

    def shows(self, address: str) -> str:
        answer = self.pages.get(address)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture(scope="module")
def shelf(own_archive: tuple[Config, Database]) -> Iterator[Shelf]:
    config, database = own_archive
    plain = article(
        "plain",
        title="Ferries of the north",
        body="Nothing else is like this text of ferries, which stands alone in the archive.",
        images=(
            Image(url="https://cdn.example/a.jpg", caption="A ferry"),
            Image(url="javascript:alert(1)"),
        ),
        raw=raw_of(config, PAGE),
        fetched_url="https://harbour.example/raw",
        published=ParsedDate(datetime(2026, 3, 1, tzinfo=UTC).date(), source="json-ld"),
    )
    gone = article(
        "gone",
        title="Gone",
        body="A text about what is not kept any more, and about nothing besides that.",
        raw=Raw(file="newsbot-20260101000000-00001-x.warc.gz", offset=0),
    )
    edited = article("edited")
    copy = article("copy", source="other", body=BODY.replace("nine days", "nine long days"))
    put(database, plain, gone)
    put(database, edited)
    put(database, copy)
    put(database, attrs.evolve(edited, body=BODY.replace("dawn", "noon")))
    with TestClient(create_app(config, database, Live(config, database))) as pages:
        yield Shelf(pages, plain, edited, copy)


def test_pictures_are_named_and_not_loaded(shelf: Shelf) -> None:
    text = shelf.shows(f"/article/{shelf.plain.id}")
    assert "A ferry" in text
    assert 'href="https://cdn.example/a.jpg" rel="noopener noreferrer nofollow"' in text
    assert "<img" not in text
    assert 'href="javascript:' not in text


def test_it_says_where_the_date_was_read_and_what_is_kept(shelf: Shelf) -> None:
    text = shelf.shows(f"/article/{shelf.plain.id}")
    assert '<code dir="ltr">json-ld</code>' in text
    assert shelf.plain.raw is not None
    assert shelf.plain.raw.file in text
    assert "was not kept as it came" in shelf.shows(f"/article/{shelf.edited.id}")


def test_two_versions_stand_side_by_side(shelf: Shelf) -> None:
    text = shelf.shows(f"/article/{shelf.edited.id}?from=1&to=2")
    (before, after) = re.findall(
        r'<div role="cell" dir="ltr" lang="en">(.*?)</div>', text, re.DOTALL
    )[:2]
    assert "<del>dawn</del>" in before
    assert "noon" not in before
    assert "<ins>noon</ins>" in after
    assert "dawn" not in after


def test_a_copy_says_how_far_it_is_and_is_shown_beside(shelf: Shelf) -> None:
    text = shelf.shows(f"/article/{shelf.copy.id}")
    assert re.search(r"\d+% of the two texts differs", text)
    beside = shelf.shows(f"/article/{shelf.copy.id}?beside={shelf.edited.id}")
    assert "<ins>noon</ins>" in beside
    assert "Beside the other" in beside
    assert "Beside the other" not in shelf.shows(f"/article/{shelf.copy.id}?beside=nobody")


def test_the_page_as_it_came_does_nothing_in_a_frame_that_allows_nothing(shelf: Shelf) -> None:
    address = f"/article/{shelf.plain.id}"
    assert re.search(
        rf'<iframe src="{address}/page" sandbox [^>]*title="[^"]+"', shelf.shows(address)
    )
    answer = shelf.pages.get(address + "/page")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "frame-ancestors 'self'" in policy
    assert "three ferries left on time" in answer.text
    assert 'alt="A ferry in the harbour"' in answer.text
    assert 'href="https://harbour.example/more"' in answer.text
    for harm in ("script", "onload", "evil.example", "javascript:", "<form", "<iframe", "refresh"):
        assert harm not in answer.text, harm


def test_its_markup_is_plain_text_as_it_came(shelf: Shelf) -> None:
    answer = shelf.pages.get(f"/article/{shelf.plain.id}/markup")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text == PAGE


def test_where_each_field_stood_is_read_from_the_page(shelf: Shelf) -> None:
    text = shelf.shows(f"/article/{shelf.plain.id}/origins")
    assert "meta article:published_time" in text
    assert "h1" in text
    assert "alert(" not in text


def test_a_page_that_is_not_kept_says_so(shelf: Shelf) -> None:
    for of in (shelf.edited.id, "gone"):
        where = f"/article/{article('gone').id if of == 'gone' else of}"
        assert shelf.pages.get(where + "/page").status_code == 410
        assert shelf.pages.get(where + "/markup").status_code == 410
        assert "This cannot be shown" in shelf.shows(where + "/origins")
    for each in ("", "/page", "/markup", "/origins"):
        assert shelf.pages.get(f"/article/nobody{each}").status_code == 404


def test_rows_hold_what_belongs_together_and_fold_what_is_the_same() -> None:
    before = "one\ntwo\nthree\nfour\nfive old words\nsix\nseven\neight\nnine"
    pieces = difference(before, before.replace("old", "new"))
    rows = sides(pieces)
    assert [row.folded for row in rows] == [3, 0, 0, 0, 3]
    assert [row.same for row in rows if not row.folded] == [True, False, True]
    for column, change in (("before", "added"), ("after", "removed")):
        said = [
            "".join(each.text for each in getattr(row, column)) for row in sides(pieces, whole=True)
        ]
        assert "\n".join(said) == "".join(each.text for each in pieces if each.change != change)


def test_a_paragraph_that_is_new_has_nothing_beside_it() -> None:
    (row, *_) = sides((Piece("added", "new\n"), Piece("same", "old")))
    assert row.before == (Piece("same", "old"),)
    assert row.after == (Piece("added", "new\n"), Piece("same", "old"))


def test_what_hangs_or_ends_its_process_costs_itself_alone() -> None:
    import os
    import time

    apart = Apart(1.0)
    try:
        with pytest.raises(ApartError, match="longer than 1 s"):
            apart.run(time.sleep, 60)
        with pytest.raises(ApartError, match="ended its process"):
            apart.run(os._exit, 3)
        assert "<p>still</p>" in apart.run(inert, "<p>still</p>", "https://a.example/")
    finally:
        apart.close()
