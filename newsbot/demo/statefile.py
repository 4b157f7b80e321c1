"""The file in which the newsroom keeps its ledger, so that a restart forgets nothing published."""

import json
import os
from pathlib import Path
from typing import Final

from cattrs.errors import BaseValidationError
from cattrs.preconf.json import make_converter

from newsbot.demo.ledger import Ledger

_CONVERTER: Final = make_converter(forbid_extra_keys=True)


class StateFileError(Exception):
    """The state file cannot be read or written; the message says which, why and what to do."""


def load(path: Path) -> Ledger | None:
    """Return the ledger kept in ``path``, or None where there is none yet.

    Raise StateFileError for a file that is there but no ledger.
    """
    try:
        document = json.loads(path.read_text(encoding="utf8"))
        if not isinstance(document, dict):
            raise TypeError("a ledger is a JSON object")
        return _CONVERTER.structure(document, Ledger)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, BaseValidationError) as problem:
        raise StateFileError(
            f"The demo's state file {path} cannot be read ({type(problem).__name__}); "
            "remove it to let the demo start afresh."
        ) from problem


def save(path: Path, ledger: Ledger) -> None:
    """Replace ``path`` by this ledger in one step: a reader sees the old one or the new one.

    Raise StateFileError where it cannot be written.
    """
    beside = path.with_name(f".{path.name}.new")
    document = json.dumps(_CONVERTER.unstructure(ledger), indent=1)
    try:
        with beside.open("w", encoding="utf8") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as problem:
        raise StateFileError(
            f"The demo's state file {path} cannot be written ({problem.strerror}); "
            "choose a folder that is writable."
        ) from problem
