"""What changed between two versions of an article, and what kind of change it is."""

import random
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.cli.history import marked
from newsbot.demo.sites import SITES
from newsbot.demo.stock import stock
from newsbot.edits.churn import without_churn
from newsbot.edits.differences import difference, shortened
from newsbot.edits.kinds import kinds_of
from newsbot.edits.plausible import doubt
from newsbot.edits.version import Version
from newsbot.extraction import extract
from newsbot.items import Article
from newsbot.reading import normalize
from newsbot.text.dates import ParsedDate


def shown(before: str, after: str) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[each.change].format(each.text) for each in difference(before, after))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "The council voted 18 to seven on Monday.",
            "The council voted 19 to six on Tuesday.",
            "The council voted [-18-]{+19+} to [-seven-]{+six+} on [-Monday-]{+Tuesday+}.",
        ),
        (
            "قال وزير الدفاع إن إطـ.ـلاق النار توقف أمس",
            "قال وزير الخارجية إن إطـ.ـلاق النار استمر أمس",
            "قال وزير [-الدفاع-]{+الخارجية+} إن إطـ.ـلاق النار [-توقف-]{+استمر+} أمس",
        ),
        ("北京大学今天招收三千名学生。", "北京大学昨天招收三千名新学生。", "北京大学[-今-]{+昨+}天招收三千名{+新+}学生。"),
        ("It cost 1,700 crowns", "It cost 1,900 crowns", "It cost [-1,700-]{+1,900+} crowns"),
        ("one\ntwo\nthree", "one\nthree", "one\n[-two\n-]three"),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
    ],
)  # fmt: skip
def test_a_difference_is_told_in_words(before: str, after: str, said: str) -> None:
    assert shown(before, after) == said


def test_words_that_are_the_same_by_chance_are_shown_as_changed() -> None:
    told = difference(
        "A quarrel about the money of the school kept them busy until night came over it.",
        "Nobody expected what the treasurer told reporters in the yard of that hotel on Friday.",
    )
    assert len(told) <= 3


TEXTS = st.text(st.sampled_from("ab ,.\n1٢دا é京都\u200cー\t-"), max_size=60)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_told_from_their_difference(before: str, after: str) -> None:
    told = difference(before, after)
    assert "".join(each.text for each in told if each.change != "removed") == after
    was = "".join(each.text for each in told if each.change != "added")
    assert was.split() == before.split() or "".join(was.split()) == "".join(before.split())


def test_no_two_texts_cost_more_than_a_bounded_time_and_memory() -> None:
    drawn = random.Random(3)
    words = [str(number) for number in range(60)]
    one, other = (" ".join(drawn.choices(words, k=200_000)) for _ in range(2))
    begun = time.process_time()
    difference(one, other)
    difference(one.replace(" ", "\n"), other.replace(" ", "\n"))
    assert time.process_time() - begun < 20


def test_a_long_text_with_a_small_edit_is_told_exactly() -> None:
    text = "\n".join(f"Paragraph {number} tells of house {number}." for number in range(20_000))
    told = difference(text, text.replace("house 9999.", "barn 9999."))
    assert [each for each in told if each.change != "same"] == [
        attrs.evolve(told[1], change="removed", text="house"),
        attrs.evolve(told[2], change="added", text="barn"),
    ]


def test_a_short_difference_keeps_what_changed_and_a_few_words_beside_it() -> None:
    text = " ".join(f"w{number}" for number in range(100))
    cut = " ".join(
        each.text for each in shortened(difference(text, text.replace("w50 ", "x ")), context=2)
    )
    assert cut.split() == ["…", "w48", "w49", "w50", "x", "w51", "w52", "…"]
    assert shortened(difference(text, text)) == ()


# Kinds

