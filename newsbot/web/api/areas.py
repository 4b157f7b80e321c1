"""The areas that there are. A new one gets its line here, and its routes theirs in ``web/access.py``."""

from collections.abc import Sequence

from fastapi import APIRouter

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.results import Reader
from newsbot.web.api.alert_past import AlertPast
from newsbot.web.api.alerts import Alerts
from newsbot.web.api.articles import Articles
from newsbot.web.api.attention import AttentionOf
from newsbot.web.api.channels import Channels, Outbox
from newsbot.web.api.collections import Collections
from newsbot.web.api.desk import SavedSearches, TermLists
from newsbot.web.api.document import Document
from newsbot.web.api.exporting import Exports
from newsbot.web.api.machine import Machine
from newsbot.web.api.people import People
from newsbot.web.api.runs import Runs
from newsbot.web.api.schedules import Schedules
from newsbot.web.api.searching import Searches
from newsbot.web.api.source_adding import SourceAdding
from newsbot.web.api.sources import Sources
from newsbot.web.api.state import State
from newsbot.web.api.triage import Triage
from newsbot.web.api.trials import Trials
from newsbot.web.live import Live
from newsbot.web.pages import Pages


def routers(config: Config, database: Database, live: Live, pages: Pages) -> Sequence[APIRouter]:
    """Return all routers of the API, and of the page that tells of it."""
    # Whoever asks while MongoDB is away is told so soon, and asks again.
    hasty = database.hasty
    reader = Reader(config, hasty)
    articles = Articles(config, hasty)
    areas = [
        articles.router,
        Searches(config, hasty, reader, articles).router,
        Exports(hasty, reader).router,
        AttentionOf(config, hasty, reader).router,
        Alerts(hasty).router,
        AlertPast(hasty, reader).router,
        Triage(hasty, reader).router,
        Channels(config, hasty).router,
        Outbox(config, hasty).router,
        SavedSearches(hasty).router,
        TermLists(hasty).router,
        Sources(config, hasty).router,
        SourceAdding(config, hasty).router,
        Trials(config, hasty).router,
        Runs(hasty).router,
        Schedules(hasty).router,
        Machine(config, hasty).router,
        State(config, hasty, live).router,
        Collections(hasty).router,
        People(hasty).router,
    ]
    document = Document(areas, pages)
    return [*areas, document.router, document.page]
