"""Words are compared as readers compare them, wherever they stand."""

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.query.analysis import edges
from newsbot.text import Token, tokenize
from newsbot.text.folding import fold
from newsbot.text.tokens import LONG, LONGEST, long, placed, tokenize_query, words
from tests.arabic_clitics import WHOLE, WITH_CLITICS

ALIKE = (
    ("Zürich", "zurich"),
    ("STRASSE", "straße"),
    ("İstanbul", "istanbul"),
    ("ISPARTA", "ısparta"),
    ("Ελλάδα", "ΕΛΛΑΔΑ"),
    ("ёлка", "елка"),
    ("שָׁלוֹם", "שלום"),
    ("إدلب", "ادلب"),
    ("على", "علي"),
    ("مدرسة", "مدرسه"),
    ("القُدس", "القدس"),
    ("٢٠٢٠", "2020"),
    ("۱۳۹۹", "1399"),
    ("ﬁnance", "finance"),
    ("ｆｕｌｌ", "full"),
    ("کابل", "كابل"),
    ("أوامـر", "أوامر"),
    ("والوزير", "الوزير"),
    ("بالمدينة", "مدينة"),
    ("للجيش", "الجيش"),
    ("كالأسد", "أسد"),
    ("وبالأمم", "الأمم"),
    ("وشويغو", "شويغو"),
    ('צה"ל', "צהל"),
    ("צה״ל", "צהל"),
    ("Ἀθῆναι", "αθηναι"),
    ("ΟΔΟΣ", "οδός"),
    ("о́блако", "облако"),
    ("Đà Nẵng", "da nang"),
    ("GROẞ", "groß"),
    ("col·lecció", "colleccio"),
    ("ｶﾀｶﾅ", "カタカナ"),
    ("क़ानून", "कानून"),
    ("हाँ", "हां"),
    ("वाङ्\u200dमय", "वाङ्मय"),
    ("خانهٔ", "خانه"),
    ("لاہور", "لاهور"),
    ("کوردستان", "كوردستان"),
    ("1,500", "1500"),
    ("1.500", "1500"),
    ("1 500", "1500"),
    ("1’500", "1500"),
    ("١٬٥٠٠", "1500"),
    ("২০২০", "2020"),
    ("می‌خواهم", "میخواهم"),
)
APART = (
    ("والد", "الد"),
    ("والد", "لد"),
    ("باب", "اب"),
    ("لله", "له"),
    ("وزن", "زن"),
    ("ألمانيا", "مانيا"),
    ("فلسطين", "لسطين"),
    ("كانت", "انت"),
    ("حرب", "حربي"),
    ("سلام", "إسلام"),
    ("أسد", "أسعد"),
    ("ثلاث", "تلات"),
    ("й", "и"),
    ("a", "а"),
    ("run", "running"),
    ("aujourd'hui", "hui"),
    ("3.5", "35"),
    ("h2o", "hao"),
    ("мой", "мои"),
    ("दिल", "दिलल"),
)
# A word of the text, and a part by which it is found.
PARTS = (
    ("l'Europe", "europe"),
    ("L’Europe", "europe"),
    ("Trump’s", "trump"),
    ("#وقف_إطلاق_النار", "إطلاق"),
    ("info@example.com", "example"),
    ("https://www.example.com/news", "news"),
    ("Corona-Krise", "krise"),
    ("k1lled", "killed"),
    ("می‌خواهم", "می"),
    ("کتاب‌ها", "کتاب"),
    ("قال ڡلسطٮں", "~ڡلسطٮں"),
)


def texts(text: str) -> set[str]:
    return {token.text for token in tokenize(text)}


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_spellings_of_a_word_are_alike(one: str, other: str) -> None:
    assert texts(one) & {token.text for token in tokenize_query(other)}
    assert texts(other) & {token.text for token in tokenize_query(one)}


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert not texts(one) & texts(other)


@pytest.mark.parametrize(("word", "part"), PARTS)
def test_a_word_is_found_by_its_parts(word: str, part: str) -> None:
    assert part in texts(word) or {token.text for token in tokenize_query(part)} <= texts(word)


@pytest.mark.parametrize("word", WHOLE)
def test_what_a_word_begins_with_is_not_taken_for_a_clitic(word: str) -> None:
    assert fold(word) in texts(word)
    assert [token.text for token in tokenize_query(word)] == [fold(word)]


@pytest.mark.parametrize("pair", WITH_CLITICS)
def test_a_word_is_found_under_its_clitics(pair: str) -> None:
    form, word = pair.split(":")
    assert {token.text for token in tokenize_query(word)} & texts(form)


