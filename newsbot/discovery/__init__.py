"""From bytes to links: feeds, sitemaps, pages. Pure: it reads what was fetched, and fetches nothing."""

from newsbot.discovery.entries import Entry, EntryPoint
from newsbot.discovery.feeds import read_feed
from newsbot.discovery.links import article_links, section_links
from newsbot.discovery.listing import Listing, read_listing
from newsbot.discovery.page import Page, read_page
from newsbot.discovery.pagination import archive_pages, next_address, older_pages
from newsbot.discovery.periods import Period, archive_period
from newsbot.discovery.probe import (
    FEED_PLACES,
    SITEMAP_PLACES,
    entry_points,
    feed_links,
    refresh_target,
    robots_sitemaps,
    site_name,
)
from newsbot.discovery.scripted import scripts_needed
from newsbot.discovery.sitemap_choice import worth_reading
from newsbot.discovery.sitemaps import Child, Sitemap, read_sitemap
from newsbot.discovery.sniff import sniff

__all__ = [
    "FEED_PLACES",
    "SITEMAP_PLACES",
    "Child",
    "Entry",
    "EntryPoint",
    "Listing",
    "Page",
    "Period",
    "Sitemap",
    "archive_pages",
    "archive_period",
    "article_links",
    "entry_points",
    "feed_links",
    "next_address",
    "older_pages",
    "read_feed",
    "read_listing",
    "read_page",
    "read_sitemap",
    "refresh_target",
    "robots_sitemaps",
    "scripts_needed",
    "section_links",
    "site_name",
    "sniff",
    "worth_reading",
]
