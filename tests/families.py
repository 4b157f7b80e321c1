"""Families of articles: copies of real texts as newsrooms make them, and near misses that are none.

A copy is made in one or several ways at a *strength* from 1 (a touch) to 3 (much). A near miss
shares much with a text and is another article: it quotes the whole of it, shares a quotation or the
surroundings of its page, or says the same of other people, places and numbers.
"""

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from newsbot.text import repair
from newsbot.text.tokens import words
from tests import templates

SHARED = Path(__file__).parents[2] / "shared"


@attrs.frozen
class Text:
    """An article's title and body, paragraphs one a line."""

    title: str
    body: str


def real_texts(half: int | None = None) -> list[Text]:
    """Return labelled articles of the shared pages; of one half (0 or 1), or of both."""
    found: dict[str, Text] = {}
    for labels in sorted((SHARED / "eval" / "cases").glob("*/labels.jsonl")):
        for line in labels.open(encoding="utf8"):
            label = json.loads(line)
            body = "\n".join(filter(None, map(str.strip, (label.get("body") or "").splitlines())))
            if len(body) < 600 or body.count("\n") < 3:
                continue
            side = hashlib.sha256(label["id"].encode()).digest()[0] % 2
            if half is None or side == half:
                found.setdefault(body, Text(label.get("title") or body[:60], body))
    return list(found.values())


# Ways to make a copy: of a text, at a strength. ``other`` is another text, for what is put in.
Way = Callable[[Text, int, random.Random, Text], Text]

_AGENCIES = ("(Reuters) - ", "LONDON (AP) — ", "dpa/afp. ", "وكالات - ", "Haber Merkezi / AA - ")
_BOILERPLATE = (
    "Subscribe to our newsletter and never miss a story.",
    "Follow us on social media for the latest updates.",
    "All rights reserved. No part of this publication may be reproduced without permission.",
    "Read also: the stories that everybody talks about today.",
    "This article was first published by our partner and appears here in an edited version.",
    "Have you seen something we should report? Write to the newsroom.",
    "Our journalism is independent and is paid for by readers like you, who keep it free for all.",
    "The views expressed are those of the authors and do not reflect those of this newspaper.",
)


def headline(text: Text, strength: int, rng: random.Random, other: Text) -> Text:
    """Put another headline over it: words dropped, or wholly another."""
    words = text.title.split()
    kept = [word for word in words if rng.random() > strength / 4]
    title = " ".join(kept) if strength < 3 else other.title
    return attrs.evolve(text, title=title or other.title)


def first_paragraph(text: Text, strength: int, rng: random.Random, other: Text) -> Text:
    """Write the first paragraph anew: words dropped and moved; at strength 3 it is another's."""
    first, *rest = text.body.splitlines()
    words = first.split()
    if strength == 3:
        first = " ".join(other.body.split()[: len(words)])
    else:
        kept = [word for word in words if rng.random() > 0.2 * strength] or words
        cut = len(kept) // 2
        first = " ".join(kept[cut:] + kept[:cut])
    return attrs.evolve(text, body="\n".join((first, *rest)))


def agency(text: Text, strength: int, rng: random.Random, other: Text) -> Text:
    """Add an agency's line before the text, and its name at the end."""
    name = rng.choice(_AGENCIES)
    body = name + text.body
    return attrs.evolve(text, body=body + f"\n{name.strip(' -—')}" * (strength > 1))


def truncated(text: Text, strength: int, rng: random.Random, other: Text) -> Text:
    """Cut it from the end, to 90, 75 or 60 per cent of its words, maybe within a sentence."""
    share = (0.9, 0.75, 0.6)[strength - 1]
    kept, left = [], int(share * len(text.body))
    for line in text.body.splitlines():
        kept.append(line[:left])
        left -= len(line)
        if left <= 0:
            break
    return attrs.evolve(text, body="\n".join(kept))


def reordered(text: Text, strength: int, rng: random.Random, other: Text) -> Text:
    """Move paragraphs: one or two, or all of them."""
    lines = text.body.splitlines()
    if strength == 3:
        rng.shuffle(lines)
    else:
        for _ in range(strength):
            lines.insert(rng.randrange(len(lines)), lines.pop(rng.randrange(len(lines))))
    return attrs.evolve(text, body="\n".join(lines))


