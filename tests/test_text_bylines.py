"""A byline is read as the people and agencies it names, and nothing else."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.text.bylines import Byline, read_byline

CASES = Path(__file__).parents[2] / "shared" / "eval" / "cases"

# A byline, and whom it names: people and desks, then agencies.
READ: dict[str, tuple[list[str], list[str]]] = {
    "By Ada Quill and Brian Stone, Reuters": (["Ada Quill", "Brian Stone"], ["Reuters"]),
    "مدى بوست – فريق التحرير": (["فريق التحرير"], []),
    "كتب: محمد الأحمد": (["محمد الأحمد"], []),
    "بقلم د. سعاد الأمين": (["سعاد الأمين"], []),
    "Von Anna Moll, Bernd Schütz und Carla Vogt": (["Anna Moll", "Bernd Schütz", "Carla Vogt"], []),
    "Text & Fotos: Anna Moll": (["Anna Moll"], []),
    "Zeige alle Beiträge von Anna Moll": (["Anna Moll"], []),
    "View all posts by Ada Quill": (["Ada Quill"], []),
    "Zur Person Alle Beiträge": ([], []),
    "Par Jean Duval avec AFP": (["Jean Duval"], ["AFP"]),
    "di Marco Rossi e Lucia Bianchi": (["Marco Rossi", "Lucia Bianchi"], []),
    "Автор: Иван Петров": (["Иван Петров"], []),
    "Алексей Иванов и Анна Петрова": (["Алексей Иванов", "Анна Петрова"], []),
    "記者王小明／台北報導": (["王小明"], []),
    "新华社记者张三 李四": (["张三", "李四"], ["新华社"]),
    "홍길동 기자": (["홍길동"], []),
    "[서울=뉴시스] 홍길동 기자 =": (["홍길동"], ["뉴시스"]),
    "文・山田太郎": (["山田太郎"], []),
    "山田 太郎": (["山田 太郎"], []),
    "ジョン・スミス": (["ジョン・スミス"], []),
    "John Ray, Political Editor": (["John Ray"], []),
    "Richard Ray Education editor": (["Richard Ray"], []),
    "Jane Roe in Beirut and John Roe in Cairo": (["Jane Roe", "John Roe"], []),
    "By Jane Roe @janeroe jane@roe.example": (["Jane Roe"], []),
    "Dr. Jane Roe, PhD": (["Jane Roe"], []),
    "أحمد علي ومحمد حسن": (["أحمد علي", "محمد حسن"], []),
    "أحمد علي و محمد حسن": (["أحمد علي", "محمد حسن"], []),
    "ليلى وهبي ووائل كفوري": (["ليلى وهبي", "وائل كفوري"], []),
    "محمد علي - وكالات": (["محمد علي"], ["وكالات"]),
    "דנה כהן ויוסי לוי": (["דנה כהן", "יוסי לוי"], []),
    "Smith, John; Doe, Jane": (["John Smith", "Jane Doe"], []),
    "Ann Lee, Bob Ray & Cy Fox": (["Ann Lee", "Bob Ray", "Cy Fox"], []),
    "BY JANE ROE AND JOHN ROE": (["JANE ROE", "JOHN ROE"], []),
    "Jane Roe, Jane Roe, JANE ROE": (["Jane Roe"], []),
    "By Jane Roe | March 3, 2020": (["Jane Roe"], []),
    "Von Jane Roe 11.07.2026, 09:30 Uhr": (["Jane Roe"], []),
    "Marie Mercier | lundi 9 décembre 2019 à 09h08": (["Marie Mercier"], []),
    "Ludwig van der Rohe, Abdullah al-Sheikh": (["Ludwig van der Rohe", "Abdullah al-Sheikh"], []),
    "Alexa von Heyden": (["Alexa von Heyden"], []),
    "Juan Carlos Gil C.": (["Juan Carlos Gil C."], []),
    "Glen Oak And Ann Lee For The Mail On Monday": (["Glen Oak", "Ann Lee"], []),
    "José Ortega y Gasset": (["José Ortega y Gasset"], []),
    "Juan Gil García y María López Ruiz": (["Juan Gil García", "María López Ruiz"], []),
    "Ein Kommentar von Ralf Eule": (["Ralf Eule"], []),
    "By JOHN RAY, AP Sports Writer": (["JOHN RAY"], ["AP"]),
    "By The Associated Press": ([], ["The Associated Press"]),
    "Redaktion": (["Redaktion"], []),
    "Newsroom": (["Newsroom"], []),
    "dpa": ([], ["dpa"]),
    "وكالات": ([], ["وكالات"]),
    "Oleh: Budi Santoso dan Siti Aminah": (["Budi Santoso", "Siti Aminah"], []),
    "Ahmet Yılmaz ve Ayşe Demir": (["Ahmet Yılmaz", "Ayşe Demir"], []),
    "राम कुमार और श्याम सिंह": (["राम कुमार", "श्याम सिंह"], []),
    "ANKARA (AA) - Mehmet Kara": (["Mehmet Kara"], ["AA"]),
    "بيروت: سناء الأمين": (["سناء الأمين"], []),
    "القاهرة - هشام الأمين - رويترز": (["هشام الأمين"], ["رويترز"]),
    "Ana Gil | Buenos Aires": (["Ana Gil"], []),
    "Publié le 4 août 2020 par Thomas Duval": (["Thomas Duval"], []),
    "وكالة الأناضول": ([], ["الأناضول"]),
    "ترجمة: رنا الأمين": (["رنا الأمين"], []),
    "Haber Merkezi": (["Haber Merkezi"], []),
    "Sofia": (["Sofia"], []),
    "Jane Roe, Chief Reporter and John Ray, Home Editor": (["Jane Roe", "John Ray"], []),
    "By Jane Roe BBC News, Nairobi": (["Jane Roe"], []),
    "Jane Roe is a freelance writer based in Berlin": (["Jane Roe"], []),
    "Jane Roe, Ph.D., and John Ray, M.D.": (["Jane Roe", "John Ray"], []),
    "By Robert Ray, Jr. and Jane Roe": (["Robert Ray Jr.", "Jane Roe"], []),
    "van der Berg, Jan": (["Jan van der Berg"], []),
    "dpa/lnw": ([], ["dpa/lnw"]),
    "Marco Rossi (Ansa)": (["Marco Rossi"], ["Ansa"]),
    "بقلم الكاتب والمحلل السياسي محمد علي": (["محمد علي"], []),
    "新华社北京3月23日电（记者王小明）": (["王小明"], ["新华社"]),
    "中央社記者王小明台北23日電": (["王小明"], ["中央社"]),
    "서울=김철수 기자 kim@news.example": (["김철수"], []),
    "By Xinhua writer Wang Xiaoming": (["Wang Xiaoming"], ["Xinhua"]),
    "admin": ([], []),
    "https://www.facebook.com/somebody": ([], []),
    "105092": ([], []),
    "": ([], []),
}


@pytest.mark.parametrize(("printed", "wanted"), READ.items())
def test_a_byline_names_people_and_agencies(
    printed: str, wanted: tuple[list[str], list[str]]
) -> None:
    read = read_byline(printed)
    assert (list(read.names), list(read.agencies)) == wanted


def test_who_edited_or_took_the_pictures_did_not_write() -> None:
    read = read_byline("Reporting by Jane Roe in Beirut; Editing by John Ray | Photos: Cy Fox")
    assert read == Byline(names=("Jane Roe",), contributors=("John Ray", "Cy Fox"))


def test_a_desk_is_named_and_told_from_people() -> None:
    read = read_byline("Example Post - Editorial Team")
    assert (read.names, read.desks) == (("Editorial Team",), ("Editorial Team",))
    assert read.organizations == ("Example Post",)


def _labelled() -> list[str]:
    lines: list[str] = []
    for path in sorted(CASES.glob("*/labels.jsonl")):
        for line in path.open():
            lines += json.loads(line).get("authors") or ()
    return lines


@pytest.mark.shared
@pytest.mark.skipif(not CASES.is_dir(), reason=f"no labelled pages at {CASES}")
def test_names_that_newsrooms_print_alone_come_back_whole() -> None:
    names = [" ".join(name.split()) for name in _labelled()]
    names = [name for name in names if not re.search(r"[,/&]|\b(?:AND|from)\b|Ph\.?D", name)]
    kept = sum(
        (name,) in (read.names, read.agencies)
        for name, read in ((name, read_byline(name)) for name in names)
    )
    assert kept >= 0.97 * len(names)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.characters(exclude_categories=()))
    | st.text("By AndRoe,;|()/-وאמ記者王기자1 :&@.\ud800\n", max_size=60)
)
def test_any_line_gets_an_answer(text: str) -> None:
    assert isinstance(read_byline(text), Byline)
