"""Light and dark: which of them a reader has chosen; and whether his keys do anything."""

from fastapi import Request

COOKIE, KEYS_COOKIE = "newsbot_theme", "newsbot_keys"
THEMES = ("auto", "light", "dark")


def theme_of(request: Request) -> str:
    """Return the theme that a reader chose; "auto" is what his system has."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def keys_of(request: Request) -> bool:
    """Say whether single keys do something (WCAG 2.2, 2.1.4: they can be switched off)."""
    return request.cookies.get(KEYS_COOKIE, "") != "off"
