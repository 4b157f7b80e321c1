"""Feeds as they are found: of every kind, and broken in every way that feed readers report.

Each case is what a server sends (bytes, and the charset of its Content-Type) and what a reader of
the site would expect of its first entries. Written by hand after the specifications and after what
users of feed readers complain of; nothing here is a publisher's.
"""

import gzip
from typing import Any

import attrs

FEED = "https://news.example/feeds/all.xml"


@attrs.frozen
class Case:
    """A feed, and fields of its entries as (name, value); names are those of ``Entry``."""

    body: bytes
    entries: tuple[dict[str, Any], ...]
    charset: str = ""


CASES: dict[str, Case] = {}


def case(name: str, body: str | bytes, *entries: dict[str, Any], charset: str = "") -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    CASES[name] = Case(raw, entries, charset)


def rss(
    items: str, head: str = "", declaration: str = '<?xml version="1.0" encoding="utf-8"?>'
) -> str:
    return (
        f'{declaration}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        f' xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>'
        f"<link>https://news.example/</link>{head}{items}</channel></rss>"
    )


def item(inner: str, link: str = "<link>https://news.example/a/1</link>") -> str:
    return f"<item><title>One</title>{link}{inner}</item>"


A1 = "https://news.example/a/1"
ONE = {"url": A1, "title": "One"}
TWO = {"url": "https://news.example/a/2", "title": "Two"}
SECOND = "<item><title>Two</title><link>https://news.example/a/2</link></item>"

# The kinds

case(
    "rss 0.91 with its DOCTYPE",
    """<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
    "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>T</title>
    <item><title>One</title><link>https://news.example/a/1</link><description>D</description></item>
    </channel></rss>""",
    {**ONE, "summary": "D"},
)
case(
    "rss 0.91 with a DOCTYPE of its own entities",
    """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY eacute "&#233;">]>
    <rss version="0.91"><channel><title>T</title><item><title>Caf&eacute;&nbsp;x</title>
    <link>https://news.example/a/1</link></item></channel></rss>""",
    {"url": A1, "title": "Café x"},
)
case(
    "rss 0.90",
    """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>T</title></channel>
    <item><title>One</title><link>https://news.example/a/1</link></item></rdf:RDF>""",
    ONE,
)
case(
    "rss 1.0",
    """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xml:lang="ja"><channel rdf:about="x"><title>T</title>
    <items><rdf:Seq><rdf:li rdf:resource="https://news.example/a/1"/></rdf:Seq></items></channel>
    <item rdf:about="https://news.example/a/1"><title>One</title><link>https://news.example/a/1</link>
    <dc:date>2020-03-23T01:30:00+09:00</dc:date><dc:creator>A. W.</dc:creator></item></rdf:RDF>""",
    {
        **ONE,
        "day": "2020-03-23",
        "instant": "2020-03-22T16:30:00",
        "authors": ("A. W.",),
        "language": "ja",
    },
)
case(
    "rss 0.92 without titles",
    '<rss version="0.92"><channel><title>T</title><item><description>Said &lt;b&gt;so&lt;/b&gt;.'
    "</description><link>https://news.example/a/1</link></item></channel></rss>",
    {"url": A1, "title": "", "summary": "Said <b>so</b>."},
)
case(
    "atom 0.3",
    """<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="fr"><title>T</title><entry>
    <title mode="escaped" type="text/html">Un &amp;amp; deux</title><id>tag:x,1</id>
    <link rel="alternate" type="text/html" href="https://news.example/a/1"/>
    <issued>2004-03-23T10:00:00+01:00</issued><modified>2004-03-24T10:00:00Z</modified></entry></feed>""",
    {
        "url": A1,
        "title": "Un & deux",
        "instant": "2004-03-23T09:00:00",
        "updated": "2004-03-24T10:00:00",
        "language": "fr",
    },
)
case(
    "atom 1.0",
    """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://news.example/x/">
    <title>T</title><author><name>House</name></author><entry xml:lang="de"><title type="html">One
    &lt;b&gt;bold&lt;/b&gt; &amp;amp; more</title><link rel="replies" href="c"/><link rel="edit" href="e"/>
    <link rel="alternate" type="text/html" href="../a/1"/><id>tag:1</id>
    <published>2020-03-23T23:30:00-05:00</published><updated>2020-03-25T12:00:00Z</updated>
    <author><name>A. One</name></author><author><name>B. Two</name></author><summary>S</summary>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>All <b>of</b> it</p></div></content>
    </entry></feed>""",
    {
        "url": A1,
        "title": "One bold & more",
        "day": "2020-03-23",
        "instant": "2020-03-24T04:30:00",
        "updated": "2020-03-25T12:00:00",
        "authors": ("A. One", "B. Two"),
        "summary": "S",
        "content has": "<p>All <b>of</b> it</p>",
        "language": "de",
        "guid": "tag:1",
    },
)
case(
    "atom with a namespace prefix",
    """<atom:feed xmlns:atom="http://www.w3.org/2005/Atom"><atom:entry><atom:title>One</atom:title>
    <atom:link href="https://news.example/a/1"/><atom:author><atom:name>A</atom:name></atom:author>
    <atom:updated>2020-03-23T10:00:00Z</atom:updated></atom:entry></atom:feed>""",
    {**ONE, "instant": None, "updated": "2020-03-23T10:00:00", "authors": ("A",)},
)
case(
    "atom without its namespace",
    '<feed><entry><title>One</title><link href="/a/1"/></entry></feed>',
    ONE,
)
case(
    "atom whose link has no rel, behind others that have",
    """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title>
    <link rel="enclosure" href="https://cdn.example/1.mp3"/><link rel="self" href="/e/1.xml"/>
    <link href="/a/1"/></entry></feed>""",
    ONE,
)
case(
    "atom of several languages of one article",
    """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title>
    <link rel="alternate" type="application/json" href="/a/1.json"/>
    <link rel="alternate" type="text/html" href="/a/1"/></entry></feed>""",
    ONE,
)
case(
    "atom with an address as id alone",
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title><id>https://news.example/a/1'
    "</id></entry></feed>",
    ONE,
)
case(
    "json feed 1.1",
    """{"version": "https://jsonfeed.org/version/1.1", "title": "T", "language": "es", "authors":
    [{"name": "House"}], "items": [{"id": 1, "url": "/a/1", "external_url": "https://other.example/",
    "title": "One &amp; more", "content_html": "<p>x</p>", "summary": "s", "authors": [{"name": "A"},
    {"name": "B"}], "date_published": "2020-03-23T23:30:00-05:00",
    "date_modified": "2020-03-24T11:00:00Z"}]}""",
    {
        "url": A1,
        "day": "2020-03-23",
        "updated": "2020-03-24T11:00:00",
        "authors": ("A", "B"),
        "content": "<p>x</p>",
        "summary": "s",
        "language": "es",
        "guid": "1",
    },
)
case(
    "json feed 1.0, its version last",
    b'\xef\xbb\xbf{"title": "T", "items": [{"id": "https://news.example/a/1", "title": "One",'
    b'"author": {"name": "A"}, "content_text": "1 < 2"}, null, {"title": "no address"}, 7],'
    b'"version": "https://jsonfeed.org/version/1"}',
    {**ONE, "authors": ("A",), "content": "1 &lt; 2"},
)

