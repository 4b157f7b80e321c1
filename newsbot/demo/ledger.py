"""What the newsroom must remember over a restart: how much it has published, and when."""

from datetime import datetime

import attrs
from attrs import validators


@attrs.frozen(kw_only=True)
class Shift:
    """A stretch of time in which the newsroom published at an even pace.

    Its posts are numbered from ``first`` on; post ``first + i`` appeared ``(i + 1) * interval``
    seconds after ``started``. A restart, a change of pace or a suspended machine begins another.
    """

    first: int = attrs.field(validator=validators.ge(0))
    started: datetime = attrs.field()
    interval: float = attrs.field(validator=validators.gt(0))

    @started.validator
    def _is_an_instant(self, _: object, started: datetime) -> None:
        if started.tzinfo is None:
            raise ValueError(f"A shift starts at an instant; {started} has no time zone.")


@attrs.frozen(kw_only=True)
class Ledger:
    """The memory of the newsroom: small, however long it has run.

    Everything else follows from ``seed`` and a post's number. ``origin`` is the number of the
    first post there is; posts ``origin`` to ``published - 1`` are out. ``stock`` is a fingerprint
    of the stories' keys: under another stock the same numbers would mean other stories.
    """

    seed: str
    stock: str
    origin: int
    published: int
    shifts: tuple[Shift, ...] = attrs.field(validator=validators.min_len(1))
