"""Bylines: who wrote an article, out of what publishers print around the names.

What is read, in this order: addresses and brackets are taken out; the line is cut where marks part
it, and each piece where *and* or a clitic و does; from each come off words that introduce a name,
dates, titles, places and jobs; what is left is an agency, a desk, another house or a name. Chinese,
Japanese and Korean bylines go to :mod:`newsbot.text.bylines_east`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from newsbot.text.byline_words import agency_length, folded_word, words
from newsbot.text.bylines_east import is_eastern, read_eastern
from newsbot.text.folding import fold
from newsbot.text.lexicon import arabic_zipf, zipf
from newsbot.text.unicode import clean


@attrs.frozen
class Byline:
    """Who is credited with an article, as printed, in order, each once.

    ``names`` are the people who wrote it, and the desk where an editorial team signs; ``desks`` are
    those of the names that are such teams. ``agencies`` are news agencies. ``organizations`` are
    other houses named beside a person. ``contributors`` edited, translated or took the pictures.
    """

    names: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    contributors: tuple[str, ...] = ()


_LONGEST_LINE = 600
_LONGEST_NAME = 60
_MOST_WORDS = 7
_ADDRESSES = re.compile(
    r"https?:\S+|www\.\S+|\[email[^\]]*\]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)@\w[\w.]*",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[(\[（【〔［{<]([^()\[\]（）【】〔〕［］{}<>]*)[)\]）】〕］}>]")
# Marks that part a line; a comma is weaker than they, since it stands inside "Smith, John" too.
_HARD = re.compile(r"\s*(?:[|•·●▪¦;；؛\n\t]|(?<=\s)[-–—―~]+(?=\s)|[–—―](?=\s)|\s//?\s|/(?=\s))\s*")
_COMMA = re.compile(r"\s*(?:[,،、，+]|(?<!\w)&(?!\w)|＆|/(?=[^\W\d_]{3}))\s*")
_EDGES = " \t.,:;|-–—―_*•·~=\"'“”„«»‹›`،؛/\\&+"
_BEHIND = _EDGES.replace(".", "")  # a point behind a name may be an initial's
_GLUED = re.compile(r"^(by|von|par|por)(?=[A-ZÀ-ÖØ-Þ][^\W\d_A-Z])")
_INITIAL = re.compile(r"(?:[^\W\d_]\.?[- ]?){1,3}")
_USERNAME = re.compile(r"[^\W\d_][\w.-]*\d[\w.-]*")
_LETTER = re.compile(r"[^\W\d_]")
_COLON = (":", "：")


def read_byline(text: str) -> Byline:
    """Return the names and agencies in a byline; empty where it is none. Never raises.

    Reads the first 600 characters. Words keep the letters and the case they are printed in.
    """
    line = clean(text[:_LONGEST_LINE]).replace("\n", " | ")
    if is_eastern(line):
        names, agencies, desks, contributors = read_eastern(_ADDRESSES.sub(" ", line))
        return Byline(
            names=_once((*names, *desks)),
            agencies=_once(agencies),
            desks=_once(desks),
            contributors=_once(contributors),
        )
    return _Reading().read(line)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple({fold(name): name for name in reversed(list(names))}.values())[::-1]


@attrs.define
class _Reading:
    """What has been read so far of one byline."""

    names: list[str] = attrs.field(factory=list)
    agencies: list[str] = attrs.field(factory=list)
    desks: list[str] = attrs.field(factory=list)
    organizations: list[str] = attrs.field(factory=list)
    contributors: list[str] = attrs.field(factory=list)
    # Jobs and single words that are names only if nothing better is found.
    doubtful: list[str] = attrs.field(factory=list)
    helping: bool = False

    def read(self, line: str) -> Byline:
        line = _ADDRESSES.sub(" | ", line)
        for inside in _BRACKETS.findall(line):
            self._bracket(inside)
        outside = _BRACKETS.sub(" | ", line)
        if not _LETTER.search(outside):
            outside = " | ".join(_BRACKETS.findall(line))
        pieces = [piece for piece in _HARD.split(outside) if piece.strip(_EDGES)]
        for number, piece in enumerate(pieces):
            self.helping = False
            if number + 1 < len(pieces) and _is_house_of(piece, pieces[number + 1]):
                self.organizations.append(piece.strip(_EDGES))
            else:
                self._piece(piece.strip())
        if not self.names and not self.agencies:
            self.names, self.desks = self.doubtful[:1], self.doubtful[:1]
        return Byline(
            names=_once(self.names),
            agencies=_once(self.agencies),
            desks=_once(self.desks),
            organizations=_once(self.organizations),
            contributors=_once(self.contributors),
        )

    def _bracket(self, inside: str) -> None:
        for part in _COMMA.split(inside):
            printed = part.split()
            if printed and agency_length(printed) == len(printed):
                self.agencies.append(part.strip(_EDGES))

    def _piece(self, piece: str) -> None:
        parts = _COMMA.split(piece)
        reversed_names = _surname_first(parts)
        if reversed_names:
            self.names += reversed_names
            return
        for number, part in enumerate(parts):
            self._part(part, behind=number > 0)

    def _part(self, part: str, *, behind: bool) -> None:
        """Read what stands between two marks; ``behind`` a comma it may be a job or a place."""
        printed = _GLUED.sub(r"\1 ", part.lstrip(_EDGES).rstrip(_BEHIND)).split()
        printed = _undated(self._introduced(printed))
        if not printed:
            return
        if _is_desk(printed) and not _agency_behind_and(printed):
            self._sign(" ".join(printed), desk=True)
            return
        for number, one in enumerate(_parted(printed)):
            self._one(one, behind=behind, first=number == 0)

    def _introduced(self, printed: list[str]) -> list[str]:
        """Take off what introduces a name, as often as something does."""
        for _ in range(4):
            folded = _folded(printed)
            length = words("help").at_start(folded)
            marked = length and (len(printed) == length or printed[length - 1].endswith(_COLON))
            if length and (marked or folded[length - 1] in _HELP_BY):
                self.helping = True
                printed = printed[length:]
                continue
            taken = _introduction(printed, folded)
            if taken:
                self.helping = False
            elif words("with").at_start(folded):
                taken = words("with").at_start(folded)
            if not taken:
                break
            printed = printed[taken:]
            if printed and printed[0] in (*_COLON, "-", "–"):
                printed = printed[1:]
        return printed

    def _one(self, printed: list[str], *, behind: bool, first: bool) -> None:
        printed = self._introduced(printed)
        length = words("with").at_start(_folded(printed))
        printed = printed[length:]
        length = agency_length(printed)
        if length and _only_agency(printed[length:]):
            self.agencies.append(_plain(printed[:length]))
            return
        printed = self._without_place(printed)
        length = agency_length(printed, at_end=True)
        if length and len(printed) - length >= 2:
            self.agencies.append(_plain(printed[-length:]))
            printed = printed[:-length]
        if _is_desk(printed):
            self._sign(_plain(printed), desk=True)
            return
        before = printed
        printed = _without_jobs(printed)
        of_a_house = len(printed) == 1 < len(before) and before[-1] == printed[-1]
        if not printed or of_a_house:
            if not self.names and before:
                self.doubtful.append(_plain(before))
            return
        printed = _without_titles(printed)
        name = _plain(printed)
        if not _may_be_name(printed, name):
            return
        earlier = any(" " in each for each in self.names)
        louder = name.isupper() and not any(map(str.isupper, self.names))
        if behind and first and earlier and (louder or not _is_person(printed)):
            if len(printed) > 1 or name.isupper():
                self.organizations.append(name)
            return
        self._sign(name, desk=False)

    def _without_place(self, printed: list[str]) -> list[str]:
        """Cut off where the writer is, or for whom; an agency there is kept."""
        folded = _folded(printed)
        for position in range(2, len(printed)):
            length = words("place").at_start(folded[position:])
            if length and (not printed[position][:1].isupper() or folded[position] == "for"):
                self._bracket(" ".join(printed[position + length :]))
                return printed[:position]
        return printed

    def _sign(self, name: str, *, desk: bool) -> None:
        if self.helping:
            self.contributors.append(name)
            return
        self.names.append(name)
        if desk:
            self.desks.append(name)


def _is_house_of(piece: str, following: str) -> bool:
    """Say whether "Publisher – Desk" or "Place – Agency" is printed, rather than a person."""
    printed = piece.split()
    if _introduction(printed, _folded(printed)) or any(map(str.isdigit, piece)):
        return False
    if _is_desk(following.split()) and not _is_desk(printed):
        return not agency_length(printed) and len(_COMMA.split(piece)) == 1
    agency = agency_length(following.split()) == len(following.split())
    return agency and len(printed) == 1 and not agency_length(printed)


_HELP_BY = frozenset(("by", "von", "par", "por", "door", "di", "durch"))
_ARTICLES = frozenset(("a", "an", "ein", "eine", "un", "une", "una", "the", "der", "die", "das"))


def _folded(printed: Sequence[str]) -> list[str]:
    return [folded_word(word.rstrip(":：,")) for word in printed]


def _plain(printed: Sequence[str]) -> str:
    name = " ".join(printed).strip(_EDGES)
    # A point behind an initial belongs to it: "Juan Carlos Muñoz C."
    return (
        name + "." if re.search(r"(?<!\w)[^\W\d_]\.$|\b(?:Jr|Sr)\.$", " ".join(printed)) else name
    )


def _introduction(printed: Sequence[str], folded: Sequence[str]) -> int:
    """Return how many words introduce a name: by, a commentary by, interview:, تقرير:."""
    start = 1 if len(folded) > 1 and folded[0] in _ARTICLES else 0
    genre = start + words("genre").at_start(folded[start:])
    if genre > start:
        after = words("by").at_start(folded[genre:])
        if after:
            return genre + after
        if printed[genre - 1].endswith(_COLON) or printed[genre : genre + 1] in ([":"], ["："]):
            return genre
    length = words("by").at_start(folded)
    if not length:
        return 0
    colon = printed[length - 1].endswith(_COLON) or printed[length : length + 1] in ([":"], ["："])
    word = printed[length - 1]
    # De, Di and Na begin names as well, when they have a capital: "Na Li", "De Vita".
    if length == 1 and len(word) <= 2 and word[0].isupper() and not colon:
        return 0 if folded[0] in {"de", "na", "di"} and len(printed) < 3 else length
    return length


def _undated(printed: list[str]) -> list[str]:
    """Cut a piece where a date, a time or an invitation begins."""
    for position, word in enumerate(printed):
        folded = folded_word(word.rstrip(":："))
        if folded in _NOISE and (position == 0 or word.endswith(_COLON) or position >= 2):
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


def _parted(printed: Sequence[str]) -> Iterator[list[str]]:
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
    return words("with").at_start(_folded(printed)) > 0


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


def _agency_behind_and(printed: Sequence[str]) -> bool:
    return any(agency_length(piece) for piece in list(_parted(printed))[1:])


def _only_agency(rest: Sequence[str]) -> bool:
    """Say whether what follows an agency's name leaves it one: nothing, its staff, a place."""
    folded = _folded(rest)
    known = words("job").phrases | words("rank").phrases | words("desk").phrases
    return all((word,) in known for word in folded)


