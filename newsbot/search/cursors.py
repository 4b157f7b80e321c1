"""Where a list goes on: what a page tells the next, as one word that means nothing to others. Pure."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Self

import attrs

# Where a list goes on that somebody sends is read no further than this (characters).
_LONGEST = 4_000


class PageError(ValueError):
    """A page that cannot be shown; the text says why and what to do."""


@attrs.frozen(kw_only=True)
class Cursor:
    """Where a list goes on.

    ``of`` stands for what was asked, ``at`` is when. The newest go on below ``place``, without the ids
    ``shown`` that have that very place; nothing above ``top`` was there when the first page was asked.
    The most relevant go on in the list ``kept`` at ``position``.
    """

    of: str
    at: datetime
    place: int = 0
    top: int = 0
    shown: tuple[str, ...] = ()
    kept: str = ""
    position: int = 0

    def token(self) -> str:
        """Return it as a word of letters, digits, ``-`` and ``_``."""
        values = [
            self.of,
            self.at.timestamp(),
            self.place,
            self.top,
            list(self.shown),
            self.kept,
            self.position,
        ]
        packed = json.dumps(values, separators=(",", ":")).encode()
        return urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def read(cls, token: str, *, of: str) -> Self:
        """Return what a word says.

        Raises:
            PageError: when it says nothing, or something of another search.
        """
        try:
            if len(token) > _LONGEST:
                raise ValueError
            values = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            made = cls._of(*values)
        except (ValueError, TypeError, OverflowError, OSError, RecursionError):
            raise PageError("this is no page of a search; begin at the first") from None
        if made.of != of:
            raise PageError("this is a page of another search; begin at the first")
        return made

    @classmethod
    def _of(
        cls, of: str, at: float, place: int, top: int, shown: list[Any], kept: str, position: int
    ) -> Self:
        numbers, words = (place, top, position), (of, kept, *shown)
        if not all(type(each) is int and 0 <= each < 2**63 for each in numbers):
            raise ValueError
        if not all(isinstance(each, str) for each in words):
            raise ValueError
        return cls(
            of=of,
            at=datetime.fromtimestamp(at, UTC),
            place=place,
            top=top,
            shown=tuple(shown),
            kept=kept,
            position=position,
        )


def asked(*parts: str) -> str:
    """Return what stands for what was asked."""
    return blake2b("\x1f".join(parts).encode("utf8", "surrogatepass"), digest_size=6).hexdigest()
