"""The sentences and words of other parts that pages show, as messages of the catalogues.

``{places}`` take what differs. The order matters: the first message that a sentence fits is its own.
"""

from newsbot.web.said_of_queries import QUERIES


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
    _("There are people here already; ask an admin to add you."),
    _("This collection is another's to change."),
    _("Say that you mean it: tick the box beside the button."),
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

# What became of an address: newsbot.why.
_STEPS: tuple[str, ...] = (
    _(
        "no source is on its host; `newsbot source add` adds one (a source elsewhere may lead to it all the "
        "same)"
    ),
    _("its host is that of {names}"),
    _("no crawl has found a link to it (or left it out, which is not kept of each address)"),
    _("it is an entry point ({kind}) of its source: read for links, not as an article"),
    _("a link of its source led to it; when that was found is not kept once it is visited"),
    _("no visit of its page is on record: it came with a file, or its source was removed"),
    _("a link to it was found at {where}, and waits to be fetched"),
    _("a next run of its source goes on with it"),
    _("the run {run} of its source is {state}"),
    *(_("its page was read"), _("its page was read, {count} times by now")),
    _("looked at for edits again from {when} on"),
    _("the last {count} looks failed: {why}"),
    _("it was judged to be no article: {why}"),
    _("it was not fetched: it {why}. It is not tried again by itself"),
    _("it could not be read: {why}"),
    _("tried {count} times, again from {when} on"),
    _("its text is that of the article {what}, which is kept once"),
    _("stored by the run {run}, of {names}, as article {article}"),
    _("stored from a file, or a page kept as it came, of {names}, as article {article}"),
    _("in part, {why}"),
    _("found in a walk back in time"),
    _("its text is a copy of the article {article}, with which it is one story"),
    _("the same text stands at {count} more of its addresses"),
    _("its alerts are not looked through yet"),
    _("its publisher has taken it down; it stays as it read last"),
    _("it reads as version {count} now ({names}); {how}"),
    _("it reads as version {count} now; {how}"),
    _("searches find it as it reads now"),
    _("searches do not find it yet: the index follows the archive up to {when}"),
    _("as it reads now it does not meet {what}"),
    _("it met the query: {clause}, as version {count}"),
    *(_("it met the query: {clause}"), _("it met the query")),
    _("nobody is told: {why}; `newsbot alert release` tells of such after all"),
    _("the alert has no channel: its matches are listed alone"),
    *(_("no message of it is on record yet"), _("no message of it is on record")),
    *(_("sent to {name} in a digest"), _("sent to {name}"), _("to be sent to {name}")),
    _("waits for the digest of {when}, to {name}"),
    _("{address} is no address of a page; give one as https://news.example/a-story"),
)

MESSAGES: tuple[str, ...] = (
    *_PEOPLE,
    *_STEPS,
    *_WORDS,
    *_CAUSES,
    *_HEALTH,
    *QUERIES,
    *_COUNTS,
    *_ANSWERS,
)