def _is_desk(printed: Sequence[str]) -> bool:
    folded = _folded(printed)
    desk = words("desk")
    if not folded or len(folded) > _MOST_WORDS:
        return False
    if desk.at_start(folded) or desk.at_end(folded):
        plain_staff = folded[-1] == "staff" and len(folded) > 2
        return not (words("job").at_end(folded) and folded[-1] not in _TEAMS) and not plain_staff
    return any("-" in word and (word.rsplit("-", 1)[-1],) in desk for word in folded)


_TEAMS = frozenset(("staff", "editors", "contributors", "المحرر", "محررو"))


def _is_job(printed: Sequence[str]) -> bool:
    folded = _folded(printed)
    return any(_job_or_desk(folded[position:]) for position in range(len(folded)))


def _job_or_desk(folded: Sequence[str]) -> int:
    return words("job").at_start(folded) or words("desk").at_start(folded)


def _without_jobs(printed: list[str]) -> list[str]:
    """Take off a job before or behind a name, with the words that tell its kind."""
    folded = _folded(printed)
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
        return printed[start + length :]
    if len(printed) > 2 and _is_job(printed[2:]):
        position = next(n for n in range(2, len(folded)) if _job_or_desk(folded[n:]))
        while position > 2 and (folded[position - 1],) in words("rank"):
            position -= 1
        return printed[:position]
    return printed


