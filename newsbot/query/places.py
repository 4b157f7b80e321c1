"""Where something matched in a text, and which of that stands near what."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

# Positions covered and characters covered by something that matched: first, last, start, end.
Span = tuple[int, int, int, int]

_first, _last = itemgetter(0), itemgetter(1)


def beginning(spans: list[Span], low: int, high: int) -> list[Span]:
    """Return those of some spans in order that begin at ``low`` or later, and before ``high``."""
    return spans[bisect_left(spans, low, key=_first) : bisect_left(spans, high, key=_first)]


def gathered(places: Sequence[Sequence[Span]], reach: int) -> Iterator[list[Span]]:
    """Yield, from each position on, one span of each that stand within ``reach`` positions, if they do.

    No two begin at one position. Places where too few stand are leapt over: a text in which all stand
    often, and never together, costs no more than one in which they are rare.
    """
    # Of spans that are asked for several times so many have to be there.
    wanted = Counter(map(id, places))
    if any(len(spans) < wanted[id(spans)] for spans in places):
        return
    known = {id(spans): sorted(spans) for spans in places}
    in_order = [known[id(spans)] for spans in places]
    rarest_first = sorted(
        (([span[0] for span in known[each]], count) for each, count in wanted.items()),
        key=lambda each: len(each[0]),
    )
    lows = sorted({first for firsts, _ in rarest_first for first in firsts})
    at = 0
    while at < len(lows):
        low = lows[at]
        lacking = 0
        for firsts, count in rarest_first:
            last = bisect_left(firsts, low) + count - 1
            if last >= len(firsts):
                return
            if firsts[last] >= low + reach:
                lacking = firsts[last] - reach + 1
                break
        if lacking > low:
            at = bisect_left(lows, lacking, at)
            continue
        inside = apart(
            [
                [span for span in beginning(spans, low, low + reach) if span[1] < low + reach]
                for spans in in_order
            ]
        )
        if inside:
            yield inside
        at += 1


def apart(choices: list[list[Span]]) -> list[Span]:
    """Choose one of each so that no two begin at one position; [] where that cannot be."""
    owner: dict[int, int] = {}
    chosen: dict[int, Span] = {}

    def settle(term: int, tried: set[int]) -> bool:
        for span in choices[term]:
            if span[0] in tried:
                continue
            tried.add(span[0])
            other = owner.get(span[0])
            if other is None or settle(other, tried):
                owner[span[0]], chosen[term] = term, span
                return True
        return False

    if not all(settle(term, set()) for term in range(len(choices))):
        return []
    return list(chosen.values())


def pairs_within(
    before: list[Span], after: list[Span], distance: int
) -> Iterable[tuple[Span, Span]]:
    """Yield each span with the next that begins behind its end, and with the last that ends before it."""
    by_end, by_start = sorted(before, key=_last), sorted(after, key=_first)
    for one in before:
        place = bisect_left(by_start, one[1] + 1, key=_first)
        if place < len(by_start) and by_start[place][0] - one[1] <= distance:
            yield one, by_start[place]
    for other in after:
        place = bisect_left(by_end, other[0], key=_last)
        if place and other[0] - by_end[place - 1][1] <= distance:
            yield by_end[place - 1], other
