"""Text that was decoded as another encoding than it was written in.

UTF-8 that was read as something else is undone by ftfy, which only touches sequences that no
language writes; its other repairs are not used. Text in one of the old encodings of a single byte
that was read as Western European (``ÇáÌíÔ`` for الجيش), and UTF-8 read as Arabic Windows
(``ط§ظ„ط¬ظٹط´``), are undone here, where the lexicon knows what comes out.

Everything is decided line by line, and only for lines with sequences that are hardly ever written.
"""

import re
from collections.abc import Callable, Iterator

from newsbot.text.draft import Draft, Edit, lines_with
from newsbot.text.lexicon import zipf


def _shown(encoding: str, low: int, high: int) -> str:
    """Return what bytes show as in an encoding, escaped for a character class."""
    shown = (bytes([byte]).decode(encoding, "ignore") for byte in range(low, high))
    return re.escape("".join(shown))


# What UTF-8 shows as when it is read as Windows-1252, -1251, -125x, Mac Roman and DOS: a leading
# byte and the bytes that follow one.
_FOLLOWING = rf"\x80-\xbf{_shown('cp1252', 0x80, 0xC0)}"
_UTF8 = re.compile(
    rf"[\xc2-\xdf][{_FOLLOWING} ]|[\xe0-\xf4][{_FOLLOWING}]{{2}}"
    rf"|(?:[ВГРС][{_shown('cp1251', 0x80, 0xC0)}]){{2}}|вЂ"
    r"|[\x80-\x84\x86-\x9f]|√[^\s\d]|‚Ä|‚Ć|[βāô]€|ΓÇ|├[^\s─]"
)
_LEADS = frozenset(map(chr, (*range(0x80, 0x85), *range(0x86, 0xA0), *range(0xC2, 0xF5))))
# Of the bytes that follow, those that no Russian text shows.
_CYRILLIC_LEADS = frozenset("ВГРС")
_CYRILLIC_FOLLOWING = frozenset("°±ЃѓЂђ†‡€‰ЉљЊњЌќЋћЏџЎўЈјЅѕҐґЄєІіЇї¤¦§©¬®µ¶·")
_OTHER_STARTS = ("вЂ", "√", "‚Ä", "‚Ć", "β€", "ā€", "ô€", "ΓÇ", "├")
_OTHER_LEADS = frozenset("в√‚βāôΓ├")
_ARABIC_FOLLOWING = frozenset("§„")

# Read as the first, meant as the second; letters of the second, and who knows its words.
_CONFUSED = (
    ("cp1256", "utf-8", re.compile("[\u0620-\u06ff]+"), ("ar", "fa", "ur")),
    ("sloppy-windows-1252", "cp1256", re.compile("[\u0620-\u06ff]+"), ("ar", "fa")),
    ("sloppy-windows-1252", "cp1251", re.compile("[\u0400-\u04ff]+"), ("ru", "uk", "bg")),
    ("sloppy-windows-1252", "cp1253", re.compile("[\u0370-\u03ff]+"), ("el",)),
    ("sloppy-windows-1252", "cp1255", re.compile("[\u05d0-\u05ea]+"), ("he",)),
)
_AS_ARABIC = re.compile(rf"(?:[طظعغ][{_shown('cp1256', 0x80, 0xC0)}]){{3}}")
_AS_WESTERN = re.compile(r"[\xc0-\xd6\xd8-\xf6\xf8-\xff]{4}")
_HIGH = re.compile(r"[^\x00-\x7f]")
_ASCII_LETTER = re.compile("[A-Za-z]")
_NO_LETTER = re.compile(r"^\W+|\W+$|[\u064b-\u0652]")
_KNOWN = 3.0
# ftfy looks at a line again and again; a longer one is no line of an article.
_LONGEST = 5_000
_CONTEXT = 1_000


def undo_mojibake(draft: Draft, letters: set[str]) -> bool:
    """Put the characters that were meant for those that a wrong decoding made of them.

    ``letters`` are the characters of the draft. Says whether it looked like a wrong decoding.
    """
    text, suspicious = draft.text, False
    if not letters.isdisjoint(_LEADS) or _looks_cyrillic(text, letters):
        suspicious = _UTF8.search(text) is not None
        if suspicious:
            draft.apply(_edits(text, _UTF8, _as_utf8))
        if _AS_WESTERN.search(draft.text):
            suspicious = True
            draft.apply(_edits(draft.text, _AS_WESTERN, _as_meant))
    if not letters.isdisjoint(_ARABIC_FOLLOWING) and ("ط§" in text or "ظ„" in text):
        suspicious = True
        draft.apply(_edits(draft.text, _AS_ARABIC, _as_meant))
    return suspicious


def _looks_cyrillic(text: str, letters: set[str]) -> bool:
    if not letters.isdisjoint(_CYRILLIC_LEADS) and not letters.isdisjoint(_CYRILLIC_FOLLOWING):
        return True
    return not letters.isdisjoint(_OTHER_LEADS) and any(start in text for start in _OTHER_STARTS)


def _edits(text: str, suspect: re.Pattern[str], undo: Callable[[str], str]) -> Iterator[Edit]:
    for line_start, line_end in lines_with(suspect, text):
        for low, high in _stretches(text, line_start, line_end):
            line = text[low:high]
            meant = undo(line)
            if meant != line:
                yield from _by_word(line, meant, low)


def _stretches(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield a line in stretches of bearable length, parted between words."""
    while high - low > _LONGEST:
        cut = text.rfind(" ", low + _LONGEST - _CONTEXT, low + _LONGEST) + 1 or low + _LONGEST
        yield low, cut
        low = cut
    yield low, high


def _by_word(line: str, meant: str, at: int) -> Iterator[Edit]:
    """Yield the words that differ, or the line where there are more or fewer of them."""
    old, new = line.split(" "), meant.split(" ")
    if len(old) != len(new):
        yield at, at + len(line), meant
        return
    for one, other in zip(old, new, strict=True):
        if one != other:
            yield at, at + len(one), other
        at += len(one) + 1


def _as_utf8(line: str) -> str:
    import ftfy

    # What was lost stays lost as it is: no question marks are put for it.
    return ftfy.fix_encoding(line, replace_lossy_sequences=False)


def _as_meant(line: str) -> str:
    """Return a line of an old encoding as it was meant, where most of its words are words then."""
    import ftfy.bad_codecs  # knows the codec that reads Windows-1252 as browsers do

    ftfy.bad_codecs.ok()
    best, most = line, 0.5
    words = line.split(" ")
    for wrong, right, letters, languages in _CONFUSED:
        meant = [_decoded(word, wrong, right) for word in words]
        changed = [new for old, new in zip(words, meant, strict=True) if old != new]
        found = [_NO_LETTER.sub("", word).casefold() for word in changed]
        known = sum(
            len(word) > 1
            and letters.fullmatch(word) is not None
            and any(zipf(word, language) >= _KNOWN for language in languages)
            for word in found
        )
        if found and known / len(found) >= most:
            best, most = " ".join(meant), known / len(found)
    return best


def _decoded(word: str, wrong: str, right: str) -> str:
    # A word of those encodings has no ASCII letter; Western words have some (nööö, Äääähm).
    if not _HIGH.search(word) or _ASCII_LETTER.search(word):
        return word
    try:
        return word.encode(wrong).decode(right)
    except UnicodeError:
        return word
