"""Disguised words are read; everything else stays as it was published."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsbot.text import repair

GOLD = Path(__file__).parents[2] / "shared" / "gold" / "masking.jsonl"
CASES = [json.loads(line) for line in GOLD.open()] if GOLD.exists() else []

DISGUISED = {
    "خـ.ـطف": "خطف",
    "انـ*ـفجار": "انفجار",
    "المـ-ـقـ-ـاومة": "المقاومة",
    "صـ..ـاروخ": "صاروخ",
    "الـدمـ.ـار": "الدمار",
    "ا.ل.ق.ت.ل": "القتل",
    "قص*ف": "قصف",
    "قت\u200dيل": "قتيل",
    "قت\u200cلى": "قتلى",
    "at\u2060tack": "attack",
    "ﺍﻟﺠﻴﺶ": "الجيش",
    "ﬁnance": "finance",
    "s*u*i*c*i*d*e": "suicide",
    "kil*led": "killed",
    "إطـ.ـلاق\nالنـ.ـار": "إطلاق\nالنار",
    "قـ🔴ـتل": "قتل",
    "قـ(ـ)تل": "قتل",
    "والـ.مقاومة": "والمقاومة",
    "ف.تح": "فتح",
    "ت/فجير": "تفجير",
    "شه_يد": "شهيد",
    "ق@تل": "قتل",
    "الانف..جار": "الانفجار",
    "كت.ائب القس.ام": "كتائب القسام",
    "نتن.ياهو": "نتنياهو",
    "م.جزرة": "مجزرة",
    "اغ.تصاب": "اغتصاب",
    "ح م ا س": "حماس",
    "ق̷ت̷ل": "قتل",
    "т.е.р.а.к.т": "теракт",
    "k_i_l_l_e_d": "killed",
    "العنـ .. ـف": "العنف",
    "ت.ر.و.ر": "ترور",
}
KEPT = (
    "https://example.com/قـ.ـتل/ق*تل",
    "www.example.com/a*b",
    "لـ 20 شخصا",
    "بـ«حزب الله»",
    "الـ BBC",
    "د.أحمد",
    "م.حسن",
    "ص.ب 25",
    "ق.م",
    "ب.ب.س",
    "الروسي-الأوكراني",
    "ما/من",
    "#غ.زة",
    "قال..وأضاف",
    "انتهى.وقال",
    "آن‌ها",
    "کتاب‌ها",
    "U.S.A.",
    "a.k.a.",
    "e.g. this",
    "node.js",
    "Lehrer*innen",
    "Ärzt*in",
    "Jede*r",
    "f*ck",
    "طالب/ة",
    "المعلم/ين",
    "قبل‌ها",
    "don’t",
    "*note* and _this_",
    "👩‍👩‍👧",
    "1441هـ-2020م",
    "1441هـ.وقال",
    "الـ(بي بي سي)",
    "جـ.م",
    "ج.م.ع",
    "م.حمود",
    "شهيد/ة",
    "پیام/ی",
    "ب-الأهداف",
    "لا.سيما",
    "آل.سعود",
    "قال:نعم",
    "أ ب ت ث",
    "x*y*z",
    "snake_case_name",
    "rock*n*roll",
    "so|it",
    "To*Do",
    "سال.جاری",
    "بی.بی.سی",
    "ترین-ها",
    "live|stream",
    "ه\u200d.ش",
    "M*A*S*H",
    "واي-فاي",
    "دي.إن.إيه",
)


@pytest.mark.shared
@pytest.mark.skipif(not CASES, reason=f"no labelled disguises at {GOLD}")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['class']}: {case['in']}")
def test_the_labelled_disguises_are_undone_and_the_rest_is_kept(case: dict[str, str]) -> None:
    assert repair(case["in"]) == case["out"]


@pytest.mark.parametrize(("written", "meant"), DISGUISED.items())
def test_a_disguised_word_is_whole_again(written: str, meant: str) -> None:
    assert repair(written) == meant


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_disguise_stays_as_published(text: str) -> None:
    assert repair(text) == text


ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)
MASKS = st.text("ـ.-*،/ _|\u200b\u200c\u200dحماسدعشقتلالوبهـ1a\n\u064b\ud800", max_size=40)


@settings(max_examples=300, deadline=None)
@given(ANYTHING | MASKS)
@example("1هـ.ـهـ.ـه")
@example("لـ.ـلـ-س")
@example("\ud83d\ude00\ud83d")
def test_reading_a_text_twice_changes_nothing_and_never_fails(text: str) -> None:
    once = repair(text)
    assert repair(once) == once
