"""Text is clean: one way to write each character, nothing invisible, one paragraph a line."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.text import clean, fold_whitespace

CLEANED = {
    "e\u0301t\u00e9": "été",
    "one\r\ntwo\rthree\u2028four": "one\ntwo\nthree\nfour",
    "  a \t b\u00a0c  \n\n\n  d ": "a b c\nd",
    "soft\u00adhyphen": "softhyphen",
    "\ufeffstart": "start",
    "a\u202eb\u202c": "ab",
    "bell\x07": "bell",
    "half \ud83d": "half \ufffd",
    "\ud83d\ude00": "😀",
    "می\u200cخواهم": "می\u200cخواهم",
    "ع\u200dرب": "عرب",
    "latin\u200cword": "latinword",
    "👩\u200d🚒": "👩\u200d🚒",
    "അവന്\u200d പറഞ്ഞു": "അവന്\u200d പറഞ്ഞു",
    "क्\u200dष": "क्\u200dष",
    "🏴\U000e0067\U000e0062\U000e007f": "🏴\U000e0067\U000e0062\U000e007f",
    "x\U000e0067": "x",
    "": "",
}


@pytest.mark.parametrize(("written", "wanted"), CLEANED.items(), ids=ascii)
def test_a_text_is_cleaned(written: str, wanted: str) -> None:
    assert clean(written) == wanted


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_clean_text_is_composed_encodable_and_stays_clean(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.encode("utf8").decode("utf8") == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean(cleaned) == cleaned
    assert not any(line != line.strip() or not line for line in cleaned.split("\n") if cleaned)


def test_a_pile_of_accents_costs_little() -> None:
    assert len(clean("a" + "\u0301\u0316" * 200_000)) < 100


def test_white_space_is_folded_line_by_line() -> None:
    assert fold_whitespace(" a \u3000 b\n \n c ") == "a b\nc"
