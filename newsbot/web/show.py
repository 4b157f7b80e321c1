"""How things are shown: times, directions, marked passages. Foreign text is escaped, always."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from markupsafe import Markup, escape

from newsbot.alerts.marking import direction as direction
from newsbot.alerts.marking import marked as marked
from newsbot.edits.differences import Piece
from newsbot.text.dates import ParsedDate


def ago(moment: datetime | None) -> str:
    """Return how long ago a moment was."""
    if moment is None:
        return "–"
    seconds = max(0.0, (datetime.now(UTC) - moment).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def exactly(moment: datetime | date | None) -> str:
    """Return a moment or a day in full."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return moment.isoformat()


def published(stated: ParsedDate | None) -> str:
    """Return a date of publication, as precise as it is known."""
    if stated is None:
        return "date not known"
    told = stated.day.isoformat()
    if stated.instant is not None:
        told = f"{stated.instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{told} (not believed: {stated.doubt})" if stated.doubt else told


def web_address(url: str) -> str:
    """Return an address that may be linked; "" where it is none of the web's."""
    return url if url.startswith(("http://", "https://")) else ""


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
