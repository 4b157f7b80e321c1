"""Whether a site has changed its pages so that they are not read any more as they were; pure.

That new articles read poorly says little by itself: there are flashes of one line, recordings, days on which
everybody writes short. What is certain is how articles read that are in the archive. So a run that meets a
poor page (:func:`suspicious`) asks for a few of those again, and :func:`judge` holds what is read of them
against what was: wrapper verification by pages of which the truth is known (Kushmerick, "Wrapper
verification", World Wide Web 3, 2000), asked for only where statistics of new pages make it worth it. Two
known articles at least have to be lost, and most of those that say anything; new pages that read well speak
against it. Walls, errors, and pages that were taken down say nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import comb, log
from typing import Literal, get_args

import attrs

from newsbot.items import Raw

Part = Literal["text", "titles", "dates"]
PARTS: tuple[Part, ...] = get_args(Part)

# Of how many articles a source's usual is known.
KNOWN = 10.0
# A run's new pages are poor if so many of them by chance are rarer than this; of what was never seen there is
# taken to have been one in so many.
_CHANCE, _UNSEEN = 0.1, 20.0
# Of the known pages so many at least, and such a share, have to be lost; such a share of new pages that are
# whole says otherwise.
_FEWEST, _MOST_OF = 2, 0.6
_WHOLE, _FEWEST_WHOLE = 0.5, 2
# The share of a text that also stands on the other pages, and did not before, of which it is no text.
_EVERYWHERE = 1 / 3
# New pages of a run that are held against each other.
COUNTED = 60
# The logarithm of how much shorter a text is that is short.
_THIRD = 1.0


@attrs.frozen(kw_only=True)
class Shown:
    """What was read of a page: for people, who compare. ``begins`` is the beginning of its text.

    ``kind`` is what it was taken for, ``raw`` where it is kept as it came (None: it is not).
    """

    title: str = ""
    words: int = 0
    day: str = ""
    authors: tuple[str, ...] = ()
    begins: str = ""
    kind: str = "article"
    at: datetime
    raw: Raw | None = None


@attrs.frozen(kw_only=True)
class Witness:
    """What the page of a known article says of whether its source is read as it was.

    ``had`` are the parts that it can speak of, ``lost`` those that are not read any more, each with what is
    there instead, in words. ``landed`` is the address that answered. ``lines`` are the paragraphs that were
    not there before, by their hash, with their lengths in characters; ``length`` is that of the text. ``odd`` says
    that nothing is lost, but that the title is another, or much of the text is new.
    """

    article: str
    url: str
    landed: str
    had: tuple[Part, ...]
    lost: Mapping[Part, str]
    before: Shown
    after: Shown
    lines: Mapping[str, int] = attrs.Factory(dict)
    length: int = 0
    odd: bool = False


@attrs.frozen(kw_only=True)
class NewPage:
    """How a page was read that a run met first.

    ``hollow`` says that it has no text, ``titled`` and ``dated`` that a title and a date are known of it, from it or
    from what led to it. ``title`` is its own. ``clocked`` says that its date is the moment at which it was read:
    that of a clock. ``lines`` are its paragraphs by their hash, with their lengths, ``length`` is that of its text.
    """

    title: str = ""
    hollow: bool = False
    titled: bool = True
    dated: bool = True
    clocked: bool = False
    lines: Mapping[str, int] = attrs.Factory(dict)
    length: int = 0


@attrs.frozen
class Lacking:
    """Of so many new pages, how many lack each part."""

    count: int = 0
    text: int = 0
    titles: int = 0
    dates: int = 0


@attrs.frozen(kw_only=True)
class Usual:
    """What is usual of a source's pages: of ``pages`` how many lack each part, and the logarithm of a length."""

    pages: float = 0.0
    textless: float = 0.0
    untitled: float = 0.0
    undated: float = 0.0
    length: float = 0.0


@attrs.frozen(kw_only=True)
class Verdict:
    """What a run found: the parts that are ``lost`` (none: all is read as it was), and in words how.

    ``walled`` is how many pages all showed one and the same text: that is a wall, and no redesign. ``pages`` are
    those of known articles that said so.
    """

    lost: tuple[Part, ...] = ()
    says: str = ""
    walled: int = 0
    pages: tuple[Witness, ...] = ()


def suspicious(usual: Usual, new: Sequence[NewPage]) -> bool:
    """Say whether new pages read so poorly that known ones are to be asked."""
    if not new or usual.pages < KNOWN:
        return False
    lacking = _lacking(new, (), usual)
    poor = (
        (lacking.text, usual.textless),
        (lacking.titles, usual.untitled),
        (lacking.dates, usual.undated),
    )
    return any(
        count and _by_chance(count, lacking.count, (before + 1) / (usual.pages + _UNSEEN)) < _CHANCE
        for count, before in poor
    )


