"""Feeds in encodings as they are found: declared, not declared, and declared wrongly."""

from tests.feed_corpus import A1, CASES, SECOND, case, item, rss

__all__ = ["CASES"]

ARABIC = "إطلاق النار"
CYRILLIC = "Выборы"
case(
    "windows-1256 as declared",
    rss(
        item("").replace("One", ARABIC), declaration='<?xml version="1.0" encoding="windows-1256"?>'
    ).encode("cp1256"),
    {"url": A1, "title": ARABIC},
)
case(
    "windows-1251 that only the header says",
    rss(item("").replace("One", CYRILLIC), declaration='<?xml version="1.0"?>').encode("cp1251"),
    {"url": A1, "title": CYRILLIC},
    charset="windows-1251",
)
case(
    "UTF-8 that is declared windows-1251",
    rss(
        item("").replace("One", CYRILLIC),
        declaration='<?xml version="1.0" encoding="windows-1251"?>',
    ).encode(),
    {"url": A1, "title": CYRILLIC},
)
case(
    "UTF-8 that the header calls ISO 8859-1",
    rss(item("").replace("One", CYRILLIC)).encode(),
    {"url": A1, "title": CYRILLIC},
    charset="iso-8859-1",
)
case(
    "windows-1252 that is declared UTF-8",
    rss(item("").replace("One", "Caf\xe9 \u2013 na\xefve r\xe9sum\xe9")).encode("cp1252"),
    {"url": A1, "title": "Caf\xe9 \u2013 na\xefve r\xe9sum\xe9"},
)
case(
    "windows-1252 that is declared ISO 8859-1",
    rss(
        item("").replace("One", "\u201cSo\u201d"),
        declaration='<?xml version="1.0" encoding="ISO-8859-1"?>',
    ).encode("cp1252"),
    {"url": A1, "title": "\u201cSo\u201d"},
)
case(
    "UTF-16 with its mark",
    rss(
        item("").replace("One", ARABIC), declaration='<?xml version="1.0" encoding="utf-16"?>'
    ).encode("utf-16"),
    {"url": A1, "title": ARABIC},
)
case(
    "UTF-8 that is declared UTF-16",
    rss(item("").replace("One", ARABIC), declaration='<?xml version="1.0" encoding="utf-16"?>'),
    {"url": A1, "title": ARABIC},
)
case(
    "Shift JIS",
    rss(
        item("").replace("One", "選挙"), declaration='<?xml version="1.0" encoding="Shift_JIS"?>'
    ).encode("cp932"),
    {"url": A1, "title": "選挙"},
)
case(
    "GB 2312 with characters of GBK",
    rss(
        item("").replace("One", "朱镕基 选举"),
        declaration='<?xml version="1.0" encoding="gb2312"?>',
    ).encode("gbk"),
    {"url": A1, "title": "朱镕基 选举"},
)
case(
    "an encoding that is none",
    rss(item("").replace("One", CYRILLIC), declaration='<?xml version="1.0" encoding="utf8mb4"?>'),
    {"url": A1, "title": CYRILLIC},
)
case(
    "one stray byte",
    rss(item("").replace("One", CYRILLIC) + SECOND)
    .encode()
    .replace(b"<title>Two", b"<title>\xe9Two"),
    {"url": A1, "title": CYRILLIC},
)
