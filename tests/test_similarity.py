"""Copies are known as copies, and near misses are not: on families made from real texts."""

import random
import time
from functools import cache

import pytest

from newsbot.similarity import Likeness, Text, compare, signature
from newsbot.text import repair
from newsbot.text.tokens import words
from tests import families, templates

# Every so manieth text, so that the test is quick; ``make bench`` walks them all.
EVERY = 9


@cache
def text_of(text: families.Text) -> Text:
    return Text(repair(text.title), repair(text.body))


def held(one: families.Text, other: families.Text) -> tuple[bool, Likeness]:
    """Return whether one leads to the other, and what they are to each other."""
    mine, others = text_of(one), text_of(other)
    signatures = [signature(words(each.body)) for each in (mine, others)]
    keys = [set(each.all_keys()) if each else set() for each in signatures]
    return bool(keys[0] & keys[1]), compare(mine, others)


@pytest.mark.shared
def test_copies_are_joined_and_near_misses_are_not(shared: object) -> None:
    texts = families.real_texts()[::EVERY]
    missed, copies = [], 0
    for copy in families.copies(texts, seed=1, mixed=3):
        if families.alike(copy.original, copy.text) >= 0.7:
            copies += 1
            found, likeness = held(copy.original, copy.text)
            if not (found and likeness.copies):
                missed.append(copy.how)
    assert len(missed) <= 0.03 * copies, missed
    joined = [
        each.how for each in families.misses(texts, seed=2) if held(each.one, each.other)[1].copies
    ]
    assert not joined


def test_no_two_texts_of_a_template_are_joined() -> None:
    for name, family in templates.families(seed=3, size=4):
        for at, (title, body) in enumerate(family):
            for other_title, other in family[at + 1 :]:
                likeness = compare(Text(title, body), Text(other_title, other))
                assert not likeness.copies or body == other, (name, likeness, body, other)


LONG = "\n".join(
    f"The council of {place} voted on the harbour's {thing} after a debate that took most of the night, "
    f"and nobody in {place} was content with it in the morning."
    for place, thing in zip(
        ("Ellerton", "Marsh End", "Oldbury", "Westport", "Kingsmere", "Holm"),
        ("crane", "lighthouse", "ferry", "customs house", "dry dock", "fish market"),
        strict=True,
    )
)
GROWN = "\n".join(
    f"14:{n} Another update of the desk on the matter number {n} has come in."
    for n in range(10, 40)
)
QUICK = "Explosion heard in {}, witnesses say.\nPolice say they are looking into it and ask people to stay away."


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (LONG, LONG, "same"),
        (LONG, "(Reuters) - " + LONG, "same"),
        (LONG, LONG.replace("crane", "cr.ane"), "same"),
        (LONG, LONG.rsplit("\n", 2)[0], "copy"),
        (LONG, "\n".join(reversed(LONG.splitlines())), "same"),
        (LONG, GROWN[:400] + "\n" + LONG + "\n" + GROWN, "quote"),
        (QUICK.format("Beirut"), QUICK.format("Damascus"), "template"),
        (GROWN, "\n".join(GROWN.splitlines()[:8]), "quote"),
        ("", "", "apart"),
        ("A", LONG, "apart"),
    ],
)  # fmt: skip
def test_verdicts(one: str, other: str, verdict: str) -> None:
    mine, others = Text("The harbour", repair(one)), Text("The harbour", repair(other))
    assert compare(mine, others).verdict == verdict
    assert compare(mine, others) == compare(others, mine)


def test_the_distance_grows_with_what_differs() -> None:
    lines = LONG.splitlines()
    cut = [compare(Text("", LONG), Text("", "\n".join(lines[:n]))).distance for n in (6, 5, 4, 3)]
    assert cut == sorted(cut)
    assert cut[0] == 0.0


def test_signatures_estimate_what_texts_share() -> None:
    rng = random.Random(5)
    told = [f"w{rng.randrange(5_000)}" for _ in range(600)]
    whole, part = signature(told), signature(told[:360])
    assert whole is not None
    assert part is not None
    assert whole.resemblance(part) == pytest.approx(0.6, abs=0.2)
    assert whole.containment(part) == pytest.approx(1.0, abs=0.25)
    assert signature(told[:10]) is None


def test_a_signature_is_the_same_in_every_version() -> None:
    """Signatures are stored: another way to make them needs a migration that makes them all anew."""
    made = signature([f"word{number}" for number in range(40)])
    assert made is not None
    assert made.size == 36
    assert made.hashes[:8].hex() == "3d59c9c035aaa946"


def test_texts_of_any_length_are_compared_in_a_time_that_grows_with_it() -> None:
    rng = random.Random(1)
    vocabulary = [f"w{number:x}" for number in range(8000)]
    common_first = [1 / (rank + 1) for rank in range(8000)]

    def changed(said: list[str], by: str) -> Text:
        other = [rng.choice(said) if rng.random() < 0.5 else each for each in said]
        return Text("A headline", by.join(other))

    words_of_one = rng.choices(vocabulary, common_first, k=200_000)
    lines = [f"A {' '.join(rng.choices(vocabulary, common_first, k=18))}." for _ in range(16_000)]
    for said, by in ((words_of_one, " "), (lines, "\n")):
        one, other = changed(said, by), changed(said, by)
        assert one.length
        assert other.length
        begun = time.process_time()
        compare(one, other)
        assert time.process_time() - begun < 6
