"""Lines that change without an edit: counters, reading times, "updated 5 minutes ago", share lines.

Extraction leaves most of them out of an article's text; what it takes for text on some page must still
not look like an edit. Only short lines are looked at, and of a line that several things stand in
("By A. Writer · 3 min read · 120 views") only the parts that change.
"""

import re
from datetime import UTC, datetime

from newsbot.edits.phrases import bare, begins, rest, says
from newsbot.extraction.phrases import is_label, is_notice, sends_elsewhere
from newsbot.text.ago import now_pattern, read_ago
from newsbot.text.dates import parse_date
from newsbot.text.folding import fold

_LONGEST, _MOST_WORDS = 160, 14
_PARTS = re.compile(r"\s*[|·•●▪‧∙/]\s*|\s+[–—-]\s+")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
# What may stand at a number: 1.2K, 3 M, 12 тыс.
_AT_NUMBERS = frozenset(
    "k m b mio mln tsd tys тыс млн ألف الف مليون bin mil mille tausend 万 千 万人 w".split()
)
_LITTLE = 1
_CLOCK = re.compile(r"\d{1,2}[:٫.]\d{2}(?!\d)")
# Whether a line tells a day does not depend on the day it is read.
_ANY_DAY = datetime(2020, 1, 1, tzinfo=UTC)


def without_churn(body: str, language: str) -> str:
    """Return a text (paragraphs, one a line) without what changes on a page that nobody edits."""
    kept = (_without(line, language) for line in body.splitlines())
    return "\n".join(line for line in kept if line)


def _without(line: str, language: str) -> str:
    if len(line) > _LONGEST:
        return line
    if is_label(line) or sends_elsewhere(line, 0.0) or is_notice(line):
        return ""
    if not (_DIGIT.search(line) or _tells_ago(line, language)):
        return line
    parts = _PARTS.split(line)
    if len(parts) == 1:
        return "" if _changes(line, language) else line
    return " · ".join(part for part in parts if not _changes(part, language))


def _changes(part: str, language: str) -> bool:
    words = bare(part)
    said = words.split()
    if not said or len(said) > _MOST_WORDS:
        return False
    if not _LETTER.search(part):
        return True
    if _tells_ago(part, language) or (begins("updated", words) and _tells_time(part, language)):
        return True
    if not says("counter", words):
        return False
    left = [each for each in rest("counter", words) if not _is_number(each)]
    return len(left) <= _LITTLE


def _tells_time(part: str, language: str) -> bool:
    if _CLOCK.search(part) or read_ago(fold(part), language):
        return True
    return parse_date(part, language=language, reference=_ANY_DAY, timezone="UTC") is not None


def _is_number(word: str) -> bool:
    return word in _AT_NUMBERS or _DIGIT.search(word) is not None


def _tells_ago(part: str, language: str) -> bool:
    """Say whether a line hardly tells more than how long ago something was."""
    words = bare(part)
    if len(words.split()) > _MOST_WORDS:
        return False
    line = fold(part)
    found = read_ago(line, language)
    if found is None:
        now = now_pattern(language).search(line)
        length = now.end() - now.start() if now else 0
    else:
        length = found.end - found.start
    return length > 0 and 2 * length >= len(line.strip())
