"""Turns at what is scarce: what a poll brings does not wait for all that a large crawl has fetched."""

import asyncio
from collections import Counter

from newsbot.fetching.lease import Stop, StoppedError
from newsbot.spiders.extractors import Extractors
from newsbot.spiders.turns import OTHERS_TURN, YOUNG, Lane, Turns


async def _work(turns: Turns, lane: Lane, done: list[Lane], count: int) -> None:
    async def one() -> None:
        turn = await turns.take(lane)
        await asyncio.sleep(0)
        done.append(lane)
        turns.give(turn)

    await asyncio.gather(*(one() for _ in range(count)))


def test_a_small_crawl_does_not_wait_for_what_a_large_one_has_brought() -> None:
    async def main() -> int:
        turns, large, small, done = Turns(2), Lane(), Lane(), list[Lane]()
        large.had = YOUNG
        bulk = asyncio.ensure_future(_work(turns, large, done, 1_000))
        await asyncio.sleep(0)
        await _work(turns, small, done, 10)
        before = len(done)
        await bulk
        assert Counter(map(id, done)) == {id(large): 1_000, id(small): 10}
        return before

    # Those under way when it came and when its last ended, and one turn in four.
    assert asyncio.run(main()) <= 10 + 2 * 2 + 10 // (OTHERS_TURN - 1) + 1


def test_many_small_crawls_do_not_hold_up_a_large_one_for_ever() -> None:
    async def main() -> int:
        turns, large, done = Turns(1), Lane(), list[Lane]()
        large.had = YOUNG
        small = [Lane() for _ in range(40)]
        every = [asyncio.ensure_future(_work(turns, lane, done, 10)) for lane in (large, *small)]
        await asyncio.gather(*every)
        return max(place for place, lane in enumerate(done) if lane is large)

    assert asyncio.run(main()) <= 10 * OTHERS_TURN


def test_crawls_of_one_kind_take_turns() -> None:
    async def main() -> list[int]:
        turns, done = Turns(1), list[Lane]()
        lanes = [Lane(), Lane(), Lane()]
        for lane in lanes:
            lane.had = YOUNG
        await asyncio.gather(*(_work(turns, lane, done, 20) for lane in lanes))
        return [lanes.index(lane) for lane in done[20:40]]

    assert max(Counter(asyncio.run(main())).values()) <= 20 // 3 + 2


def test_who_gives_up_waiting_keeps_no_turn() -> None:
    async def main() -> None:
        turns, lane = Turns(1), Lane()
        turn = await turns.take(lane)
        gone = [asyncio.ensure_future(turns.take(Lane())) for _ in range(5)]
        await asyncio.sleep(0)
        turns.give(turn)  # the first of them has it now, and does not know yet
        for each in gone:
            each.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        await asyncio.wait_for(turns.take(lane), 1)

    asyncio.run(main())


def test_large_crawls_leave_some_places_to_the_small() -> None:
    async def main() -> None:
        turns, large, small = Turns(3, others=2), Lane(), Lane()
        large.had = YOUNG
        first, second = await turns.take(large), await turns.take(large)
        third = asyncio.ensure_future(turns.take(large))
        await asyncio.sleep(0)
        assert not third.done()
        mine = await asyncio.wait_for(turns.take(small), 1)
        turns.give(mine)
        await asyncio.sleep(0)
        assert not third.done()
        turns.give(first)
        turns.give(await asyncio.wait_for(third, 1))
        turns.give(second)
        for lane in (small, large, large):
            await asyncio.wait_for(turns.take(lane), 1)

    asyncio.run(main())


def _wait(seconds: float) -> None:
    import time

    time.sleep(seconds)


def test_a_crawl_that_is_told_to_end_waits_for_no_page_and_leaves_the_others_theirs() -> None:
    async def main() -> list[object]:
        stop = Stop()
        mine, other = extractors.of(stop), extractors.of(Stop())
        given_up = [asyncio.ensure_future(mine.run(_wait, 0.3)) for _ in range(8)]
        await asyncio.sleep(0.05)
        stop.set()
        ended = await asyncio.wait_for(asyncio.gather(*given_up, return_exceptions=True), 0.2)
        assert await asyncio.wait_for(other.run(abs, -7), 5) == 7
        return list(ended)

    extractors = Extractors(0, timeout=10)
    try:
        ended = asyncio.run(main())
    finally:
        extractors.close()
    assert all(isinstance(each, StoppedError) for each in ended)
