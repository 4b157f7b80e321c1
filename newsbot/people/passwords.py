"""Passwords: which are taken, and how they are kept.

Kept is argon2id (RFC 9106) by OWASP's parameters (Password Storage Cheat Sheet: 19 MiB, two passes, one
lane). What is taken follows NIST SP 800-63B-4, 3.1.1.2: fifteen characters, any of them, none demanded, and
nothing that is guessed first: the passwords found most often in leaks, the person's own name, repetitions
and rows of keys.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 15, 256
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Rows of keys and of letters along which passwords are typed.
_ROWS = (
    "01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop",
    "qwertzuiop", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤرلاىةوزظ",
)  # fmt: skip
# Letters as they are disguised in passwords.
_DISGUISED = str.maketrans("@4301$5!7", "aaeolssit")
# What a password has to be worth: a common one in it is worth as much as two characters, so that four
# words are a password however common they are.
_WORTH, _COMMON_ONE = 7, 2


class PasswordError(Exception):
    """A password that is not taken; the text says why and what would be."""


def checked(password: str, *, name: str) -> str:
    """Return a password in the form that is hashed (NFC), if it may be a person's.

    Raises:
        PasswordError: saying what would be.
    """
    text = unicodedata.normalize("NFC", password)
    if len(text) < SHORTEST:
        raise PasswordError(
            f"a password has {SHORTEST} characters at least, and this one {len(text)}; "
            "four words that have nothing to do with each other are a good one"
        )
    if len(text) > LONGEST:
        raise PasswordError(
            f"a password has {LONGEST} characters at most, and this one {len(text)}"
        )
    if _worth(text.casefold(), name.casefold()) < _WORTH:
        raise PasswordError(
            "this one is among the first that are guessed: it is made of common passwords, of your name, "
            "of repetitions or of rows of keys; four words that have nothing to do with each other are a "
            "good one"
        )
    return text


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _HASHER.hash(unicodedata.normalize("NFC", password))


def right(kept: str, password: str) -> bool:
    """Say whether a password is the one that is kept; it takes as long for "" (nobody's) as for any."""
    text = unicodedata.normalize("NFC", password)[: LONGEST + 1]
    try:
        return _HASHER.verify(kept or _nobodys(), text) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Say whether a password was hashed by other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    """Return a hash that takes as long to compare with as any other."""
    return _HASHER.hash("nobody has this password")


@cache
def _common() -> frozenset[str]:
    text = files("newsbot.people").joinpath("common_passwords.txt").read_text("utf8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def _worth(text: str, name: str) -> int:
    """Return how many characters of a password are not guessed first."""
    plain = re.sub(r"[\s._\-]+", "", text)
    # What repeats counts once: "abcabcabc" is "abc".
    plain = re.sub(r"(.+?)\1{2,}", r"\1", plain)
    plain = re.sub(r"(.{4,})\1", r"\1", plain).rstrip("0123456789!?#*")
    own = {"newsbot", *(part for part in re.split(r"\W+", name) if len(part) > 2)}
    return min(_least(shape, own) for shape in {plain, plain.translate(_DISGUISED)})


def _least(text: str, own: set[str]) -> int:
    """Return the least that a text is worth, however it is taken apart."""
    least = [0]
    for end in range(1, len(text) + 1):
        found = [least[end - 1] + 1]
        for start in range(max(0, end - 64), end - 2):
            part = text[start:end]
            if part in own or _in_a_row(part):
                found.append(least[start])
            elif part in _common():
                found.append(least[start] + _COMMON_ONE)
        least.append(min(found))
    return least[-1]


def _in_a_row(part: str) -> bool:
    return len(set(part)) == 1 or any(part in row or part[::-1] in row for row in _ROWS)
