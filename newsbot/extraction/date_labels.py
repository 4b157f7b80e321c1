"""What a label says of the date behind it: "Updated on", "Veröffentlicht", "نشر في"."""

import re

from newsbot.extraction.told_dates import Of

# The words of labels in the languages of the news. Sources: the translations of WordPress and Drupal
# ("Published", "Posted on", "Updated", "Last modified"), and news sites' own.
_UPDATED = re.compile(
    r"updated?(?:\s+date)?|modifi|revis|aktuali|geändert|bearbeit|änderung|(?<!\w)stand(?!\w)|mise? à jour"
    r"|actuali[sz]|aggiorn|atuali[sz]|modificad|обновл|измен|güncelle|تحديث|تعديل|更新|最終|bijgewerkt"
    r"|gewijzigd|oppdatert|opdateret|uppdatera|uppfært|päivite|zaktuali|frissít|ενημ[εέ]ρ|به\s?روز|עודכן"
    r"|עדכון|업데이트|수정|diperbarui|cập nhật|edited|editiert|reviewed|оновлен|aktualiz|ažurira"
)
_PUBLISHED = re.compile(
    r"publi|(?<!\w)post(?:ed|é)|veröffentlicht|erschien|erstellt|geschrieben|pubbl|опублик|дата|yayın|ekle|نشر"
    r"|تاريخ|发布|發布|公開|掲載|投稿|gepubl|julkais|opublik|közzé|δημοσ|منتشر|انتشار|תאריך|פורסם|등록|입력"
    r"|released|filed|issued|written|(?<!\w)(?:datum|dated?|fecha|data)(?!\w)|geplaatst|inlagd|lagt ud"
    r"|diterbitkan|đăng|dodano|zveřejněn|vloženo|objavljen"
)
_DIGIT = re.compile(r"\d")


def label_of(line: str, text: str) -> tuple[Of, str, bool]:
    """Return what a line says that the date in a text is, the text of that date, whether it said so.

    ``text`` is the part of the line that shows the date. A date behind both labels is of the nearer
    one; what stands behind a second label is cut off.
    """
    folded = line.lower()
    start = max(folded.find(text.lower()), 0)
    digit = _DIGIT.search(folded, start)
    before = folded[: digit.start() if digit else len(folded)]
    updated = [match.end() for match in _UPDATED.finditer(before)]
    published = [match.end() for match in _PUBLISHED.finditer(before)]
    if updated and (not published or published[-1] <= updated[-1]):
        return "modified", text, True
    later = _UPDATED.search(text.lower())
    own = text[: later.start()] if later and later.start() > 6 else text
    return "published", own, bool(published)
