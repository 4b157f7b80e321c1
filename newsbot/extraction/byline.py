"""Bylines: people's names out of what publishers write around them."""

import re

# Words that introduce a name, by language; at the beginning of a byline only.
_BY = re.compile(
    r"^(?:by|written by|story by|from|von|par|por|di|door|av|af|tarafından|автор:?|от|بقلم|كتب(?:ت|ه)?|إعداد|تحرير|كتابة|"
    r"נכתב על ידי|作者|文|記者|记者)\s*[:：]?\s+",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*(?:,|;|\||/|،|、|&|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\bve\b|\bи\b|\sو)\s*",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@\w|^\d|\d{4}|^(?:admin|author|editor|staff|none|null|unknown)$", re.IGNORECASE
)
_LONGEST = 70


def split_byline(text: str) -> list[str]:
    """Return the names in a byline, in order, once each; none where it is no byline."""
    line = _BY.sub("", " ".join(text.split())).strip(" -–—:|")
    names = []
    for part in _BETWEEN.split(line):
        name = _BY.sub("", part).strip(" -–—:|.•")
        if 1 < len(name) <= _LONGEST and not _NOT_A_NAME.search(name):
            names.append(name)
    return list(dict.fromkeys(names))
