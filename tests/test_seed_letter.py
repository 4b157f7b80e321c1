"""The seed's page, crawled, with an alert on what its publisher disguised: the letter that a reader opens."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from newsbot.alerts.delivery import Courier
from newsbot.archive import rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule, Timing
from newsbot.config import Config
from tests.conftest import Command, Site, chromium
from tests.letters import PostOffice, parts
from tests.long_known import long_known
from tests.test_crawl import FEED, HOME
from tests.told_articles import channel

DISGUISED, READ = "إطـ.ـلاق النـ.ـار", "إطلاق النار"
TITLE = "وزير الدفاع الروسي في سوريا.. التقى بشار الأسد.. وهذا ملخص ما دار بينهما"


@pytest.mark.browser
def test_the_disguised_words_arrive_as_published_and_marked_in_a_letter_that_reads_well(
    shared: Path,
    make_site: Callable[[], Site],
    newsbot: Command,
    database: Database,
    settings: Config,
    tmp_path: Path,
) -> None:
    site, office = make_site(), PostOffice()
    site.write("index.html", HOME)
    site.write("feed.xml", FEED.format(base=site.base).replace("<item>", "<!--").replace("</item>", "-->"))  # fmt: skip
    assert newsbot("source", "add", site.base, "--name", "mada", "--delay", "0").returncode in (
        0,
        1,
    )
    long_known(database)
    now = datetime.now(UTC)
    rules.add(
        database,
        Rule(
            id="r",
            name="ceasefire",
            query=f'"{READ}"',
            channels=(channel(database, "ann@news.example", "email").id,),
            timing=Timing(zone="Asia/Damascus"),
            max_age=0.0,
            created_at=now,
        ),
    )
    page = (shared / "seed" / "mada_post.html").read_text(encoding="utf8")
    site.write("archives/76412.html", page.replace("https://madapost.example", site.base))
    site.write("feed.xml", FEED.format(base=site.base))
    assert newsbot("crawl", site.base).returncode == 0
    try:
        asyncio.run(Courier(office.settings(settings), database, "test").deliver_due())
        (caught,) = office.letters
    finally:
        office.close()

    assert caught["subject"] == f"ceasefire: \u2068{TITLE}\u2069"
    text, html = parts(caught)
    assert f"*{READ}*" in text
    assert f"*{DISGUISED}*" in text
    file = tmp_path / "letter.html"
    file.write_text(html, encoding="utf8")
    asyncio.run(look(file))


async def look(file: Path) -> None:
    """Open a letter as four readers do, and hold what they see against what they should."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"]
        )
        for scheme in ("light", "dark"):
            for width in (1_200, 390):
                opened = await browser.new_context(
                    viewport={"width": width, "height": 900},
                    color_scheme=scheme,  # type: ignore[arg-type]
                    java_script_enabled=True,
                )
                shown = await opened.new_page()
                asked: list[str] = []
                shown.on("request", lambda request, asked=asked: asked.append(request.url))
                await shown.goto(file.as_uri())
                assert asked == [file.as_uri()], "a letter loads nothing"
                assert await shown.locator("mark").all_text_contents() == [READ, DISGUISED]
                seen = await shown.evaluate(_SEEN)
                assert seen["wide"] <= width, "nothing is cut off or scrolled to"
                assert seen["passages"] == ["rtl/ar", "rtl/ar"]
                assert all(seen["right"]), "Arabic begins at the right"
                assert min(seen["contrasts"]) >= 4.5, "WCAG 2.2, 1.4.3"
                picture = file.parent / f"letter-{scheme}-{width}.png"
                await shown.screenshot(path=picture, full_page=True)
                await opened.close()
        await browser.close()


# What a reader sees: widths, directions, where lines begin, and the contrast of each text with what is behind.
_SEEN = """() => {
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(v => v / 255).map(
    v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$|transparent/.test(c)) return c } return 'rgb(255, 255, 255)' };
  const texts = [...document.querySelectorAll('body *')].filter(
    e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  const passages = [...document.querySelectorAll('.passage')];
  return {
    wide: document.documentElement.scrollWidth,
    passages: passages.map(e => getComputedStyle(e).direction + '/' + e.lang),
    right: passages.map(e => { const r = document.createRange(); r.selectNodeContents(e);
      const box = e.getBoundingClientRect();
      return box.right - Math.max(...[...r.getClientRects()].map(b => b.right)) < 40 }),
    contrasts: texts.map(e => { const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
      return (a + .05) / (b + .05) }),
  };
}"""
