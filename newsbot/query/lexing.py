"""A query as the pieces it is made of: words, phrases, parentheses, operators, fields.

Signs that other query languages give a meaning and this one does not are refused, with what would be
right, so that nothing is read as something else than it was meant.
"""

import re
from collections.abc import Iterator
from typing import Literal

import attrs

from newsbot.query.errors import QuerySyntaxError

TEXT_FIELDS = ("title", "body", "author", "tag")
EQUAL_FIELDS = ("source", "group", "lang", "section", "url")
DATE_FIELDS = ("date", "seen")
FIELDS = (*TEXT_FIELDS, *EQUAL_FIELDS, *DATE_FIELDS, "has")

# What opens a phrase, and what may close it.
QUOTES = {
    '"': '"', "“": "”", "„": "“”", "”": "”", "‟": "”", "«": "»", "»": "«", "＂": "＂", "「": "」", "『": "』",
}  # fmt: skip
OPENING, CLOSING = "(（", ")）"
# The farthest that proximity reaches, in positions.
FARTHEST = 999

NEAR = re.compile(rf"(O?NEAR)/(\d{{1,{len(str(FARTHEST))}}})$")

Kind = Literal[
    "word", "phrase", "open", "close", "field", "minus", "and", "or", "not", "near", "end"
]


@attrs.frozen
class Lexeme:
    """A piece of a query: ``at`` is where it begins, ``end`` where it ends (characters)."""

    kind: Kind
    text: str
    at: int
    end: int
    slop: int | None = None


# Marks of direction, which come with copied text and are not seen.
_UNSEEN = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_FIELD = re.compile(r"([a-zA-Z][a-zA-Z_]*):|(" + "|".join(FIELDS) + ")：", re.IGNORECASE)
_HEBREW = re.compile("[א-ת]")
# Fields whose value is read whole.
_WHOLE = (*DATE_FIELDS, *EQUAL_FIELDS, "has")
_SLOP = re.compile(r"~(\d+)(?![^\s()（）،؛])")
_OPERATORS: dict[str, Kind] = {"AND": "and", "OR": "or", "NOT": "not"}

# A word in single quotes, up to the last.
_SINGLE = re.compile(r"['‘‚‹][^'‘’‹›\"()]*\s[^'‘’‹›\"()]*['’›](?=[\s)]|$)")

# Words that are none, and why; the first that fits is said. Where the pattern has a group, the place is
# its beginning.
_REFUSED = tuple(
    (re.compile(pattern, re.IGNORECASE if folded else 0), reason)
    for pattern, folded, reason in (
        (
            r"[a-z][a-z0-9+.\-]*://",
            True,
            "this is an address; write url: before it for the articles there; its words go in quotes",
        ),
        (
            rf"O?NEAR/0*[1-9]\d{{{len(str(FARTHEST))},}}$",
            False,
            f"NEAR reaches {FARTHEST} positions at most; write it as NEAR/5",
        ),
        (r"O?NEAR/0+$", False, "NEAR/0 is no distance: words next to each other are NEAR/1"),
        (
            r"O?NEAR(?:$|[/~:\d])",
            False,
            'NEAR wants a distance in positions, as NEAR/5; for the word write near, or "NEAR"',
        ),
        (
            r"(?:w|pre|adj|within)/\d+$",
            True,
            "proximity is written NEAR/5 (either order) or ONEAR/5 (in order)",
        ),
        (r"(?:&&?|\S*(&&)\S*)$", False, "this sign is no operator; write AND, or leave it out"),
        (r"\S*?(\|)", False, "this sign is no operator; write OR"),
        (r"!", False, "this sign is no operator; write NOT, or - directly before the word"),
        (r"\+", False, "every word is required as it is; leave the + out"),
        (r"[–—－]\w", False, "this dash is no operator; to exclude a word write - before it"),
        (r"[-−–—－]+$", False, "a dash by itself is no word; write -word to exclude one"),
        (
            r"~\d",
            False,
            'a number of positions stands directly behind the closing quote, as in "a b"~3',
        ),
        (
            r"\S*?(~)",
            False,
            'there is no search for similar words; write word*, or the spellings with OR (~ stands behind a phrase: "a b"~3)',
        ),
        (r"\S*?(\^)", False, "words cannot be given a weight; leave ^ and its number out"),
        (
            r"\S*?(\?)",
            False,
            "a question mark stands for no letter; leave it out, or write the words with OR",
        ),
        (
            r"\S*?([\[\]{}])",
            False,
            "a range stands behind date: or seen: only, as date:[2020-03-01 TO 2020-03-31]",
        ),
        (r"\S*?([<>])", False, "< and > stand behind date: and seen: only, as date:<7d"),
        (r"\S*?(\\)", False, "a backslash changes nothing here; put the words in quotes instead"),
        (r"/\S+/$", False, "there are no regular expressions; write words, or word* for a beginning"),
    )
)  # fmt: skip


