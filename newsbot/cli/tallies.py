"""What a run's counters say, in words."""

from collections.abc import Mapping

_FOUND = {
    "refused_in_browser": "hosts that pages asked for in vain, as they are not public",
    "matches": "alert matches",
    "duplicate": "duplicates",
    "removed": "taken out of the archive before, and left out",
    "partial": "kept in part, from feeds",
    "completed": "completed",
    "deleted": "taken down by their publisher",
    "doubtful": "that show what is no edit as it looks",
    "not_articles": "pages that are no article",
    "asked_to_wait": "times asked to wait",
    "redesigned": "known articles that are not read as they were",
    "overrides_missed": "articles on which an override matched nothing",
    "dates_not_believed": "dates that a whole batch of pages prints, not believed",
    "raw_not_kept": "pages not kept as they came",
    "waiting": "links wait for the next run",
    "links_left_out": "old links left out",
}


def not_read(counters: Mapping[str, int]) -> list[str]:
    """Return what a run refused and failed to read, as "3 too large"; nothing counts for none."""
    if not counters:
        return []
    from newsbot.fetching.causes import TALLIES

    return _in_words(counters, TALLIES)


def found(counters: Mapping[str, int]) -> list[str]:
    """Return what else a run met, as "2 duplicates"."""
    return _in_words(counters, _FOUND)


def in_bytes(count: int) -> str:
    """Return a size for people, as "1.4 MB"."""
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1_000 or unit == "GB":
            break
        size /= 1_000
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"


def _in_words(counters: Mapping[str, int], words: Mapping[str, str]) -> list[str]:
    return [f"{counters[name]} {said}" for name, said in words.items() if counters.get(name)]