def is_short(length: int, usual: float) -> bool:
    """Say whether a text is about a third as long as usual, or less; ``usual`` is a logarithm."""
    return log(1 + length) < usual - _THIRD


def _lacking(new: Sequence[NewPage], known: Sequence[Witness], usual: Usual) -> Lacking:
    """Return how many new pages lack each part: it is not there, or it stands on others as well."""
    titles = Counter(each.title for each in new) + Counter(each.after.title for each in known)
    lines = _lines(new, known)
    return Lacking(
        count=len(new),
        text=sum(
            each.hollow or is_short(each.length, usual.length) or _is_common(each, lines)
            for each in new
        ),
        titles=sum(
            not each.titled or (each.title != "" and titles[each.title] > 1) for each in new
        ),
        dates=sum(not each.dated or each.clocked for each in new),
    )


def _lines(new: Sequence[NewPage], known: Sequence[Witness]) -> Counter[str]:
    """Return on how many pages each paragraph stands."""
    found = Counter(line for each in new for line in each.lines)
    found.update(line for each in known for line in each.lines)
    return found


def _is_common(page: NewPage | Witness, lines: Counter[str]) -> bool:
    common = sum(length for line, length in page.lines.items() if lines[line] > 1)
    return common > _EVERYWHERE * page.length


def _by_chance(at_least: int, of: int, share: float) -> float:
    """Return how likely so many or more of a number are, where each is with this probability."""
    fewer = sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(at_least))
    return max(0.0, 1.0 - fewer)


def judge(witnesses: Iterable[Witness], new: Sequence[NewPage], usual: Usual) -> Verdict | None:
    """Return what known pages say, and new ones; None where too few of them say anything."""
    there = _unmoved(witnesses)
    walled = _walled(there)
    if walled:
        return Verdict(walled=len(walled))
    lacking = _lacking(new, there, usual)
    there = _together(there, new)
    lost: list[Part] = []
    heard = False
    for part in PARTS:
        asked = [each for each in there if part in each.had]
        gone = [each for each in asked if part in each.lost]
        heard = heard or len(asked) >= _FEWEST
        whole = lacking.count - getattr(lacking, part)
        read_well = whole >= max(_FEWEST_WHOLE, _WHOLE * lacking.count)
        if len(gone) >= max(_FEWEST, _MOST_OF * len(asked)) and not read_well:
            lost.append(part)
    if not heard:
        return None
    says = _words(there, lost) if lost else ""
    return Verdict(lost=tuple(lost), says=says, pages=tuple(there))


def _unmoved(witnesses: Iterable[Witness]) -> list[Witness]:
    """Return the witnesses, one an article, without those of which several were led to one page."""
    there = list({each.article: each for each in witnesses}.values())
    landed = Counter(each.landed for each in there)
    return [each for each in there if landed[each.landed] == 1]


def _walled(there: Sequence[Witness]) -> list[Witness]:
    """Return those whose pages all show one text, which is none of theirs."""
    lost = [each for each in there if "text" in each.lost]
    texts = {each.after.begins for each in lost}
    one = len(lost) >= _FEWEST and len(texts) == 1 and texts != {""}
    return lost if one else []


def _together(there: Sequence[Witness], new: Sequence[NewPage]) -> list[Witness]:
    """Return the pages held against each other: what several of them show is none's own."""
    titles = Counter(each.after.title for each in there) + Counter(each.title for each in new)
    days = Counter(each.after.day for each in there)
    lines = _lines(new, there)
    known = {each.before.title for each in there} | {each.before.day for each in there} | {""}
    found = []
    for each in there:
        lost = dict(each.lost)
        title, day = each.after.title, each.after.day
        if "text" in lost:  # what else stands there is another page's
            found.append(each)
            continue
        if "titles" in each.had and titles[title] > 1 and title not in known:
            lost.setdefault("titles", f"the same title as others, {title!r}")
        if "dates" in each.had and days[day] > 1 and day not in known:
            lost.setdefault("dates", f"the same date as others, {day}")
        if "text" in each.had and _is_common(each, lines):
            lost.setdefault("text", "lines that stand on every page")
        found.append(attrs.evolve(each, lost=lost))
    return found


def _words(there: Sequence[Witness], lost: Sequence[Part]) -> str:
    told = []
    for part in lost:
        asked = [each for each in there if part in each.had]
        gone = [each for each in asked if part in each.lost]
        told.append(
            f"of {len(asked)} known articles {len(gone)} are read without their {part}: "
            f"{gone[0].lost[part]} at {gone[0].url}"
        )
    return "; ".join(told)