# Addresses

case("a link from the root", rss(item("", "<link>/a/1</link>")), ONE)
case("a link from the feed", rss(item("", "<link>../a/1</link>")), ONE)
case(
    "a link in a section",
    rss(item("", "<link><![CDATA[\n https://news.example/a/1\n]]></link>")),
    ONE,
)
case("a link over lines", rss(item("", "<link>\n\thttps://news.example/\n\ta/1\n</link>")), ONE)
case("a guid that is the address", rss(item("<guid>https://news.example/a/1</guid>", "")), ONE)
case(
    "a guid that is none beside a link",
    rss(item('<guid isPermaLink="false">https://news.example/?p=7</guid>')),
    {**ONE, "guid": "https://news.example/?p=7"},
)
case(
    "a guid that is no address, and no link",
    rss(item('<guid isPermaLink="true">7</guid>', "") + SECOND),
    TWO,
)
case(
    "what FeedBurner put in between",
    rss(
        item(
            '<feedburner:origLink xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">'
            "https://news.example/a/1</feedburner:origLink>",
            "<link>https://feedproxy.example/~r/x/~3/abc/</link>",
        )
    ),
    ONE,
)
case(
    "an atom link in an rss item",
    rss(item("", '<atom:link rel="alternate" href="https://news.example/a/1"/>')),
    ONE,
)
case(
    "links of the media beside the article's",
    rss(
        item(
            '<media:content xmlns:media="http://search.yahoo.com/mrss/" url="https://cdn.example/i.jpg">'
            "<media:title>Picture</media:title><media:credit>P. H.</media:credit>"
            "<media:description>Caption</media:description></media:content>"
            '<enclosure url="https://cdn.example/1.mp3" type="audio/mpeg"/>'
        )
    ),
    {**ONE, "summary": "", "authors": ()},
)
case(
    "the site's address in a description, unescaped",
    rss(
        item(
            '<description>See <a href="https://other.example/">there</a><link>https://other.example/x</link>'
            "</description>"
        )
    ),
    ONE,
)
case(
    "an ampersand in an address",
    rss(item("", "<link>https://news.example/?a=1&b=2</link>")),
    {"url": "https://news.example/?a=1&b=2"},
)
case(
    "an escaped ampersand",
    rss(item("", "<link>https://news.example/?a=1&amp;b=2</link>")),
    {"url": "https://news.example/?a=1&b=2"},
)
case("no link at all", rss("<item><title>Lost</title></item>" + SECOND), TWO)
case("another scheme", rss(item("", "<link>javascript:alert(1)</link>") + SECOND), TWO)
case(
    "a channel link by Atom, and the items' own",
    rss(
        item(""),
        '<atom:link rel="self" href="https://news.example/feed"/>'
        "<image><url>/i.png</url><title>T</title><link>https://news.example/</link></image>",
    ),
    ONE,
)

