"""newsbot's extractor in the form that the scorer of labelled pages wants."""

from newsbot.extraction import extract


def newsbot(html: bytes, url: str) -> dict[str, object]:
    """Return title, body, date and authors of a page."""
    found = extract(html, url)
    return {
        "title": found.title,
        "body": found.body,
        "date": found.published.day.isoformat() if found.published else None,
        "authors": list(found.authors),
    }
