"""Feeds and sitemaps of the site of a thousand articles, each in a format of its own."""

import json
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.thousand import Story


def _items(base: str, stories: list["Story"], form: str) -> str:
    return "".join(
        form.format(
            title=escape(story.title),
            link=escape(base + story.path),
            text=escape(story.paragraphs[0]),
            rfc822=format_datetime(story.at),
            iso=story.at.isoformat(),
            number=story.number,
        )
        for story in stories
    )


def rss091(base: str, stories: list["Story"]) -> bytes:
    items = _items(
        base,
        stories,
        "<item><title>{title}</title><link>{link}</link><description>{text}</description></item>",
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
        f"<title>T</title><link>{base}/</link><description>d</description><language>en</language>{items}"
        "</channel></rss>"
    ).encode()


def rss092(base: str, stories: list["Story"]) -> bytes:
    items = _items(
        base, stories, "<item><link>{link}</link><description>{text}</description></item>"
    )
    return (
        f'<?xml version="1.0"?><rss version="0.92"><channel><title>T</title><link>{base}/</link>'
        f"<description>d</description>{items}</channel></rss>"
    ).encode()


_RSS2_ITEM = (
    "<item><title><![CDATA[{title}]]></title><link>{link}</link><pubDate>{rfc822}</pubDate>"
    '<guid isPermaLink="false">{number}</guid></item>'
)


def rss2(base: str, stories: list["Story"]) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        f'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>'
        f"<link>{base}/</link><description>d</description>{_items(base, stories, _RSS2_ITEM)}"
        "</channel></rss>"
    ).encode()


def rss090(base: str, stories: list["Story"]) -> bytes:
    items = _items(base, stories, "<item><title>{title}</title><link>{link}</link></item>")
    return (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>T</title>'
        f"<link>{base}/</link><description>d</description></channel>{items}</rdf:RDF>"
    ).encode()


def rdf(base: str, stories: list["Story"]) -> bytes:
    items = _items(
        base,
        stories,
        '<item rdf:about="{link}"><title>{title}</title><link>{link}</link><dc:date>{iso}</dc:date></item>',
    )
    return (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{base}/"><title>T</title><link>{base}/</link></channel>{items}</rdf:RDF>'
    ).encode()


def atom1(base: str, stories: list["Story"]) -> bytes:
    items = _items(
        base,
        stories,
        '<entry><title type="html">{title}</title><link rel="enclosure" href="/x.mp3"/>'
        '<link rel="alternate" href="{link}"/><id>tag:thousand,2026:{number}</id>'
        "<updated>{iso}</updated></entry>",
    )
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>'
        f"<id>{base}/</id><updated>2026-01-01T00:00:00Z</updated>{items}</feed>"
    ).encode()


def atom03(base: str, stories: list["Story"]) -> bytes:
    items = _items(
        base,
        stories,
        '<entry><title>{title}</title><link rel="alternate" type="text/html" href="{link}"/>'
        "<id>{number}</id><issued>{iso}</issued><modified>{iso}</modified></entry>",
    )
    return (
        '<?xml version="1.0"?><feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title>'
        f"{items}</feed>"
    ).encode()


def json_feed(base: str, stories: list["Story"]) -> bytes:
    items = [
        {
            "id": str(story.number),
            "url": base + story.path,
            "title": story.title,
            "date_published": story.at.isoformat(),
            "content_text": story.paragraphs[0],
        }
        for story in stories
    ]
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items}
    ).encode()


def bare(base: str, stories: list["Story"]) -> bytes:
    """Return a feed whose ampersands are bare and whose entities are HTML's."""
    feed = rss2(base, stories).decode().replace("&amp;", "&")
    return feed.replace("<description>d<", "<description>News &nbsp; more & more &raquo;<").encode()


def short(base: str, stories: list["Story"]) -> bytes:
    """Return a feed whose last item, one more than there are articles, is cut in two."""
    whole = rss2(base, stories)
    end = whole.index(b"</channel>")
    return b"\n  " + whole[:end] + b"<item><title>The connec"


def guid_only(base: str, stories: list["Story"]) -> bytes:
    items = _items(base, stories, "<item><title>{title}</title><guid>{link}</guid></item>")
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    ).encode()


def windows(base: str, stories: list["Story"]) -> bytes:
    feed = rss2(base, stories).decode().replace('encoding="utf-8"', 'encoding="windows-1256"')
    return feed.encode("windows-1256", "xmlcharrefreplace")


# Sitemaps

MAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap_of(base: str, stories: list["Story"], more: str = "") -> str:
    items = _items(base, stories, "<url><loc>{link}</loc><lastmod>{iso}</lastmod></url>")
    return f'<?xml version="1.0"?><urlset xmlns="{MAPS}">{more}{items}</urlset>'


def news_sitemap_of(base: str, stories: list["Story"]) -> str:
    items = _items(
        base,
        stories,
        "<url><loc>{link}</loc><news:news><news:publication_date>{iso}</news:publication_date>"
        "<news:title>{title}</news:title></news:news></url>",
    )
    return (
        f'<?xml version="1.0"?><urlset xmlns="{MAPS}" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{items}</urlset>'
    )
