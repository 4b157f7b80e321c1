"""What people may do, and what their tokens may."""

import enum
from collections.abc import Iterable
from typing import Self


class Role(enum.IntEnum):
    """What somebody may do; each may do what those below it may."""

    NOBODY = 0
    """Without a session: what carries its own secret, or none."""
    VIEWER = 1
    """Reads the archive, and keeps marks of his own."""
    ANALYST = 2
    """Saves searches, writes alerts, lists and collections, decides for the desk."""
    OPERATOR = 3
    """Adds sources, sees to schedules, runs and channels."""
    ADMIN = 4
    """Sees to people, tokens and what was done by whom."""

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the role of this name, as "viewer".

        Raises:
            KeyError: when there is none.
        """
        return cls[name.upper()]

    @property
    def word(self) -> str:
        """Its name, as it is kept and typed."""
        return self.name.lower()


# The roles that people have, from least to most.
ROLES = tuple(role.word for role in Role if role)
# What a token's scopes allow.
SCOPES = {
    "read": Role.VIEWER,
    "write": Role.ANALYST,
    "operate": Role.OPERATOR,
    "admin": Role.ADMIN,
}


def allowed_by(scopes: Iterable[str], owner: Role) -> Role:
    """Return what a token allows: the most of its scopes, never more than its owner may now."""
    return min(max((SCOPES.get(each, Role.NOBODY) for each in scopes), default=Role.NOBODY), owner)
