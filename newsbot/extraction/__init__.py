"""From a page to an article. Pure: nothing is fetched, no clock decides."""

from newsbot.extraction.article import Explanation, Extracted, explain, extract
from newsbot.extraction.overrides import OverrideError, Overrides

__all__ = ["Explanation", "Extracted", "OverrideError", "Overrides", "explain", "extract"]
