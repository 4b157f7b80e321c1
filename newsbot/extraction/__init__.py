"""From a page to an article. Pure: nothing is fetched, no clock decides."""

from newsbot.extraction.article import Extracted, extract

__all__ = ["Extracted", "extract"]