def lex(query: str) -> Iterator[Lexeme]:
    """Yield the pieces of a query in order; the last is its end.

    Raises:
        QuerySyntaxError: with the place, the reason and what would be right.
    """
    at = 0
    while at < len(query):
        letter = query[at]
        if _parts(letter):
            at += 1
            continue
        if letter in OPENING or letter in CLOSING:
            found = [Lexeme("open" if letter in OPENING else "close", letter, at, at + 1)]
        elif letter in QUOTES:
            found = [_phrase(query, at)]
        elif _excludes(query, at):
            found = [Lexeme("minus", "-", at, at + 1)]
        elif (field := _FIELD.match(query, at)) and not query.startswith("//", field.end()):
            name = field[1] or field[2]
            found = [Lexeme("field", name, at, field.end())]
            yield found[0]
            found = _value(query, field.end()) if name.lower() in _WHOLE else []
            at = field.end()
        else:
            found = [_word(query, at)]
        yield from found
        at = found[-1].end if found else at
    yield Lexeme("end", "", len(query), len(query))


def _parts(letter: str) -> bool:
    """Say whether a character parts words and says nothing else."""
    return letter.isspace() or letter in "،؛" or letter in _UNSEEN


def _excludes(query: str, at: int) -> bool:
    following = query[at + 1 : at + 2]
    if query[at] not in "-−" or not following or _parts(following):
        return False
    if following in "-−":
        raise QuerySyntaxError(
            query, at, "one - before a word excludes it; two are no operator, leave them out"
        )
    return True


def _in_word(query: str, at: int) -> bool:
    """Say whether a quote belongs to a Hebrew word: צה"ל is one."""
    return (
        0 < at < len(query) - 1
        and query[at] in '"”“„'
        and _HEBREW.match(query[at - 1]) is not None
        and _HEBREW.match(query[at + 1]) is not None
    )


def _phrase(query: str, at: int) -> Lexeme:
    closing = QUOTES[query[at]]
    end = at + 1
    while end < len(query) and (query[end] not in closing or _in_word(query, end)):
        end += 1
    if end == len(query):
        raise QuerySyntaxError(
            query, at, "this quote is never closed; add one at the end of the phrase"
        )
    text, end = query[at + 1 : end], end + 1
    following = query[end : end + 1]
    if following == "*":
        raise QuerySyntaxError(
            query, end, 'the asterisk stands inside the quotes, at the end of a word: "storm warn*"'
        )
    if following == "^":
        raise QuerySyntaxError(query, end, "phrases cannot be given a weight; leave ^ out")
    if following != "~":
        return Lexeme("phrase", text, at, end)
    slop = _SLOP.match(query, end)
    if slop is None:
        raise QuerySyntaxError(query, end, '~ wants a whole number of positions, as in "a b"~3')
    if len(slop[1]) > len(str(FARTHEST)):
        raise QuerySyntaxError(query, end, f"~ reaches {FARTHEST} positions at most")
    return Lexeme("phrase", text, at, slop.end(), int(slop[1]))


def _value(query: str, at: int) -> list[Lexeme]:
    """Read the value of a field that takes one whole: a bracketed range, quoted, or up to a space."""
    if at >= len(query) or _parts(query[at]):
        return []
    if query[at] in "[{":
        end = min((place for sign in "]}" if (place := query.find(sign, at)) > 0), default=-1)
        if end < 0:
            raise QuerySyntaxError(query, at, "this range is never closed; add a ]")
        return [Lexeme("word", query[at : end + 1], at, end + 1)]
    if query[at] in QUOTES:
        return [_phrase(query, at)]
    end = _end_of_word(query, at, quotes=False)
    return [Lexeme("word", query[at:end], at, end)] if end > at else []


def _end_of_word(query: str, at: int, *, quotes: bool) -> int:
    end = at
    while end < len(query):
        letter = query[end]
        if letter.isspace() or letter in "،؛" or letter in OPENING or letter in CLOSING:
            break
        if quotes and letter in QUOTES and not _in_word(query, end):
            break
        end += 1
    return at + len(query[at:end].rstrip(_UNSEEN))


def _word(query: str, at: int) -> Lexeme:
    end = max(_end_of_word(query, at, quotes=True), at + 1)
    text = query[at:end]
    if text in _OPERATORS:
        return Lexeme(_OPERATORS[text], text, at, end)
    near = NEAR.match(text)
    if near and int(near[2]):
        return Lexeme("near", text, at, end)
    if (quoted := _SINGLE.match(query, at)) is not None:
        raise QuerySyntaxError(
            query, at, f'single quotes make no phrase; write "{quoted[0][1:-1].strip()}"'
        )
    for pattern, reason in _REFUSED:
        if (found := pattern.match(text)) is not None:
            place = found.start(1) if pattern.groups and found[1] else 0
            raise QuerySyntaxError(query, at + place, reason)
    return Lexeme("word", text, at, end)
