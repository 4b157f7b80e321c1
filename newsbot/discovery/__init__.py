"""From bytes to links: feeds, sitemaps, pages. Pure: it reads what was fetched, and fetches nothing."""

from newsbot.discovery.entries import Entry, EntryPoint
from newsbot.discovery.feeds import read_feed
from newsbot.discovery.links import article_links, section_links
from newsbot.discovery.probe import (
    FEED_PLACES,
    SITEMAP_PLACES,
    entry_points,
    robots_sitemaps,
    site_name,
)
from newsbot.discovery.sitemaps import Sitemap, read_sitemap
from newsbot.discovery.sniff import sniff

__all__ = [
    "FEED_PLACES",
    "SITEMAP_PLACES",
    "Entry",
    "EntryPoint",
    "Sitemap",
    "article_links",
    "entry_points",
    "read_feed",
    "read_sitemap",
    "robots_sitemaps",
    "section_links",
    "site_name",
    "sniff",
]
