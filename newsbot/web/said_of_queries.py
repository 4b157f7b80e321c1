"""Why a query is none, as messages of the catalogues; see :mod:`newsbot.web.said`."""


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


# Why a query is none: newsbot.query. Each may end with a remark on operators in small letters.
QUERIES: tuple[str, ...] = (
    # A remark behind another of these
    _("{what} ({word} is a word here; the operator is in upper case: {operator})"),
    _("the query is empty; write a word"),
    _("the query is longer than {count} characters"),
    _("the query has more than {count} clauses"),
    _("this parenthesis closes nothing; remove it, or open one before"),
    _("this parenthesis is never closed; add one at the end of the group"),
    _("there is nothing between these parentheses"),
    _("parentheses are nested deeper than {count}"),
    _("negations are nested deeper than {count}"),
    _("the query only excludes; name at least one thing that articles shall have"),
    _(
        "one side of OR only excludes; name at least one thing that articles shall have on each side"
    ),
    _("{operator} has nothing behind it; write what else may stand there"),
    _("{operator} has nothing behind it; write what else must stand there"),
    _("{operator} has nothing behind it; write what stands near"),
    _("{operator} has nothing behind it; write what to exclude"),
    _("{operator} joins two sides; for three write (a NEAR/5 b) AND (b NEAR/5 c)"),
    _("{operator} takes no word as written (=); leave the = out"),
    _("{operator} takes no phrase with ~; write it without, or join its words by NEAR, too"),
    _("{operator} stands between words, phrases and groups of them joined by OR"),
    _("the two sides of NEAR are in different fields, so never near"),
    _("one - before a word excludes it; two are no operator, leave them out"),
    _("this quote is never closed; add one at the end of the phrase"),
    _('the asterisk stands inside the quotes, at the end of a word: "storm warn*"'),
    _("phrases cannot be given a weight; leave ^ out"),
    _('~ wants a whole number of positions, as in "a b"~3'),
    _("~ reaches {count} positions at most"),
    _("this range is never closed; add a ]"),
    _("single quotes make no phrase; write {phrase}"),
    _("= stands directly before one word, as =WHO"),
    _("= stands before a word; put it before words in the list instead"),
    _("a word is either exact (=) or a prefix (*), not both"),
    _("an asterisk stands for no word; write the beginning of one"),
    _("an asterisk stands at the end of a word only"),
    _("{text} has no letter or digit; write a word"),
    _("there is no word between these quotes"),
    _("a phrase in any order (~) has {most} words at most, this one has {count}"),
    _('an asterisk stands for no word; for words with others between write "a b"~2'),
    _("a prefix has two letters or more; {text} is too short"),
    _("an entry is a word or a phrase; this one is empty"),
    _("a list holds words and phrases, no other list"),
    _("a list takes no asterisk; its entries may end with one"),
    _(
        "there is no list {name}; did you mean {meant}? Otherwise make it with: newsbot list add {how}"
    ),
    _("there is no list {name}; make it with: newsbot list add {how}"),
    _("this range ends before it begins; exchange its days"),
    _("{text} is no day of the calendar; write it as 2020-03-23"),
    _("{text} is no day of the calendar: that month ends with {last}"),
    _("{text} is no day: a range goes from day to day; an age stands by itself, as <7d"),
    _(
        "{text} is no day of the calendar: there are 12 months, and the month stands before the day, as {how}"
    ),
    _("{text} is no time; the year stands first, then month and day: {how}"),
    _("{text} is no time; an age takes < or > alone; write {how}"),
    _("{text} is no time; an age has its unit at its number (h, d, w, m, y): {how}"),
    _("{text} is no time; write {how}"),
    _("{operator} has nothing before it; write what else is wanted there, or {word} for the word"),
    _("{operator} is no distance: words next to each other are NEAR/1"),
    _("{operator} reaches {count} positions at most; write it as NEAR/5"),
    _('NEAR wants a distance in positions, as NEAR/5; for the word write near, or "NEAR"'),
    _("NEAR wants a distance in positions, as NEAR/5"),
    _("proximity is written NEAR/5 (either order) or ONEAR/5 (in order)"),
    _(
        "{text} names no list: a list's name is of letters, digits, - and _; put it in quotes where it is "
        "a word of the text"
    ),
    _("a dash by itself is no word; write -word to exclude one"),
    _("this dash is no operator; to exclude a word write - before it"),
    _("every word is required as it is; leave the + out"),
    _("this sign is no operator; write NOT, or - directly before the word"),
    _("this sign is no operator; write AND, or leave it out"),
    _("this sign is no operator; write OR"),
    _(
        "there is no search for similar words; write word*, or the spellings with OR (~ stands behind a "
        'phrase: "a b"~3)'
    ),
    _('a number of positions stands directly behind the closing quote, as in "a b"~3'),
    _("words cannot be given a weight; leave ^ and its number out"),
    _("a question mark stands for no letter; leave it out, or write the words with OR"),
    _("there is no field {name}; did you mean {meant}?"),
    _(
        "there is no field {name}; there are {names}. If it is a word of the text, leave the colon out or "
        "put it in quotes"
    ),
    _("one field at a time: {name} stands directly before a word"),
    _("the - stands before the field: write {how}"),
    _("a range stands behind date: or seen: only, as date:[2020-03-01 TO 2020-03-31]"),
    _("< and > stand behind date: and seen: only, as date:<7d"),
    _("has: knows has:date alone"),
    _("{name} takes one value, not a group; repeat the field, as {how}"),
    _("{name} takes no asterisk; the whole name stands there"),
    _("{name} takes no asterisk; an address finds what is under it: {how}"),
    _("@ has no meaning behind {name}; leave it out, or put the name in quotes"),
    _("this is an address; write url: before it for the articles there; its words go in quotes"),
    _("there are no regular expressions; write words, or word* for a beginning"),
    _("a backslash changes nothing here; put the words in quotes instead"),
)
