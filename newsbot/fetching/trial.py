"""What a crawl of a site would bring, tried on a few of its articles; nothing is kept."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise
from statistics import median

import attrs

from newsbot.config import Config
from newsbot.extraction import Extracted, extract
from newsbot.fetching.credentials import Access
from newsbot.fetching.survey import (
    Finding,
    Survey,
    SurveyError,
    checked,
    look_at,
    moment_of,
    visit,
)
from newsbot.fetching.visitor import Visitor
from newsbot.text.urls import canonical_url

# Articles that are tried, and how many are asked for at most to have so many.
SAMPLES, ASKED = 5, 8
# Entries whose dates tell the rhythm, and the share of the usual gap at which a site is looked at.
_DATED, _SHARE = 30, 0.5


@attrs.frozen(kw_only=True)
class Sample:
    """An article that was tried: what was read of it, and what is missing; or why it is none."""

    url: str
    extracted: Extracted | None = None
    missing: tuple[str, ...] = ()
    problem: str = ""


@attrs.frozen(kw_only=True)
class Trial:
    """A survey, and what it leads to.

    ``unchanged`` says whether an entry point that had not changed was answered by 304, None where none
    has a validator. ``interval`` are the seconds between two crawls that its entries' dates suggest,
    ``gap`` those between two articles; None where the dates do not tell. ``requests`` is how often
    the site was asked.
    """

    survey: Survey
    samples: tuple[Sample, ...]
    unchanged: bool | None
    gap: float | None
    interval: float | None
    requests: int


Told = str | Survey | Sample
"""What a trial tells as it goes on: an address before it is asked for, the survey, each article."""


def try_site(
    url: str,
    config: Config,
    access: Access = Access(),
    *,
    tell: Callable[[Told], None] = lambda _told: None,
) -> Trial:
    """Look at a site and at a few of its articles; ``tell`` hears of each step.

    Raises:
        SurveyError: when the address is none, or the site does not answer.
    """
    address = checked(url)
    visitor = visit(address, config, access, tell=tell)
    try:
        found = look_at(address, visitor, access)
        tell(found)
        samples = () if found.needs_javascript else _samples(found, visitor, tell)
        gap = _usual_gap(found.findings)
        interval = None
        if gap is not None:
            interval = min(max(gap * _SHARE, config.poll_fastest), config.poll_slowest)
        return Trial(
            survey=found,
            samples=samples,
            unchanged=_unchanged(found.findings, visitor),
            gap=gap,
            interval=interval,
            requests=visitor.requests,
        )
    finally:
        visitor.close()


def _samples(found: Survey, visitor: Visitor, tell: Callable[[Told], None]) -> tuple[Sample, ...]:
    samples: list[Sample] = []
    for url in _to_try(found.findings):
        articles = sum(not sample.problem for sample in samples)
        if articles >= SAMPLES or len(samples) >= ASKED:
            break
        samples.append(_tried(url, visitor))
        tell(samples[-1])
    return tuple(samples)


def _to_try(findings: Iterable[Finding]) -> list[str]:
    """Return addresses of articles, each once: by turns of all entry points, the newest first."""
    queues = []
    for finding in findings:
        dated = [entry for entry in finding.entries if moment_of(entry)]
        dated.sort(key=lambda entry: str(moment_of(entry)), reverse=True)
        queues.append([entry.url for entry in (dated or finding.entries)[: 2 * ASKED]])
    longest = max(map(len, queues), default=0)
    turns = [queue[n] for n in range(longest) for queue in queues if n < len(queue)]
    return list({canonical_url(url): url for url in turns}.values())


def _tried(url: str, visitor: Visitor) -> Sample:
    try:
        answer = visitor.get(url)
    except SurveyError as error:
        return Sample(url=url, problem=str(error))
    extracted = extract(answer.body, answer.url, charset=answer.charset)
    if not extracted.is_article:
        return Sample(url=url, problem=f"is read as no article: {extracted.why}")
    fields = {
        "title": extracted.title,
        "text": extracted.body,
        "date": extracted.published,
        "authors": extracted.authors,
        "language": extracted.language,
    }
    missing = tuple(name for name, value in fields.items() if not value)
    return Sample(url=url, extracted=extracted, missing=missing)


def _unchanged(findings: Iterable[Finding], visitor: Visitor) -> bool | None:
    """Ask again for the first entry point that can be asked for so, and say whether it is spared."""
    for finding in findings:
        if finding.validators and finding.answer is not None:
            try:
                return visitor.get(finding.answer.url, before=finding.answer).status == 304
            except SurveyError:
                return False
    return None


def _usual_gap(findings: Iterable[Finding]) -> float | None:
    """Return the seconds that usually lie between two articles, by the entries that tell a moment."""
    moments: dict[str, datetime] = {}
    for finding in findings:
        for entry in finding.entries:
            told = entry.published
            if told is not None and told.instant is not None:
                moments[canonical_url(entry.url)] = told.instant
    newest = sorted(moments.values(), reverse=True)[:_DATED]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(newest)]
    return median(gaps) if len(gaps) >= 3 else None
