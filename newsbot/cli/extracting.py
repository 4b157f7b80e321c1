"""``newsbot extract``: what newsbot reads of one page, and why. Needs no database."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import attrs
import typer

from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, console, fail, print_json, print_table, safe, say
from newsbot.extraction import Explanation, explain
from newsbot.extraction.choice import Choice
from newsbot.text.dates import ParsedDate
from newsbot.text.urls import is_web_url

# Characters of a candidate or of a block that was left out that are shown.
_SHOWN = 100
_NOWHERE = "https://file.invalid/page"


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("extract")(extract)


def extract(
    page: Annotated[str, typer.Argument(help="A page's address, or a file of HTML.")],
    url: Annotated[
        str, typer.Option(help="The address that a file was read at; addresses in it need one.")
    ] = "",
    explained: Annotated[
        bool,
        typer.Option("--explain", help="Say where each field came from and what was left out."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Print the article that a page holds. Exit code 1 when it is none."""
    if url and not is_web_url(url):
        fail(f"{url!r} is no web address; give one as https://news.example/story", code=USAGE)
    html, where, charset = _read(page, url)
    found = explain(html, where, reference=datetime.now(UTC), charset=charset)
    if as_json:
        record = attrs.asdict(found.extracted, recurse=False)
        print_json(record | {"explanation": _as_json(found)} if explained else record)
    else:
        _show(found)
        if explained:
            _show_why(found)
    if not found.extracted.is_article:
        raise typer.Exit(1)


def _read(page: str, url: str) -> tuple[bytes, str, str]:
    """Return a page's bytes, address and stated charset; what cannot be read ends the command."""
    if is_web_url(page):
        from newsbot.fetching.survey import SurveyError, fetch_page

        try:
            where, html, charset = fetch_page(page, context.config())
        except SurveyError as error:
            fail(str(error))
        return html, url or where, charset
    try:
        return Path(page).read_bytes(), url or _NOWHERE, ""
    except OSError as error:
        fail(
            f"{page} is no web address and no file that can be read ({error.strerror}); "
            "give a page as https://news.example/story, or a file of HTML",
            code=USAGE,
        )


def _show(found: Explanation) -> None:
    article = found.extracted
    fields = [
        ("kind", article.kind + (f": {article.why}" if article.why else "")),
        ("title", article.title),
        ("authors", ", ".join(article.authors)),
        ("publisher", article.publisher),
        ("published", _date(article.published)),
        ("modified", _date(article.modified)),
        ("language", article.language),
        ("section", article.section),
        ("tags", ", ".join(article.tags)),
        ("address", article.canonical_url),
        ("access", {True: "free", False: "for subscribers", None: ""}[article.free]),
        ("next page", article.next_page),
        ("pictures", str(len(article.images)) if article.images else ""),
    ]
    for name, value in fields:
        if value:
            console.print(f"[bold]{name:10}[/bold]", safe(value), soft_wrap=True)
    for paragraph in article.body.splitlines():
        say()
        console.print(safe(paragraph), soft_wrap=True)


def _date(date: ParsedDate | None) -> str:
    if date is None:
        return ""
    moment = f" ({date.instant:%Y-%m-%d %H:%M} UTC)" if date.instant else ""
    doubt = f" (not believed: {date.doubt})" if date.doubt else ""
    return f"{date.day.isoformat()}{moment}, from {date.source}{doubt}"


def _choices(found: Explanation) -> dict[str, Choice[str] | Choice[tuple[str, ...]]]:
    return {
        "title": found.title,
        "authors": found.authors,
        "publisher": found.publisher,
        "section": found.section,
        "tags": found.tags,
        "description": found.description,
    }


def _show_why(found: Explanation) -> None:
    say()
    rows = [
        (field if each.taken else "", "*" if each.taken else "", each.source, each.text, each.why)
        for field, choice in _choices(found).items()
        for each in sorted(choice.considered, key=lambda each: not each.taken)
    ]
    rows += [
        (
            each.of,
            "*" if each.verdict == "taken" else "",
            each.source,
            each.text,
            each.verdict,
        )
        for each in found.dating.considered
    ]
    print_table(
        ("field", "", "from", "said", "why"),
        ([cell[:_SHOWN] for cell in row] for row in rows),
        empty="The page says nothing of itself.",
    )
    say()
    say(f"text from: {found.text_from}; surely text: {found.body.characters:.0f} characters")
    counted = Counter(why for _, why in found.body.dropped)
    print_table(
        ("left out because", "blocks", "as in"),
        (
            (
                why,
                str(count),
                next(text for text, each in found.body.dropped if each == why)[:_SHOWN],
            )
            for why, count in counted.most_common()
        ),
        empty="Nothing was left out of the text.",
    )


def _as_json(found: Explanation) -> dict[str, object]:
    return {
        "text_from": found.text_from,
        "considered": {field: choice.considered for field, choice in _choices(found).items()}
        | {"dates": found.dating.considered},
        "left_out": [{"text": text, "why": why} for text, why in found.body.dropped],
    }
