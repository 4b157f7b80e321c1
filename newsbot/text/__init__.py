"""The ground floor: what was written, made readable and comparable. Pure functions."""

from newsbot.text.bylines import Byline, read_byline
from newsbot.text.dates import parse_date
from newsbot.text.language import detect_language
from newsbot.text.reading import Repaired, repair, repaired
from newsbot.text.tokens import Token, tokenize
from newsbot.text.unicode import clean, fold_whitespace
from newsbot.text.urls import canonical_url, is_web_url, site_of

__all__ = [
    "Byline",
    "Repaired",
    "Token",
    "canonical_url",
    "clean",
    "detect_language",
    "fold_whitespace",
    "is_web_url",
    "parse_date",
    "read_byline",
    "repair",
    "repaired",
    "site_of",
    "tokenize",
]
