"""What a trial of a site found, as JSON has it: without the texts, with counts and newest days."""

from datetime import date
from typing import Any

import attrs

from newsbot.fetching.survey import Finding, Survey
from newsbot.fetching.trial import Sample, Trial
from newsbot.text.dates import ParsedDate


def report(trial: Trial) -> dict[str, Any]:
    """Return a whole trial."""
    return surveyed(trial.survey) | {
        "conditional_requests": trial.unchanged,
        "seconds_between_articles": trial.gap,
        "suggested_interval": trial.interval,
        "samples": [sampled(each) for each in trial.samples],
        "requests": trial.requests,
        "next": next_step(trial),
    }


def surveyed(found: Survey) -> dict[str, Any]:
    """Return what a survey found."""
    return {
        "homepage": found.homepage,
        "title": found.title,
        "entry_points": [_entry_point(each) for each in found.findings],
        "refused": list(found.refused),
        "article_links": found.links,
        "needs_javascript": found.needs_javascript,
        "robots": {"homepage_closed": found.closed, "crawl_delay": found.crawl_delay},
    }


def _entry_point(each: Finding) -> dict[str, Any]:
    return {
        "url": each.url,
        "kind": each.kind,
        "announced": each.announced,
        "entries": None if each.answer is None else len(each.entries),
        "newest": each.newest.isoformat() if each.newest else None,
        "validators": list(each.validators),
    }


def sampled(sample: Sample) -> dict[str, Any]:
    """Return an article that was tried."""
    told: dict[str, Any] = {"url": sample.url, "problem": sample.problem}
    if sample.extracted is not None:
        read = sample.extracted
        told |= {
            "title": read.title,
            "published": _dated(read.published),
            "authors": list(read.authors),
            "language": read.language,
            "words": len(read.body.split()),
            "begins": read.body[:200],
            "missing": list(sample.missing),
        }
    return told


def _dated(stated: ParsedDate | None) -> dict[str, Any] | None:
    if stated is None:
        return None
    return attrs.asdict(
        stated,
        value_serializer=lambda _of, _field, value: (
            value.isoformat() if isinstance(value, date) else value
        ),
    )


def next_step(trial: Trial) -> str:
    """Return what a person should do next, in a sentence or two."""
    found = trial.survey
    good = [sample for sample in trial.samples if not sample.problem]
    if found.needs_javascript:
        return (
            f"Its pages need a browser. Add it with: newsbot source add {found.homepage} "
            "(Chromium has to be installed; newsbot doctor says whether it is)"
        )
    if not any(each.kind != "page" for each in found.findings) and not found.links:
        return (
            "Nothing here leads to articles. Give the address of a section or of a feed instead; "
            "its readers' page may name one."
        )
    if not good:
        return (
            "No article could be read; see above why. Where pages are closed, ask the site to let "
            "newsbot in; where they are read as no article, try the address of a section."
        )
    lacking = sorted({name for sample in good for name in sample.missing})
    everywhere = [name for name in lacking if all(name in sample.missing for sample in good)]
    add = f"Add it with: newsbot source add {found.homepage}"
    if everywhere:
        fields = ", ".join(everywhere)
        return f"{add}. No sample has {fields}; newsbot source set --override says where a page shows it."
    return add
