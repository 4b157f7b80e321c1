"""Asks why: one address, followed through all that newsbot keeps."""

from datetime import datetime

from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.text.urls import canonical_url, is_web_url
from newsbot.why import alerts, kept
from newsbot.why.steps import Answer, Step
from newsbot.why.visits import Visits


class NoAddressError(Exception):
    """What was given is no address; the text says what would be one."""


def ask(
    config: Config, database: Database, address: str, *, rule: Rule | None = None, now: datetime
) -> Answer:
    """Return the steps that an address went, and where it ended.

    It may be given as a person pastes it: with tracking parameters, without a scheme, with http for https,
    of a mobile or AMP page. ``rule`` is an alert that is asked for; without one, all that the article met
    are told. Nothing is fetched, and nothing is changed.

    Raises:
        NoAddressError: when it is no http(s) address.
    """
    typed = address.strip()
    whole = typed if "://" in typed else f"https://{typed}"
    if not is_web_url(whole) or ("." not in whole and "localhost" not in whole):
        raise NoAddressError(
            f"{address!r} is no address of a page; give one as https://news.example/a-story"
        )
    url = canonical_url(whole)
    visits = Visits(config, database, now=now)
    visits.follow(url)
    steps: list[Step] = list(visits.steps)
    found = visits.kept
    if found is None:
        return Answer(asked=address, url=url, steps=tuple(steps))
    if not steps:
        steps.append(
            Step(
                name="found",
                outcome="unknown",
                words="no visit of its page is on record: it came with a file, or its source was removed",
            )
        )
    steps += kept.steps(config, database, found)
    return Answer(
        asked=address,
        url=url,
        article=found.article.id,
        steps=tuple(steps),
        alerts=alerts.paths(database, found, rule, now=now),
    )
