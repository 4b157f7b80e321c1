"""The steps of an address and what may have become of it at each: values, and the words for them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import attrs

Name = Literal["source", "found", "fetched", "read", "stored", "edited", "indexed", "alert", "told"]

# In the order in which one comes after the other; of several alerts, the one that came farthest counts.
Outcome = Literal[
    "no source",
    "never seen",
    "entry point",
    "waiting",
    "refused",
    "failed",
    "no article",
    "same article",
    "removed",
    "unknown",
    "known source",
    "found",
    "another address",
    "fetched",
    "an article",
    "stored",
    "edited",
    "taken down",
    "not indexed",
    "indexed",
    "not met",
    "paused",
    "too late",
    "held",
    "met",
    "no channel",
    "to be sent",
    "in a digest",
    "dropped",
    "dead-lettered",
    "sent",
]


@attrs.frozen(kw_only=True)
class Step:
    """One step of an address: what became of it there, and ``words`` for people.

    ``at`` is when, None where that is not known. ``of`` names what it is about: ids of a ``source``, ``run``,
    ``article``, ``match``, ``message`` or ``channel``, and the ``cause`` of a refusal
    (:data:`newsbot.fetching.causes.CAUSES`).
    """

    name: Name
    outcome: Outcome
    words: str
    at: datetime | None = None
    of: Mapping[str, str] = attrs.Factory(dict)


@attrs.frozen(kw_only=True)
class Path:
    """What an alert made of an article: its name, and the steps from its query to its channels."""

    alert: str
    name: str
    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        """The step at which it ended."""
        return self.steps[-1]


@attrs.frozen(kw_only=True)
class Answer:
    """Why, for one address.

    ``asked`` is the address as it was given and ``url`` its canonical form. ``steps`` lead up to the index;
    ``alerts`` go on from there: the one that was asked for, or all that the article met. ``article`` is its
    id, "" where it is none.
    """

    asked: str
    url: str
    article: str = ""
    steps: tuple[Step, ...]
    alerts: tuple[Path, ...] = ()

    @property
    def last(self) -> Step:
        """The step that it reached last: of several alerts, with the one that came farthest."""
        return farthest(each.last for each in self.alerts) or self.steps[-1]


def farthest(steps: Iterable[Step]) -> Step | None:
    """Return the step at which an article came farthest; None of none."""
    order: tuple[str, ...] = Outcome.__args__  # type: ignore[attr-defined]
    return max(steps, key=lambda step: order.index(step.outcome), default=None)
