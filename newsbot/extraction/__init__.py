"""From a page to an article. Pure: nothing is fetched, no clock decides."""

from newsbot.extraction.article import Explanation, Extracted, explain, extract
from newsbot.extraction.overrides import OverrideError, check_overrides
from newsbot.items import Overrides

__all__ = [
    "Explanation",
    "Extracted",
    "OverrideError",
    "Overrides",
    "check_overrides",
    "explain",
    "extract",
]
