"""Texts: how well disguises are read and words are matched, and what it costs, beside peers.

Quality is measured on the labelled lists beside the checkout; peers get the same texts in the same
run. Speeds are of 5,000 bytes of article text on one core, in texts a second; a peer's speed in
the same run says how fast the machine is.
"""

import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

import ftfy
from selectolax.lexbor import LexborHTMLParser

from benchmarks.site import CASES, SHARED
from newsbot.query import matches
from newsbot.text import repair, repaired, tokenize

GOLD = SHARED / "gold"
# Bytes of a text whose speed is measured, and characters of the shorter hostile ones.
LENGTH = 5_000
# Letters lam on a page.
MOSTLY_ARABIC = 300
# What a hostile page may be made of.
HOSTILE = {
    "tatweel and dots": "ـ.",
    "letters and dots": "ب.",
    "marks": "ا\u064b",
    "accents": "a\u0301",
    "joiners": "ب\u200c",
    "single letters": "ب ",
    "entities": "&amp;",
    "half entities": "amp;",
    "mojibake": "ÃƒÂ",
    "Arabic mojibake": "ط§ظ„",
    "mixed scripts": "aа",
    "surrogates": "\ud83d",
}


def _labelled(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (GOLD / name).read_text("utf8").splitlines()]


def _strip_tatweel() -> Callable[[str], str] | None:
    try:
        from pyarabic.araby import strip_tatweel
    except ImportError:
        return None
    return strip_tatweel  # type: ignore[no-any-return]


def _masking() -> None:
    cases = _labelled("masking.jsonl")
    classes = Counter(case["class"] for case in cases)
    print(
        "Disguises read as labelled, by class: "
        + ", ".join(map("{0[0]} {0[1]}".format, classes.items()))
    )
    readers = {"newsbot": repair, "ftfy": ftfy.fix_text, "pyarabic strip_tatweel": _strip_tatweel()}
    for name, read in readers.items():
        if read is None:
            print(f"  {name:24} not installed")
            continue
        right = Counter(case["class"] for case in cases if read(case["in"]) == case["out"])
        print(
            f"  {name:24} " + "  ".join(f"{each} {right[each]}/{classes[each]}" for each in classes)
        )


def _matching() -> None:
    cases = _labelled("matching.jsonl")
    right = sum(matches(case["query"], case["text"]) is case["hit"] for case in cases)
    print(f"Queries that match as labelled: {right}/{len(cases)}")


def _bodies() -> dict[str, list[str]]:
    """Return article text by language, repaired and cut to a length.

    English from the labelled bodies; Arabic, of which few are labelled, from the long lines of the
    pages that have most of it.
    """
    english = [
        body
        for labels in sorted(CASES.glob("*/labels.jsonl"))
        for line in labels.read_text("utf8").splitlines()
        if isinstance(body := json.loads(line).get("body"), str) and body.count(" the ") > 10
    ]
    return {"Arabic": _cut(_arabic_lines()), "English": _cut(english)}


def _arabic_lines() -> Iterable[str]:
    for page in sorted(CASES.glob("*/pages/*")):
        html = gzip.decompress(page.read_bytes())
        if html.count("\u0644".encode()) < MOSTLY_ARABIC:
            continue
        body = LexborHTMLParser(html).body
        for line in body.text(separator="\n").split("\n") if body else ():
            arabic = len(re.findall("[\u0621-\u064a]", line))
            if arabic > 60 and arabic * 2 > len(line) and not re.search("[یکپچگ]", line):
                yield line


def _cut(texts: Iterable[str]) -> list[str]:
    """Return texts of so many bytes in UTF-8; an Arabic letter has two."""
    whole = repair("\n".join(texts)).encode()
    starts = range(0, len(whole) - LENGTH, LENGTH)
    return [whole[at : at + LENGTH].decode("utf-8", "ignore").strip() for at in starts][:100]


def _disguised(text: str) -> str:
    """Return the text with one word in twenty disguised: twice what the report has that started it."""
    chance = random.Random(1)

    def hide(word: re.Match[str]) -> str:
        letters = word.group()
        if len(letters) < 4 or chance.random() > 0.05:
            return letters
        at = chance.randrange(1, len(letters))
        return letters[:at] + chance.choice(("ـ.ـ", "ـ", ".", "*", "\u200b")) + letters[at:]

    return re.sub("[\u0621-\u064a]+", hide, text)


def _seconds(call: Callable[[str], object], texts: Iterable[str]) -> float:
    """Return the CPU seconds that a text costs: the best of five rounds."""
    texts = list(texts)
    rounds = []
    for _ in range(5):
        start = time.process_time()
        for text in texts:
            call(text)
        rounds.append((time.process_time() - start) / len(texts))
    return min(rounds)


def _read_and_analyse(text: str) -> None:
    tokenize(repair(text))


def _speed() -> None:
    texts = _bodies()
    texts["disguised Arabic"] = [_disguised(text) for text in texts["Arabic"]]
    words = re.compile(r"\w+")
    print(f"Texts of {LENGTH:,} bytes a second")
    for name, some in texts.items():
        if not some:
            print(f"  {name:18} no labelled text that long")
            continue
        calls: dict[str, Callable[[str], object]] = {
            "repair and analysis": _read_and_analyse,
            "repair": repair,
            "ftfy alone": ftfy.fix_text,
            r"re.findall(r'\w+')": words.findall,
        }
        speeds = {what: 1 / _seconds(call, some) for what, call in calls.items()}
        print(f"  {name:18} " + "  ".join(f"{what} {speed:,.0f}" for what, speed in speeds.items()))


def _offsets(text: str) -> None:
    both = repaired(text)
    both.to_published(0, len(both.text))


def _hostile() -> None:
    print(
        "Hostile texts: the cost of a million characters over that of 5,000 (200 is in proportion)"
    )
    for name, unit in HOSTILE.items():
        small, large = ((unit * size)[:size] for size in (LENGTH, 1_000_000))
        ratios = {}
        for what, call in (("repair", repair), ("with offsets", _offsets), ("analysis", tokenize)):
            once = partial(_seconds, call)
            start = time.process_time()
            call(large)
            ratios[what] = (time.process_time() - start) / max(once([small]), 1e-6)
        print(f"  {name:18} " + "  ".join(f"{what} {ratio:.0f}" for what, ratio in ratios.items()))


def run() -> None:
    """Print all figures."""
    _masking()
    _matching()
    _speed()
    _hostile()


if __name__ == "__main__":
    run()
