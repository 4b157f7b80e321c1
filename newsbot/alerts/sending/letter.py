"""A message as a letter: its subject, and the same content as text and as HTML.

The HTML loads nothing, runs nothing, and is right in narrow windows and dark ones; what publishers wrote is
escaped and stands in its own direction, apart from the words around it (Unicode UAX #9, isolates).
"""

from collections.abc import Iterable

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from newsbot.alerts.marking import direction, marked, starred
from newsbot.alerts.telling import Telling, one_line
from newsbot.edits.differences import Piece

# First strong isolate, pop directional isolate.
_ISOLATE, _END = "\u2068", "\u2069"
# What a message of each kind is called beside its alert's name; "" where its headline says it.
_HEADINGS = {"article": "a new story", "test": "a test of this channel"}
_OF_CHANGES = {"removed": ("<del>", "</del>"), "added": ("<ins>", "</ins>"), "same": ("", "")}
_IN_TEXT = {"removed": ("[-", "-]"), "added": ("{+", "+}"), "same": ("", "")}


@attrs.frozen(kw_only=True)
class Letter:
    """What a letter says."""

    subject: str
    text: str
    html: str


def letter(said: Telling, *, unsubscribe: str = "") -> Letter:
    """Return a message as a letter; ``unsubscribe`` is the address that ends them, "" for none."""
    subject = f"{one_line(said.name)}: {apart(said.headline)}" if said.name else said.headline
    one = said.told[0].lines if len(said.told) == 1 and said.kind != "digest" else ()
    values = {
        "said": said,
        "subject": subject,
        "unsubscribe": unsubscribe,
        "heading": _HEADINGS.get(said.kind, said.headline if not said.told or not one else ""),
        # Those of its only article are the message's own.
        "lines": [one_line(each) for each in said.lines],
        # An empty digest names them in its sentence.
        "sources": [one_line(each) for each in said.sources] if said.kind != "digest" else [],
    }
    return Letter(
        subject=subject,
        text=_TEXTS.get_template("letter.txt").render(values).strip() + "\n",
        html=_PAGES.get_template("letter.html").render(values),
    )


def apart(text: str) -> str:
    """Return a text as it stands in another of perhaps another direction; ASCII alone needs nothing."""
    return text if text.isascii() else f"{_ISOLATE}{text}{_END}"


def _changed(pieces: Iterable[Piece]) -> Markup:
    out = Markup("")
    for each in pieces:
        before, after = map(Markup, _OF_CHANGES[each.change])
        out += before + Markup("<br>").join(map(escape, each.text.split("\n"))) + after
    return out


def _changed_text(pieces: Iterable[Piece]) -> str:
    return "".join(each.text.join(_IN_TEXT[each.change]) for each in pieces)


def _web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _environment(*, html: bool) -> Environment:
    made = Environment(
        loader=PackageLoader("newsbot.alerts"),
        autoescape=html,  # noqa: S701 - the other is plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        direction=direction,
        marked=marked,
        starred=starred,
        apart=apart,
        line=one_line,
        web=_web,
        changed=_changed,
        changed_text=_changed_text,
    )
    return made


_PAGES, _TEXTS = _environment(html=True), _environment(html=False)
