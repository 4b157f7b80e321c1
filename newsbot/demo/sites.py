"""The demo's sites: their names, languages, sections and the shape of their addresses."""

from typing import Final

import attrs


@attrs.frozen
class Section:
    """A part of a site: its name in addresses and its title for readers."""

    key: str
    title: str


@attrs.frozen(kw_only=True)
class Site:
    """One news site of the demo.

    ``port_offset`` is added to the demo's base port. ``javascript`` tells that pages are empty
    until a script has run. ``utc_offset`` (hours) is the clock by which the site prints dates.
    ``article_path`` and ``section_path`` are format strings of its addresses; an article's carries
    its number in the newsroom plus ``first_number``.
    """

    name: str
    title: str
    tagline: str
    language: str
    port_offset: int
    sections: tuple[Section, ...]
    article_path: str
    section_path: str
    javascript: bool = False
    utc_offset: int = 0
    first_number: int = 1000
    feed_path: str = ""

    @property
    def direction(self) -> str:
        """Return ``"rtl"`` or ``"ltr"``, the direction in which the site is read."""
        return "rtl" if self.language == "ar" else "ltr"

    def homepage(self, base_port: int) -> str:
        """Return the address of the site's home page when the demo runs from ``base_port``."""
        return f"http://127.0.0.1:{base_port + self.port_offset}/"

    def section_title(self, key: str) -> str:
        """Return the title of a section; raise KeyError for one that the site does not have."""
        return {section.key: section.title for section in self.sections}[key]


SITES: Final[tuple[Site, ...]] = (
    Site(
        name="madapost",
        title="مدى بوست",
        tagline="أخبار لحظة بلحظة",
        language="ar",
        port_offset=0,
        utc_offset=3,
        sections=(
            Section("politics", "سياسة"),
            Section("society", "مجتمع"),
            Section("economy", "اقتصاد"),
            Section("sport", "رياضة"),
            Section("misc", "منوعات"),
        ),
        # WordPress's "/archives/%post_id%". The seed article has always been number 76412.
        article_path="/archives/{number}",
        section_path="/category/{section}",
        first_number=76413,
        feed_path="/feed",
    ),
    Site(
        name="wire",
        title="Harbour Wire",
        tagline="News as it docks",
        language="en",
        port_offset=1,
        sections=(
            Section("politics", "Politics"),
            Section("economy", "Economy"),
            Section("transport", "Transport"),
            Section("weather", "Weather"),
            Section("science", "Science"),
            Section("health", "Health"),
            Section("sport", "Sport"),
        ),
        article_path="/dispatches/{number}/{slug}",
        section_path="/desk/{section}",
        feed_path="/atom.xml",
    ),
    Site(
        name="courier",
        title="The Ellerton Courier",
        tagline="Daily since the ferry was a rowing boat",
        language="en",
        port_offset=2,
        sections=(
            Section("local", "Local"),
            Section("politics", "Politics"),
            Section("business", "Business"),
            Section("culture", "Culture"),
            Section("nature", "Nature"),
            Section("sport", "Sport"),
        ),
        article_path="/{section}/{year}/{month}/{day}/{slug}-{number}",
        section_path="/section/{section}",
        feed_path="/rss.xml",
    ),
    Site(
        name="mirror",
        title="Echo Point",
        tagline="Everything, once more",
        language="en",
        port_offset=3,
        sections=(Section("all", "Everything"),),
        article_path="/p/{number}-{slug}/",
        section_path="/topic/{section}",
        first_number=40_000,
        feed_path="/feed.rss",
    ),
    Site(
        name="gazette",
        title="Altfeldener Gazette",
        tagline="Unabhängig, überparteilich, pünktlich",
        language="de",
        port_offset=4,
        utc_offset=1,
        sections=(
            Section("lokales", "Lokales"),
            Section("politik", "Politik"),
            Section("wirtschaft", "Wirtschaft"),
            Section("verkehr", "Verkehr"),
            Section("kultur", "Kultur"),
            Section("natur", "Natur"),
            Section("sport", "Sport"),
        ),
        article_path="/artikel/{slug}-{number}.html",
        section_path="/ressort/{section}",
    ),
    Site(
        name="jsdaily",
        title="Le Quotidien du Port",
        tagline="Le large, chaque jour",
        language="fr",
        port_offset=5,
        utc_offset=1,
        javascript=True,
        sections=(
            Section("region", "Région"),
            Section("monde", "Monde"),
            Section("economie", "Économie"),
            Section("nature", "Nature"),
        ),
        article_path="/article/{number}/{slug}",
        section_path="/rubrique/{section}",
    ),
)

INBOX_OFFSET: Final = len(SITES)
"""What is added to the base port for the inbox that receives webhooks."""


def hook_url(base_port: int) -> str:
    """Return the address to which an alert's webhook may be sent so that the inbox shows it."""
    return f"http://127.0.0.1:{base_port + INBOX_OFFSET}/hook"


# By what the demo's own sources and alert are known among those that people add beside them.
GROUP = "demo"
ALERT = ("ceasefire", '"إطلاق النار"')
