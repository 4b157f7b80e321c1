"""The language of a text is told, or it is said that it cannot be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.text import detect_language

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


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(detect_language(text), str)
