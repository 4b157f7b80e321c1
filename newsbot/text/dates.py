"""Dates as publishers print them.

A date is kept to the precision at which it was published: a day is a day, and an instant is known
only where a time was printed. What is read, in this order:

1. seconds or milliseconds since 1970;
2. ISO 8601 and its compact form;
3. the dates of :mod:`newsbot.text.date_forms`, in the words of the language given and in English; of
   several the one that is not labelled as an update, with a year, of the Gregorian calendar, first;
4. today, yesterday, and so long ago (:mod:`newsbot.text.ago`).

A day that the calendar does not have is no date, and nor is a year alone, a month alone or *two
months ago*: none of them tells a day. A date without a year, or counted from today, is believed in a
dateline and not inside a sentence.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

import attrs

from newsbot.text.ago import now_pattern, read_ago
from newsbot.text.clock import DATE, Clock, read_clock, zone_named, zone_words
from newsbot.text.date_forms import YEARS, Printed, dates_in
from newsbot.text.date_order import month_first
from newsbot.text.date_words import UNSPACED, Vocabulary, base_language, labels, vocabulary
from newsbot.text.folding import fold
from newsbot.text.unicode import clean

# The source of a date that a file of articles told.
IMPORTED = "import"


@attrs.frozen
class ParsedDate:
    """A publication date, as precise as it was printed and no more.

    ``day`` is the calendar day as published, in the publisher's own time zone. ``instant`` is the
    moment in UTC, or None where no time of day was given. ``source`` says where it was read
    (``"json-ld"``, ``"meta article:published_time"``, ``"text"`` …). ``counted`` says that it was told from
    the moment of reading ("three hours ago"), so that the same words give another date an hour later.
    ``doubt`` says why the date is not believed (:mod:`newsbot.text.doubts`); "" where it is.
    """

    day: date
    instant: datetime | None = None
    source: str = "text"
    counted: bool = attrs.field(default=False, eq=False)
    doubt: str = attrs.field(default="", eq=False)


_LONGEST_LINE = 200
_EPOCH = re.compile(r"(\d{10})(?:\d{3}|\d{6})?(?:\.\d+)?")
# Ten digits are seconds since 1970 only where the time they tell is one that a page can have.
_OLDEST_EPOCH = datetime(1995, 1, 1, tzinfo=UTC)
_FURTHEST_AHEAD = timedelta(days=366)

_OFFSET = r"\s?([Zz]|[+-]\d{2}(?::?\d{2})?)?"
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    rf"(?:[Tt ](\d{{2}}):(\d{{2}})(?::(\d{{2}})(?:[.,]\d{{1,9}})?)?{_OFFSET}(?:\[[\w/+-]+\])?)?"
)
_COMPACT = re.compile(
    rf"(\d{{4}})(\d{{2}})(\d{{2}})[Tt]?(\d{{2}})(\d{{2}})(\d{{2}})?(?:[.,]\d{{1,9}})?{_OFFSET}"
)


def parse_date(
    text: str, *, language: str, reference: datetime, timezone: str
) -> ParsedDate | None:
    """Read a date as a publisher prints it; None where there is none that can be.

    ``language`` is a BCP 47 tag or "". ``reference`` is the moment that relative and yearless dates
    are counted from; ``timezone`` is the IANA zone of times that name none, and with the language
    decides whether 03/04 is in March or in April. Reads the first 200 characters; never raises.
    """
    written = " ".join(text[: 4 * _LONGEST_LINE].split())[:_LONGEST_LINE]
    zone = zone_named(timezone)
    epoch = _EPOCH.fullmatch(written)
    if epoch:
        return _since_1970(int(epoch[1]), reference, zone)
    iso = _ISO.fullmatch(written) or _COMPACT.fullmatch(written)
    if iso:
        return _iso(iso, zone)
    line = fold(clean(written))
    page = _Page(line, written, reference, timezone, zone, month_first(language, timezone))
    for each in _languages(base_language(language), line):
        found = page.read(vocabulary(each))
        if not isinstance(found, _Nothing):
            return found
    return None


def _since_1970(seconds: int, reference: datetime, zone: tzinfo) -> ParsedDate | None:
    moment = datetime.fromtimestamp(seconds, UTC)
    if moment < _OLDEST_EPOCH or moment - reference.astimezone(UTC) > _FURTHEST_AHEAD:
        return None
    return ParsedDate(moment.astimezone(zone).date(), moment)


def _iso(match: re.Match[str], zone: tzinfo) -> ParsedDate | None:
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
        if day.year not in YEARS:
            return None
        if match[4] is None:
            return ParsedDate(day)
        # ISO 8601 writes the end of a day as 24:00.
        midnight = match[4] == "24" and match[5] == "00"
        hour = 0 if midnight else int(match[4])
        moment = datetime(day.year, day.month, day.day, hour, int(match[5]), int(match[6] or 0))  # noqa: DTZ001
        moment += timedelta(days=midnight)
        if match[7]:
            aware = datetime.fromisoformat(f"{moment.isoformat()}{match[7].upper()}")
        else:
            aware = moment.replace(tzinfo=zone)
        return ParsedDate(moment.date(), aware.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


# Languages by whose words a line is read when those of the page's own say nothing: templates lie
# about their language. Latin letters are shared by too many to try, unless none is known.
_BY_SCRIPT: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa", "ur", "ckb")),
    (re.compile("[\u0400-\u04ff]"), ("ru", "uk", "bg", "sr")),
    (re.compile("[\u0900-\u097f]"), ("hi", "mr", "ne")),
    (re.compile("[\u3040-\u30ff]"), ("ja",)),
    (re.compile("[\uac00-\ud7a3]"), ("ko",)),
    (re.compile("[\u4e00-\u9fff]"), ("zh", "ja")),
    (re.compile("[\u0590-\u05ff]"), ("he",)),
    (re.compile("[\u0370-\u03ff]"), ("el",)),
    (re.compile("[\u0980-\u09ff]"), ("bn",)),
    (re.compile("[\u0e00-\u0e7f]"), ("th",)),
    (re.compile("[\u0b80-\u0bff]"), ("ta",)),
)
_LATIN = ("es", "fr", "de", "pt", "it", "nl", "tr", "id", "pl", "sv", "da", "ro", "vi", "cs", "hu")


def _languages(language: str, line: str) -> Iterator[str]:
    yield language
    for letters, others in _BY_SCRIPT:
        if letters.search(line):
            yield from (other for other in others if other != language)
            return
    if not language:
        yield from _LATIN


class _Nothing:
    """Where a language's words find no date, another's may."""


_NOTHING = _Nothing()


@attrs.frozen
class _Page:
    """A folded line, and what is known about where it was printed."""

    line: str
    written: str
    reference: datetime
    timezone: str
    zone: tzinfo
    month_first: bool

    def read(self, words: Vocabulary) -> ParsedDate | _Nothing | None:
        """Return the date in the line; None where what looks like one cannot be."""
        today = self.reference.astimezone(self.zone).date()
        printed = dates_in(self.line, words, today, month_first=self.month_first)
        if printed:
            chosen = _chosen(self.line, printed)
            if chosen.day is None:
                return None
            if not _is_dateline(
                self.line, chosen.start, chosen.end, words, has_year=chosen.has_year
            ):
                return _NOTHING
            return self._at(chosen.day, self._clock_beside(chosen, printed))
        return self._counted(words, today)

    def _at(self, day: date, clock: Clock | None) -> ParsedDate:
        if clock is None:
            return ParsedDate(day)
        local = datetime.combine(day, clock.time, clock.zone or self.zone)
        try:
            return ParsedDate(day, local.astimezone(UTC))
        except OverflowError:
            return ParsedDate(day)

    def _clock(self, line: str) -> Clock | None:
        return read_clock(line, self.written, self.timezone)

    def _clock_beside(self, chosen: Printed, printed: Sequence[Printed]) -> Clock | None:
        """Return the time that belongs to a date: behind it, or in front, up to the next date."""
        starts = [each.start for each in printed if each.start >= chosen.end]
        ends = [each.end for each in printed if each.end <= chosen.start]
        before = self.line[max(ends, default=0) : chosen.start]
        behind = self.line[chosen.end : min(starts, default=len(self.line))]
        if len(printed) > 1:
            # What follows a label belongs to the date behind it.
            label = labels("updated").search(behind) or labels("published").search(behind)
            behind = behind[: label.start()] if label else behind
            if not ends:
                front = self._clock(f"{before} {DATE}")
                if front:
                    return front
        else:
            label = labels("updated").search(behind)
            if label and not labels("updated").search(before):
                behind = behind[: label.start()]
        return self._clock(f"{DATE} {behind}") or self._clock(f"{before} {DATE}")

    def _counted(self, words: Vocabulary, today: date) -> ParsedDate | _Nothing | None:
        """Return a date that is counted from the reference: today, yesterday, three hours ago."""
        line = self.line
        ago = read_ago(line, words.language)
        if ago and _is_dateline(line, ago.start, ago.end, words, has_year=False):
            if ago.to_the_hour:
                moment = self.reference.astimezone(UTC) - ago.length
                return ParsedDate(moment.astimezone(self.zone).date(), moment, counted=True)
            rest = f"{line[: ago.start]} {DATE} {line[ago.end :]}"
            return attrs.evolve(self._at(today - ago.length, self._clock(rest)), counted=True)
        match = words.day.search(line) or vocabulary("").day.search(line)
        if match and _is_dateline(line, match.start(), match.end(), words, has_year=False):
            number = words.days[" ".join(match.group().split())]
            rest = f"{line[: match.start()]} {DATE} {line[match.end() :]}"
            return self._at(today + timedelta(days=number), self._clock(rest))
        match = now_pattern(words.language).search(line)
        if match and not _words_beside(line, match.start(), match.end(), words):
            moment = self.reference.astimezone(UTC)
            return ParsedDate(moment.astimezone(self.zone).date(), moment, counted=True)
        return _NOTHING


def _chosen(line: str, printed: Sequence[Printed]) -> Printed:
    """Return the date of publication among those printed in a line."""

    def rank(each: Printed) -> tuple[bool, bool, bool, int, int]:
        previous = max((other.end for other in printed if other.end <= each.start), default=0)
        front = line[previous : each.start]
        updated = bool(labels("updated").search(front)) and not labels("published").search(front)
        return (
            updated and len(printed) > 1,
            not each.has_year,
            each.calendar != "gregorian",
            each.doubt,
            each.start,
        )

    return min(printed, key=rank)


# A date without a year, or counted from today, stands in a dateline beside little else.
_MOST_LETTERS_BESIDE = 24
_MOST_EASTERN_BESIDE = 8
_WORD = re.compile(
    r"[^\W\d_](?:[^\W_]|[\u0900-\u0dff'’.](?=[^\W_]|[\u0900-\u0dff]))*[\u0900-\u0dff]?"
)
_LAST_WORD = re.compile(r"([^\W_][^\s,،;:|()\[\]/–—\-·•]*)\s+$")
_FIRST_WORD = re.compile(r"^(?:\s+|['’])([^\W_][^\s,،;:|()\[\]/–—\-·•]*)")


def _is_dateline(line: str, start: int, end: int, words: Vocabulary, *, has_year: bool) -> bool:
    """Say whether a date stands by itself, among words for dates, rather than inside a sentence."""
    before, behind = line[:start], line[end:]
    if has_year:
        return not _is_sentence(_words_beside(line, start, end, words))
    if words.language in UNSPACED:
        unknown = labels("published").sub("", labels("updated").sub("", before + behind))
        return sum(map(str.isalpha, unknown)) <= _MOST_EASTERN_BESIDE * 3
    if sum(map(str.isalpha, before + behind)) > 2 * _MOST_LETTERS_BESIDE:
        return False
    for neighbour in (_LAST_WORD.search(before), _FIRST_WORD.search(behind)):
        if neighbour and not _is_known(neighbour[1], words):
            return False
    return sum(map(len, _words_beside(line, start, end, words))) <= _MOST_LETTERS_BESIDE


def _is_known(word: str, words: Vocabulary) -> bool:
    bare = word.strip(".'’")
    return bare in words.beside or not bare.isalpha() or bare in zone_words()


def _words_beside(line: str, start: int, end: int, words: Vocabulary) -> list[str]:
    """Return the words beside a date that belong to no date."""
    rest = f"{line[:start]} {line[end:]}"
    return [word for word in _WORD.findall(rest) if not _is_known(word, words)]


# Words that no dateline has beside its date: more than a name, a place and a paper's title.
_MOST_WORDS = 9


def _is_sentence(unknown: Sequence[str]) -> bool:
    return len(unknown) > _MOST_WORDS
