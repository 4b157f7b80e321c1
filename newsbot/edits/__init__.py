"""Two versions of one article: what changed between them, and what kind of change it is. Pure."""

from newsbot.edits.churn import without_churn
from newsbot.edits.differences import Change, Piece, difference, shortened
from newsbot.edits.kinds import KINDS, Kind, Version, kinds_of
from newsbot.edits.plausible import UNREADABLE, doubt

__all__ = [
    "KINDS",
    "UNREADABLE",
    "Change",
    "Kind",
    "Piece",
    "Version",
    "difference",
    "doubt",
    "kinds_of",
    "shortened",
    "without_churn",
]
