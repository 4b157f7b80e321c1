"""Hostile texts in feeds and spreadsheets: what is read back is text, whole, and nothing besides."""

import csv
import io
import json
from datetime import UTC, datetime

from lxml import etree

from newsbot.export.cells import as_csv
from newsbot.web.atom import atom
from newsbot.web.entries import Entry, Feed, clean
from newsbot.web.inert import inert
from newsbot.web.json_feed import json_feed
from tests.hostile_texts import STORED

NOW = datetime(2026, 3, 1, tzinfo=UTC)
# What a spreadsheet reckons when a cell begins so.
RECKONED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def feed(text: str) -> Feed:
    entry = Entry(
        id="urn:x",
        title=text,
        address=text,
        page="http://127.0.0.1/article/x",
        updated=NOW,
        html=text,
        authors=(text,),
        tags=(text,),
        notes=(text,),
    )
    return Feed(
        id="urn:f", title=text, subtitle=text, page="p", own="o", updated=NOW, entries=(entry,)
    )


def test_a_feed_stays_one_feed_of_one_entry() -> None:
    for text in STORED:
        root = etree.fromstring(atom(feed(text)), etree.XMLParser(resolve_entities=False))
        names = [etree.QName(each).localname for each in root.iter(etree.Element)]
        assert names.count("entry") == 1, text
        assert set(names) <= {
            *("feed", "id", "title", "subtitle", "updated", "link", "generator", "entry"),
            *("author", "name", "category", "content", "published"),
        }, text
        told = root.findtext("{http://www.w3.org/2005/Atom}title") or ""
        assert told == clean(text).replace("\r\n", "\n").replace("\r", "\n") or told == clean(text)
        read = json.loads(json_feed(feed(text)))
        assert read.get("title", "") == clean(text)
        assert len(read["items"]) == 1


def test_no_cell_is_reckoned_and_each_stays_in_its_place() -> None:
    table = [[text, "beside"] for text in STORED]
    read = list(csv.reader(io.StringIO(as_csv(table), newline="")))
    assert len(read) == len(table)
    assert all(len(row) == 2 and row[1] == "beside" for row in read)
    assert not [cell for cell, _ in read if cell.startswith(RECKONED)]


def test_nothing_that_runs_loads_or_sends_is_left_of_a_page() -> None:
    for text in STORED:
        page = etree.HTML(inert(text, "https://news.example/a"))
        for each in page.iter(etree.Element):
            assert each.tag not in (
                "script",
                "iframe",
                "object",
                "embed",
                "form",
                "link",
                "base",
                "svg",
            )
            assert not [name for name in each.attrib if name.startswith("on")], text
            assert not {"src", "srcset", "action", "ping", "background"} & {*each.attrib}, text
            assert each.get("href", "https://").startswith(("https://", "http://")), text
