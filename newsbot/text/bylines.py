"""Bylines: who wrote an article, out of what publishers print around the names.

What is read, in this order: addresses and brackets are taken out; the line is cut where marks part
it, and each piece where *and* or a clitic و does; from each come off words that introduce a name,
dates, titles, places and jobs; what is left is an agency, a desk, another house or a name. Chinese,
Japanese and Korean bylines go to :mod:`newsbot.text.bylines_east`.
"""

import re
from collections.abc import Iterable
from typing import Literal

import attrs

from newsbot.text.byline_parts import (
    COLON,
    COMMA,
    EDGES,
    HELP_BY,
    LETTER,
    agency_behind_and,
    before_verb,
    folded_words,
    has_house,
    introduction,
    is_desk,
    is_house_of,
    is_person,
    labelled,
    may_be_name,
    only_agency,
    parted,
    plain,
    surname_first,
    undated,
    without_house,
    without_jobs,
    without_titles,
)
from newsbot.text.byline_words import agency_length, without_agency_word, words
from newsbot.text.bylines_east import is_eastern, read_eastern
from newsbot.text.folding import fold
from newsbot.text.places import is_place
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
_ADDRESSES = re.compile(
    r"https?:\S+|www\.\S+|\[email[^\]]*\]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)@\w[\w.]*",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[(\[（【〔［{<]([^()\[\]（）【】〔〕［］{}<>]*)[)\]）】〕］}>]")
# Marks that part a line; a comma is weaker than they, since it stands inside "Smith, John" too.
_HARD = re.compile(r"\s*(?:[|•·●▪¦;；؛\n\t]|(?<=\s)[-–—―~]+(?=\s)|[–—―](?=\s)|\s//?\s|/(?=\s))\s*")
# A point behind a name may be an initial's; quotes may be around a house's name.
_QUOTES = '"“”„«»'
_FRONT = "".join(each for each in EDGES if each not in _QUOTES)
_BEHIND = _FRONT.replace(".", "")
_GLUED = re.compile(r"^(by|von|par|por)(?=[A-ZÀ-ÖØ-Þ][^\W\d_A-Z])")
_SUFFIX = re.compile(r",\s*((?:Jr|Sr)\.?|I{2,3}|IV)(?!\w)")
_QUOTED = re.compile(r"[«„“\"]([^«»„“”\"]+)[»“”\"]")


def read_byline(text: str) -> Byline:
    """Return the names and agencies in a byline; empty where it is none. Never raises.

    Reads the first 600 characters. Words keep the letters and the case they are printed in.
    """
    line = clean(text[:_LONGEST_LINE]).replace("\n", " | ")
    bare = _ADDRESSES.sub(" ", line)
    if is_eastern(bare):
        names, agencies, desks, contributors = read_eastern(bare)
        return Byline(
            names=_once((*names, *desks)),
            agencies=_once(agencies),
            desks=_once(desks),
            contributors=_once(contributors),
        )
    return _Reading().read(line)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple({fold(name): name for name in reversed(list(names))}.values())[::-1]


# "Text & Fotos: …": one credits for two kinds of work, not two people.
_WORK_AND_WORK = re.compile(
    r"(?<=\w)\s?[&+]\s?(?=(?:fotos?|photos?|photography|bild(?:er)?|pictures|images|video|grafik|fotografías?)\b)",
    re.IGNORECASE,
)


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
    # Places, of which one may be a name.
    places: list[str] = attrs.field(factory=list)
    # Those of the contributors who edited or translated.
    editors: list[str] = attrs.field(factory=list)
    helping: Literal["", "help", "edit"] = ""

    def read(self, line: str) -> Byline:
        line = _WORK_AND_WORK.sub(" und ", _ADDRESSES.sub(" | ", line))
        for inside in _BRACKETS.findall(line):
            self._bracket(inside)
        outside = _BRACKETS.sub(" | ", line)
        if not LETTER.search(outside):
            outside = " | ".join(_BRACKETS.findall(line))
        pieces = [piece for piece in _HARD.split(outside) if piece.strip(EDGES)]
        for number, piece in enumerate(pieces):
            self.helping = ""
            if number + 1 < len(pieces) and is_house_of(piece, pieces[number + 1]):
                self.organizations.append(piece.strip(EDGES))
            else:
                self._piece(piece.strip(), behind=number > 0)
        if not self.names:
            self.names, self.contributors = (
                self.editors,
                [each for each in self.contributors if each not in self.editors],
            )
        if not self.names and not self.agencies:
            self.names = self.doubtful[:1] or self.places[:1]
            self.desks = self.doubtful[:1]
        return Byline(
            names=_once(self.names),
            agencies=_once(self.agencies),
            desks=_once(self.desks),
            organizations=_once(self.organizations),
            contributors=_once(self.contributors),
        )

    def _bracket(self, inside: str) -> None:
        for part in COMMA.split(inside):
            printed = part.split()
            if printed and agency_length(printed, any_case=True) == len(printed):
                self.agencies.append(part.strip(EDGES))

    def _piece(self, piece: str, *, behind: bool) -> None:
        printed = piece.split()
        if agency_length(printed) == len(printed):
            self.agencies.append(plain(without_agency_word(printed)))
            return
        parts = COMMA.split(_SUFFIX.sub(r" \1", piece))
        reversed_names = surname_first(parts)
        if reversed_names:
            self.names += reversed_names
            return
        for number, part in enumerate(parts):
            self._part(part, behind=behind or number > 0)

    def _part(self, part: str, *, behind: bool) -> None:
        """Read what stands between two marks; ``behind`` a comma it may be a job or a place."""
        whole = _GLUED.sub(r"\1 ", part.lstrip(_FRONT).rstrip(_BEHIND)).split()
        if whole and tuple(folded_words(whole)) in words("desk"):
            self._sign(" ".join(whole), desk=True)
            return
        if behind and len(whole) == 1 and tuple(folded_words(whole)) in words("title"):
            return
        if whole and folded_words(whole)[0] == "and":
            whole, behind = whole[1:], False
        if behind and words("job").at_start(folded_words(whole)) and len(whole) > 1:
            joined = next((n for n, word in enumerate(whole) if word.lower() == "and"), len(whole))
            self._part(" ".join(whole[joined + 1 :]), behind=False)
            return
        printed = undated(self._introduced(whole))
        self._behind_date(whole)
        quoted = _QUOTED.fullmatch(" ".join(printed))
        if quoted:
            self.organizations.append(quoted[1])
        printed = before_verb(printed)
        if not printed or quoted or self._is_somewhere(printed):
            return
        if is_desk(printed) and not agency_behind_and(printed):
            self._sign(" ".join(printed), desk=True)
            return
        for number, one in enumerate(parted(printed)):
            self._one(one, behind=behind, first=number == 0)

    def _is_somewhere(self, printed: list[str]) -> bool:
        """Say whether a part names a place alone, perhaps with a word for *in* behind it."""
        folded = folded_words(printed)
        bare = printed[:-1] if len(printed) > 1 and (folded[-1],) in words("place") else printed
        if not is_place(tuple(bare)):
            return False
        self.places.append(plain(bare))
        return True

    def _behind_date(self, printed: list[str]) -> None:
        """Read what stands behind a date: an agency, or a name with its introduction."""
        digits = [n for n, word in enumerate(printed) if any(map(str.isdigit, word))]
        rest = printed[digits[-1] + 1 :] if digits else []
        if rest and agency_length(rest) == len(rest):
            self.agencies.append(plain(rest))
        for position in range(len(rest)):
            if not rest[position][0].isupper() and introduction(
                rest[position:], folded_words(rest[position:])
            ):
                self._part(" ".join(rest[position:]), behind=False)
                return

    def _introduced(self, printed: list[str]) -> list[str]:
        """Take off what introduces a name, as often as something does."""
        for _ in range(4):
            folded = folded_words(printed)
            kind = self._help(printed, folded)
            if kind:
                self.helping = kind
                printed = printed[words(kind).at_start(folded) :]
                continue
            taken = introduction(printed, folded)
            if taken:
                self.helping = ""
            else:
                taken = words("with").at_start(folded) or labelled(printed)
            if not taken:
                break
            printed = printed[taken:]
            if printed and printed[0] in (*COLON, "-", "–"):
                printed = printed[1:]
        return printed

    def _help(self, printed: list[str], folded: list[str]) -> Literal["", "help", "edit"]:
        """Return what kind of help a part says that it names, or ""."""
        kinds: tuple[Literal["help", "edit"], ...] = ("help", "edit")
        for kind in kinds:
            length = words(kind).at_start(folded)
            colon = length and printed[length - 1].endswith(COLON)
            alone = length and (len(printed) == length or printed[length] in COLON)
            if length and (colon or alone or folded[length - 1] in HELP_BY):
                return kind
        return ""

    def _one(self, printed: list[str], *, behind: bool, first: bool) -> None:
        printed = self._introduced(printed)
        length = words("with").at_start(folded_words(printed))
        printed = printed[length:]
        length = agency_length(printed)
        if length and only_agency(printed[length:]):
            self.agencies.append(plain(without_agency_word(printed[:length])))
            return
        if length and words("job").at_start(folded_words(printed[length:])):
            self.agencies.append(plain(printed[:length]))
            printed = printed[length:]
        printed = self._without_place(printed)
        length = agency_length(printed, at_end=True)
        if length and len(printed) - length >= 2:
            self.agencies.append(plain(printed[-length:]))
            printed = printed[:-length]
        if is_desk(printed):
            self._sign(plain(printed), desk=True)
            return
        before = printed
        printed, house = without_house(without_jobs(printed))
        self.organizations += [house] if house else []
        of_a_house = len(printed) == 1 < len(before) and before[-1] == printed[-1]
        if of_a_house or (printed != before and has_house(printed) and before[-1] == printed[-1]):
            self.organizations.append(plain(printed))
            return
        acronym_s_job = len(printed) == 1 < len(before) and printed[0].isupper()
        if not printed or (acronym_s_job and not house):
            if not self.names and before:
                self.doubtful.append(plain(before))
            return
        printed = without_titles(printed)
        name = plain(printed)
        if not may_be_name(printed, name):
            return
        earlier = any(" " in each for each in self.names)
        louder = name.isupper() and not any(
            each.isupper() or fold(each) == fold(name) for each in self.names
        )
        if behind and first and earlier and (louder or not is_person(printed)):
            if len(printed) > 1 or name.isupper():
                self.organizations.append(name)
            return
        self._sign(name, desk=False)

    def _without_place(self, printed: list[str]) -> list[str]:
        """Cut off where the writer is, or for whom; an agency there is kept."""
        folded = folded_words(printed)
        for position in range(2, len(printed)):
            length = words("place").at_start(folded[position:])
            if length and (not printed[position][:1].isupper() or folded[position] == "for"):
                self._bracket(" ".join(printed[position + length :]))
                return printed[:position]
        return printed

    def _sign(self, name: str, *, desk: bool) -> None:
        if self.helping:
            self.contributors.append(name)
            if self.helping == "edit":
                self.editors.append(name)
            return
        self.names.append(name)
        if desk:
            self.desks.append(name)
