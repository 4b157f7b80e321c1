"""How far a story has spread: told when so many publishers, or sources of so many groups, have it.

Counted are the publishers of those articles of the story that met the alert, each the source that the
article is of, under whatever names and ids it goes. Articles that are no news for the alert (of a source's
first crawl, say) count too, but none of them is the reason to tell; what the alert leaves out does not
count. Stories that were found to be one count together, and a threshold that any of them was told for is
not told again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from newsbot.alerts import holding
from newsbot.alerts.occasions import Occasion
from newsbot.alerts.rules import InForce
from newsbot.archive import articles, matches, outbox, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.matches import Match
from newsbot.archive.naming import Names
from newsbot.archive.rules import Rule
from newsbot.search.documents import Documents

# Names that a message has room for.
_NAMED = 20

_asked: tuple[InForce | None, frozenset[str]] = (None, frozenset())


def asked(book: InForce) -> frozenset[str]:
    """Return the ids of the rules that ask for a number of publishers or groups."""
    global _asked
    known, found = _asked
    if known is not book:
        found = frozenset(
            rule.id for rule in book.rules.values() if rule.spread.publishers or rule.spread.groups
        )
        _asked = book, found
    return found


def reached(
    database: Database, book: InForce, kept: Sequence[Kept], told: Iterable[Match]
) -> list[Occasion]:
    """Return the thresholds that stories of these articles have reached, by what is on record now.

    ``told`` are the matches of these articles of which people are told. An article that met nothing may
    have made two stories one.
    """
    rules = asked(book)
    if not rules:
        return []
    met = {match.story for match in told if match.alert in rules}
    news = {
        each.record.story
        for each in kept
        if each.verdict != "known" and not each.record.quiet and not each.article.found_by
    }
    heads = stories.heads(database, met | news)
    families = stories.members_of(database, set(heads.values()))
    touched = {heads[story] for story in met}
    wanted = {head: of for head, of in families.items() if head in touched or len(of) > 1}
    head_of = {story: head for head, of in wanted.items() for story in of}
    if not head_of:
        return []
    found: defaultdict[tuple[str, str], list[Match]] = defaultdict(list)
    for match in matches.of_stories(database, head_of):
        if match.alert in rules:
            found[match.alert, head_of[match.story]].append(match)
    of = articles.sources_of(database, {each.article for some in found.values() for each in some})
    names = Documents.of(database).names(*of.values())
    return [
        occasion
        for (alert, head), some in found.items()
        for occasion in _of(database, book.rules[alert], families[head], some, of, names)
    ]


def _of(
    database: Database,
    rule: Rule,
    family: Sequence[str],
    met: Sequence[Match],
    of: Mapping[str, str],
    names: Names,
) -> list[Occasion]:
    counted = [each for each in met if each.held not in holding.NOISE and each.article in of]
    if not rule.channels or all(each.held for each in counted):
        return []
    if any(holding.is_muted(database, rule, each) for each in family):
        return []
    sources = {
        of[each.article] for each in counted if not holding.left_out(rule, names, of[each.article])
    }
    telling = {found.id: found for each in sources if (found := names.family(each))}
    publishers = sorted(each.name for each in telling.values())
    groups = sorted(
        {group.casefold(): group for each in telling.values() for group in each.groups}.values()
    )
    numbers = (
        ("publishers", rule.spread.publishers, publishers),
        ("groups", rule.spread.groups, groups),
    )
    last = max(
        (each for each in counted if not each.held), key=lambda each: (each.matched_at, each.id)
    )
    made = []
    for what, least, said in numbers:
        if least and len(said) >= least:
            name = f"{what}:{least}"
            made.append(
                Occasion(
                    rule=rule,
                    kind="spread",
                    name=name,
                    story=_told_as(database, rule, family, name, last.told_as or last.story),
                    article=last.article,
                    passage=last.passage,
                    channels=rule.channels,
                    said={
                        "what": what,
                        "number": len(said),
                        "asked": least,
                        "sources": publishers[:_NAMED],
                        **({"groups": groups[:_NAMED]} if what == "groups" else {}),
                    },
                    again=True,
                )
            )
    return made


def _told_as(database: Database, rule: Rule, family: Iterable[str], name: str, own: str) -> str:
    """Return the story of which this was told already, and else the one that is told of it."""
    ids = {
        outbox.message_id(rule.id, story, name, channel): story
        for story in family
        for channel in rule.channels
    }
    told = sorted(ids[message] for message in outbox.many(database, ids))
    return told[0] if told else own
