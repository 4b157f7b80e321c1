"""A trial of a site in a process of its own, told step by step: for whoever may not wait for it.

What a site sends is read there, and comes here as JSON: a page that hangs or crashes its reader costs the
trial. It ends with who began it, and after ``LONGEST`` at the latest.
"""

import json
import multiprocessing
import os
import threading
import time
from multiprocessing.connection import Connection
from typing import Any, Literal

import attrs

from newsbot.archive.records import from_document, to_value
from newsbot.config import Config
from newsbot.fetching.survey import Survey, SurveyError
from newsbot.fetching.trial import Sample, Told, try_site
from newsbot.fetching.trial_report import report, sampled, surveyed
from newsbot.fetching.visitor import LONGEST_PAUSE, REQUESTS
from newsbot.parts import end_with_parent

# A visit with the longest pause between its requests, and a minute for the answers (seconds).
LONGEST = REQUESTS * LONGEST_PAUSE + 60

Kind = Literal["asks", "survey", "sample", "done", "failed"]


@attrs.frozen(kw_only=True)
class Progress:
    """How far a trial is.

    ``asked`` are the addresses so far, ``survey`` is what leads to articles once that is known, ``samples``
    are articles, all as in :mod:`newsbot.fetching.trial_report`; ``report`` is the whole of it at the end.
    ``failure`` says why there is none; ``bad_address`` that it was the address already. ``version`` grows with
    each step. ``found`` is the survey from which a source can be made.
    """

    url: str
    asked: tuple[str, ...] = ()
    survey: dict[str, Any] | None = None
    samples: tuple[dict[str, Any], ...] = ()
    report: dict[str, Any] | None = None
    failure: str = ""
    bad_address: bool = False
    version: int = 0
    found: Survey | None = attrs.field(default=None, repr=False)

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.report is not None or bool(self.failure)


class Trying:
    """One trial on its way; begins when it is made."""

    def __init__(self, url: str, config: Config, *, longest: float = LONGEST) -> None:
        self._progress = Progress(url=url)
        self._deadline = time.monotonic() + longest
        self._longest = longest
        context = multiprocessing.get_context("spawn")
        self._hears, tells = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_try, args=(tells, url, config.model_dump_json()), daemon=True
        )
        self._process.start()
        tells.close()
        threading.Thread(target=self._hear, name="trial", daemon=True).start()

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        return self._progress

    def end(self) -> None:
        """End it where it is, if it is not over."""
        self._deadline = 0.0
        self._process.kill()

    def _hear(self) -> None:
        try:
            while not self._progress.ended:
                if not self._hears.poll(max(0.0, self._deadline - time.monotonic())):
                    self._fail(
                        f"{self._progress.url} was given up after {self._longest:.0f} s: it answers too "
                        "slowly; try again later"
                    )
                    break
                kind, said = json.loads(self._hears.recv_bytes())
                self._progress = _further(self._progress, kind, said)
        except (EOFError, OSError):
            why = (
                "was ended" if not self._deadline else "ended: one of its pages crashed its reader"
            )
            self._fail(f"the look at {self._progress.url} {why}; try again")
        finally:
            self._process.kill()
            self._process.join()
            self._hears.close()

    def _fail(self, why: str) -> None:
        before = self._progress
        self._progress = attrs.evolve(before, failure=why, version=before.version + 1)


def _further(before: Progress, kind: Kind, said: Any) -> Progress:
    after = attrs.evolve(before, version=before.version + 1)
    match kind:
        case "asks":
            return attrs.evolve(after, asked=(*before.asked, said))
        case "survey":
            found = from_document(Survey, said["record"])
            return attrs.evolve(after, survey=said["told"], found=found)
        case "sample":
            return attrs.evolve(after, samples=(*before.samples, said))
        case "done":
            return attrs.evolve(after, report=said)
        case "failed":
            return attrs.evolve(after, failure=said["why"], bad_address=said["bad_address"])


def _try(tells: Connection, url: str, config: str) -> None:
    """Try a site, in the process that is there for it."""
    end_with_parent()
    os.nice(5)

    def send(kind: Kind, said: object) -> None:
        tells.send_bytes(json.dumps((kind, said)).encode())

    def tell(told: Told) -> None:
        match told:
            case str():
                send("asks", told)
            case Survey():
                # What makes a source of it, without what stands at its entry points.
                record = to_value(attrs.evolve(told, findings=()))
                send("survey", {"told": surveyed(told), "record": record})
            case Sample():
                send("sample", sampled(told))

    try:
        send("done", report(try_site(url, Config.model_validate_json(config), tell=tell)))
    except SurveyError as error:
        send("failed", {"why": str(error), "bad_address": error.bad_address})