BODY = """The council of Greywick voted on Monday to keep the library open, by 18 votes to seven.
Head librarian Lotte Marsh said that three more people would be needed for the late hours.
The vote followed a debate of two hours in which residents spoke. Students had collected 1,200 names.
The mayor, Anna Feld, said that the money would come from a fund set aside for repairs of the hall."""
ARABIC = """قال وزير الدفاع الروسي سيرغي شويغو إن قواته ستبقى في سوريا حتى نهاية العام الجاري.
وأضاف أن 12 جنديا قتلوا في الهجوم الأخير على القاعدة العسكرية قرب اللاذقية يوم الإثنين.
وكان الرئيس بشار الأسد قد التقى الوزير في دمشق لبحث وقف إطلاق النار في إدلب شمال البلاد.
وتقول منظمات حقوقية إن آلاف المدنيين نزحوا من المنطقة منذ بداية الحملة العسكرية الأخيرة."""
GERMAN = """Am Montag kamen 12 Menschen nach Altfelden, wie die Polizei der Stadt am Abend mitteilte.
Bürgermeister Jan Wolter dankte den Helfern und kündigte für den Herbst einen neuen Deich an."""
TURKISH = """Belediye Meclisi kütüphanenin gece yarısına kadar açık kalmasına 18 oyla karar verdi.
Başkan Anna Feld paranın otopark fonundan geleceğini söyledi ve öğrencilere teşekkür etti."""
CHINESE = "北京大学今天宣布招收三千名学生。校长表示，新学期将增设十个专业。学生代表对此表示欢迎。"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def dated(at: datetime, source: str = "json-ld") -> ParsedDate:
    return ParsedDate(day=at.date(), instant=at, source=source)


def version(**fields: object) -> Version:
    whole = {"title": "The library stays", "body": BODY, "authors": ("Jane Doe",), "language": "en"}
    return Version(**{"published": dated(NOON), **whole, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({}, ()),
        ({"title": "The library closes"}, ("headline",)),
        ({"title": "THE LIBRARY STAYS!"}, ()),
        ({"title": ""}, ()),
        ({"title": "The library stays | Courier", "publisher": "Courier"}, ()),
        ({"authors": ("Jane Doe", "Tom Gale")}, ("byline",)),
        ({"authors": ("JANE DOE",)}, ()),
        ({"authors": ()}, ()),
        ({"published": dated(NOON + timedelta(days=1))}, ("date",)),
        ({"published": dated(NOON + timedelta(hours=3))}, ("date",)),
        ({"published": dated(NOON + timedelta(hours=3), "text")}, ()),
        ({"published": attrs.evolve(dated(NOON + timedelta(hours=3)), counted=True)}, ()),
        ({"published": None}, ()),
        ({"published": dated(NOON + timedelta(hours=3)), "modified": dated(NOON + timedelta(hours=3))}, ()),
        ({"published": dated(NOON - timedelta(hours=3)), "modified": dated(NOON + timedelta(hours=3))}, ("date",)),
        ({"published": ParsedDate(day=date(2026, 3, 1), source="json-ld")}, ()),
        ({"body": BODY.replace("18 votes to seven", "19 votes to six")}, ("correction",)),
        ({"body": BODY.replace("Anna Feld", "Anna Held")}, ("correction",)),
        ({"body": BODY.replace("1,200", "1,300"), "title": "The library closes"}, ("headline", "correction")),
        ({"body": f"{BODY}\nAfter the vote Marsh said that 140 residents had offered to help."}, ("addition",)),
        ({"body": BODY.replace("late hours.", "late hours, and that she hoped for help from all schools.")}, ("addition",)),
        ({"body": "\n".join(BODY.splitlines()[:-1])}, ("cut",)),
        ({"body": BODY.replace("spoke.", "were heard.")}, ("rewording",)),
        ({"body": BODY.replace("debate", "debat")}, ("rewording",)),
        ({"body": f"{BODY}\nCorrection: An earlier version of this story gave the wrong number."}, ("correction",)),
        ({"body": f"{BODY}\nThe vote was on Monday. An earlier version of this article said Tuesday."}, ("correction",)),
        ({"body": f"Clarification, 3 March: the fund is the county's.\n{BODY}"}, ("correction",)),
        ({"body": f"{BODY}\nCorrection officers from the county jail came to the meeting as well."}, ("addition",)),
        ({"body": "This article has been withdrawn because it did not meet our standards."}, ("retraction",)),
        ({"body": f"Editor's note: This story has been retracted.\n{BODY}"}, ("retraction",)),
        ({"title": "RETRACTED: The library stays", "body": "Its facts were wrong."}, ("headline", "retraction")),
        ({"body": f"{BODY}\nMarsh said the paper had retracted a story about her in May."}, ("addition",)),
        ({"body": f"{BODY}\n1,234 views"}, ()),
        ({"body": f"Updated 5 minutes ago\n3 min read\n{BODY}\nShare this article"}, ()),
    ],
)  # fmt: skip
def test_a_change_is_of_its_kind(change: dict[str, object], kinds: tuple[str, ...]) -> None:
    assert kinds_of(version(), version(**change)) == kinds


