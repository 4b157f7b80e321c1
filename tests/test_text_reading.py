"""A text reads as it was meant: right characters, right letters, and a way back to what was published."""

import gzip
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsbot.text import clean, repair, repaired

EVAL = Path(__file__).parents[2] / "shared" / "eval" / "cases"

ENTITIES = {
    "R&amp;D": "R&D",
    "don&#39;t": "don't",
    "&amp;quot;word&amp;quot;": '"word"',
    "&#1575;&#1604;&#1580;&#1610;&#1588;": "الجيش",
    "5 &lt; 6": "5 < 6",
    "don#39;t": "don't",
    "quot;word&quot": '"word"',
    "caf&eacute;": "café",
}
WRONG_DECODINGS = {
    "EspaÃ±a": "España",
    "blÃƒÂ¶der": "blöder",
    "itâ€™s": "it’s",
    "Ø§Ù„Ø¬ÙŠØ´": "الجيش",
    "РџСЂРёРІРµС‚": "Привет",
    "\x84Elmentem\x94": "„Elmentem”",
    "ÇáÌíÔ ÇáÓæÑí": "الجيش السوري",
    "ط§ظ„ط¬ظٹط´ ط§ظ„ط³ظˆط±ظٹ": "الجيش السوري",
    "Ïðèâåò ìèð, Ðîññèÿ": "Привет мир, Россия",
    "ÅëëÜäá": "Ελλάδα",
}
LOOKALIKES = {
    "Hаmаs": "Hamas",
    "Zеlenskyy": "Zelenskyy",
    "Pусский": "Русский",
    "Eλλάδα": "Ελλάδα",
    "Зeленський": "Зеленський",
    "ｋｉlled": "killed",
    "𝗞𝗶𝗹𝗹𝗲𝗱 in 𝗚𝗮𝘇𝗮": "Killed in Gaza",
    "ﺍﻟﺠﻴﺶ": "الجيش",
    "حرکة حماس": "حركة حماس",
    "قال الرئيس السیسی إن الحرب على المدينة": "قال الرئيس السيسي إن الحرب على المدينة",
    "ال٥جوم على المدينة": "الهجوم على المدينة",
    "ڡلسطين الحرة": "فلسطين الحرة",
}
KEPT = (
    "AT&T and Q&A; R&D",
    'the entity "&nbsp;" is a space',
    "&lt;p&gt; opens a paragraph &amp; more",
    "http://example.com/?a=1&amp;b=2",
    "?a=1&amp;copy=2",
    "Île-de-France, l’été, « à », ÇA",
    "Nööööö, Äääähm",
    "Ελλάδα, Россия, Україна",
    "kΩ, μm, Δt, α-helix, 𝑥 + 𝑦",
    "КАМАZ, NATOа, в Facebookе",
    "ＮＨＫ, ⓒ 2020, ５０ｍ",
    "ایران و ترکیه، آمريکا، مرکزي",
    "عکس العمل",
    "وٯڡ اطلاٯ الٮار ڡى ادلٮ",
    "المادة 5 من القانون، إف16، ق1",
)


@pytest.mark.parametrize(
    ("written", "meant"), (ENTITIES | WRONG_DECODINGS | LOOKALIKES).items(), ids=ascii
)
def test_broken_characters_and_false_letters_are_read_as_meant(written: str, meant: str) -> None:
    assert repair(written) == meant
    assert repair(f"x {written} y") == f"x {meant} y"


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_broken_stays_as_published(text: str) -> None:
    assert repair(text) == text


# What a line must show for its words to be changed at all.
BROKEN = re.compile(
    "[\\x80-\\x9f\u0640\ufb50-\ufdff\ufe70-\ufeff\U0001d400-\U0001d7ff]|[Â-ô][\\x80-\\xbf‚-™Œ-ž]"
    "|[A-Za-z][\u0370-\u052f]|[\u0370-\u052f][A-Za-z]|&[#a-z0-9]+;"
)


