"""The sentences and words of other parts that pages show, as messages of the catalogues.

``{places}`` take what differs. The order matters: the first message that a sentence fits is its own.
"""


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


_WORDS: tuple[str, ...] = (
    # Steps of a timeline, fields of facets
    *(_("hour"), _("day"), _("week"), _("month"), _("hours"), _("days"), _("weeks"), _("months")),
    *(_("Source"), _("Group"), _("Language"), _("Section"), _("Author"), _("Tag"), _("Publisher")),
    # States
    *(_("active"), _("paused"), _("removed"), _("queued"), _("running"), _("done"), _("failed")),
    *(_("lost"), _("cancelled"), _("sent"), _("gathered"), _("waiting"), _("pending"), _("dead")),
    *(_("dropped"), _("well"), _("told"), _("none"), _("yes"), _("no"), _("new"), _("interval")),
    # Why runs start; kinds of channels and messages; digests
    *(
        _("request"),
        _("schedule"),
        _("poll"),
        _("backfill"),
        _("webhook"),
        _("email"),
        _("apprise"),
    ),
    *(_("at once"), _("hourly"), _("daily"), _("weekly"), _("story"), _("article"), _("digest")),
    *(_("trouble"), _("test"), _("edit"), _("spread"), _("surge")),
    *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday")),
    *(_("Sunday"), _("feed"), _("sitemap"), _("page"), _("section"), _("pagination")),
    # What an edit changes, and what differs
    *(_("headline"), _("byline"), _("date"), _("correction"), _("addition"), _("cut")),
    *(_("rewording"), _("retraction"), _("deletion"), _("restored"), _("by"), _("published")),
    *(_("text"), _("titles"), _("dates"), _("authors"), _("texts"), _("title"), _("body")),
    # Labels of a source's health
    *(_("health"), _("runs"), _("freshness"), _("articles"), _("fields"), _("refused")),
    # What is wrong with a source, in short
    *(_("fails"), _("has gone quiet"), _("brings far less"), _("lacks fields")),
    *(_("pages have changed"), _("an entry point is lost"), _("closed by robots.txt")),
    _("keeps newsbot out"),
    # The names of an alert's fields, as its page lists them
    *(_("name"), _("query"), _("sources"), _("languages"), _("channels"), _("timing.how")),
    *(_("timing.at"), _("timing.weekday"), _("timing.zone"), _("timing.even_empty")),
    *(_("timing.quiet"), _("timing.most"), _("edits.meets"), _("edits.kinds"), _("edits.least")),
    *(_("noise.title_only"), _("noise.mentions"), _("noise.without"), _("spread.publishers")),
    *(_("spread.groups"), _("spread.surge"), _("each"), _("max_age"), _("muted"), _("state")),
    _("in another order"),
    # Why nobody is told of a match
    *(_("left out"), _("mentions"), _("known"), _("edited"), _("replayed"), _("imported")),
    *(_("first crawl"), _("old"), _("quiet hours"), _("no channel")),
    _("it is of a source or a group that the alert leaves out"),
    _("its story is muted"),
    _("its headline alone does not meet the query"),
    _("too few of its passages meet the query"),
    _("it met the query before, when the alert was not there yet or asked for something else"),
    _("it meets the query only since an edit, and the alert does not tell of these"),
    _("it was read again from a page that was kept"),
    _("it came with a file"),
    _("it was waiting in a backup that was restored"),
    _("it was found in a walk back in time"),
    _("it was there before its source was added, and found when that was crawled first"),
    _("it was published longer ago than the alert tells of"),
    # Why a date is not believed
    *(_("in the future"), _("before there were web pages")),
    _("what software prints where it knows no date"),
    # Steps of what became of an address, and their outcomes
    *(_("found"), _("fetched"), _("read"), _("stored"), _("indexed"), _("alert"), _("source")),
    *(_("no source"), _("never seen"), _("entry point"), _("no article"), _("same article")),
    *(_("unknown"), _("known source"), _("another address"), _("an article"), _("taken down")),
    *(_("not indexed"), _("not met"), _("too late"), _("held"), _("met"), _("to be sent")),
    *(_("in a digest"), _("dead-lettered"), _("the web page"), _("operators")),
)

