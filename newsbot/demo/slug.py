"""The words of an address: a headline in plain letters, joined by hyphens."""

import re
import unicodedata
from typing import Final

_LONGEST: Final = 70

# German spells umlauts out; canonical decomposition would only drop the dots.
_SPELT_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def slug(title: str) -> str:
    """Return ``title`` for an address: lower case, ASCII, at most 70 characters, whole words.

    A title without Latin letters gives "".
    """
    spelt = unicodedata.normalize("NFKD", title.lower().translate(_SPELT_OUT))
    plain = "".join(letter for letter in spelt if not unicodedata.combining(letter))
    words = re.findall(r"[a-z0-9]+", plain)
    while len("-".join(words)) > _LONGEST:
        words.pop()
    return "-".join(words)