# Writing

UNDECLARED = rss(item("<description>a&nbsp;b &hellip; c &copy; &unknown; d</description>"))
case("entities of HTML", UNDECLARED, {**ONE, "summary has": "…"})
case(
    "a bare ampersand",
    rss(item("<description>R&D & more</description>") + SECOND),
    {**ONE, "summary": "R&D & more"},
    TWO,
)
case("a bare less-than", rss(item("<description>1 < 2</description>") + SECOND), ONE, TWO)
case("a control character", rss(item("<description>a\x08b\x1ec</description>") + SECOND), ONE, TWO)
case("a nul", rss(item("<description>a\x00b</description>") + SECOND), ONE, TWO)
case(
    "a character that XML has not",
    rss(item("<description>a&#8;b&#x1f;c\ufffe</description>") + SECOND),
    ONE,
    TWO,
)
case("blank before the declaration", "\n\n  " + rss(item("")), ONE)
case("a mark and blank before it", b"\xef\xbb\xbf\n" + rss(item("")).encode(), ONE)
case(
    "a warning before it",
    "<br />\n<b>Warning</b>: fopen(x) in <b>/x.php</b> on line <b>3</b><br />\n" + rss(item("")),
    ONE,
)
case("rubbish behind it", rss(item("")) + "<script>x()</script><!-- cached -->", ONE)
case("torn in an item", rss(item("") + SECOND)[:-40], ONE)
case("torn in a section", rss(item("") + "<item><title><![CDATA[Tw"), ONE)
case("tags that cross", rss(item("<description><p>x<b>y</p></b></description>") + SECOND), ONE, TWO)
case(
    "tags that are not closed",
    rss(item("<description>x<br>y<img src=a.png></description>") + SECOND),
    ONE,
    TWO,
)
case(
    "attributes without quotes",
    rss(item("<guid isPermaLink=false>g</guid>") + SECOND),
    {**ONE, "guid": "g"},
    TWO,
)
case(
    "a prefix that is not declared",
    rss(item("<media:thumbnail url='x'/><foo:bar>z</foo:bar>") + SECOND),
    ONE,
    TWO,
)
case(
    "an item without its end",
    rss("<item><title>One</title><link>https://news.example/a/1</link>" + SECOND),
    ONE,
    TWO,
)
case(
    "names in capitals",
    rss(item(""))
    .replace("<item>", "<ITEM>")
    .replace("</item>", "</ITEM>")
    .replace("<link>https://news.example/a/1</link>", "<LINK>https://news.example/a/1</LINK>"),
    ONE,
)
case("items behind the channel", rss("").replace("</channel>", "</channel>" + item("")), ONE)
case("items inside <items>", rss(f"<items>{item('')}{SECOND}</items>"), ONE, TWO)
case(
    "a section that holds a section's end",
    rss(item("<description><![CDATA[a ]]]]><![CDATA[> b]]></description>") + SECOND),
    {**ONE, "summary": "a ]]> b"},
    TWO,
)
case("packed though nobody says so", gzip.compress(rss(item("")).encode()), ONE)
case("an empty feed", rss(""))
case("a page", "<!doctype html><html><body><a href='/a/1'>One</a></body></html>")

# Texts

