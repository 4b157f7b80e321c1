"""Where a post stands on its site: its path, and the way back from a path to its number."""

import re
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from newsbot.demo.newsroom import Newsroom, Post
from newsbot.demo.sites import SITES, Site

_SITES: Final = {site.name: site for site in SITES}

_FIELD: Final = re.compile(r"\\{(\w+)\\}")

_SHAPES: Final = {
    "number": r"(?P<number>\d{1,12})",
    "slug": r"[a-z0-9-]*?",
    "section": r"[a-z]+",
    "year": r"\d{4}",
    "month": r"\d\d",
    "day": r"\d\d",
}


def path_of(post: Post) -> str:
    """Return the path of a post on its site. It never changes, whatever is edited."""
    site = _SITES[post.site]
    local = post.published + timedelta(hours=site.utc_offset)
    return site.article_path.format(
        number=post.number + site.first_number,
        slug=post.slug,
        section=post.section,
        year=f"{local:%Y}",
        month=f"{local:%m}",
        day=f"{local:%d}",
    )


def number_in(site: Site, path: str) -> int | None:
    """Return the number of the post whose path this may be; None where it is no article's."""
    found = _pattern(site.article_path).fullmatch(path)
    return int(found["number"]) - site.first_number if found else None


def post_at(newsroom: Newsroom, site: Site, path: str, now: datetime) -> Post | None:
    """Return the post that stands at ``path`` of ``site``; None where nothing does."""
    number = number_in(site, path)
    post = newsroom.post(site.name, number, now) if number is not None else None
    return post if post and path_of(post) == path else None


@cache
def _pattern(article_path: str) -> re.Pattern[str]:
    escaped = re.escape(article_path)
    return re.compile(_FIELD.sub(lambda field: _SHAPES[field[1]], escaped), re.ASCII)