def _without_titles(printed: list[str]) -> list[str]:
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


def _is_person(printed: Sequence[str]) -> bool:
    """Say whether words behind a comma are one more person: two or more, and no house's."""
    folded = _folded(printed)
    if any((word,) in words("organization") for word in folded) or "." in printed[-1].strip("."):
        return False
    acronym = len(printed[0]) > 1 and printed[0].isupper() and "." not in printed[0]
    if acronym and not printed[-1].isupper():
        return False
    return len(printed) >= 2 and (printed[0][:1].isupper() or not printed[0].isascii())


def _may_be_name(printed: Sequence[str], name: str) -> bool:
    if not 1 < len(name) <= _LONGEST_NAME or len(printed) > _MOST_WORDS:
        return False
    if tuple(_folded(printed)) in words("nobody") or not _LETTER.search(name):
        return False
    if len(printed) == 1 and folded_word(name) in _NOISE:
        return False
    if words("noise").at_start(_folded(printed)) and len(printed) > 2:
        return False
    small = sum(word.islower() for word in printed)
    return small <= 3 and not (len(printed) > 4 and small > len(printed) // 2)


def _surname_first(parts: Sequence[str]) -> list[str]:
    """Return the names of "Smith, John"; none where the commas part people from each other."""
    if len(parts) != 2:
        return []
    surname = parts[0].split()
    given = parts[1].split()
    length = _introduction(surname, _folded(surname)) if surname else 0
    surname = surname[length:]
    if len(surname) != 1 or not 1 <= len(given) <= 2:
        return []
    known = (agency_length(surname), agency_length(given), _is_desk(surname), _is_desk(given))
    whole = " ".join((*given, *surname))
    if any(known) or not all(word[:1].isupper() for word in (*surname, *given)):
        return []
    if any(map(str.isdigit, whole)) or _is_job(given) or _is_job(surname):
        return []
    return [whole]
