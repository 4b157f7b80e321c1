"""Where new articles belong: to the story of what they are copies of, or to an article that moved.

A near-identical text at another address of the same source is one article that moved or stands at
two addresses. A copy at another source is another article of the same story: it takes the story of
the first that was seen, notes which that is and how far from it the copy is.

Two workers may store two copies at once. Each files its texts (``prints``), then stores the articles,
then asks whether anything was filed since it looked, or stood filed without its article; if so it
looks again. Whichever of the two asks last finds the other's, and links their stories (or makes the
two one). So the stories are in the end those that one worker would have made.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import attrs

from newsbot.archive import prints, stories
from newsbot.archive.connection import Database
from newsbot.archive.kept import Judged, Kept, kept_of
from newsbot.archive.prints import Look, Near, Wanted
from newsbot.similarity import Signature, Text, compare

HOW = "copy"


@attrs.frozen(kw_only=True)
class Place:
    """Where a new article belongs.

    ``story`` is its story; ``copy_of`` the article of it that was seen first ("" where it is the first)
    and ``distance`` how far it is from that; ``links`` are further stories that are one with it.
    ``moved`` is the stored article that it is at another address.
    """

    story: str
    copy_of: str = ""
    distance: float | None = None
    links: frozenset[str] = frozenset()
    moved: Kept | None = None


@attrs.define
class Placing:
    """Finds the places of the new articles of one batch, one after the other, then settles them."""

    database: Database
    looks: Mapping[str, Look]
    _filed_before: int
    _wanted: dict[str, Wanted]
    _placed: dict[str, Kept] = attrs.Factory(dict)
    _links: dict[str, frozenset[str]] = attrs.Factory(dict)
    _texts: dict[str, Text] = attrs.Factory(dict)
    _by_key: dict[bytes, list[str]] = attrs.Factory(lambda: defaultdict(list))

    @classmethod
    def of(cls, database: Database, fresh: Sequence[Judged]) -> "Placing":
        """Look for what is stored near these."""
        wanted = {
            each.article.id: (each.article, each.prints.signature)
            for each in fresh
            if each.prints.signature is not None
        }
        if not wanted:
            return cls(database, {}, 0, {})
        before = prints.filings(database)
        looks = prints.look(database, list(wanted.values()))
        return cls(database, looks, before, wanted)

    def place(self, judged: Judged, own: str) -> Place | None:
        """Return where an article belongs, ``own`` being the story it would have by itself.

        None: it is the same as one of its batch, to be held against that one when it is stored.
        """
        article = judged.article
        if article.id not in self._wanted:
            return Place(story=own)
        copies = self.looks[article.id].copies
        moved = [each for each in copies if _is_moved(judged, each)]
        if moved:
            return Place(story=own, moved=min(moved, key=_seen).kept)
        mates = self._mates(judged)
        if any(_is_moved(judged, each) for each in mates):
            return None
        near = (*sorted(copies, key=_seen), *mates)
        if not near:
            return Place(story=own)
        first = self._first(judged, near[0])
        told = [each.kept.record.story for each in near]
        heads = stories.heads(self.database, {first.kept.record.story, *told})
        story = heads[first.kept.record.story]
        return Place(
            story=story,
            copy_of=first.kept.article.id,
            distance=first.likeness.distance,
            links=frozenset(heads.values()) - {story},
        )

    def put(self, kept: Kept, place: Place) -> None:
        """Take note of an article that is about to be stored."""
        identity = kept.article.id
        if identity not in self._wanted:
            return
        self._placed[identity] = kept
        self._texts[identity] = prints.text_of(kept.article)
        self._links[identity] = place.links
        for key in self._wanted[identity][1].all_keys():
            self._by_key[key].append(identity)

    def file(self) -> None:
        """File what was noted; to be done before the articles are stored."""
        prints.file(self.database, [self._wanted[each] for each in self._placed], self.looks)

    def settle(self, kept: Mapping[str, Kept]) -> dict[str, Kept]:
        """Link what is one, and look at what others stored meanwhile; ``kept`` is what was stored.

        Returns the articles of which something else became.
        """
        placed = {each: kept[each] for each in self._placed if each in kept}
        if not placed:
            return {}
        for each, one in placed.items():
            for other in sorted(self._links[each]):
                stories.link(self.database, one.record.story, other, how=HOW)
        others = prints.filings(self.database) != self._filed_before + 1
        again = [self._wanted[each] for each in placed if others or self.looks[each].unsettled]
        changed: dict[str, Kept] = {}
        for identity, found in prints.look(self.database, again).items() if again else ():
            known = {near.kept.article.id for near in self.looks[identity].copies}
            new = [near for near in found.copies if near.kept.article.id not in known]
            for near in sorted(new, key=_seen):
                if near.kept.article.id in placed and near.kept.article.id not in changed:
                    continue  # of this batch: placed beside each other
                met = self._meet(changed.get(identity, placed[identity]), near)
                if met is not None:
                    changed[identity] = met
        return changed

    def _meet(self, mine: Kept, near: Near) -> Kept | None:
        """Make one what two workers stored at once. Returns mine where it is another now."""
        other = near.kept
        if mine.verdict == "duplicate":
            return None
        # Whatever becomes of them: the other worker may have told of its own by now.
        stories.link(self.database, mine.record.story, other.record.story, how=HOW)
        if near.likeness.verdict == "same" and mine.article.source in other.record.sources:
            first, later = sorted((mine, other), key=_order)
            if _fold(self.database, later, first) and later.article.id == mine.article.id:
                return attrs.evolve(first, verdict="duplicate")
            return None
        if mine.record.copy_of or _order(mine) < _order(other):
            return None
        distance = near.likeness.distance
        self.database.articles.update_one(
            {"_id": mine.article.id, "copy_of": ""},
            {"$set": {"copy_of": other.article.id, "distance": distance}},
        )
        record = attrs.evolve(mine.record, copy_of=other.article.id, distance=distance)
        return attrs.evolve(mine, record=record)

    def _mates(self, judged: Judged) -> list[Near]:
        """Return the copies among what was placed before in this batch."""
        article, signature = self._wanted[judged.article.id]
        ids = {each for key in signature.all_keys() for each in self._by_key.get(key, ())}
        mine = prints.text_of(article)
        near = [
            Near(kept=self._placed[each], likeness=compare(mine, self._texts[each]))
            for each in prints.likeliest(signature, {each: self._wanted[each][1] for each in ids})
        ]
        return [each for each in near if each.likeness.copies]

    def _first(self, judged: Judged, near: Near) -> Near:
        """Return the article that the story began with, where what was found is itself a copy."""
        first = near.kept.record.copy_of
        kept = self._placed.get(first)
        if first and kept is None:
            found = self.database.articles.find_one({"_id": first})
            kept = kept_of(found, "known") if found else None
        if kept is None:
            return near
        likeness = compare(prints.text_of(judged.article), prints.text_of(kept.article))
        return Near(kept=kept, likeness=likeness)


def retold(database: Database, kept: Kept, signature: Signature | None) -> None:
    """File an article by what it says now; one that was not looked for may be a copy of what is stored.

    It is whole at last, or whoever stored it died before it asked what others had stored meanwhile.
    """
    prints.refile(database, kept.article, signature)
    if signature is None or kept.verdict == "edited":
        return
    found = prints.look(database, [(kept.article, signature)])[kept.article.id]
    for near in found.copies:
        stories.link(database, kept.record.story, near.kept.record.story, how=HOW)


def _is_moved(judged: Judged, near: Near) -> bool:
    return near.likeness.verdict == "same" and judged.article.source in near.kept.record.sources


def _order(kept: Kept) -> tuple[object, str]:
    return kept.record.first_seen, kept.article.id


def _seen(near: Near) -> tuple[object, str]:
    return _order(near.kept)


def _fold(database: Database, later: Kept, first: Kept) -> bool:
    """Make an article part of the one seen before it: its addresses lead there, and it goes.

    The addresses are there before it goes, so that whoever dies in between leaves none without. False:
    the one seen before went meanwhile, and this one stays.
    """
    while True:
        found = database.articles.find_one({"_id": later.article.id}, {"also_at": 1, "sources": 1})
        if found is None:
            return True
        led = [later.article.url, *found.get("also_at", ())]
        added = database.articles.update_one(
            {"_id": first.article.id},
            {"$addToSet": {"also_at": {"$each": led}, "sources": {"$each": found["sources"]}}},
        )
        if not added.matched_count:
            return False
        as_read = {"_id": later.article.id, "also_at": found.get("also_at", [])}
        if database.articles.delete_one(as_read).deleted_count:
            database.prints.delete_one({"_id": later.article.id})
            return True
