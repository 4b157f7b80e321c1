"""The pages' words: every message has its Arabic, and what other parts say in English is known to the pages."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

import newsbot.web
from newsbot.alerts.holding import REASONS
from newsbot.alerts.vitals import SHORT
from newsbot.edits.version import KINDS
from newsbot.fetching.causes import CAUSES, TALLIES, in_part
from newsbot.query import QuerySyntaxError, parse
from newsbot.web.languages import languages
from newsbot.web.said import MESSAGES
from newsbot.web.sentences import translated
from newsbot.web.speech import Speech
from tests.test_query_malformed import BLOCKS

HERE = Path(newsbot.web.__file__).parent
_NAMED = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
# Which forms of Arabic are of one number, and say it in words.
_IN_WORDS = {0, 1, 2}
_NUMBERS = {(name, "") for name in ("count", "shown", "num", "told", "left")}


@cache
def extracted() -> set[tuple[str, object]]:
    """Return every message of the templates and of the web's Python, with its context."""
    with (HERE / "babel.cfg").open() as mapping:
        method, options = parse_mapping_cfg(mapping)[:2]
    found = extract_from_dir(str(HERE), method, options)
    return {(context or "", message) for _, _, message, _, context in found}


@cache
def catalogue(code: str) -> Catalog:
    with (HERE / "locale" / f"{code}.po").open("rb") as written:
        return read_po(written, locale=code)


def written(code: str) -> list[Message]:
    return [each for each in catalogue(code) if each.id]


CODES = [code for code in languages() if code != "en"]


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_has_every_message_and_no_other(code: str) -> None:
    there = {
        (each.context or "", each.id if isinstance(each.id, str) else tuple(each.id))
        for each in written(code)
    }
    assert there == extracted()


@pytest.mark.parametrize("code", CODES)
def test_no_message_is_empty_or_doubtful(code: str) -> None:
    for each in written(code):
        forms = [each.string] if isinstance(each.string, str) else each.string
        assert all(forms), each.id
        assert not each.fuzzy, each.id
        if not isinstance(each.id, str):
            assert len(forms) == catalogue(code).num_plurals, each.id


@pytest.mark.parametrize("code", CODES)
def test_places_and_markup_of_a_message_are_kept(code: str) -> None:
    for each in written(code):
        several = not isinstance(each.id, str)
        english = each.id[-1] if several else each.id
        forms = each.string if several else [each.string]
        for at, form in enumerate(forms):
            wanted, there = set(_NAMED.findall(english)), set(_NAMED.findall(form))
            if several and at in _IN_WORDS:
                assert there <= wanted, form
                assert at == 0 or wanted - there <= _NUMBERS, form
            else:
                assert there == wanted, form
            if not several:
                assert sorted(re.findall(r"</?\w[^>]*>", form)) == sorted(
                    re.findall(r"</?\w[^>]*>", english)
                ), form


# What other parts say

QUERIES = {
    "": "الاستعلام فارغ؛ اكتب كلمة",
    "(a OR b": "هذا القوس لم يُغلق؛ أضف قوسًا في نهاية المجموعة",
    '"a b': "علامة الاقتباس هذه لم تُغلق؛ أضف علامة في نهاية العبارة",
    "-a": "الاستعلام يستبعد فقط؛ اذكر شيئًا واحدًا على الأقل يجب أن يكون في المقالات",
    "a OR": "لا شيء بعد \u2068OR\u2069؛ اكتب ما قد يحل محله",
    "date:2020-02-31": (
        "\u2068'2020-02-31'\u2069 ليس يومًا في التقويم: ينتهي ذلك الشهر في \u20682020-02-29\u2069"
    ),
}


@pytest.mark.parametrize(("query", "said"), QUERIES.items())
def test_a_query_that_is_none_is_explained_in_arabic(query: str, said: str) -> None:
    with pytest.raises(QuerySyntaxError) as error:
        parse(query)
    shown, caret, told = (translated(languages()["ar"], error.value.explain()) or "").split("\n")
    assert shown.strip() == query
    assert caret.strip() == "^"
    assert told == said


@pytest.mark.parametrize("told", BLOCKS, ids=lambda told: told.split("\n")[0].strip())
def test_every_query_that_is_none_is_explained_in_arabic(told: str) -> None:
    said = translated(languages()["ar"], told)
    assert said is not None
    assert said.split("\n")[:2] == told.split("\n")[:2]
    assert re.search("[\u0621-\u064a]", said.split("\n")[2])


def test_what_was_typed_stands_from_left_to_right_above_its_explanation() -> None:
    with pytest.raises(QuerySyntaxError) as error:
        parse("(a b&c")
    told = str(Speech(languages()["ar"]).told(error.value.explain()))
    assert told.startswith('<span class="as-typed" dir="ltr">  (a b&amp;c</span>\n')
    assert told.endswith("هذا القوس لم يُغلق؛ أضف قوسًا في نهاية المجموعة")


@pytest.mark.parametrize(
    "words",
    [
        *(*SHORT.values(), *REASONS, *REASONS.values(), *KINDS, *TALLIES.values()),
        *(*(cause.sentence for cause in CAUSES.values()), in_part("refused_wall")),
    ],
)
def test_a_word_of_another_part_is_known(words: str) -> None:
    said = translated(languages()["ar"], words)
    assert said
    assert not re.search("[a-z]{3}", re.sub(r"newsbot|robots\.txt|https?", "", said)), said


@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("wire has gone quiet", "\u2068wire\u2069 انقطع عن النشر"),
        ("Our own connection is down", "اتصالنا نفسه مقطوع"),
        (
            (
                "the last ended well 3 min ago, 2 failed since; well in 5 of the 6 hours of 7 days in which "
                "there were some"
            ),
            (
                "انتهت آخر جولة ناجحة قبل \u20683 min\u2069، فشلت \u20682\u2069 بعدها؛ بخير في \u20685\u2069 من \u20686\u2069 ساعة "
                "جرت فيها جولات خلال 7 أيام"
            ),
        ),
        ("brings about 4 an hour", "يأتي بنحو \u20684\u2069 في الساعة"),
        ("timing.how: at once → daily", "موعد الإبلاغ: من فورًا إلى يوميًا"),
    ],
)
def test_a_sentence_of_another_part_is_told_with_what_is_in_it(english: str, arabic: str) -> None:
    assert translated(languages()["ar"], english) == arabic


def test_a_message_with_places_is_found_by_what_stands_between_them() -> None:
    """None begins with a place that would take any sentence whatever."""
    for message in MESSAGES:
        bare = _NAMED.sub("", message)
        assert re.search(r"\w{2}|[:→]", bare), message


def test_a_sentence_that_nobody_knows_stays_as_it_is() -> None:
    assert translated(languages()["ar"], "There is no such sentence") is None
    assert translated(languages()["ar"], "x" * 3_000) is None
