"""Where each field of an article stood on its page: the page as it came is read once more. Pure."""

from collections import Counter
from datetime import datetime

import attrs

from newsbot.extraction import Explanation, Overrides, explain

# Characters of what a page offers that are shown, and offers of one field.
_SHOWN, _MOST = 300, 12


@attrs.frozen(kw_only=True)
class Offer:
    """What a page says for a field: where, what, whether it was taken, and why or why not."""

    field: str
    source: str
    said: str
    taken: bool
    why: str


@attrs.frozen(kw_only=True)
class Origins:
    """Where the fields of an article stood.

    ``offers`` are by field, what was taken first; ``text_from`` is where the text stood; ``dropped`` are the
    reasons for which blocks are no text, with how many there are and one of them.
    """

    kind: str
    why: str
    text_from: str
    offers: tuple[Offer, ...]
    dropped: tuple[tuple[str, int, str], ...]


def origins(
    html: bytes, url: str, *, reference: datetime, charset: str, overrides: Overrides
) -> Origins:
    """Return where the fields of a page stand, read as its source's pages are read now."""
    found = explain(html, url, reference=reference, charset=charset, overrides=overrides)
    counted = Counter(why for _, why in found.body.dropped)
    examples = {why: text for text, why in reversed(found.body.dropped)}
    return Origins(
        kind=found.extracted.kind,
        why=found.extracted.why,
        text_from=found.text_from,
        offers=tuple(_offers(found)),
        dropped=tuple(
            (why, count, examples[why][:_SHOWN]) for why, count in counted.most_common(20)
        ),
    )


def _offers(found: Explanation) -> list[Offer]:
    told: list[Offer] = []
    for field in ("title", "authors", "publisher", "section", "tags", "description"):
        considered = getattr(found, field).considered
        told += [
            Offer(
                field=field,
                source=each.source,
                said=each.text[:_SHOWN],
                taken=each.taken,
                why=each.why,
            )
            for each in sorted(considered, key=lambda each: not each.taken)[:_MOST]
        ]
    for of in ("published", "modified"):
        dates = [each for each in found.dating.considered if each.of == of]
        told += [
            Offer(
                field=of,
                source=each.source,
                said=each.text[:_SHOWN],
                taken=each.verdict == "taken",
                why="" if each.verdict == "taken" else each.verdict,
            )
            for each in sorted(dates, key=lambda each: each.verdict != "taken")[:_MOST]
        ]
    return told
