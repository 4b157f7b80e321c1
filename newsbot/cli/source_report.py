"""What ``newsbot source test`` and ``source add`` say of a site that was looked at."""

from newsbot.cli.output import say
from newsbot.fetching.survey import Finding, Survey
from newsbot.fetching.trial import Sample, Trial
from newsbot.fetching.trial_report import next_step
from newsbot.text.doubts import believed

_TITLE = 70
_WORDS = {"feed": "feed", "sitemap": "sitemap", "page": "page of links"}


def print_survey(found: Survey) -> None:
    """Print the short form: what was found, and what is in the way."""
    say(f"{found.title}  {found.homepage}")
    for each in found.findings:
        say(f"  {_WORDS[each.kind]:<14} {each.url}{_counted(each)}")
    for line in found.refused:
        say(f"  in vain        {line}")
    if found.needs_javascript:
        say(f"  javascript     needed: {found.scripted}")
    if found.closed:
        say("  robots.txt     keeps the homepage from newsbot; it will not be read")
    if found.crawl_delay:
        say(f"  robots.txt     asks for {found.crawl_delay:g} s between two requests; that is kept")


def print_trial(trial: Trial) -> None:
    """Print the whole report of ``source test``."""
    found = trial.survey
    say("What leads to its articles")
    print_survey(found)
    say()
    if trial.samples:
        say("Articles that were tried")
        for sample in trial.samples:
            _print_sample(sample)
        say()
    say("How it would be crawled")
    if not found.needs_javascript:
        say("  javascript     not needed")
    if not (found.closed or found.crawl_delay):
        say("  robots.txt     closes nothing of this and asks for no delay")
    say(f"  unchanged      {_UNCHANGED[trial.unchanged]}")
    if trial.gap is None or trial.interval is None:
        say("  rhythm         the entries' dates tell none; it will be learnt")
    else:
        say(
            f"  rhythm         an article about every {_span(trial.gap)}; a look every "
            f"{_span(trial.interval)} to begin with, then as is learnt"
        )
    say(f"  this test      {trial.requests} requests; nothing was changed")
    say()
    say(next_step(trial))


_UNCHANGED = {
    True: "entry points are answered by 304, which costs nothing further",
    False: "the site names an ETag or Last-Modified, but sends all of it each time",
    None: "the site gives no ETag and no Last-Modified: each look fetches all of it",
}


def _counted(finding: Finding) -> str:
    if finding.answer is None:
        return "" if finding.kind == "page" else "  (not read)"
    count = len(finding.entries)
    words = f"{count} article{'s' if count != 1 else ''}" if count else "no articles now"
    newest = f", newest of {finding.newest}" if finding.newest else ""
    return f"  ({words}{newest}{'' if finding.announced else '; not announced'})"


def _print_sample(sample: Sample) -> None:
    read = sample.extracted
    if read is None:
        say(f"  - {sample.url}")
        say(f"      {sample.problem}")
        return
    title = read.title if len(read.title) <= _TITLE else read.title[: _TITLE - 1] + "…"
    say(f"  + {title or '(no title)'}")
    say(f"      {sample.url}")
    stated = believed(read.published)
    day = str(stated.day) if stated else "no date"
    authors = ", ".join(read.authors) or "no author"
    say(f"      {day}, {authors}, {read.language or 'no language'}, {len(read.body.split())} words")
    if sample.missing:
        say(f"      missing: {', '.join(sample.missing)}")


def _span(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
