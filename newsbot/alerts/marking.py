"""Foreign text in HTML: escaped, in its own direction, with what matched marked."""

from collections.abc import Sequence

from markupsafe import Markup, escape

# Languages written from right to left (Unicode CLDR, characterOrder).
_RIGHT_TO_LEFT = frozenset(
    ["ar", "arc", "ckb", "dv", "fa", "ha", "he", "khw", "ks", "ku", "ps", "sd", "ug", "ur", "yi"]
)


def direction(language: str) -> str:
    """Return the writing direction of a language: ``rtl``, ``ltr``, or ``auto`` where unknown."""
    if not language:
        return "auto"
    return "rtl" if language.split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def marked(text: str, marks: Sequence[tuple[int, int]]) -> Markup:
    """Return a text escaped, with these character ranges marked."""
    out, at = Markup(""), 0
    for low, high in sorted(marks):
        if low < at or high > len(text):
            continue
        out += escape(text[at:low]) + Markup("<mark>") + escape(text[low:high]) + Markup("</mark>")
        at = high
    return out + escape(text[at:])


def starred(text: str, marks: Sequence[tuple[int, int]], sign: str = "*") -> str:
    """Return a text for where there is no HTML, with a sign before and after these character ranges."""
    out, at = "", 0
    for low, high in sorted(marks):
        if low < at or high > len(text):
            continue
        out += f"{text[at:low]}{sign}{text[low:high]}{sign}"
        at = high
    return out + text[at:]
