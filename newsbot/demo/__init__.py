"""The demo newsroom: news sites on this machine alone that behave as real ones do, for ever.

Six sites publish a written stock of invented news, one story every few seconds: one edits what it
has published, one reposts another's stories, one has only a news sitemap, one needs JavaScript. An
inbox beside them receives webhooks and shows them. ``newsbot up --demo`` runs it, so that a
newcomer sees schedules, revisions, duplicates and alerts at work; the tests crawl it.

Nothing here imports the rest of newsbot: to it, these are sites like any others.
"""

from newsbot.demo.sites import ALERT, GROUP, INBOX_OFFSET, SITES, Section, Site, hook_url

__all__ = ["ALERT", "GROUP", "INBOX_OFFSET", "SITES", "Section", "Site", "hook_url"]
