"""From a page to an article."""

import json
from pathlib import Path

import pytest

from newsbot.extraction import extract

PAGE = """<!doctype html><html lang="en-GB"><head><meta charset="utf-8">
<title>Harbour opens after nine days | The Ellerton Courier</title>
<meta property="og:title" content="Harbour opens after nine days | The Ellerton Courier">
<meta property="og:site_name" content="The Ellerton Courier">
<meta property="article:published_time" content="2026-03-01T06:30:00+01:00">
<meta name="author" content="By Amara Nwosu and Petra Lindqvist">
<link rel="canonical" href="https://courier.example/harbour?utm_source=x"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><p>Region</p><h1>Harbour opens after nine days</h1><p>By Amara Nwosu</p>
<p>The harbour of Ellerton opened at dawn on Sunday, nine days after the storm had closed it, and the
first three ferries left on time, the harbour master said.</p>
<figure><img src="/ferry.jpg"><figcaption>A ferry leaves the harbour, in an earlier picture</figcaption></figure>
<p>Crews had worked through the night to clear the channel of the sand that the storm had left behind.
Fishermen who had waited for nine days were let out before the ferries.</p>
<p><strong>Read also:</strong> <a href="/other">The dredger that never came to Ellerton</a></p>
<p>The council will decide next month whether a second dredger is to be bought for the season.</p>
</article><footer><p>All rights reserved by the Courier</p></footer></body></html>"""


def test_a_page_is_read_whole() -> None:
    found = extract(PAGE.encode(), "https://courier.example/harbour?utm_source=feed")
    assert found.is_article
    assert found.title == "Harbour opens after nine days"
    assert found.authors == ("Amara Nwosu", "Petra Lindqvist")
    assert found.publisher == "The Ellerton Courier"
    assert found.language == "en"
    assert found.canonical_url == "https://courier.example/harbour"
    assert found.published is not None
    assert found.published.day.isoformat() == "2026-03-01"
    assert found.published.instant is not None
    assert found.published.instant.hour == 5
    paragraphs = found.body.splitlines()
    assert paragraphs[0].startswith("The harbour of Ellerton opened")
    assert paragraphs[-1].startswith("The council will decide")
    for foreign in ("Read also", "earlier picture", "All rights", "Region", "By Amara", "Sport"):
        assert foreign not in found.body
    assert found.captions == ("A ferry leaves the harbour, in an earlier picture",)


def test_a_canonical_address_of_another_site_is_not_believed() -> None:
    page = PAGE.replace("https://courier.example/harbour?utm_source=x", "https://evil.example/x")
    assert (
        extract(page.encode(), "https://courier.example/a").canonical_url
        == "https://courier.example/a"
    )


@pytest.mark.parametrize("page", ["mada_post.html", "mada_post_bare.html"])
def test_the_seed_gives_what_is_expected_of_it(page: str, shared: Path) -> None:
    gold = json.loads((shared / "seed" / "mada_post.gold.json").read_text(encoding="utf8"))
    html = (shared / "seed" / page).read_bytes()
    found = extract(html, "https://madapost.example/archives/76412")
    assert found.title == gold["title"]
    assert list(found.authors) == gold["authors"]
    assert found.publisher == gold["publisher"]
    assert found.published is not None
    assert found.published.day.isoformat() == gold["published"]
    assert found.language == gold["language"]
    assert found.body.splitlines() == gold["body_paragraphs"]
