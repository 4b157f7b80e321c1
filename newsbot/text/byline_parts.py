"""The parts of a byline, word by word: what introduces a name, what is none, where two names part."""

import re
from collections.abc import Iterator, Sequence

from newsbot.text.byline_words import agency_length, folded_word, words
from newsbot.text.lexicon import arabic_zipf, zipf

_LONGEST_NAME = 60
_MOST_WORDS = 7
COMMA = re.compile(
    r"\s*(?:[,،、，+]|(?<!\w)&(?!\w)|＆|/(?=[^\W\d_]{3})|(?<=\w{3})/(?=[A-ZÀ-Þ]{2,3}(?!\w)))\s*"
)
EDGES = " \t.,:;|-–—―_*•·~=\"'“”„«»‹›`،؛/\\&+"
_USERNAME = re.compile(r"[^\W\d_][\w.-]*\d[\w.-]*")
LETTER = re.compile(r"[^\W\d_]")
COLON = (":", "：")


def is_house_of(piece: str, following: str) -> bool:
    """Say whether "Publisher – Desk" or "Place – Agency" is printed, rather than a person."""
    printed = piece.split()
    if introduction(printed, folded_words(printed)) or any(map(str.isdigit, piece)):
        return False
    if is_desk(following.split()) and not is_desk(printed):
        return not agency_length(printed) and len(COMMA.split(piece)) == 1
    agency = agency_length(following.split()) == len(following.split())
    return agency and len(printed) == 1 and not agency_length(printed)


HELP_BY = frozenset(("by", "von", "par", "por", "door", "di", "durch"))
_ARTICLES = frozenset(("a", "an", "ein", "eine", "un", "une", "una", "the", "der", "die", "das"))


def folded_words(printed: Sequence[str]) -> list[str]:
    """Return printed words as the tables spell them."""
    return [folded_word(word.rstrip(":：,")) for word in printed]


def plain(printed: Sequence[str]) -> str:
    """Return words as one name, without the marks around it."""
    name = " ".join(printed).strip(EDGES)
    # A point behind an initial belongs to it: "Juan Carlos Muñoz C."
    return (
        name + "." if re.search(r"(?<!\w)[^\W\d_]\.$|\b(?:Jr|Sr)\.$", " ".join(printed)) else name
    )


def introduction(printed: Sequence[str], folded: Sequence[str]) -> int:
    """Return how many words introduce a name: by, a commentary by, interview:, تقرير:."""
    start = 1 if len(folded) > 1 and folded[0] in _ARTICLES else 0
    genre = start + words("genre").at_start(folded[start:])
    if genre > start:
        after = words("by").at_start(folded[genre:])
        if after:
            return genre + after
        if printed[genre - 1].endswith(COLON) or printed[genre : genre + 1] in ([":"], ["："]):
            return genre
    length = words("by").at_start(folded)
    if not length:
        return 0
    colon = printed[length - 1].endswith(COLON) or printed[length : length + 1] in ([":"], ["："])
    word = printed[length - 1]
    # De, Di and Na begin names as well, when they have a capital: "Na Li", "De Vita".
    if length == 1 and len(word) <= 2 and word[0].isupper() and not colon:
        return 0 if folded[0] in {"de", "na", "di"} and len(printed) < 3 else length
    return length


def labelled(printed: Sequence[str]) -> int:
    """Return how many words are a label with a colon, of whatever kind: "حوار خاص: …", "Beirut: …"."""
    for length in (1, 2, 3):
        if len(printed) > length and printed[length - 1].endswith(COLON):
            return length
    return 0


def undated(printed: list[str]) -> list[str]:
    """Cut a piece where a date, a time or an invitation begins."""
    for position, word in enumerate(printed):
        folded = folded_word(word.rstrip(":："))
        if folded in _NOISE and (position == 0 or word.endswith(COLON) or position >= 2):
            return printed[:position]
        if any(map(str.isdigit, word)):
            if _USERNAME.fullmatch(word) and len(printed) == 1:
                return printed
            kept = printed[:position]
            while kept and folded_word(kept[-1].rstrip(".,")) in _DATE_WORDS:
                kept = kept[:-1]
            return kept
    return printed


_NOISE = frozenset(phrase[0] for phrase in words("noise").phrases)
# Words in front of a date's number; other languages put the day first.
_DATE_WORDS = frozenset(
    "january february march april may june july august september october november december jan feb "
    "mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday "
    "sunday mon tue wed thu fri sat sun montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "mo di mi do fr sa so lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles "
    "jueves viernes sabado domingo am um den vom on at le el il dia kl on, и в".split()
)


