"""When an article was published, and when it was changed last.

A page tells dates in many places. They are collected with the trust that places of their kind have
earned on labelled pages: first what is stated for machines
(:mod:`~newsbot.extraction.stated_dates`), and only where that is not firm what is shown to readers
(:mod:`~newsbot.extraction.datelines`). The most trusted that can be read is taken, then checked
against the others.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import attrs

from newsbot.extraction.datelines import dates_at_headline, microdata_dates, shown_dates
from newsbot.extraction.page_parts import headline_of
from newsbot.extraction.page_tree import PageTree
from newsbot.extraction.stated_dates import address_dates, script_dates, stated_dates
from newsbot.extraction.statements import Statements
from newsbot.extraction.told_dates import Of, Told
from newsbot.text import parse_date
from newsbot.text.clock import zone_named
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import TOO_EARLY, weighed

# A statement of this trust needs no microdata beside it.
_FIRM = 70
# A dateline of this trust stands at the headline, and is the article's.
_CLEAR = 48
_YEAR = re.compile(r"\d{4}|\d[./-]\d\d?[./-]\d\d")
# Scripts are searched only where there is no better date.
_SCRIPTS_BELOW = 40
_MOST_READ = 40
# What is shown at a place of less trust than this is not the article's date.
_DOUBTFUL = 22
# Hours that a newsroom's clock may be behind UTC (the Pacific coast of America) and before it (New
# Zealand in summer).
_BEHIND, _BEFORE = 8, 13
# A page that states to be published at the moment of its fetching may state that of every page.
_AS_FETCHED = timedelta(minutes=2)
_IN_UTC = re.compile(r"(?:\dz|[+-]00:?00|gmt|utc)\)?$", re.IGNORECASE)


@attrs.frozen
class Considered:
    """A date that a page tells: of what, where, as written, as read, and why it was taken or not."""

    of: Of
    source: str
    text: str
    trust: int
    date: ParsedDate | None
    verdict: str
    is_shown: bool = False
    refused: ParsedDate | None = None


@attrs.frozen
class Dating:
    """When a page's article was published and last modified, and every date that was considered.

    ``published`` is a date that is not believed (it says why) where the page tells no other.
    """

    published: ParsedDate | None
    modified: ParsedDate | None
    considered: tuple[Considered, ...] = ()


def read_dating(
    tree: PageTree,
    statements: Statements,
    *,
    url: str,
    language: str,
    timezone: str,
    reference: datetime,
    headline: str = "",
) -> Dating:
    """Return the dates of a page's article. Leaves the tree as it is.

    To be asked before scripts, menus and footers are taken out of the tree. ``url`` is where the page
    was read and ``reference`` when; ``language`` is a BCP 47 tag or "", ``timezone`` the IANA zone of
    times that name none. ``headline`` helps to find the dateline; without it the page's titles do.
    """
    reference = reference.astimezone(UTC)
    reader = _Reader(language=_with_country(language, url), timezone=timezone, reference=reference)
    found = [reader.read(told) for told in stated_dates(statements, headline)]
    found += [reader.read(told) for told in address_dates(url, statements)]
    titles = (headline, statements.said("og:title", "twitter:title"), statements.page_title)
    top = headline_of(tree, titles)
    published = _early(found) or _best(found, "published")
    if published is None or published.trust < _FIRM:
        found += reader.read_best(microdata_dates(tree, top))
    found += reader.read_best(told for told in dates_at_headline(top) if told.trust >= _CLEAR)
    published = _best(found, "published")
    if published is None or published.trust < _CLEAR:
        found += reader.read_best(shown_dates(tree, top))
        published = _best(found, "published")
    if published is None or published.trust < _SCRIPTS_BELOW:
        found += reader.read_best(script_dates(tree))
        published = _best(found, "published")
    modified = _best(found, "modified")
    if published is None and modified is not None and _YEAR.search(modified.text):
        published = modified
    early = _early(found)
    if early is not None:
        published = early
    elif published is not None and published.date is not None:
        published = _checked(published, published.date, found, reference)
    else:
        published = _refused(found)
    return _settled(found, published, modified)


# English is written with the month first in the United States, whose sites have these domains.
_AMERICAN = (".com", ".org", ".net", ".us", ".gov", ".edu", ".mil")


def _with_country(language: str, url: str) -> str:
    """Return a language with the country that decides how 03/04/2020 is read."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return language
    return "en-US" if language.lower() == "en" and host.endswith(_AMERICAN) else language


def _settled(
    found: Iterable[Considered], published: Considered | None, modified: Considered | None
) -> Dating:
    first = published.date if published else None
    last = modified.date if modified else None
    if first and last and not first.doubt and last.day < first.day:
        last, modified = None, None
    return Dating(
        published=first,
        modified=last,
        considered=tuple(
            attrs.evolve(each, verdict=_verdict(each, published, modified)) for each in found
        ),
    )


def _verdict(each: Considered, published: Considered | None, modified: Considered | None) -> str:
    for taken in (published, modified):
        if taken and (each.of, each.source, each.text) == (taken.of, taken.source, taken.text):
            doubt = taken.date.doubt if taken.date else ""
            return f"not believed: {doubt}" if doubt else "taken"
    if each.date is None or published is None or published.date is None:
        return each.verdict
    if each.of == "modified":
        return "before the publication" if each.date.day < published.date.day else each.verdict
    return "the same day" if each.date.day == published.date.day else each.verdict


