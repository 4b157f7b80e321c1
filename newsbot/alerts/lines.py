"""Lines of messages, one a channel: what is read ahead, what is held, who rests. No I/O, no clock.

Of a channel that takes its messages quickly more are held than go to it at a time: as many as it will take
within about a second, so that their leases are taken together.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

import attrs

from newsbot.archive.channels import Channel, ChannelKind
from newsbot.archive.outbox import Message

# How many times as many messages are held as go out at a time, at most.
_HELD = 8
# The weight of the last try in what is known of how long one takes.
_NEWEST = 0.2


@attrs.define
class Line:
    """One channel's messages; ``channel`` is None for one that was removed.

    ``under_way`` are held, ``seconds`` is how long a try takes of late. ``failures`` are its own in a row; it
    rests until ``rests_until`` (monotonic seconds).
    """

    channel: Channel | None
    waiting: deque[Message] = attrs.Factory(deque)
    under_way: int = 0
    seconds: float = 1.0
    failures: int = 0
    failed_at: float = 0.0
    rests_until: float = 0.0

    @property
    def kind(self) -> ChannelKind:
        """The kind of its channel."""
        return self.channel.kind if self.channel else "webhook"

    def failed(self, began: float, now: float) -> None:
        """Count a failure of a try that began then; those that were under way together are one."""
        if began >= self.failed_at:
            self.failures += 1
            self.failed_at = now

    def took(self, seconds: float) -> None:
        """Note how long a try took that was well; the failures before it are over."""
        self.seconds += _NEWEST * (seconds - self.seconds)
        self.failures = 0

    def rests(self, now: float) -> bool:
        """Say whether nothing goes out to it now."""
        return now < self.rests_until

    def free(self, to_one: Mapping[ChannelKind, int], now: float) -> int:
        """Return how many more messages are to be held. One that failed last is tried with one alone."""
        if self.rests(now):
            return 0
        if self.failures:
            return max(0, 1 - self.under_way)
        quick = min(_HELD, int(1 / max(self.seconds, 0.001)))
        held = to_one[self.kind] * max(1, quick)
        left = held - self.under_way
        return left if 2 * left >= held else 0  # so that few are not taken at a time


class Lines:
    """All lines. ``known`` are the ids of messages that wait here or are under way."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self.known: set[str] = set()

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return sum(len(line.waiting) for line in self._lines.values())

    def of(self, channel: str) -> Line:
        """Return the line of a channel."""
        return self._lines[channel]

    def add(self, found: Iterable[Message], channels: Mapping[str, Channel]) -> None:
        """Put messages at the ends of their lines; those that are there already are passed over."""
        for each in found:
            line = self._lines.setdefault(each.channel, Line(None))
            line.channel = channels.get(each.channel)
            if each.id not in self.known:
                self.known.add(each.id)
                line.waiting.append(each)

    def passed(self, to_one: Mapping[ChannelKind, int], now: float) -> list[str]:
        """Return the channels for which nothing more need be read: they rest, or enough waits here."""
        return [
            name
            for name, line in self._lines.items()
            if line.rests(now) or len(line.waiting) > 2 * to_one[line.kind]
        ]

    def choose(
        self,
        by_kind: Mapping[ChannelKind, int],
        to_one: Mapping[ChannelKind, int],
        at_once: int,
        now: float,
    ) -> list[Message]:
        """Take out of the lines what may go out now: from each in turn, as much as all bounds allow."""
        busy = dict.fromkeys(by_kind, 0)
        for line in self._lines.values():
            busy[line.kind] += line.under_way
        left = at_once - sum(busy.values())
        chosen: list[Message] = []
        turns = [(line, line.free(to_one, now)) for line in self._lines.values() if line.waiting]
        for line in _in_turn(turns):
            if len(chosen) >= left:
                break
            if busy[line.kind] < by_kind[line.kind]:
                busy[line.kind] += 1
                chosen.append(line.waiting.popleft())
        return chosen


def _in_turn(turns: list[tuple[Line, int]]) -> Iterator[Line]:
    for number in range(max((free for _, free in turns), default=0)):
        for line, free in turns:
            if number < free and line.waiting:
                yield line
