"""How things are shown: moments for whoever reads no page, directions, marked passages.

Foreign text is escaped, always. What a page says is said by :mod:`newsbot.web.speech`.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from markupsafe import Markup, escape

from newsbot.alerts.marking import direction as direction
from newsbot.alerts.marking import marked as marked
from newsbot.edits.differences import Piece
from newsbot.text.urls import is_web_url


def exactly(moment: datetime | date | None) -> str:
    """Return a moment in UTC, or a day, in full."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return moment.isoformat()


def web_address(url: str) -> str:
    """Return an address that may be linked; "" where it is none of the web's."""
    return url if url.startswith(("http://", "https://")) and is_web_url(url) else ""


def difference(pieces: Sequence[Piece]) -> Markup:
    """Return a difference of two texts, as ``<del>`` and ``<ins>``."""
    out = Markup("")
    for piece in pieces:
        text = Markup("<br>").join(escape(line) for line in piece.text.split("\n"))
        if piece.change == "same":
            out += text
        elif piece.change == "removed":
            out += Markup("<del>") + text + Markup("</del>")
        else:
            out += Markup("<ins>") + text + Markup("</ins>")
    return out
