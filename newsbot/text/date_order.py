"""Whether a site writes the month or the day first, by CLDR's short date of its country."""

import re
from functools import cache


@cache
def month_first(language: str, timezone: str) -> bool:
    """Say whether 03/04 is the fourth of March on a site, by its BCP 47 tag and IANA time zone.

    The tag's own region decides (en-GB); where it has none, the country of the time zone. A
    language that is not known is taken for the one that the country's papers are in, which matters
    for the United States alone.
    """
    from babel import Locale
    from babel.core import get_global
    from babel.localedata import exists

    parts = re.split("[-_]", language)
    base = parts[0].lower()
    regions = [part.upper() for part in parts[1:] if len(part) == 2]
    # IANA's older names for the zones of the United States.
    country = "US" if timezone.startswith("US/") else get_global("zone_territories").get(timezone)
    region = regions[0] if regions else country
    if not base:
        base, region = "en", region if region == "US" else "001"
    names = (f"{base}_{region}", f"{base}_001", base)
    name = next((each for each in names if exists(each)), "en_001")
    if base == "en" and name == "en":
        name = "en_001"
    # CLDR's en is the English of the United States.
    if (base, region) == ("en", "US"):
        name = "en"
    pattern: str = Locale.parse(name).date_formats["short"].pattern
    month, day = pattern.find("M"), pattern.find("d")
    return 0 <= month < day
