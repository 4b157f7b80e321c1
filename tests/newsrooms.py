"""Newsrooms by a simulated clock: when each publishes, and how their sources come to stand by it."""

import math
import random
from datetime import datetime, timedelta

import attrs

from newsbot.standing import Brought, Standing, after_run


@attrs.define
class Newsroom:
    """A source that publishes so many articles on an ordinary weekday, and is asked every so many seconds.

    ``night`` and ``weekend`` are shares of that by night and at weekends; ``until`` ends its publishing,
    ``down`` are times in which it does not answer.
    """

    id: str
    a_day: float
    every: float = 3_600.0
    night: float = 0.1
    weekend: float = 0.4
    signed: float = 0.9
    until: datetime | None = None
    share: float = 1.0
    down: list[tuple[datetime, datetime, str]] = attrs.Factory(list)
    standing: Standing | None = None
    asked_at: datetime | None = None
    _day: tuple[int, float] = (0, 1.0)

    def rate(self, moment: datetime, chance: random.Random) -> float:
        """Articles a second at a moment; some days are slow, and some busy."""
        day = moment.toordinal()
        if self._day[0] != day:
            self._day = (day, chance.choice((0.5, 0.8, 1.0, 1.0, 1.2, 1.8)))
        by_hour = 1.35 if 6 <= moment.hour < 22 else self.night
        by_day = self.weekend if moment.weekday() >= 5 else 1.0
        over = self.until is not None and moment >= self.until
        return 0.0 if over else self.share * self.a_day / 86_400 * by_hour * by_day * self._day[1]

    def ask(self, now: datetime, chance: random.Random) -> None:
        """Have a run of it end now."""
        before, self.asked_at = self.asked_at or now, now
        for start, end, trouble in self.down:
            if start <= now < end:
                self._take(now, well=False, trouble=trouble)
                return
        mean, moment = 0.0, before
        while moment < now:
            step = min(now, moment + timedelta(hours=1))
            mean += self.rate(moment, chance) * (step - moment).total_seconds()
            moment = step
        count = poisson(mean, chance)
        signed = sum(chance.random() < self.signed for _ in range(count))
        self._take(
            now,
            well=True,
            brought=Brought(
                news=count,
                articles=count,
                titled=count,
                dated=count,
                signed=signed,
                length=count * math.log(2_500),
            ),
        )

    def _take(
        self, now: datetime, *, well: bool, trouble: str = "", brought: Brought | None = None
    ) -> None:
        self.standing = after_run(
            self.standing,
            self.id,
            mark=now.isoformat(),
            at=now,
            well=well,
            trouble=trouble,
            brought=brought or Brought(),
            address="192.0.2.1",
        )


def poisson(mean: float, chance: random.Random) -> int:
    """Return a Poisson variable."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count
