"""Pages are decoded as browsers decode them, and a little better where they would show rubbish."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extraction.tree import decode, parse

TEXTS = {
    "windows-1256": "الميناء يفتح أبوابه بعد تسعة أيام من العاصفة، كما قال مدير الميناء صباح اليوم.",
    "windows-1251": "Порт снова открылся через девять дней после бури, сообщил начальник порта утром.",
    "koi8-r": "Порт снова открылся через девять дней после бури, сообщил начальник порта утром.",
    "shift_jis": "嵐で閉鎖されていた港が九日ぶりに開いたと、港長が日曜日の朝に発表した。フェリーも動いた。",
    "euc-jp": "嵐で閉鎖されていた港が九日ぶりに開いたと、港長が日曜日の朝に発表した。フェリーも動いた。",
    "euc-kr": "폭풍으로 문을 닫았던 항구가 아흐레 만에 다시 열렸다고 항만청장이 일요일 아침 밝혔다.",
    "gbk": "风暴过后九天，港口于周日清晨重新开放，港务局长表示，三班渡轮准时出发，渔民们也出海了。",
    "big5": "風暴過後九天，港口於週日清晨重新開放，港務局長表示，三班渡輪準時出發，漁民們也出海了。",
    "iso-8859-9": "Liman fırtınadan dokuz gün sonra yeniden açıldı, liman başkanı pazar sabahı şöyle dedi.",
    "iso-8859-2": "Przystań została ponownie otwarta dziewięć dni po burzy, powiedział rano jej zarządca.",
    "iso-8859-7": "Το λιμάνι άνοιξε ξανά εννέα ημέρες μετά την καταιγίδα, είπε το πρωί ο λιμενάρχης.",
    "windows-1255": "הנמל נפתח מחדש תשעה ימים אחרי הסערה, אמר מנהל הנמל בבוקר יום ראשון לעיתונאים.",
    "iso-8859-1": "Der Hafen öffnete neun Tage nach dem Sturm wieder, größere Schäden gab es für Fähren nicht.",
}  # fmt: skip
DECLARED = {
    "meta": '<meta charset="{}">',
    "bare meta": "<META CHARSET={}>",
    "http-equiv": '<meta http-equiv="Content-Type" content="text/html; charset={}">',
    "spaced": "<meta\n  name=x charset = '{}' />",
    "xml": '<?xml version="1.0" encoding="{}"?>',
    "late": "<style>" + "p {{ margin: 0 }} " * 300 + "</style><meta charset={}>",
}


def page(text: str, declaration: str = "") -> str:
    return f"{declaration}<html><head><title>{text}</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize("declaration", DECLARED)
@pytest.mark.parametrize("encoding", TEXTS)
def test_what_a_page_declares_is_believed(encoding: str, declaration: str) -> None:
    written = page(TEXTS[encoding], DECLARED[declaration].format(encoding))
    assert decode(written.encode(encoding)) == written


@pytest.mark.parametrize("encoding", TEXTS)
def test_what_the_server_says_comes_before_what_the_page_says(encoding: str) -> None:
    written = page(TEXTS[encoding], "<meta charset=windows-1252>")
    assert decode(written.encode(encoding), f' "{encoding.upper()}"') == written


@pytest.mark.parametrize("encoding", TEXTS)
def test_without_a_word_of_it_an_encoding_is_told_by_its_bytes(encoding: str) -> None:
    written = page(f"{TEXTS[encoding]} " * 4)
    assert decode(written.encode(encoding)) == written


@pytest.mark.parametrize("encoding", TEXTS)
def test_bytes_that_are_called_utf8_and_are_not_are_looked_at(encoding: str) -> None:
    written = page(f"{TEXTS[encoding]} " * 4, '<meta charset="utf-8">')
    assert decode(written.encode(encoding)) == written


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_byte_order_mark_comes_before_all(mark: bytes) -> None:
    encoding = {2: "utf-16-le", 3: "utf-8"}[len(mark)]
    encoding = "utf-16-be" if mark == codecs.BOM_UTF16_BE else encoding
    written = page(TEXTS["windows-1256"], "<meta charset=windows-1251>")
    assert decode(mark + written.encode(encoding), "shift_jis") == written


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", "\n\n  "])
def test_utf16_without_a_mark_is_seen(encoding: str, before: str) -> None:
    written = before + page(TEXTS["windows-1251"])
    assert decode(written.encode(encoding)) == written


@pytest.mark.parametrize("wrong", ["windows-1252", "iso-8859-1", "gb2312", "utf-16", "nonsense"])
def test_utf8_is_read_so_whatever_it_is_called(wrong: str) -> None:
    written = page(TEXTS["windows-1256"], f"<meta charset={wrong}>")
    assert decode(written.encode(), wrong) == written


def test_a_bad_byte_costs_one_letter() -> None:
    written = page(TEXTS["windows-1251"] * 3)
    raw = bytearray(written.encode())
    raw[len(raw) // 2] = 0xFF
    assert sum(map(str.__ne__, decode(bytes(raw)), written)) <= 40
    assert decode(bytes(raw)).startswith(written[:40])


def test_a_page_cut_in_a_letter_is_utf8() -> None:
    assert decode(page("Café")[:-4].encode() + "é".encode()[:1]).startswith(page("Café")[:-4])
    assert decode(b"<p>caf" + "é".encode()[:1]) == "<p>caf\ufffd"


def test_text_that_was_decoded_wrongly_before_is_left_for_its_repair() -> None:
    twice = page("CafÃ© de la gare, dÃ©jÃ  vu", "<meta charset=windows-1252>")
    assert decode(twice.encode()) == twice


def test_a_commented_declaration_is_none() -> None:
    written = page(TEXTS["windows-1251"], "<!-- <meta charset=shift_jis> --><meta charset=cp1251>")
    assert decode(written.encode("cp1251")) == written


def test_a_label_that_no_browser_knows_is_passed_over() -> None:
    written = page(TEXTS["windows-1251"], "<meta charset=utf-7><meta charset=windows-1251>")
    assert decode(written.encode("cp1251"), "hz-gb-2312") == written


@given(st.binary(max_size=400), st.sampled_from(["", "utf-16", "gbk", "iso-2022-jp", "x", "é"]))
def test_no_bytes_break_it(raw: bytes, charset: str) -> None:
    text, tree = parse(raw, charset)
    assert "\x00" not in text
    assert tree.root is not None or not text.strip()


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16"]))
def test_what_was_written_in_unicode_with_a_mark_is_read_as_written(
    text: str, encoding: str
) -> None:
    raw = text.encode("utf-8-sig" if encoding == "utf-8" else encoding, "ignore")
    assert decode(raw) == text.encode("utf-8", "ignore").decode()
