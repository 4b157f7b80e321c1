"""The language of a text is told, or it is said that it cannot be."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.text import detect_language

LABELS = Path(__file__).parents[2] / "shared/eval/cases/fundus_pub/labels.jsonl"
TEXTS = {
    "ar": "وقف إطلاق النار في محافظة إدلب السورية",
    "fa": "رئیس جمهور ایران می‌گوید که مذاکرات ادامه دارد",
    "ur": "يہ اردو زبان ہے اور پاکستان میں بولی جاتی ہے",
    "en": "The ceasefire in Idlib holds, the army says",
    "de": "Der Bundestag hat am Montag das Gesetz beschlossen",
    "fr": "Le président français a déclaré lundi que la trêve tient",
    "tr": "Cumhurbaşkanı pazartesi günü açıklama yaptı",
    "uk": "Президент України заявив у понеділок про перемир'я",
    "ru": "Президент России заявил в понедельник о перемирии",
    "ckb": "سەرۆکی هەرێمی کوردستان لەگەڵ شاندێکی ئەمریکی کۆبووەوە",
    "ps": "د افغانستان د بهرنیو چارو وزارت وايي چې د ګاونډیو هېوادونو سره اړیکې ښې دي",
    "yi": "דער פרעמיער מיניסטער האָט געזאָגט אַז די רעגירונג",
    "as": "প্ৰধানমন্ত্ৰীয়ে কৈছে যে চৰকাৰে",
    "bn": "প্রধানমন্ত্রী বলেছেন সরকার আজ সংসদে",
    "nb": "Statsministeren sier at regjeringen vil legge frem et nytt forslag til Stortinget i dag",
    "sr": "Председник владе је изјавио да ће влада данас поднети скупштини нови предлог закона",
    "bg": "Министър-председателят заяви, че правителството ще внесе днес нов законопроект",
    "zh": "北京大学",
    "ja": "東京で会議が開かれた",
    "ko": "북한이 미사일을 발사했다",
    "th": "กรุงเทพมหานคร",
    "he": "ראש הממשלה אמר",
    "el": "Ο πρωθυπουργός",
}


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_a_text_tells_its_language(language: str, text: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "42", "Reuters", "غزة", "a b c", "https://"])
def test_a_text_too_short_to_tell_says_so(text: str) -> None:
    assert detect_language(text) == ""


@pytest.mark.shared
@pytest.mark.skipif(not LABELS.exists(), reason=f"no labelled pages at {LABELS}")
def test_the_body_of_an_article_is_in_its_country_s_language() -> None:
    spoken = {"de": "de", "at": "de", "us": "en", "uk": "en", "fr": "fr", "jp": "ja", "kr": "ko"}
    bodies = [
        (spoken[case["id"][:2]], case["body"])
        for case in map(json.loads, LABELS.open())
        if case["id"][:3].rstrip("/") in spoken
    ]
    wrong = [body[:60] for language, body in bodies if detect_language(body) != language]
    assert len(wrong) <= 0.02 * len(bodies), wrong


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(detect_language(text), str)