def test_a_word_that_may_have_a_clitic_has_two_readings_and_is_asked_for_by_one() -> None:
    assert texts("بحرية") == {"بحريه", "حريه"}
    assert [token.text for token in tokenize_query("بحرية")] == ["بحريه"]


def test_a_joined_reading_stands_at_the_first_and_at_the_last_position() -> None:
    assert [(token.text, token.position) for token in tokenize("an e-mail now")] == [
        ("an", 0),
        ("e", 1),
        ("email", 1),
        ("mail", 2),
        ("email", 2),
        ("now", 3),
    ]


def test_an_ambiguous_disguise_is_read_both_ways() -> None:
    assert {"بوتين", "قال", "بوتينوقال"} <= texts("بوتين.وقال")
    assert {"ح", "ماس", "حماس"} <= texts("ح.ماس")


def test_thousands_are_one_number_and_decimals_are_none() -> None:
    assert "1250000" in texts("1,250,000 people")
    assert "35" not in texts("3.5 million")


def test_unspaced_scripts_are_read_in_pairs() -> None:
    assert [token[:2] for token in tokenize("北京大学")] == [
        ("北京", 0),
        ("京大", 1),
        ("大学", 2),
        ("学", 3),
    ]
    assert [token.text for token in tokenize_query("北京")] == ["北京"]


def test_only_a_line_without_dots_is_found_by_its_skeleton() -> None:
    assert any(text.startswith("~") for text in texts("الحرٮ ڡى عره"))
    assert not any(text.startswith("~") for text in texts("الحرب في غزة وقال ٮ"))


WORDS = st.text("abčßéZ١2ابتوالقـُّ.-'’ \n北京ไทยकि한ٮ\u200c😀\ud800", max_size=40)


@settings(max_examples=200, deadline=None)
@given(WORDS | st.text(st.characters(exclude_categories=())))
def test_words_are_the_texts_of_the_tokens(text: str) -> None:
    assert words(text) == [token.text for token in tokenize(text)]


@settings(max_examples=200, deadline=None)
@given(WORDS | st.text(st.characters(exclude_categories=())))
def test_what_the_index_keeps_is_each_reading_once_with_the_positions_it_takes(text: str) -> None:
    kept = list(zip(*placed(text), strict=True))
    assert sorted(kept) == sorted(
        (word if first == last else long(word, last - first + 1), first)
        for first, last, word, _, _ in edges(tokenize(text))
    )
    assert all(last - first < LONGEST for first, last, *_ in edges(tokenize(text)))
    assert not any(LONG in token.text for token in tokenize(text))


@settings(max_examples=400, deadline=None)
@given(WORDS | st.text(st.characters(exclude_categories=())))
def test_tokens_come_in_order_and_point_into_the_text(text: str) -> None:
    found = tokenize(text)
    positions = [token.position for token in found]
    assert positions == sorted(positions)
    assert all(b - a <= 1 for a, b in pairwise(positions))
    for token in found:
        assert 0 <= token.start < token.end <= len(text)
        assert token.text
        assert not text[token.start].isspace()


def script(text: str) -> set[str]:
    names = {unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha()}
    return names & {"LATIN", "ARABIC", "CYRILLIC", "GREEK", "HEBREW", "DEVANAGARI"}


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(categories=("Ll", "Lu", "Lo")), min_size=1, max_size=6))
def test_folding_keeps_a_word_in_its_script(word: str) -> None:
    for token in tokenize(word):
        assert script(token.text) <= script(unicodedata.normalize("NFKC", word).casefold())


def test_no_two_letters_of_different_scripts_are_folded_into_one() -> None:
    folded: dict[str, set[str]] = {}
    for letter in map(chr, range(0x2FA1E)):
        if unicodedata.category(letter) in {"Lu", "Ll", "Lo", "Lt"}:
            for name in script(unicodedata.normalize("NFKC", letter).casefold()):
                folded.setdefault(fold(letter), set()).add(name)
    assert len(folded) > 1_000
    assert [one for one, names in folded.items() if len(names) > 1] == []


def test_a_token_cannot_be_changed() -> None:
    token = Token("a", 0, 0, 1)
    with pytest.raises(AttributeError):
        token.text = "b"  # type: ignore[misc]


@pytest.mark.alone
@pytest.mark.parametrize(
    "unit",
    ["a-", "ب.", "京", "ٮ ", "ٮ\n", "1,", "ا\u064b", "a", "1 ", "100 ", "a1", 'ל"', "ب\u200c", "'"],
)
def test_a_hostile_text_costs_in_proportion_to_its_length(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        times = []
        for _ in range(2):
            start = time.process_time()
            tokenize(text)
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(50_000) < 30 * seconds(5_000) + 0.05
