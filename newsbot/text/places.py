"""Places that datelines name: *Beirut –*, باريس, | New Delhi |.

Cities and countries come from Unicode CLDR in the languages of a script: the exemplar cities of time
zones (every capital whose zone bears its name, and the largest cities), and the territories. The
cities that news is filed from, and that no zone is named for, are in ``byline_words.tsv``.
"""

import re
from functools import cache

from newsbot.text.byline_words import Phrase, folded_word, words
from newsbot.text.date_words import locales

_BY_SCRIPT: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa", "ur")),
    (re.compile("[\u0400-\u04ff]"), ("ru", "uk", "bg")),
    (re.compile("[\u0590-\u05ff]"), ("he",)),
    (re.compile("[\u0370-\u03ff]"), ("el",)),
    (re.compile("[\u0900-\u097f]"), ("hi",)),
    (re.compile("[\u0980-\u09ff]"), ("bn",)),
)
_LATIN = ("en", "fr", "de", "es", "pt", "it", "nl", "tr", "id")


def is_place(printed: tuple[str, ...]) -> bool:
    """Say whether printed words are the whole name of a city or a country."""
    phrase = tuple(map(folded_word, printed))
    text = " ".join(printed)
    languages = next((own for letters, own in _BY_SCRIPT if letters.search(text)), _LATIN)
    return phrase in words("city") or any(phrase in _places(each) for each in languages)


@cache
def _places(language: str) -> frozenset[Phrase]:
    from babel import Locale
    from babel.core import get_global

    found: set[Phrase] = set()
    for name in locales(language)[:1]:
        locale = Locale.parse(name)
        cities = (zone.get("city", "") for zone in locale.time_zones.values())
        # CLDR leaves out a city that its language spells as the zone's own name does.
        zones = get_global("zone_territories") if language == "en" else ()
        own = (zone.rsplit("/", 1)[-1].replace("_", " ") for zone in zones)
        for place in (*cities, *own, *locale.territories.values()):
            found.add(tuple(folded_word(word) for word in place.split()))
    return frozenset(found - {()})
