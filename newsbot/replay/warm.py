"""Imported once by the process that a replay's processes are copies of: it reads the tables they need."""

import gc
from datetime import UTC, datetime

from newsbot.fetching.captures import Provenance
from newsbot.items import Raw
from newsbot.replay.reading import Work, read_one
from newsbot.replay.wanted import Wanted
from newsbot.text import detect_language

_PAGE = b"""<html lang="en"><head><title>The harbour opened at dawn - News</title></head><body>
<article><h1>The harbour opened at dawn</h1><p class="byline">By Ann Example, 3 May 2024, 10:15</p>
<p>Ships that had waited for days came in, one after the other, and the town came to look at them
before the market opened.</p><p>The mayor said that nobody had expected so many of them.</p></article>
</body></html>"""

read_one(
    Work(
        url="https://news.example/2024/05/harbour",
        body=_PAGE * 2,
        charset="utf-8",
        at=datetime(2024, 5, 3, tzinfo=UTC),
        raw=Raw(file="", offset=0),
        provenance=Provenance(source=""),
    ),
    Wanted(),
)
detect_language("The harbour opened at dawn, and ships came in.")

# What is there by now stays: the collector need not walk it, and pages leave no more than so much.
gc.freeze()
gc.set_threshold(20_000, 20, 100)