def parted(printed: Sequence[str]) -> Iterator[list[str]]:
    """Yield the pieces between words that mean *and*."""
    shouted = all(word == word.upper() for word in printed)
    piece: list[str] = []
    for position, word in enumerate(printed):
        folded = folded_word(word)
        small = not word[:1].isupper() or shouted or folded in _CAPITALIZED_TOO
        right = _to_next_and(printed[position + 1 :])
        if small and piece and right and _is_and(printed[position:], len(piece), right):
            yield piece
            piece = []
        elif piece and _has_clitic_and(word, folded):
            yield piece
            piece = [word[1:]]
        else:
            piece.append(word)
    if piece:
        yield piece


def _is_and(printed: Sequence[str], left: int, right: int) -> bool:
    """Say whether a word parts the names on both sides, of so many words each."""
    word = (folded_word(printed[0]),)
    if word in words("and"):
        return right >= 2 or word[0] not in _PLACES_TOO
    if word in words("part"):
        return left >= 2 and right >= 2
    return words("with").at_start(folded_words(printed)) > 0


# "en" is Dutch for *and*, Spanish and French for *in*; "in" is Slovene for *and*.
_PLACES_TOO = frozenset(("en", "in", "na", "at"))


# Headline case reaches them: "Glen Oak And Ann Lee For The Mail". Dan and Na are names.
_CAPITALIZED_TOO = frozenset(("and", "und", "with"))


def _to_next_and(printed: Sequence[str]) -> int:
    """Return how many words follow before the next *and*."""
    for position, word in enumerate(printed):
        if (folded_word(word),) in words("and") or (folded_word(word),) in words("part"):
            return position
    return len(printed)


def _has_clitic_and(word: str, folded: str) -> bool:
    """Say whether a word has *and* written onto it: و in Arabic, ו in Hebrew.

    Names that begin with these letters are listed, or commoner whole than without the letter.
    """
    if len(word) < 4 or (folded,) in words("starts"):
        return False
    rest = folded[1:]
    if word[0] == "و":
        return rest.startswith("ال") or arabic_zipf(rest) >= max(arabic_zipf(folded), 2.0)
    return word[0] == "ו" and zipf(rest, "he") >= max(zipf(folded, "he"), 2.0)


def agency_behind_and(printed: Sequence[str]) -> bool:
    """Say whether an agency follows behind *and*: "Newsroom and agencies"."""
    return any(agency_length(piece) for piece in list(parted(printed))[1:])


def only_agency(rest: Sequence[str]) -> bool:
    """Say whether what follows an agency's name leaves it one: nothing, its staff, a place."""
    folded = folded_words(rest)
    known = words("job").phrases | words("rank").phrases | words("desk").phrases
    return all((word,) in known for word in folded)


def is_desk(printed: Sequence[str]) -> bool:
    """Say whether words are an editorial team that signs."""
    folded = folded_words(printed)
    desk = words("desk")
    if not folded or len(folded) > _MOST_WORDS:
        return False
    if desk.at_start(folded) or desk.at_end(folded):
        plain_staff = folded[-1] == "staff" and len(folded) > 2
        return not (words("job").at_end(folded) and folded[-1] not in _TEAMS) and not plain_staff
    return any("-" in word and (word.rsplit("-", 1)[-1],) in desk for word in folded)


_TEAMS = frozenset(("staff", "editors", "contributors", "المحرر", "محررو"))


def _is_job(printed: Sequence[str]) -> bool:
    folded = folded_words(printed)
    return any(_job_or_desk(folded[position:]) for position in range(len(folded)))


def _job_or_desk(folded: Sequence[str]) -> int:
    return words("job").at_start(folded) or words("desk").at_start(folded)


def without_jobs(printed: list[str]) -> list[str]:
    """Take off a job before or behind a name, with the words that tell its kind."""
    printed = _without_second_job(printed)
    folded = folded_words(printed)
    length = words("job").at_end(folded)
    if length:
        end = len(printed) - length
        while end > 0 and (
            (folded[end - 1],) in words("rank") or (folded[end - 1],) in words("organization")
        ):
            end -= 1
        # "Adam Smith NorthernVoice Staff": the house that pays for them.
        return printed[: end - 1] if folded[-1] == "staff" and end > 2 else printed[:end]
    start = 0
    while start < len(folded) and (folded[start],) in words("rank") and start < 3:
        start += 1
    length = words("job").at_start(folded[start:])
    if length:
        return _without_second_job(printed[start + length :])
    if len(printed) > 2 and _is_job(printed[2:]):
        position = next(n for n in range(2, len(folded)) if _job_or_desk(folded[n:]))
        while position > 2 and (folded[position - 1],) in words("rank"):
            position -= 1
        return printed[:position]
    return printed


