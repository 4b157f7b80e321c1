"""The tree of a query: what was understood, immutable."""

from datetime import date
from functools import cached_property
from typing import Literal

import attrs

from newsbot.query.analysis import Way, pattern_ways, unordered_ways


@attrs.frozen
class Word:
    """A word or a joined run of them (``e-mail``), as typed; ``field`` "" means title and body.

    ``prefix``: it stands for every word that begins so. ``exact``: only as written.
    """

    text: str
    field: str = ""
    prefix: bool = False
    exact: bool = False

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """Each reading of it as terms, each with whether it is a prefix."""
        return pattern_ways(self.text, prefix=self.prefix)

    @property
    def simple(self) -> bool:
        """Whether its terms in a row are all that it asks for."""
        return not self.exact


@attrs.frozen
class Phrase:
    """Words next to each other in order; with a ``slop``, within so many positions in any order.

    The last character of a word may be ``*``.
    """

    text: str
    field: str = ""
    slop: int | None = None

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """Each reading of it as terms, each with whether it is a prefix."""
        if self.slop is None:
            return pattern_ways(self.text, stars=True)
        return unordered_ways(self.text)

    @property
    def simple(self) -> bool:
        """Whether its terms in a row are all that it asks for."""
        return self.slop is None


@attrs.frozen
class Equal:
    """A field that is this value, case aside (``source``, ``group``, ``lang``, ``section``, ``url``)."""

    field: str
    value: str


@attrs.frozen
class Days:
    """A day of publication (``date``) or first storing (``seen``), both ends included."""

    field: Literal["date", "seen"]
    first: date | None
    last: date | None


@attrs.frozen
class Age:
    """Younger (``younger``) or older than so many seconds, by the moment of the search."""

    field: Literal["date", "seen"]
    seconds: float
    younger: bool


@attrs.frozen
class HasDate:
    """A day of publication is known."""


@attrs.frozen
class Not:
    """All that the child does not match."""

    child: "Query"


@attrs.frozen
class And:
    """All children match."""

    children: tuple["Query", ...]


@attrs.frozen
class Or:
    """At least one child matches; ``name`` is that of the list that these are, "" for none."""

    children: tuple["Query", ...]
    name: str = ""


@attrs.frozen
class Near:
    """A match of the left within ``distance`` positions of one of the right, in one field."""

    left: "Query"
    right: "Query"
    distance: int
    ordered: bool


Query = Word | Phrase | Equal | Days | Age | HasDate | Not | And | Or | Near


def positive(tree: Query) -> bool:
    """Say whether a query asks for something, and does not only exclude."""
    if isinstance(tree, Not):
        return False
    if isinstance(tree, And):
        return any(map(positive, tree.children))
    if isinstance(tree, Or):
        return all(map(positive, tree.children))
    return True


def relative_age(tree: Query) -> bool:
    """Say whether a query speaks of an age, which changes with the clock."""
    if isinstance(tree, Age):
        return True
    if isinstance(tree, Not):
        return relative_age(tree.child)
    if isinstance(tree, (And, Or)):
        return any(map(relative_age, tree.children))
    return isinstance(tree, Near) and (relative_age(tree.left) or relative_age(tree.right))


def in_any_order(tree: Query) -> bool:
    """Say whether a phrase in any order is one of the alternatives."""
    if isinstance(tree, Or):
        return any(map(in_any_order, tree.children))
    return isinstance(tree, Phrase) and tree.slop is not None


def words_in(tree: Query) -> int:
    """Return how many words and values a query asks for, those of phrases one by one."""
    if isinstance(tree, Not):
        return words_in(tree.child)
    if isinstance(tree, Near):
        return words_in(tree.left) + words_in(tree.right)
    if isinstance(tree, Phrase):
        return len(tree.text.split())
    return sum(map(words_in, tree.children)) if isinstance(tree, (And, Or)) else 1


def lists_of(tree: Query) -> frozenset[str]:
    """Return the names of the lists that a query uses."""
    if isinstance(tree, Not):
        return lists_of(tree.child)
    if isinstance(tree, Near):
        return lists_of(tree.left) | lists_of(tree.right)
    if isinstance(tree, Or) and tree.name:
        return frozenset({tree.name})
    if isinstance(tree, (And, Or)):
        return frozenset[str]().union(*map(lists_of, tree.children))
    return frozenset()


def has_positions(tree: Query) -> bool:
    """Say whether words or phrases alone are the alternatives, which stand at positions."""
    if isinstance(tree, Or):
        return all(map(has_positions, tree.children))
    return isinstance(tree, Phrase) or (isinstance(tree, Word) and not tree.exact)


def meets(tree: Query) -> bool:
    """Say whether the sides of each proximity in a tree can be in one field."""
    if isinstance(tree, Not):
        return meets(tree.child)
    if isinstance(tree, (And, Or)):
        return all(map(meets, tree.children))
    return not isinstance(tree, Near) or bool(_places(tree.left) & _places(tree.right))


def _places(tree: Query) -> frozenset[str]:
    """Return the fields in which something with positions may stand."""
    if isinstance(tree, (Word, Phrase)):
        return frozenset({tree.field} if tree.field else {"title", "body"})
    if isinstance(tree, Or):
        return frozenset().union(*map(_places, tree.children))
    return frozenset()


def in_field(tree: Query, field: str) -> Query:
    """Return a group with a field before it: each of its words is meant in that field."""
    if isinstance(tree, (Word, Phrase)):
        return tree if tree.field else attrs.evolve(tree, field=field)
    if isinstance(tree, Not):
        return Not(in_field(tree.child, field))
    if isinstance(tree, And):
        return And(tuple(in_field(child, field) for child in tree.children))
    if isinstance(tree, Or):
        children = tuple(in_field(child, field) for child in tree.children)
        return attrs.evolve(tree, children=children)
    if isinstance(tree, Near):
        return attrs.evolve(
            tree, left=in_field(tree.left, field), right=in_field(tree.right, field)
        )
    return tree