def boilerplate(text: Text, strength: int, rng: random.Random, other: Text) -> Text:
    """Add what stands around texts, before, between and after."""
    lines = text.body.splitlines()
    for line in rng.sample(_BOILERPLATE, 2 * strength):
        lines.insert(rng.choice((0, len(lines) // 2, len(lines), len(lines))), line)
    return attrs.evolve(text, body="\n".join(lines))


def disguised(text: Text, strength: int, rng: random.Random, other: Text) -> Text:
    """Put dots and tatweel into words, as those do who hide them from filters."""
    words = text.body.split(" ")
    for at, word in enumerate(words):
        if len(word) > 5 and word.isalpha() and rng.random() < 0.03 * strength:
            cut = len(word) // 2
            sign = "ـ.ـ" if "\u0600" <= word[0] <= "\u06ff" else "."
            words[at] = word[:cut] + sign + word[cut:]
    return attrs.evolve(text, body=" ".join(words))


def house_style(text: Text, strength: int, rng: random.Random, other: Text) -> Text:
    """Spell by another house's rules: quotes, dashes, accents and capitals."""
    body = text.body.translate(str.maketrans({"“": '"', "”": '"', "’": "'", "–": "-", "—": "-"}))
    if strength > 1:
        body = body.replace("%", " per cent" if strength == 2 else "%")
    if strength > 2:
        body = re.sub(r"[ \t]+", "  ", body)
    return attrs.evolve(text, body=body)


WAYS: tuple[Way, ...] = (
    headline,
    first_paragraph,
    agency,
    truncated,
    reordered,
    boilerplate,
    disguised,
    house_style,
)


def alike(one: Text, other: Text) -> float:
    """Return what share of the words of two bodies is in both, wherever they stand (Jaccard, as bags)."""
    bags = [Counter(words(repair(each.body))) for each in (one, other)]
    return sum((bags[0] & bags[1]).values()) / sum((bags[0] | bags[1]).values())


@attrs.frozen
class Copy:
    """A copy of ``original``, and how it was made ("truncated 3 + agency 1", say)."""

    original: Text
    text: Text
    how: str


def copies(texts: list[Text], seed: int, mixed: int = 6) -> Iterator[Copy]:
    """Yield copies of each text: each way at each strength, and so many in two or three ways at once."""
    rng = random.Random(seed)
    for number, text in enumerate(texts):
        other = texts[(number + 7) % len(texts)]
        for way in WAYS:
            for strength in (1, 2, 3):
                yield Copy(text, way(text, strength, rng, other), f"{way.__name__} {strength}")
        for _ in range(mixed):
            made, said = text, []
            for way in rng.sample(WAYS, rng.choice((2, 3))):
                strength = rng.choice((1, 2, 2, 3))
                made = way(made, strength, rng, other)
                said.append(f"{way.__name__} {strength}")
            yield Copy(text, made, " + ".join(said))


@attrs.frozen
class Miss:
    """Two texts that share much and are not the same article."""

    one: Text
    other: Text
    how: str


def misses(texts: list[Text], seed: int) -> Iterator[Miss]:
    """Yield near misses: of templates, and made of real texts."""
    rng = random.Random(seed)
    for name, family in templates.families(seed):
        made = [Text(*each) for each in family]
        for at, one in enumerate(made):
            for other in made[at + 1 :]:
                if one.body != other.body:
                    yield Miss(one, other, f"template {name}")
    for number, text in enumerate(texts):
        other = texts[(number + 3) % len(texts)]
        filled = refilled(text, rng)
        if filled is not None:
            yield Miss(text, filled, "other names and numbers")
        yield Miss(text, _quoting(text, other), "quotes the whole")
        yield Miss(*_of_one_quotation(text, other), "one quotation in both")
        yield Miss(*_of_one_site(text, other), "one site's surroundings")
        yield Miss(text, other, "two real texts")


def refilled(text: Text, rng: random.Random) -> Text | None:
    """Return a text with other numbers, and other names where letters have capitals.

    None where it has too few of them to be another text.
    """
    names: dict[str, str] = {}
    changed = set()

    def number(match: re.Match[str]) -> str:
        changed.add(text.body.count("\n", 0, match.start()))
        return str(rng.randrange(10 ** (len(match[0]) - 1), 10 ** len(match[0])) + 7)

    def name(match: re.Match[str]) -> str:
        changed.add(text.body.count("\n", 0, match.start()))
        letters = list(match[1].lower())
        rng.shuffle(letters)
        return " " + names.setdefault(match[1], "Q" + "".join(letters))

    body = re.sub(r"\d+", number, text.body)
    body = re.sub(r"(?<=[a-zà-ÿ,]) ([A-Z][a-zà-ÿ]{3,})", name, body)
    if len(changed) < 0.6 * len(text.body.splitlines()):
        return None
    return Text(text.title, body)


def _quoting(text: Text, other: Text) -> Text:
    """Return an article that quotes the whole of a text between its own beginning and end."""
    own = other.body
    while len(words(own)) < 1.3 * len(words(text.body)):
        own += "\n" + other.body
    cut = len(own) // 3
    return Text(other.title, own[:cut] + "\n" + text.body + "\n" + own[cut:])


def _of_one_quotation(text: Text, other: Text) -> tuple[Text, Text]:
    quoted = "“" + " ".join(text.body[: min(500, len(text.body) // 4)].split()) + "”"
    own, others = text.body.splitlines()[2:], other.body.splitlines()
    return (
        Text(text.title, "\n".join((*own[:1], quoted, *own[1:]))),
        Text(other.title, "\n".join((*others[:2], quoted, *others[2:]))),
    )


def _of_one_site(text: Text, other: Text) -> tuple[Text, Text]:
    around = "\n".join(_BOILERPLATE)
    return tuple(  # type: ignore[return-value]
        Text(each.title, "\n".join(each.body.splitlines()[:2])[:700] + "\n" + around)
        for each in (text, other)
    )