case(
    "HTML in a title",
    rss(item("").replace("One", "&lt;b&gt;One&lt;/b&gt; &amp;amp; two &amp;#8217;s")),
    {"title": "One & two ’s"},
)
case(
    "a title in a section",
    rss(item("").replace("One", "<![CDATA[ AT&amp;T <em>wins</em> ]]>")),
    {"title": "AT&T wins"},
)
case(
    "a less-than that is meant",
    rss(item("").replace("One", "When 1 &lt; 2 and x")),
    {"title": "When 1 < 2 and x"},
)
case(
    "a title of elements",
    rss(item("").replace("One", "One <i>of</i> many")),
    {"title": "One of many"},
)
case(
    "the whole text beside a summary",
    rss(
        item(
            "<description>Short</description><content:encoded><![CDATA[<p>Long <b>x</b></p>]]></content:encoded>"
        )
    ),
    {"summary": "Short", "content": "<p>Long <b>x</b></p>"},
)
case(
    "several writers",
    rss(item("<dc:creator>A. One</dc:creator><dc:creator>B. Two</dc:creator>")),
    {"authors": ("A. One", "B. Two")},
)
case(
    "a writer by mail",
    rss(item("<author>desk@news.example (A. One)</author>")),
    {"authors": ("A. One",)},
)
case(
    "a language of the channel", rss(item(""), "<language>ar-SA</language>"), {"language": "ar-SA"}
)

# Dates: day as published, moment in UTC

DATES = {
    "RFC 822": ("Mon, 23 Mar 2020 01:30:00 +0300", "2020-03-23", "2020-03-22T22:30:00"),
    "RFC 822 in GMT": ("Mon, 23 Mar 2020 14:35:00 GMT", "2020-03-23", "2020-03-23T14:35:00"),
    "two digits of a year": ("Mon, 23 Mar 20 14:35:00 GMT", "2020-03-23", "2020-03-23T14:35:00"),
    "a zone by name": ("Mon, 23 Mar 2020 20:35:00 EST", "2020-03-23", "2020-03-24T01:35:00"),
    "a wrong weekday": ("Fri, 23 Mar 2020 14:35:00 +0000", "2020-03-23", "2020-03-23T14:35:00"),
    "a weekday in full": (
        "Monday, 23 March 2020 14:35:00 +0000",
        "2020-03-23",
        "2020-03-23T14:35:00",
    ),
    "no seconds": ("Mon, 23 Mar 2020 14:35 +0000", "2020-03-23", "2020-03-23T14:35:00"),
    "a zone with a colon": (
        "Mon, 23 Mar 2020 14:35:00 +03:00",
        "2020-03-23",
        "2020-03-23T11:35:00",
    ),
    "a zone of half hours": (
        "Mon, 23 Mar 2020 01:00:00 +5:30",
        "2020-03-23",
        "2020-03-22T19:30:00",
    ),
    "ISO": ("2020-03-23T01:30:00+03:00", "2020-03-23", "2020-03-22T22:30:00"),
    "ISO without its T": ("2020-03-23 14:35:00", "2020-03-23", None),
    "a day": ("2020-03-23", "2020-03-23", None),
    "slashes": ("2020/03/23 14:35:00", "2020-03-23", None),
    "Arabic": ("الإثنين 23 مارس 2020", "2020-03-23", None),
    "German": ("Mo, 23 Mär 2020 14:35:00 +0100", "2020-03-23", "2020-03-23T13:35:00"),
    "Russian": ("Пн, 23 мар 2020 14:35:00 +0300", "2020-03-23", "2020-03-23T11:35:00"),
    "Chinese": ("2020年3月23日 14:35", "2020-03-23", None),
    "seconds since 1970": ("1584974100", "2020-03-23", "2020-03-23T14:35:00"),
    "nothing": ("soon", None, None),
    "a day that is none": ("Mon, 31 Feb 2020 14:35:00 GMT", None, None),
}
for name, (text, day, instant) in DATES.items():
    case(
        f"a date: {name}",
        rss(item(f"<pubDate>{text}</pubDate>")),
        {**ONE, "day": day, "instant": instant},
    )
case(
    "a date of Dublin Core",
    rss(item("<dc:date>2020-03-23T14:35:00Z</dc:date>")),
    {**ONE, "day": "2020-03-23"},
)
case(
    "a date in an Atom element",
    rss(item("<atom:published>2020-03-23T14:35:00Z</atom:published>")),
    {**ONE, "day": "2020-03-23"},
)