@pytest.mark.parametrize(
    ("language", "before", "after", "kinds"),
    [
        ("ar", ARABIC, ARABIC.replace("12 جنديا", "15 جنديا"), ("correction",)),
        ("ar", ARABIC, ARABIC.replace("اللاذقية", "طرطوس"), ("correction",)),
        ("ar", ARABIC, f"تصحيح: ورد في نسخة سابقة من هذا الخبر رقم آخر.\n{ARABIC}", ("correction",)),
        ("ar", ARABIC, f"{ARABIC}\nوفي وقت لاحق أعلنت الوزارة وصول تعزيزات جديدة.", ("addition",)),
        ("ar", ARABIC, "تم سحب هذا الخبر لعدم دقته، ونعتذر لقرائنا.", ("retraction",)),
        ("ar", ARABIC, f"آخر تحديث: منذ ٥ دقائق\n{ARABIC}\nعدد المشاهدات: 1203", ()),
        ("ar", ARABIC, ARABIC.replace("إطلاق النار", "إطـ.ـلاق النـ.ـار").replace("وأضاف", "واضاف"), ()),
        ("de", GERMAN, f"{GERMAN}\nKorrektur: In einer früheren Version hieß es, es seien 11 gewesen.", ("correction",)),
        ("de", GERMAN, f"Aktualisiert am 23.03.2026, 14:05 Uhr\n{GERMAN}\nLesezeit: 3 Min.", ()),
        ("tr", TURKISH, f"{TURKISH}\nDüzeltme: Bu haberin önceki sürümünde oy sayısı yanlıştı.", ("correction",)),
        ("tr", TURKISH, "Bu haber yayından kaldırılmıştır.", ("retraction",)),
        ("zh", CHINESE, CHINESE.replace("三千", "四千"), ("correction",)),
        ("zh", CHINESE, f"{CHINESE}\n更正：本文早前版本误写招生人数。", ("correction",)),
        ("zh", CHINESE * 3, "本文因事实错误已撤回，特此致歉。", ("retraction",)),
    ],
)  # fmt: skip
def test_a_change_is_of_its_kind_in_other_languages(
    language: str, before: str, after: str, kinds: tuple[str, ...]
) -> None:
    def read(body: str) -> Version:
        told = Article(
            id="x", url="x", fetched_url="x", source="s", fetched_at=NOON, title="x", body=body
        )
        return version(body=normalize(told).body, language=language)

    assert kinds_of(read(before), read(after)) == kinds


@pytest.mark.parametrize(
    "line",
    [
        "Death toll: 12",
        "12 people died on Monday.",
        "Posted signs cost 12 crowns each.",
        "Two hours ago the council met and decided to close the bridge.",
        "قتل 12 شخصا في دقائق",
    ],
)
def test_what_an_article_tells_is_no_churn(line: str) -> None:
    assert without_churn(line, "ar" if line[0] > "z" else "en") == line


# Failed visits

STORIES = [
    version(title=told.title, body="\n".join(told.paragraphs), language=site.language)
    for site in SITES
    for told in stock().get(site.name, ())
    if len(" ".join(told.paragraphs).split()) > 40
]


