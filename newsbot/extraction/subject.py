"""What a page says it is about: its section, its tags, its description."""

import re
from collections.abc import Iterator

from newsbot.extraction.choice import Candidate, Choice
from newsbot.extraction.statements import Statements, names_in, plain
from newsbot.text.urls import is_web_url

_MOST_TAGS = 50
_LONGEST_TAG = 100
_BETWEEN = re.compile(r"\s*[,;،؛、，；|]\s*")
_SECTIONS = ("article:section", "og:article:section", "parsely-section", "cxenseparse:section",
             "dc.subject", "section", "category")  # fmt: skip
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description",
                 "dcterms.description", "sailthru.description")  # fmt: skip


def read_section(statements: Statements) -> Choice[str]:
    """Return the part of its site that an article stands in, as the page names it; "" without."""
    offers = [(plain(statements.meta.get("article:section")), "meta article:section")]
    for node in statements.articles[:5]:
        offers += [
            (plain(each), "json-ld articleSection") for each in names_in(node.get("articleSection"))
        ]
    offers += [(statements.meta.get(tag, ""), f"meta {tag}") for tag in _SECTIONS[1:]]
    return _first([(text, source) for text, source in offers if not is_web_url(text)])


def read_description(statements: Statements) -> Choice[str]:
    """Return a page's own summary of its article; "" where it gives none."""
    offers = [(statements.meta.get(tag, ""), f"meta {tag}") for tag in _DESCRIPTIONS]
    offers += [
        (plain(node.get("description")), "json-ld description") for node in statements.articles[:5]
    ]
    return _first(offers)


def read_tags(statements: Statements) -> Choice[tuple[str, ...]]:
    """Return the tags that a page gives its article, in its order, each once, at most 50.

    Asked are, in order, JSON-LD's keywords, every ``article:tag``, and the keyword tags; the first
    that says anything is taken whole.
    """
    considered: list[Candidate] = []
    value: tuple[str, ...] = ()
    source = ""
    for stated, where in _keywords(statements):
        tags = _once(tag for text in stated for tag in _BETWEEN.split(plain(text)))
        if not tags:
            continue
        taken = not value
        if taken:
            value, source = tags, where
        considered.append(
            Candidate(
                text=", ".join(tags),
                source=where,
                taken=taken,
                why="" if taken else "others come first",
            )
        )
    return Choice(value=value, source=source, considered=tuple(considered))


def _keywords(statements: Statements) -> Iterator[tuple[list[str], str]]:
    for node in statements.articles[:5]:
        yield list(names_in(node.get("keywords"))), "json-ld keywords"
    yield [text for name, text in statements.all_meta if name == "article:tag"], "meta article:tag"
    for tag in ("news_keywords", "parsely-tags", "keywords", "sailthru.tags"):
        yield [statements.meta.get(tag, "")], f"meta {tag}"


def _once(tags: Iterator[str]) -> tuple[str, ...]:
    kept = (tag for tag in tags if tag and len(tag) <= _LONGEST_TAG and not is_web_url(tag))
    return tuple(dict.fromkeys(kept))[:_MOST_TAGS]


def _first(offers: list[tuple[str, str]]) -> Choice[str]:
    considered = [
        Candidate(
            text=text,
            source=source,
            taken=number == 0,
            why="" if number == 0 else "others come first",
        )
        for number, (text, source) in enumerate(offer for offer in offers if offer[0])
    ]
    if not considered:
        return Choice(value="")
    return Choice(
        value=considered[0].text, source=considered[0].source, considered=tuple(considered)
    )