@attrs.frozen(kw_only=True)
class _Reader:
    """Reads what is written, and refuses what cannot be."""

    language: str
    timezone: str
    reference: datetime

    def read(self, told: Told) -> Considered:
        """Return a told date as it is read."""
        parsed = parse_date(
            told.text, language=self.language, reference=self.reference, timezone=self.timezone
        )
        verdict = "less trusted"
        if parsed is None:
            verdict = "not a date"
        else:
            day = parsed.day
            if parsed.instant is not None and _IN_UTC.search(told.text):
                day = parsed.instant.astimezone(zone_named(self.timezone)).date()
            # Whether it is believed is asked of the day as written: near midnight another zone has another.
            parsed = weighed(attrs.evolve(parsed, source=told.source), self.reference)
            assert parsed is not None
            verdict = parsed.doubt or verdict
            parsed = attrs.evolve(parsed, day=day)
        believed = parsed if parsed is None or not parsed.doubt else None
        return Considered(
            told.of,
            told.source,
            told.text,
            told.trust,
            believed,
            verdict,
            told.is_shown,
            refused=parsed if believed is None else None,
        )

    def read_best(self, told: Iterable[Told]) -> Iterator[Considered]:
        """Yield the most trusted of many, down to the first that is a date; reading is dear."""
        likely = (each for each in told if each.trust >= _DOUBTFUL)
        in_order = sorted(likely, key=lambda each: -each.trust)[:_MOST_READ]
        wanted: set[Of] = {"published", "modified"}
        for each in in_order:
            if each.of in wanted:
                read = self.read(each)
                if read.date is not None:
                    wanted.discard(each.of)
                yield read


def _best(found: Iterable[Considered], of: Of) -> Considered | None:
    fitting = (each for each in found if each.of == of and each.date is not None)
    return max(fitting, key=lambda each: each.trust, default=None)


def _early(found: Iterable[Considered]) -> Considered | None:
    """Return a date of before there were pages that two places of a page tell: a newspaper's archive.

    One of them states it for machines, the other is the address or the dateline at the headline.
    """
    old = [
        each
        for each in found
        if each.of == "published" and each.refused is not None and each.verdict == TOO_EARLY
    ]
    stated = max(
        (each for each in old if not each.is_shown and each.source != "url"),
        key=lambda each: each.trust,
        default=None,
    )
    if stated is None or stated.refused is None or stated.trust < _FIRM:
        return None
    for each in old:
        elsewhere = each.source == "url" or (each.is_shown and each.trust >= _CLEAR)
        if elsewhere and each.refused is not None and each.refused.day == stated.refused.day:
            return attrs.evolve(stated, date=attrs.evolve(stated.refused, doubt=""), refused=None)
    return None


def _refused(found: Iterable[Considered]) -> Considered | None:
    """Return the date that is printed where an article's is, and cannot be believed."""
    fitting = (
        each
        for each in found
        if each.of == "published" and each.refused is not None and each.trust >= _CLEAR
    )
    best = max(fitting, key=lambda each: each.trust, default=None)
    return None if best is None else attrs.evolve(best, date=best.refused)


def _checked(
    taken: Considered, stated: ParsedDate, found: list[Considered], reference: datetime
) -> Considered:
    """Return the date that holds against what the address and the headline's dateline say."""
    in_utc = stated.instant is not None and stated.day == stated.instant.date()
    as_fetched = stated.instant is not None and abs(stated.instant - reference) < _AS_FETCHED
    as_changed = stated.instant is not None and any(
        each.of == "modified" and each.date is not None and each.date.instant == stated.instant
        for each in found
    )
    for each in found:
        of_address = each.source == "url"
        at_headline = each.is_shown and each.trust >= _CLEAR and _YEAR.search(each.text)
        if each.of != "published" or each.date is None or not (of_address or at_headline):
            continue
        apart = (each.date.day - stated.day).days
        if _in_other_order(each.date.day, stated.day):
            continue
        if in_utc and stated.instant is not None and _same_moment(stated.instant, each.date, apart):
            # Many systems state an instant in UTC, and show the day of the newsroom's clock.
            return attrs.evolve(taken, date=attrs.evolve(stated, day=each.date.day))
        # An article that is published anew keeps its address, and shows the new day at its headline.
        if (apart > 0 and not of_address) or (apart < -1 and of_address):
            return each
        # What is stated may be but the moment at which the page was made for us, or changed last.
        if apart < 0 and (as_fetched or as_changed):
            return each
    return taken


def _in_other_order(one: date, other: date) -> bool:
    """Say whether 03/04 and 04/03 are the same day, read in the orders of two countries."""
    return one.year == other.year and (one.day, one.month) == (other.month, other.day)


def _same_moment(stated: datetime, shown: ParsedDate, apart: int) -> bool:
    """Say whether a day before or after can be that of the same moment on the newsroom's clock."""
    if shown.instant is not None and shown.instant.minute != stated.minute:
        return False
    return (apart == -1 and stated.hour < _BEHIND) or (apart == 1 and stated.hour >= 24 - _BEFORE)
