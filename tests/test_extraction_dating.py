"""When a page's article was published, and when it was changed last."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.extraction.dating import Dating, read_dating
from newsbot.extraction.statements import read_statements
from newsbot.extraction.tree import parse

REFERENCE = datetime(2026, 3, 10, 12, tzinfo=UTC)


def dating(html: str, url: str = "https://courier.example/harbour", **told: str) -> Dating:
    _, tree = parse(html.encode())
    before = tree.html
    statements = read_statements(tree, url)
    found = read_dating(
        tree,
        statements,
        url=url,
        language=told.get("language", statements.language),
        timezone=told.get("timezone", "UTC"),
        reference=REFERENCE,
        headline=told.get("headline", ""),
    )
    assert tree.html == before, "the tree was changed"
    return found


def day(html: str, url: str = "https://courier.example/harbour", **told: str) -> str:
    published = dating(html, url, **told).published
    return published.day.isoformat() if published else ""


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-03-01T06:30:00+01:00"}</script>',
        '<meta property="article:published_time" content="2026-03-01T06:30:00+01:00">',
        '<meta name="DC.date.issued" content="2026-03-01">',
        '<meta name="parsely-pub-date" content="2026-03-01T05:30:00Z">',
        '<meta name="sailthru.date" content="2026-03-01 06:30:00">',
        '<meta itemprop="datePublished" content="2026-03-01">',
        '<meta name="cXenseParse:recs:publishtime" content="2026-03-01T05:30:00Z">',
        '<meta name="date" content="20260301">',
    ],
)
def test_publishers_statements_are_read(head: str) -> None:
    assert day(f"<html lang=en><head>{head}</head><body><h1>Harbour opens</h1>") == "2026-03-01"


@pytest.mark.shared
@pytest.mark.parametrize("page", ["mada_post.html", "mada_post_bare.html"])
def test_the_seed_gives_its_day(page: str, shared: Path) -> None:
    gold = json.loads((shared / "seed" / "mada_post.gold.json").read_text("utf8"))
    html = (shared / "seed" / page).read_text("utf8")
    assert day(html, "https://mada.example/1", language="ar") == gold["published"]