def test_another_text_in_an_articles_place_is_doubted_and_an_edit_is_not() -> None:
    pairs = [pair for pair in pairwise(STORIES) if pair[0].language == pair[1].language]
    doubted = [bool(doubt(before, after)) for before, after in pairs]
    assert len(pairs) > 30
    assert sum(doubted) >= 0.95 * len(pairs)
    for story in STORIES:
        words = story.body.split()
        half = attrs.evolve(story, title="x", body=" ".join(words[: len(words) // 2]))
        assert not doubt(story, half)


def test_what_lost_most_of_its_words_is_doubted_unless_it_says_that_it_was_withdrawn() -> None:
    assert "of" in doubt(version(), version(body=BODY.splitlines()[0]))
    assert not doubt(version(), version(body="This article was withdrawn: its facts were wrong."))
    note = "This content was removed."
    assert doubt(version(), version(title="The Courier", body=note))
    assert doubt(version(), version(title="", body=note))
    assert not doubt(version(), version(body="\n".join(BODY.splitlines()[:-1])))
    flash = version(
        title="Fire at Greywick harbour",
        body="A fire broke out at the harbour of Greywick at noon.",
    )
    assert not doubt(flash, version(title="Harbour of Greywick burns", body=BODY))
    assert doubt(
        flash, version(title="Welcome back", body="Enter your e-mail and password to go on.")
    )
    assert doubt(version(body=BODY), version(body=BODY.replace("e", "\ufffd")))


# Shown


def test_a_difference_is_printed_with_marks_and_right_to_left_text_is_set_apart() -> None:
    english = difference("It was 12 on Monday", "It was 15 on Monday")
    assert marked(english, label="text").plain == "text: It was [-12-]{+15+} on Monday"
    arabic = difference("قتل 12 جنديا\nأمس", "قتل 15 جنديا\nاليوم")
    low, high = "\u2068", "\u2069"
    assert marked(arabic, label="text").plain == (
        f"text: {low}قتل [-{low}12{high}-]{{+{low}15{high}+}} جنديا{high}\n"
        f"{low}[-{low}أمس{high}-]{{+{low}اليوم{high}+}}{high}"
    )


def test_no_line_of_a_difference_opens_what_it_does_not_close() -> None:
    old, new = "سطر أول\nسطر ثان\nثالث", "سطر \u202eجديد\u2066\nواحد\nثالث"
    for line in marked(difference(old, new)).plain.splitlines():
        assert line.count("\u2068") == line.count("\u2069")
        assert not {"\u202e", "\u2066"} & set(line)


@pytest.mark.parametrize(
    ("language", "first", "later"),
    [("en", "3 hours ago", "4 hours ago"), ("ar", "منذ 3 ساعات", "منذ 4 ساعات")],
)
def test_a_date_that_is_told_from_now_is_no_edit_an_hour_later(
    language: str, first: str, later: str
) -> None:
    def read(said: str, at: datetime) -> Version:
        text = "".join(f"<p>{line}</p>" for line in BODY.splitlines())
        page = f'<html lang="{language}"><body><article><h1>A</h1><p class="date">{said}</p>{text}'
        found = extract(page.encode(), "https://news.example/a/1.html", reference=at)
        assert found.published is not None
        return version(published=found.published, language=language)

    before, after = read(first, NOON), read(later, NOON + timedelta(minutes=80))
    assert before.published != after.published
    assert kinds_of(before, after) == ()


@pytest.mark.parametrize("language", ["", "und", "xx-YY", "sr", "ckb", "th"])
def test_versions_are_compared_whatever_language_they_are_in(language: str) -> None:
    before = version(language=language)
    after = version(
        language=language, body=f"{BODY}\nMarsh said that 140 residents had offered to help."
    )
    assert kinds_of(before, after) == ("addition",)
    assert not doubt(before, after)
    assert doubt(before, version(language=language, body=STORIES[0].body * 2, title="X"))
