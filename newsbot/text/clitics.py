"""Arabic words without what is written onto them: و ف ب ك ل, the article, and their combinations.

Each spelling has one stem, so that two texts that write a word alike always compare alike, and
words differ from their stem only where the lexicon does not object: والد keeps its و, وزن its
letters, باب its ب, and ألمانيا is no article with مانيا. Where it cannot tell (بحرية is *naval* and
*with freedom*) a word has two, and the longer is the word itself. All of it works on folded words (see :mod:`newsbot.text.letters`).
"""

from importlib.resources import files

from newsbot.text.lexicon import arabic_zipf, hamza_share, script_zipf


def _listed(kind: str) -> frozenset[str]:
    """Return the words of ``arabic_words.tsv`` that are of a kind."""
    table = (files("newsbot.text") / "arabic_words.tsv").read_text("utf8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return frozenset(word for word, what in rows if what == kind)


_WHOLE = _listed("whole")
_NO_ARTICLE = _listed("no-article")
_EITHER = _listed("either")

_ARTICLES = ("ال", "بال", "كال", "فال", "وال", "ولل", "فلل", "وبال", "وكال", "فبال", "لل")
_LONGEST_FIRST = sorted(_ARTICLES, key=len, reverse=True)
_SHORTEST_STEM = 3
# Two letters are too few to tell, but these stand behind و and ف all the time.
_SHORT = frozenset(
    ("من", "في", "هو", "هي", "هم", "ان", "عن", "قد", "لم", "لن", "ما", "لا", "او", "اي")
)
_SHORTEST_UNKNOWN = 4
# Zipf: at least how common a stem is; and how much rarer than the whole word it may be, by letter.
# ك begins many words of its own; و is written onto anything.
_COMMON = 3.0
_RARER: dict[str, float] = {"و": 0.6, "ف": 0.1, "ب": 1.0, "ل": 0.4, "ك": -0.5}
# A bare article is doubted where the whole is that much more common than the definite word; another
# letter than و leaves the whole as a second reading where it is a word, and not so much rarer.
_DOUBT = 0.7
_DOUBT_OF_PREPOSITIONS = 2.0


def stems(word: str) -> tuple[str, ...]:
    """Return the folded word without its clitics: one stem, or two where both may be meant."""
    letter, rest = word[:1], word[1:]
    if word in _EITHER:
        return (rest, word)
    if letter in {"و", "ف"} and rest in _SHORT:
        return (rest,)
    if len(word) <= _SHORTEST_STEM or word in _WHOLE:
        return (word,)
    bare = _without_article(word)
    if bare is not None:
        return _one_lam_or_two(word, bare)
    if letter not in _RARER or len(rest) < _SHORTEST_STEM:
        return (word,)
    whole, part = script_zipf(word), arabic_zipf(rest)
    if part < _COMMON:
        unknown = whole < _COMMON and letter == "و" and len(rest) >= _SHORTEST_UNKNOWN
        if rest not in _WHOLE and not unknown and not (part == 0 and _has_known_stem(whole, rest)):
            return (word,)
        return stems(rest)
    if part < whole - _RARER[letter]:
        return (word,)
    found = stems(rest)
    doubtful = letter != "و" and whole >= _COMMON and part - whole < _DOUBT_OF_PREPOSITIONS
    return tuple(dict.fromkeys((*found, word))) if doubtful else found


def _one_lam_or_two(word: str, bare: str) -> tuple[str, ...]:
    """After لل a lam may have been dropped: للجنة is both *for the committee* and *for paradise*."""
    start = word.find("لل")
    whole = word[start + 1 :]
    if start < 0 or whole != "ل" + bare or arabic_zipf(whole) < _COMMON:
        return (bare,)
    return tuple(dict.fromkeys((bare, whole)))


def _has_known_stem(whole: float, rest: str) -> bool:
    """Say whether an unknown word goes on with more clitics and a known stem (ولل…, فب…)."""
    if whole >= _COMMON:
        return False
    stem = stems(rest)[0] if rest[0] in _RARER or rest.startswith("ال") else rest
    return stem != rest and arabic_zipf(stem) >= _COMMON


def _without_article(word: str) -> str | None:
    """Return a word without its article (and what stands before it); None when it has none."""
    for article in _LONGEST_FIRST:
        if not word.startswith(article):
            continue
        rest = word[len(article) :]
        if len(rest) < _SHORTEST_STEM:
            continue
        definite = "ال" + rest
        if definite in _WHOLE:
            return None
        if article == "ال":
            if word in _NO_ARTICLE or hamza_share().get(word, 0.0) > 0.5:
                return None
            return rest
        if definite in _NO_ARTICLE or hamza_share().get(definite, 0.0) > 0.5:
            continue
        # Before a bare article nothing else can be meant unless the whole is a word as well
        # (بالون, كالسيوم, والتر): then the definite word must be the commoner one.
        whole = script_zipf(word)
        if whole < _COMMON or max(arabic_zipf(definite), arabic_zipf(rest)) >= whole - _DOUBT:
            return rest
    return None