# What newsbot does not fetch, and how many: newsbot.fetching.causes.
_CAUSES: tuple[str, ...] = (
    _("at addresses that are not public"),
    *(_("neither http nor https"), _("with impossible addresses"), _("redirected to other sites")),
    *(
        _("redirected without end"),
        _("too large"),
        _("packed like bombs"),
        _("with too much header"),
    ),
    *(_("too slow to arrive"), _("links beyond those read"), _("of kinds that are no articles")),
    *(_("left for the next run"), _("too deep"), _("left alone while robots.txt cannot be read")),
    *(_("left alone with their host"), _("not asked for while we were cut off")),
    *(_("not given by their site"), _("behind a wall"), _("without a text"), _("for subscribers")),
    *(
        _("that are no text"),
        _("not fetched"),
        _("with unknown host names"),
        _("could not be reached"),
    ),
    *(_("did not answer in time"), _("answered with an error"), _("for which no browser starts")),
    *(_("could not be extracted"), _("could not be kept"), _("broke newsbot itself")),
    _("from a feed; its page {cause}"),
    _("leads to an address that is not public, which newsbot does not fetch from"),
    _("is neither http nor https"),
    _("is no address that newsbot fetches"),
    _("redirects away from its site"),
    _("redirects without end"),
    _("is larger than newsbot reads"),
    _("unpacks to far more than a page does, as a decompression bomb"),
    _("has more header than newsbot reads"),
    _("takes longer to arrive than it may"),
    _("names more links than newsbot reads"),
    _("is one of very many like it of which none was an article"),
    _("is beyond the pages of one run, and left for the next"),
    _("is too many steps from an entry point"),
    _("is closed to crawlers by robots.txt"),
    _("is left alone because its host's robots.txt cannot be read"),
    _("is left alone for a while, with its whole host"),
    _("was not asked for: our own connection is down"),
    _("is not given to newsbot by its site"),
    _("shows a wall in its place"),
    _("shows no text of its own"),
    _("shows its beginning only, to who has not paid"),
    _("is no text"),
)

# How a source fares: newsbot.alerts.health, .vitals, .entry_point_words, .trouble_words.
_HEALTH: tuple[str, ...] = (
    _("It failed {times} times in a row: {why}."),
    _("It has brought nothing since {when}, where {count} articles were to be expected."),
    _("It brought {count} articles on {day}, where {usual} are usual on that day of the week."),
    _(
        "It brings articles without the {fields} that they used to have; its pages may have changed: "
        "newsbot source test shows what is read."
    ),
    _(
        "It keeps newsbot out: {count} of the last {of} requests were answered by a refusal "
        "(401, 403, 429) or a wall, where {usual} % are usual; newsbot asks no faster for it: newsbot "
        "source set --delay makes it slower, and who runs the site may let newsbot in."
    ),
    _(
        "It has closed by robots.txt what was read before: {what}; newsbot obeys, and looks each day "
        "whether it is open again: who runs the site may let newsbot in."
    ),
    _(
        "It has changed its pages: {what}; newsbot source redesign NAME shows them before and after, and "
        "newsbot source set --override says where they show a field now."
    ),
    _("It has lost an entry point: {what}."),
    _("not known yet: no run of it has ended"),
    _("none has ended well"),
    _("the last ended well {span} ago"),
    _("{count} failed since"),
    _("well in {hours} of the {of} hours of 7 days in which there were some"),
    _("it has brought no news yet"),
    _("last news {span} ago, since when {count} articles were to be expected"),
    _("last news {span} ago"),
    _("{counts} (news of the last {days} days, today last)"),
    _("{count} are usual on such a day as yesterday ({least} to {most})"),
    _("no article yet"),
    _("{field} {now} (usually {usual})"),
    _("{count} characters (usually {usual})"),
    _("pages without a text {now} (usually {usual})"),
    _("{share} of {count} requests of two weeks"),
    _("gone since {span} ago: {why}"),
    _("fails since {span} ago: {why}"),
    *(_("not asked yet"), _("quiet"), _("brings nothing that others do not bring before")),
    *(_("brings about {count} an hour"), _("brings about {count} a day")),
    *(_("brings about {count} a week"), _("brings about {count} a month")),
    _("names nothing since {when}"),
    _("has moved to {where}"),
    _("{count} sources fail, {cause}"),
    *(_("{count} sources fail"), _("{count} sources have gone quiet")),
    _("{count} sources bring far less than usual"),
    _("{count} sources bring articles that lack what they used to have"),
    _("{count} sources have changed their pages, which are not read as they were"),
    _("{count} sources have lost entry points"),
    _("{count} sources have closed by robots.txt what was read before"),
    _("{count} sources keep newsbot out"),
    *(_("{name} fails"), _("{name} has gone quiet"), _("{name} brings far less than usual")),
    _("{name} brings articles that lack what they used to have"),
    _("{name} has changed its pages, which are not read as they were"),
    _("{name} has lost an entry point"),
    _("{name} has closed by robots.txt what was read before"),
    _("{name} keeps newsbot out"),
    *(_("Our own connection is down"), _("Crawls wait for a worker")),
    *(_("Messages wait to be delivered"), _("The search index is behind"), _("The disk fills")),
    _("A channel takes no messages: {name}"),
    _("nearly all that is asked: {what}"),
    *(_("all by the proxy {what}"), _("all on {what}"), _("all at addresses of {what}")),
    _("Everything is paused {how}"),
    *(_("by {who} on {when}: {why}"), _("by {who} on {when}"), _("by {who}: {why}"), _("by {who}")),
    *(_("the connection was refused"), _("refused the connection")),
    *(_("has a host name that is not known"), _("could not be read: {why}")),
)

