"""Work on pages in processes of its own: what goes wrong with a page costs that page alone."""

import asyncio
import os
import time
from collections.abc import Callable

import pytest

from newsbot.spiders.extractors import ExtractionError, Extractors


def crash(code: int) -> None:
    """End the process, as a fault in a parser would."""
    os._exit(code)


def hang() -> None:
    """Never return, as an expression that backtracks does."""
    while True:
        time.sleep(1)


def refuse(why: str) -> None:
    """Raise."""
    raise ValueError(why)


def double(number: int) -> int:
    """Return twice the number."""
    return 2 * number


@pytest.mark.parametrize(
    ("work", "args", "why"),
    [
        (crash, (3,), "ended its process with"),
        (hang, (), "took longer than 1 s"),
        (refuse, ("no such page",), "ValueError: no such page"),
    ],
)
def test_what_goes_wrong_with_a_page_costs_that_page_alone(
    work: Callable[..., None], args: tuple[object, ...], why: str
) -> None:
    async def main() -> list[int]:
        wrong = asyncio.ensure_future(extractors.run(work, *args))
        fine = [extractors.run(double, number) for number in range(20)]
        with pytest.raises(ExtractionError, match=why):
            await wrong
        return await asyncio.gather(*fine)

    extractors = Extractors(1, timeout=1)
    try:
        assert asyncio.run(main()) == [2 * number for number in range(20)]
    finally:
        extractors.close()


def test_without_processes_it_is_done_in_a_thread() -> None:
    extractors = Extractors(0, timeout=1)
    assert asyncio.run(extractors.run(double, 21)) == 42
    with pytest.raises(ExtractionError, match="no such page"):
        asyncio.run(extractors.run(refuse, "no such page"))
    extractors.close()
