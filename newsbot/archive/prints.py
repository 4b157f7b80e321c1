"""Signatures of the articles' texts, filed by their keys, so that copies of a text are found at once.

One document of ``prints`` is an article's signature, filed under its keys. Whoever looks for copies
asks for all that share a key, takes the likeliest by their signatures, and holds their texts against
each other.

A key that many texts have in common is one of a template or of what stands around texts, and tells
nothing: no more texts are filed under it. That keeps the cost of a look flat, however many stand
there; the embedded server reads all that a key has, whatever the limit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import attrs
from pymongo.errors import BulkWriteError

from newsbot.archive.connection import DUPLICATE_KEY, Database, Document
from newsbot.archive.kept import Kept, kept_of
from newsbot.items import Article
from newsbot.similarity import CROWD, Likeness, Signature, Text, compare

# How many articles are looked up at once: the embedded server holds each of what it finds against every
# key that was asked for.
_AT_ONCE = 3
# Of those that share a key, how many are compared, and how alike their signatures are at least.
_COMPARED = 8
_PROMISING = 0.12
# The embedded server takes time by the square of what ``$in`` finds.
_LOADED = 50
# How many texts are filed in one write: with 200 the embedded server stopped answering for a minute
# and more, each of three times (one at 71,400 texts); with 50 it went past that.
_FILED = 50


@attrs.frozen(kw_only=True)
class Near:
    """A stored article whose text was held against another's, and what the two are to each other."""

    kept: Kept
    likeness: Likeness


@attrs.frozen(kw_only=True)
class Look:
    """What was found near one text: its copies, and the keys under which it is not to be filed.

    ``unsettled`` says that something near is filed whose article was not there.
    """

    copies: tuple[Near, ...] = ()
    crowded: frozenset[bytes] = frozenset()
    unsettled: bool = False


Wanted = tuple[Article, Signature]


def text_of(article: Article) -> Text:
    """Return an article's text as it is compared."""
    return Text(article.title, article.body)


def look(database: Database, wanted: Sequence[Wanted]) -> dict[str, Look]:
    """Return what is stored near each of these articles, by their ids; themselves left out."""
    promising: dict[str, list[str]] = {}
    crowded: dict[str, frozenset[bytes]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        filed = _filed(database, part)
        for article, signature in part:
            met = [each for key in signature.all_keys() for each in filed.get(key, ())]
            others = {each["_id"]: Signature(each["hashes"], each["size"]) for each in met}
            others.pop(article.id, None)
            promising[article.id] = likeliest(signature, others)
            crowded[article.id] = _crowded(article.id, signature, filed)
    stored = _load(database, {each for ids in promising.values() for each in ids})
    return {
        article.id: _look(article, promising[article.id], stored, crowded[article.id])
        for article, _ in wanted
    }


def _filed(database: Database, part: Sequence[Wanted]) -> dict[bytes, list[Document]]:
    asked = {key for _, signature in part for key in signature.all_keys()}
    found = database.prints.find({"keys": {"$in": list(asked)}})
    filed: dict[bytes, list[Document]] = defaultdict(list)
    for each in found:
        for key in asked.intersection(each["keys"]):
            filed[key].append(each)
    return filed


def _crowded(
    article: str, signature: Signature, filed: Mapping[bytes, Sequence[Document]]
) -> frozenset[bytes]:
    """Return those of an article's keys under which enough others are filed."""
    return frozenset(
        key
        for key in signature.all_keys()
        if sum(each["_id"] != article for each in filed.get(key, ())) >= CROWD
    )


def likeliest(signature: Signature, others: Mapping[str, Signature]) -> list[str]:
    """Return those of the texts that may be copies of one, the likeliest first: a few at most."""
    scores = {article: signature.resemblance(other) for article, other in others.items()}
    ranked = sorted(scores.items(), key=lambda score: (-score[1], score[0]))
    return [article for article, score in ranked[:_COMPARED] if score >= _PROMISING]


def _load(database: Database, ids: Iterable[str]) -> dict[str, Kept]:
    wanted = sorted(ids)
    return {
        each["_id"]: kept_of(each, "known")
        for start in range(0, len(wanted), _LOADED)
        for each in database.articles.find({"_id": {"$in": wanted[start : start + _LOADED]}})
    }


def _look(
    article: Article, ids: Sequence[str], stored: Mapping[str, Kept], crowded: frozenset[bytes]
) -> Look:
    mine = text_of(article)
    near = [
        Near(kept=stored[each], likeness=compare(mine, text_of(stored[each].article)))
        for each in ids
        if each in stored
    ]
    return Look(
        copies=tuple(each for each in near if each.likeness.copies),
        crowded=crowded,
        unsettled=len(near) < len(ids),
    )


def file(database: Database, wanted: Iterable[Wanted], looks: Mapping[str, Look]) -> None:
    """File articles' signatures under those of their keys that are not crowded. May be repeated."""
    documents = [
        document(article.id, signature, looks[article.id].crowded) for article, signature in wanted
    ]
    if not documents:
        return
    for start in range(0, len(documents), _FILED):
        try:
            database.prints.insert_many(documents[start : start + _FILED], ordered=False)
        except BulkWriteError as error:
            if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
                raise
    database.meta.update_one({"_id": _FILINGS}, {"$inc": {"number": 1}}, upsert=True)


def document(article: str, signature: Signature, crowded: frozenset[bytes]) -> Document:
    """Return the document that files an article's signature."""
    keys = [key for key in signature.all_keys() if key not in crowded]
    return {"_id": article, "hashes": signature.hashes, "size": signature.size, "keys": keys}


def refile(database: Database, article: Article, signature: Signature | None) -> None:
    """File an article anew, whose text is another now."""
    if signature is None:
        database.prints.delete_one({"_id": article.id})
        return
    crowded = _crowded(article.id, signature, _filed(database, [(article, signature)]))
    fields = document(article.id, signature, crowded)
    del fields["_id"]
    database.prints.update_one({"_id": article.id}, {"$set": fields}, upsert=True)


def filings(database: Database) -> int:
    """Return how often texts were filed so far: it grows after they are."""
    found = database.meta.find_one({"_id": _FILINGS})
    return int(found["number"]) if found else 0


_FILINGS = "prints"