# Why a query is none: newsbot.query. Each may end with a remark on operators in small letters.
_QUERIES: tuple[str, ...] = (
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

# What charts and comparisons say: newsbot.search.told, .gaps.
_COUNTS: tuple[str, ...] = (
    *(_("rose"), _("fell"), _("no clear change"), _("not known"), _("not over yet")),
    _("nothing can be said of a rise or a fall: {count} without gaps are too few; {rest}"),
    _("nothing can be said of a rise or a fall: {count} without gaps are too few"),
    _("{change}: {before} in the earlier half of {count}, {after} in the later; {rest}"),
    _("{change}: {before} in the earlier half of {count}, {after} in the later"),
    _("{count} with gaps or not over are left out"),
    _("{share} of what was collected"),
    _("{count} articles a day"),
    _("{count} article has no known date and count by the day on which they were first seen."),
    _("{count} articles have no known date and count by the day on which they were first seen."),
    _("{count} of {of} days have gaps ({why}): nothing is said to rise or fall out of them."),
    _("{count} of {of} weeks have gaps ({why}): nothing is said to rise or fall out of them."),
    _("{count} of {of} months have gaps ({why}): nothing is said to rise or fall out of them."),
    _("Not collected at all in this time: {names}."),
    _("Left out, as not collected on all days: {names}."),
    _("{count} smaller lines are left out; the CSV has them."),
    _(
        "{count} articles of {first} to {last}, against the 28 days from {start} to {end}; {terms} terms "
        "were looked at."
    ),
    _("There is no past to compare with: no source was collected on 14 of the 28 days."),
    _("Terms were looked for in {count} articles, drawn at random."),
    _("{count} of {of} days of sources were not collected as usual and are left out of the past."),
    _("Left out, as too much of their past is missing: {names}."),
    _("The largest story of a usual day is told by {count} newsroom."),
    _("The largest story of a usual day is told by {count} newsrooms."),
    *(_("not added"), _("ill"), _("not crawled"), _("below")),
    _("was removed"),
    _("was not yet added (it was on {when})"),
    _("was added in the course of this day, at {when}"),
    _("its runs failed: {why}"),
    _("no run of it ended from {first} to {last}"),
    _("{count} articles, {usual} are usual on this weekday"),
    _("the search index reaches to {when}"),
    _("our own connection is down; nothing is wrong with the source"),
)

# What forms answer.
_ANSWERS: tuple[str, ...] = (
    _("{what}; nothing was changed."),
    _("Nothing was changed: {why}"),
    _("give the channel a name"),
    _("Alerts tell it; give those another channel first."),
    _("The channel {name} is there."),
    _("{name} took it: {what}"),
    _("{name} did not take it: {why}"),
    _("It had ended by then ({state})."),
    _("{text} is no number; write one, as in 3"),
    _("quiet hours have a beginning and an end, as in 22:00 and 07:00; fill in both, or neither"),
    _("There is no alert {name}."),
    _("No source is in a group {name}."),
    _("{text} is no day; give one as 2026-03-23."),
    _("{text} is no language; {how}"),
    _("the archive reaches back {days} days alone; averages are over those"),
    _("{field}: {old} → {new}"),
    _("{field}: {new}"),
    _("{first} to {last}"),
)

# What is said of people, passwords, tokens, collections and schedules.
_PEOPLE: tuple[str, ...] = (
    *(_("viewer"), _("analyst"), _("operator"), _("admin"), _("Sign in first.")),
    _("This is for people with the role {role}; ask whoever runs newsbot."),
    _("This address has no rule that says who may use it."),
    _("The form is not of this page; go back, reload, send it again."),
    _("there is nobody called {name}"),
    _("there is somebody called {name} already"),
    _("{name} is gone meanwhile"),
    _("{name} is the last admin, and there has to be one; make somebody else an admin first"),
    _("the first one has to be an admin, or nobody could add others; use the role admin"),
    _(
        "{name} is no name: it has letters, digits, single spaces and any of @ + . ' - _, {count} at most"
    ),
    _(
        "a password has {count} characters at least, and this one {of}; four words that have nothing to do "
        "with each other are a good one"
    ),
    _("a password has {count} characters at most, and this one {of}"),
    _(
        "this one is among the first that are guessed: it is made of common passwords, of your name, of "
        "repetitions or of rows of keys; four words that have nothing to do with each other are a good one"
    ),
    _("the name or the password is not right"),
    _("your present password is not right"),
    _("begin with your name and password"),
    _("that took too long; begin with your name and password"),
    _("the code is not right, or was used already; the next one comes within 30 s"),
    _("a token has a name that says what it is for, {count} characters at most"),
    _("say what the token is for: {names}"),
    _("{scope} is more than {name} may, who is {role}"),
    _("a note has at most {count} characters, and this has {of}; shorten it"),
    _("there may be {count} tags, and these are {of}"),
    _("a tag has at most {count} characters that can be seen; {text} is none"),
    _("the article is not in this collection any more; nothing was changed"),
    _("there is no such collection any more; nothing was changed"),
    _(
        "{when} never starts: all of its times are past, or in its windows; give one that is to come"
    ),
    _("{what}, {text}, is no time; give seconds, or as 5m, 2h, 1d"),
)

MESSAGES: tuple[str, ...] = (*_PEOPLE, *_WORDS, *_CAUSES, *_HEALTH, *_QUERIES, *_COUNTS, *_ANSWERS)
