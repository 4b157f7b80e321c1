"""The written stock: the stories that the demo newsroom has to tell, read from ``stock/*.toml``."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

import attrs
import cattrs

SITES_WITH_STOCK: Final = ("madapost", "wire", "courier", "gazette", "jsdaily")
"""The sites that write their own stories. (The reposting site takes the wire's.)"""

SEED_SITE: Final = "madapost"


@attrs.frozen(kw_only=True)
class Edit:
    """A change that an editor makes to a published story, ``after`` so many intervals.

    ``title`` replaces the headline, ``paragraph`` and ``correction`` are added at the end; "" is
    no change.
    """

    after: float
    title: str = ""
    paragraph: str = ""
    correction: str = ""


@attrs.frozen(kw_only=True)
class Story:
    """One story of the stock, as its writer filed it.

    ``key`` names it in the stock. ``repost_title`` is the headline under which the reposting site
    runs it. ``caption`` stands under a picture after paragraph ``caption_after`` ("": no picture),
    ``read_also`` is a link's text after paragraph ``read_also_after`` (0: no such line; "": the
    site fills in an earlier story). ``metadata`` is what the page says beside its text:
    ``"json-ld"`` or ``"meta"``.
    """

    key: str
    section: str
    title: str
    paragraphs: tuple[str, ...]
    byline: str
    tags: tuple[str, ...] = ()
    summary: str = ""
    repost_title: str = ""
    strapline: str = ""
    caption: str = ""
    caption_after: int = 1
    read_also: str = ""
    read_also_after: int = 2
    metadata: str = "json-ld"
    edit: tuple[Edit, ...] = ()

    @property
    def lead(self) -> str:
        """Return what a list or a feed shows under the headline."""
        return self.summary or self.paragraphs[0]


def _read(name: str) -> tuple[Story, ...]:
    text = files(__package__).joinpath("stock", f"{name}.toml").read_text(encoding="utf8")
    converter = cattrs.Converter(forbid_extra_keys=True)
    return converter.structure(tomllib.loads(text)["story"], tuple[Story, ...])


@cache
def stock() -> dict[str, tuple[Story, ...]]:
    """Return the stories of each site that writes its own, in the order of the files."""
    return {site: _read(site) for site in SITES_WITH_STOCK}


@cache
def seed_story() -> Story:
    """Return the article with which newsbot began; the Arabic site has always had it."""
    (story,) = _read("seed")
    return story
