"""Pages of the demo newsroom's stories as sites dress them: the same article, other surroundings each time.

Each visit shows other related links, counters, ads, share lines, reading times, another order of scripts,
another markup of the same text, and on every second visit another encoding.
"""

import html
import random
from collections.abc import Iterator

import attrs

from newsbot.demo.sites import SITES
from newsbot.demo.stock import Story, stock

LANGUAGES = {site.name: site.language for site in SITES}

# Encodings that a site of the language may be served in, besides UTF-8.
_ENCODINGS = {"ar": "windows-1256", "en": "windows-1252", "de": "iso-8859-15", "fr": "windows-1252"}
_WORDS = {
    "en": ("Updated {} minutes ago", "{} min read", "{} views", "Share this article", "Read also: ", "By"),
    "ar": ("آخر تحديث: منذ {} دقائق", "مدة القراءة: {} دقائق", "عدد المشاهدات: {}", "شارك المقال", "اقرأ أيضا: ", "بقلم"),
    "de": ("Aktualisiert vor {} Minuten", "Lesezeit: {} Minuten", "{} Aufrufe", "Artikel teilen", "Lesen Sie auch: ", "Von"),
    "fr": ("Mis à jour il y a {} minutes", "Temps de lecture : {} min", "{} vues", "Partager cet article", "Lire aussi : ", "Par"),
}  # fmt: skip


@attrs.frozen
class Told:
    """A story, its language, and the path of its page."""

    story: Story
    language: str
    path: str


def stories(count: int) -> list[Told]:
    """Return so many stories, of all languages in turn."""
    by_site = [
        [(each, LANGUAGES[site]) for each in told if len(" ".join(each.paragraphs).split()) > 60]
        for site, told in stock().items()
    ]
    turns: Iterator[tuple[Story, str]] = (
        told[place] for place in range(30) for told in by_site if place < len(told)
    )
    return [
        Told(story, language, f"a/{number}.html")
        for number, (story, language) in zip(range(count), turns, strict=False)
    ]


def page(told: Told, visit: int) -> bytes:
    """Return the page of a story as it is dressed at a visit."""
    story, language = told.story, told.language
    drawn = random.Random(f"{told.path} {visit}")
    updated, reading, views, share, also, by = _WORDS[language]
    others = [each for group in stock().values() for each in group]
    related = [drawn.choice(others).title for _ in range(4)]
    text = list(map(html.escape, story.paragraphs))
    if drawn.random() < 0.5:
        text = [each.replace(" ", "\n    ", 2).replace(" ", "&nbsp;", 1) for each in text]
    if drawn.random() < 0.5:
        text = [f"<span class='s{drawn.randrange(9)}'>{each}</span>" for each in text]
    inside = [f"<p>{each}</p>" for each in text]
    inside.insert(
        1, f'<p><a href="/a/{drawn.randrange(99)}.html">{also}{html.escape(related[0])}</a></p>'
    )
    inside.insert(drawn.randrange(1, 3), f"<div class='ad'><p>{drawn.randrange(10**6)} !</p></div>")
    minutes = drawn.randrange(2, 59)
    lines = [
        f"<p>{updated.format(minutes)}</p>",
        f"<p>{reading.format(drawn.randrange(2, 9))}</p>",
        f"<p>{views.format(f'{drawn.randrange(100, 9999):,}')}</p>",
        f"<p>{share}</p>",
    ]
    drawn.shuffle(lines)
    encoding = _ENCODINGS[language] if visit % 2 else "utf-8"
    published = f"2026-03-{1 + len(told.path) % 9:02}T08:15:00+00:00"
    head = (
        f'<meta property="og:type" content="article"><meta property="article:published_time" '
        f'content="{published}"><meta property="article:modified_time" '
        f'content="2026-03-{10 + visit:02}T08:15:00+00:00">'
    )
    document = f"""<!doctype html><html lang="{language}"><head><meta charset="{encoding}">
<title>{html.escape(story.title)}</title>{head}<script>var t={drawn.random()}</script></head><body>
<header><a href="/">Home</a> <span>{drawn.randrange(30)} °C</span></header>
<main><article><h1>{html.escape(story.title)}</h1><p class="byline">{by} <a rel="author"
 href="/by">{html.escape(story.byline)}</a></p>{"".join(lines[:2])}{"".join(inside)}{
        "".join(lines[2:])
    }
</article><aside><h2>{drawn.choice(("More", "Top", "Latest"))}</h2><ul>{
        "".join(
            f'<li><a href="/a/{drawn.randrange(99)}.html">{html.escape(each)}</a></li>'
            for each in related
        )
    }</ul></aside></main><footer>{drawn.randrange(10**6)} online</footer></body></html>"""
    return document.encode(encoding, "xmlcharrefreplace")