def published_lines() -> Iterator[str]:
    from selectolax.lexbor import LexborHTMLParser
    from w3lib.encoding import html_to_unicode

    for page in sorted(EVAL.glob("*/pages/*")):
        _, html = html_to_unicode(None, gzip.decompress(page.read_bytes()))
        tree = LexborHTMLParser(html)
        for hidden in tree.css("script,style,noscript,template,head,iframe,svg"):
            hidden.decompose()
        if tree.body:
            yield from tree.body.text(separator="\n").splitlines()


@pytest.mark.shared
@pytest.mark.skipif(not EVAL.exists(), reason=f"no labelled pages at {EVAL}")
def test_of_real_pages_only_what_is_broken_changes() -> None:
    lines = {line for line in published_lines() if not BROKEN.search(line)}
    assert [(line, read) for line in lines if (read := repair(line)) != clean(line)] == []


PIECES = st.lists(
    st.sampled_from(
        (
            *"إطـ.ـلاق النـ.ـار ح.ماس د.ا.ع.ش Hаmаs &amp;quot; &#1575; EspaÃ±a amp; ط§ظ„ ÇáÌíÔ".split(),
            *("e\u0301", "ﻻ", "𝗞𝗶𝗹", "\u200b", "\u200c", "\r\n", "   ", "ـ", ".", "ﷲ", "\u0653"),
            *("\ud83d", "\ude00", "\u1112\u1161", "ﬁ", "ک", " ", "\n", "a", "ا"),
        )
    ),
    max_size=12,
).map("".join)
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)


@settings(max_examples=400, deadline=None)
@given(PIECES | ANYTHING)
@example("x\xa0amp;\xa0y")
@example("\u0627.\u0653ب")
def test_reading_is_idempotent_and_the_way_back_is_exact(text: str) -> None:
    both = repaired(text)
    reading = both.text
    assert repair(reading) == reading
    assert reading == repair(text)
    ends = 0
    for place in range(len(reading)):
        start, end = both.to_published(place, place + 1)
        assert 0 <= start < end <= len(text)
        assert end >= ends
        ends = end
        low, high = both.to_reading(start, end)
        assert low <= place < high
        if end - start == 1 and text[start].isascii():
            assert reading[place] in (text[start], " ", "\n") or not reading.isascii()
    low, high = both.to_published(0, len(reading))
    # What stands outside of what was published for the whole text means nothing.
    assert repair(text[:low]) == "" or repair(text[low:]) == reading


def test_a_match_is_shown_as_it_was_published() -> None:
    both = repaired("قالت \u200bإن  وقف إطـ.ـلاق النـ.ـار في&nbsp;إدلب")
    at = both.text.index("إطلاق النار")
    start, end = both.to_published(at, at + len("إطلاق النار"))
    assert both.published[start:end] == "إطـ.ـلاق النـ.ـار"
    assert both.to_reading(start, end) == (at, at + len("إطلاق النار"))


def test_an_unchanged_text_maps_to_itself() -> None:
    both = repaired("Nothing to repair")
    assert both.to_published(3, 7) == both.to_reading(3, 7) == (3, 7)


HOSTILE = (
    *("ـ.", "بـ.", "ب.", "a*", "a.", "و ـ", "\u200d", "ا\u064b", "ب ", "ب_", "بـ ", "ب\u200c"),
    *(
        "&amp;",
        "&",
        "amp;",
        "&#1575;",
        "Ã©",
        "ÃƒÂ",
        "ط§",
        "ÇáÌ",
        "aа",
        "𝗞",
        "ک",
        "ب٥",
        "\ud83d",
        "\u0336",
    ),
)


@pytest.mark.alone
@pytest.mark.parametrize("unit", HOSTILE, ids=ascii)
def test_a_hostile_text_costs_in_proportion_to_its_length(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        times = []
        for _ in range(3):
            start = time.process_time()
            repair(text)
            times.append(time.process_time() - start)
        return min(times)

    # A quadratic rule would take a hundred times as long for ten times the text.
    assert seconds(200_000) < 30 * seconds(20_000) + 0.05
