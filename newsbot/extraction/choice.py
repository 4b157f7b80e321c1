"""A field's answer, with everything that was considered for it."""

from typing import Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Candidate:
    """Something that a page offers for a field.

    ``text`` is the offer as read, ``source`` where it stands ("json-ld headline", "meta og:title",
    "h1"), ``taken`` whether it is part of the answer, and ``why`` says why or why not, for a reader
    of ``newsbot extract --explain``.
    """

    text: str
    source: str
    taken: bool = False
    why: str = ""


@attrs.frozen(kw_only=True)
class Choice(Generic[T]):
    """The value chosen for a field, where it was read, and every candidate in the order of trust.

    An empty ``value`` ("" or an empty tuple) means that the page offers nothing believable;
    ``source`` is then "".
    """

    value: T
    source: str = ""
    considered: tuple[Candidate, ...] = ()