def _without_second_job(printed: list[str]) -> list[str]:
    """Take off a job that follows another with و: (الكاتب) والمحلل السياسي محمد علي."""
    if len(printed) < 3 or not printed[0].startswith("وال"):
        return printed
    return printed[
        next((n for n, word in enumerate(printed) if n and not word.startswith("ال")), 0) :
    ]


def before_verb(printed: list[str]) -> list[str]:
    """Cut a sentence about a writer where it goes on: "Jane Doe is a journalist"."""
    verb = next((n for n, word in enumerate(printed) if n >= 2 and word in _VERBS), len(printed))
    return printed[:verb]


_VERBS = frozenset(
    ("is", "was", "has", "writes", "covers", "ist", "war", "schreibt", "est", "es", "è")
)


def without_house(printed: list[str]) -> tuple[list[str], str]:
    """Part "Jane Doe BBC News" into the person and the house; "" where there is none."""
    acronym = len(printed) > 3 and printed[2].isupper() and len(printed[2]) > 1
    if not acronym or "." in printed[2] or printed[1].isupper() or not has_house(printed[3:]):
        return printed, ""
    return printed[:2], plain(printed[2:])


def without_titles(printed: list[str]) -> list[str]:
    """Take off titles before and behind a name, where two words stay."""
    title = words("title")
    while len(printed) > 2 and (folded_word(printed[0]),) in title and _is_title(printed[0]):
        printed = printed[1:]
    while len(printed) > 2 and (folded_word(printed[-1]),) in title and _is_title(printed[-1], 1):
        printed = printed[:-1]
    return printed


def _is_title(word: str, behind: int = 0) -> bool:
    """Say whether a title is printed as one: M. and MD, not the name *Ma* or an initial."""
    bare = word.rstrip(".")
    if behind and bare.isascii():
        return bare.isupper() or "." in word or bare == "PhD"
    return len(bare) > 1 or not bare.isascii()


def has_house(printed: Sequence[str]) -> bool:
    """Say whether words show a house rather than a person."""
    return any((word,) in words("organization") for word in folded_words(printed))


def is_person(printed: Sequence[str]) -> bool:
    """Say whether words behind a comma are one more person: two or more, and no house's."""
    if folded_word(printed[0]) == "the":
        return False
    if has_house(printed) or "." in printed[-1].strip("."):
        return False
    acronym = len(printed[0]) > 1 and printed[0].isupper() and "." not in printed[0]
    if acronym and not printed[-1].isupper():
        return False
    return len(printed) >= 2 and (printed[0][:1].isupper() or not printed[0].isascii())


def may_be_name(printed: Sequence[str], name: str) -> bool:
    """Say whether words can be a name: not too many, not a sentence, not what systems fill in."""
    if not 1 < len(name) <= _LONGEST_NAME or len(printed) > _MOST_WORDS:
        return False
    if tuple(folded_words(printed)) in words("nobody") or not LETTER.search(name):
        return False
    if len(printed) == 1 and folded_word(name) in _NOISE:
        return False
    if words("noise").at_start(folded_words(printed)) and len(printed) > 2:
        return False
    small = sum(word.islower() for word in printed)
    return small <= 3 and not (len(printed) > 4 and small > len(printed) // 2)


def surname_first(parts: Sequence[str]) -> list[str]:
    """Return the names of "Smith, John"; none where the commas part people from each other."""
    if len(parts) != 2:
        return []
    surname = parts[0].split()
    given = parts[1].split()
    length = introduction(surname, folded_words(surname)) if surname else 0
    surname = surname[length:]
    particles = all(word.islower() and len(word) <= 4 for word in surname[:-1])
    if not surname or not particles or len(surname) > 3 or not 1 <= len(given) <= 2:
        return []
    known = (agency_length(surname), agency_length(given), is_desk(surname), is_desk(given))
    whole = " ".join((*given, *surname))
    if any(known) or not all(word[:1].isupper() for word in (surname[-1], *given)):
        return []
    if any(map(str.isdigit, whole)) or _is_job(given) or _is_job(surname):
        return []
    return [whole]
