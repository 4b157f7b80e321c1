"""What a label says of the date behind it: "Updated on", "Veröffentlicht", "نشر في"."""

import re

from newsbot.extraction.told_dates import Of

# The stems of labels in the languages of the news, "_" where a word begins or ends. Sources: the
# translations of WordPress and Drupal ("Published", "Posted on", "Updated", "Last modified"), and news
# sites' own.
_UPDATED = tuple(
    stem.replace("_", " ")
    for stem in (
        "update updating modifi modificad revis aktuali geändert bearbeit änderung _stand_ _stand: mis_à_jour "
        "mise_à_jour actualis actualiz aggiorn atualiz atualis обновл измен güncelle تحديث تعديل 更新 最終 "
        "bijgewerkt gewijzigd oppdatert opdateret uppdatera uppfært päivite zaktuali frissít ενημερ ενημέρ "
        "به_روز بهروز עודכן עדכון 업데이트 수정 diperbarui cập_nhật edited editiert reviewed оновлен aktualiz ažurira"
    ).split()
)
_PUBLISHED = tuple(
    stem.replace("_", " ")
    for stem in (
        "publi _posted _posté veröffentlicht erschien erstellt geschrieben pubbl опублик дата yayın ekle نشر تاريخ "
        "发布 發布 公開 掲載 投稿 gepubl julkais opublik közzé δημοσ منتشر انتشار תאריך פורסם 등록 입력 released "
        "filed issued written _datum _date_ _date: _dated _fecha _data_ _data: geplaatst inlagd lagt_ud "
        "diterbitkan đăng dodano zveřejněn vloženo objavljen"
    ).split()
)
# A label stands at its date.
_NEAR = 60
_DIGIT = re.compile(r"\d")


def label_of(line: str, text: str) -> tuple[Of, str, bool]:
    """Return what a line says that the date in a text is, the text of that date, whether it said so.

    ``text`` is the part of the line that shows the date. A date behind both labels is of the nearer
    one; what stands behind a second label is cut off.
    """
    folded, own = line.lower(), text.lower()
    start = max(folded.find(own), 0)
    digit = _DIGIT.search(folded, start)
    end = digit.start() if digit else len(folded)
    before = f" {folded[max(0, end - _NEAR) : end]}"
    updated, published = _last(before, _UPDATED), _last(before, _PUBLISHED)
    if updated >= 0 and updated >= published:
        return "modified", text, True
    later = min((at for at in map(own.find, _UPDATED) if at > len("1.1.20")), default=len(text))
    return "published", text[:later], published >= 0


def _last(line: str, stems: tuple[str, ...]) -> int:
    return max(map(line.rfind, stems))
