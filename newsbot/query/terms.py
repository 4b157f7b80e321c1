"""Words and phrases of a query, and the terms and phrases of the desk's lists."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from newsbot.query.analysis import words_of
from newsbot.query.errors import QuerySyntaxError
from newsbot.query.lexing import Lexeme, lex
from newsbot.query.repairs import nearest
from newsbot.query.tree import Phrase, Word

# Lists by their names (case-folded): the terms and phrases of each, as they were typed.
Lists = Mapping[str, Sequence[str]]

# Words of a phrase in any order: each may take any of the places.
UNORDERED = 20
# What a list may be called.
LIST_NAME = re.compile(r"[^\W_][\w\-]{0,63}$")

_OPEN_ENDED = re.compile(r"\*+")


def term_of(query: str, lexeme: Lexeme, field: str = "") -> Word | Phrase:
    """Return what a word or a phrase of a query means.

    Raises:
        QuerySyntaxError: when it is none.
    """
    if lexeme.kind == "phrase":
        return _phrase(query, lexeme, field)
    text, exact, prefix = lexeme.text, False, False
    if text.startswith("="):
        text, exact = text[1:], True
        if not text:
            raise QuerySyntaxError(query, lexeme.at, "= stands directly before one word, as =WHO")
        if text.startswith("@"):
            raise QuerySyntaxError(
                query, lexeme.at, "= stands before a word; put it before words in the list instead"
            )
    if text.endswith("*"):
        text, prefix = text.rstrip("*"), True
    if exact and prefix:
        raise QuerySyntaxError(
            query, lexeme.at, "a word is either exact (=) or a prefix (*), not both"
        )
    if prefix and not text:
        raise QuerySyntaxError(
            query, lexeme.at, "an asterisk stands for no word; write the beginning of one"
        )
    if "*" in text:
        raise QuerySyntaxError(
            query,
            lexeme.at + lexeme.text.index("*"),
            "an asterisk stands at the end of a word only",
        )
    words = words_of(text)
    if not words:
        raise QuerySyntaxError(
            query, lexeme.at, f"{lexeme.text!r} has no letter or digit; write a word"
        )
    if prefix and len(words[-1]) < 2:
        _too_short(query, text, lexeme.at)
    return Word(text, field, prefix=prefix, exact=exact)


def _phrase(query: str, lexeme: Lexeme, field: str) -> Phrase:
    count = len(words_of(lexeme.text))
    if not count:
        raise QuerySyntaxError(query, lexeme.at, "there is no word between these quotes")
    if lexeme.slop is not None and count > UNORDERED:
        raise QuerySyntaxError(
            query,
            lexeme.at,
            f"a phrase in any order (~) has {UNORDERED} words at most, this one has {count}",
        )
    for found in _OPEN_ENDED.finditer(lexeme.text):
        at = lexeme.at + 1 + found.start()
        before = lexeme.text[: found.start()].split(" ")[-1]
        behind = lexeme.text[found.end() : found.end() + 1]
        words = words_of(before)
        if not words:
            raise QuerySyntaxError(
                query,
                at,
                'an asterisk stands for no word; for words with others between write "a b"~2',
            )
        if behind.strip():
            raise QuerySyntaxError(query, at, "an asterisk stands at the end of a word only")
        if len(words[-1]) < 2:
            _too_short(query, before, at)
    return Phrase(lexeme.text, field, lexeme.slop)


def _too_short(query: str, text: str, at: int) -> None:
    raise QuerySyntaxError(query, at, f"a prefix has two letters or more; {text}* is too short")


def prefixes(term: Word | Phrase) -> int:
    """Return how many prefixes a word or a phrase has."""
    if isinstance(term, Word):
        return int(term.prefix)
    return len(_OPEN_ENDED.findall(term.text))


def entry_of(text: str) -> Word | Phrase:
    """Return what an entry of a list means: a word, or several words or a phrase in quotes, a phrase.

    Raises:
        QuerySyntaxError: when it is no term and no phrase.
    """
    return _entry(text.strip())


@lru_cache(maxsize=16_384)
def _entry(text: str) -> Word | Phrase:
    *lexemes, _ = lex(text)
    if not lexemes:
        raise QuerySyntaxError(text, 0, "an entry is a word or a phrase; this one is empty")
    for lexeme in lexemes:
        if lexeme.text.startswith("@") and lexeme.kind == "word":
            raise QuerySyntaxError(text, lexeme.at, "a list holds words and phrases, no other list")
        if lexeme.kind == "field":
            raise QuerySyntaxError(
                text, lexeme.at, f"an entry has no field; write {lexeme.text}:@… in queries"
            )
        if lexeme.kind not in ("word", "phrase"):
            raise QuerySyntaxError(
                text,
                lexeme.at,
                f"{text[lexeme.at : lexeme.end]} is for queries; an entry is one word or one phrase, "
                "each on a line of its own",
            )
    if len(lexemes) == 1:
        return term_of(text, lexemes[0])
    for lexeme in lexemes:
        if lexeme.kind == "phrase" or lexeme.text.startswith("="):
            raise QuerySyntaxError(
                text, lexeme.at, "an entry is one word or one phrase; put this on a line of its own"
            )
    phrase = Lexeme("phrase", text, -1, len(text))
    return _phrase(text, phrase, "")


def entries_of(query: str, lexeme: Lexeme, lists: Lists) -> tuple[str, Sequence[str]]:
    """Return the name of the list that a word of a query stands for, and its entries.

    Raises:
        QuerySyntaxError: when there is no such list.
    """
    name = lexeme.text[1:].rstrip("*")
    if not LIST_NAME.match(name):
        raise QuerySyntaxError(
            query,
            lexeme.at,
            f"{lexeme.text!r} names no list: a list's name is of letters, digits, - and _; put it in "
            "quotes where it is a word of the text",
        )
    if name != lexeme.text[1:]:
        raise QuerySyntaxError(
            query, lexeme.at, "a list takes no asterisk; its entries may end with one"
        )
    found = lists.get(name.casefold())
    if found is None:
        meant = nearest(name, lists)
        raise QuerySyntaxError(
            query,
            lexeme.at,
            f"there is no list @{name}; "
            + (f"did you mean @{meant}? Otherwise " if meant else "")
            + f"make it with: newsbot list add {name} TERM …",
        )
    return name.casefold(), found
