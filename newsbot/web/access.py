"""Who may ask for what: one table, looked at before every answer.

A route that is not in the table is refused to everybody, so that a new one has a rule or no readers.
"""

from collections.abc import Mapping
from typing import Literal

import attrs
from fastapi import HTTPException, Request

from newsbot.people.roles import Role as Role


@attrs.frozen
class Visitor:
    """Who asks: a name for the record, what he may do, and by what he is known.

    ``key`` is the name as people are kept under it, "" of who is no person here. ``by`` is "machine" for
    whoever sits at this machine while there are no users, "session" and "token" for those who have one, ""
    for a stranger.
    """

    name: str
    role: Role
    by: Literal["machine", "session", "token", ""]
    key: str = ""


STRANGER = Visitor("", Role.NOBODY, "")
# While there are no users the page is served on this machine alone, to whoever uses it.
AT_THE_MACHINE = Visitor("the web page", Role.ADMIN, "machine")


TABLE: Mapping[str, Role] = {
    # For machines that watch this one
    "GET /healthz": Role.NOBODY,
    "GET /readyz": Role.NOBODY,
    "GET /metrics": Role.VIEWER,
    # Addresses that are secrets themselves
    "GET /feed/{token}.atom": Role.NOBODY,
    "GET /feed/{token}.json": Role.NOBODY,
    "GET /unsubscribe/{alert}/{channel}/{token}": Role.NOBODY,
    "POST /unsubscribe/{alert}/{channel}/{token}": Role.NOBODY,
    # How the pages look
    "GET /appearance": Role.NOBODY,
    "POST /appearance": Role.NOBODY,
    "GET /keys": Role.NOBODY,
    # Signing in, and out
    "GET /sign-in": Role.NOBODY,
    "POST /sign-in": Role.NOBODY,
    "POST /sign-out": Role.NOBODY,
    "GET /sign-in/first": Role.ADMIN,
    "POST /sign-in/first": Role.ADMIN,
    # One's own account
    "GET /account": Role.VIEWER,
    "POST /account/password": Role.VIEWER,
    "GET /account/codes": Role.VIEWER,
    "POST /account/codes": Role.VIEWER,
    "POST /account/codes/off": Role.VIEWER,
    "POST /account/sessions/end": Role.VIEWER,
    "POST /account/sessions/{session}/end": Role.VIEWER,
    "POST /account/tokens": Role.VIEWER,
    "POST /account/tokens/{token_id}/remove": Role.VIEWER,
    # People
    "GET /admin/people": Role.ADMIN,
    "POST /admin/people": Role.ADMIN,
    "POST /admin/people/{person}/{step}": Role.ADMIN,
    "GET /admin/tokens": Role.ADMIN,
    "POST /admin/tokens/{token_id}/remove": Role.ADMIN,
    "GET /admin/audit": Role.ADMIN,
    "GET /api/v1/me": Role.VIEWER,
    "GET /api/v1/people": Role.ADMIN,
    "POST /api/v1/people": Role.ADMIN,
    "GET /api/v1/people/{person}": Role.ADMIN,
    "PATCH /api/v1/people/{person}": Role.ADMIN,
    "DELETE /api/v1/people/{person}": Role.ADMIN,
    "POST /api/v1/people/{person}/end-sessions": Role.ADMIN,
    "POST /api/v1/people/{person}/tokens": Role.ADMIN,
    "GET /api/v1/tokens": Role.ADMIN,
    "DELETE /api/v1/tokens/{token}": Role.ADMIN,
    "GET /api/v1/audit": Role.ADMIN,
    # Reading
    "GET /": Role.VIEWER,
    "GET /events": Role.VIEWER,
    "GET /article/{article}": Role.VIEWER,
    "GET /article/{article}/origins": Role.VIEWER,
    "GET /article/{article}/page": Role.VIEWER,
    "GET /article/{article}/markup": Role.VIEWER,
    "GET /search": Role.VIEWER,
    "GET /search.csv": Role.VIEWER,
    "GET /attention": Role.VIEWER,
    "GET /attention.csv": Role.VIEWER,
    "GET /rising": Role.VIEWER,
    "GET /rising.csv": Role.VIEWER,
    "GET /why": Role.VIEWER,
    "GET /sources": Role.VIEWER,
    "GET /sources/{source}": Role.VIEWER,
    "GET /sources/{source}/redesign": Role.VIEWER,
    "GET /sources/{source}/redesign/{page}/{which}": Role.VIEWER,
    "GET /runs": Role.VIEWER,
    "GET /runs/{run}": Role.VIEWER,
    "GET /alerts": Role.VIEWER,
    "GET /alerts/{alert}": Role.VIEWER,
    "GET /saved": Role.VIEWER,
    "GET /lists": Role.VIEWER,
    # Triage
    "GET /triage": Role.VIEWER,
    "GET /triage/value": Role.VIEWER,
    "GET /api/v1/triage/alerts": Role.VIEWER,
    "GET /api/v1/triage/alerts/{alert}": Role.VIEWER,
    "POST /triage/mark": Role.VIEWER,
    "POST /triage/desk": Role.ANALYST,
    "POST /triage/read-to": Role.VIEWER,
    "POST /triage/undo": Role.VIEWER,
    "GET /api/v1/triage": Role.VIEWER,
    "GET /api/v1/triage/stories/{story}": Role.VIEWER,
    "POST /api/v1/triage/marks": Role.VIEWER,
    "POST /api/v1/triage/decisions": Role.ANALYST,
    "POST /api/v1/triage/read-to": Role.VIEWER,
    "POST /api/v1/triage/undo": Role.VIEWER,
    # Collections
    "GET /collections": Role.VIEWER,
    "GET /collections/add": Role.ANALYST,
    "GET /collections/{collection}": Role.VIEWER,
    "GET /collections/{collection}/export": Role.VIEWER,
    "POST /collections": Role.ANALYST,
    "POST /collections/add": Role.ANALYST,
    "POST /collections/{collection}/{step}": Role.ANALYST,
    "GET /api/v1/collections": Role.VIEWER,
    "POST /api/v1/collections": Role.ANALYST,
    "GET /api/v1/collections/{collection}": Role.VIEWER,
    "PATCH /api/v1/collections/{collection}": Role.ANALYST,
    "DELETE /api/v1/collections/{collection}": Role.ANALYST,
    "POST /api/v1/collections/{collection}/entries": Role.ANALYST,
    "PATCH /api/v1/collections/{collection}/entries/{article}": Role.ANALYST,
    "DELETE /api/v1/collections/{collection}/entries/{article}": Role.ANALYST,
    "GET /api/v1/collections/{collection}/export": Role.VIEWER,
    # Searches, lists, alerts
    "POST /saved": Role.ANALYST,
    "POST /saved/{search}/{change}": Role.ANALYST,
    "POST /lists": Role.ANALYST,
    "POST /lists/{name}/remove": Role.ANALYST,
    "GET /alerts/new": Role.ANALYST,
    "POST /alerts": Role.ANALYST,
    "GET /alerts/{alert}/change": Role.ANALYST,
    "POST /alerts/{alert}/change": Role.ANALYST,
    "POST /alerts/{alert}/{step}": Role.ANALYST,
    # Sources, runs, channels
    "GET /sources/add": Role.OPERATOR,
    "POST /sources/add": Role.OPERATOR,
    "GET /sources/add/{look}": Role.OPERATOR,
    "POST /sources/add/{look}": Role.OPERATOR,
    "GET /sources/add/{look}/events": Role.OPERATOR,
    "GET /sources/{source}/change": Role.OPERATOR,
    "POST /sources/{source}/change": Role.OPERATOR,
    "GET /sources/{source}/overrides": Role.OPERATOR,
    "POST /sources/{source}/overrides": Role.OPERATOR,
    "POST /sources/{source}/pause": Role.OPERATOR,
    "POST /sources/{source}/resume": Role.OPERATOR,
    "POST /sources/{source}/remove": Role.OPERATOR,
    "POST /sources/{source}/feed": Role.OPERATOR,
    "POST /sources/{source}/crawl": Role.OPERATOR,
    "GET /admin": Role.OPERATOR,
    "GET /admin/storage": Role.ADMIN,
    "GET /admin/settings": Role.ADMIN,
    "GET /schedules": Role.OPERATOR,
    "POST /schedules": Role.OPERATOR,
    "GET /schedules/{schedule}": Role.OPERATOR,
    "POST /schedules/{schedule}": Role.OPERATOR,
    "POST /schedules/{schedule}/{step}": Role.OPERATOR,
    "POST /runs/pause": Role.OPERATOR,
    "POST /runs/resume": Role.OPERATOR,
    "POST /runs/{run}/cancel": Role.OPERATOR,
    "GET /channels": Role.OPERATOR,
    "POST /channels": Role.OPERATOR,
    "POST /channels/{channel}/{step}": Role.OPERATOR,
    "GET /outbox": Role.OPERATOR,
    "POST /outbox/{step}": Role.OPERATOR,
    # The API: what it says of itself
    "GET /api": Role.VIEWER,
    "GET /api/v1/openapi.json": Role.VIEWER,
    # The API: articles
    "GET /api/v1/articles": Role.VIEWER,
    "GET /api/v1/articles/{article}": Role.VIEWER,
    "GET /api/v1/articles/{article}/revisions": Role.VIEWER,
    "GET /api/v1/articles/{article}/revisions/{number}": Role.VIEWER,
    "GET /api/v1/articles/{article}/differences/{low}/{high}": Role.VIEWER,
    "GET /api/v1/articles/{article}/story": Role.VIEWER,
    "GET /api/v1/articles/{article}/matches": Role.VIEWER,
    "GET /api/v1/articles/{article}/raw": Role.VIEWER,
    # The API: searching
    "GET /api/v1/search": Role.VIEWER,
    "GET /api/v1/search/facets": Role.VIEWER,
    "GET /api/v1/search/timeline": Role.VIEWER,
    "GET /api/v1/search/explain": Role.VIEWER,
    "GET /api/v1/export": Role.VIEWER,
    "GET /api/v1/attention": Role.VIEWER,
    "GET /api/v1/rising": Role.VIEWER,
    # The API: alerts
    "GET /api/v1/matches": Role.VIEWER,
    "GET /api/v1/alerts": Role.VIEWER,
    "GET /api/v1/alerts/{alert}": Role.VIEWER,
    "GET /api/v1/alerts/{alert}/versions": Role.VIEWER,
    "GET /api/v1/alerts/{alert}/matches": Role.VIEWER,
    "GET /api/v1/alerts/{alert}/held": Role.VIEWER,
    "GET /api/v1/alerts/{alert}/feed": Role.VIEWER,
    "POST /api/v1/alerts": Role.ANALYST,
    "PATCH /api/v1/alerts/{alert}": Role.ANALYST,
    "DELETE /api/v1/alerts/{alert}": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/pause": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/resume": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/mute": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/unmute": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/undo": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/restore": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/release": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/feed": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/backtest": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/preview": Role.ANALYST,
    "POST /api/v1/alerts/{alert}/test": Role.ANALYST,
    "POST /api/v1/alerts/backtest": Role.ANALYST,
    "POST /api/v1/alerts/test": Role.ANALYST,
    # The API: channels and messages
    "GET /api/v1/channels": Role.OPERATOR,
    "POST /api/v1/channels": Role.OPERATOR,
    "GET /api/v1/channels/{channel}": Role.OPERATOR,
    "PATCH /api/v1/channels/{channel}": Role.OPERATOR,
    "DELETE /api/v1/channels/{channel}": Role.OPERATOR,
    "POST /api/v1/channels/{channel}/test": Role.OPERATOR,
    "GET /api/v1/outbox": Role.OPERATOR,
    "GET /api/v1/outbox/counts": Role.OPERATOR,
    "GET /api/v1/outbox/{message}": Role.OPERATOR,
    "POST /api/v1/outbox/resend": Role.OPERATOR,
    "POST /api/v1/outbox/drop": Role.OPERATOR,
    # The API: saved searches and lists
    "GET /api/v1/searches": Role.VIEWER,
    "GET /api/v1/searches/{search}": Role.VIEWER,
    "GET /api/v1/searches/{search}/feed": Role.VIEWER,
    "GET /api/v1/lists": Role.VIEWER,
    "GET /api/v1/lists/{name}": Role.VIEWER,
    "POST /api/v1/searches": Role.ANALYST,
    "PATCH /api/v1/searches/{search}": Role.ANALYST,
    "DELETE /api/v1/searches/{search}": Role.ANALYST,
    "POST /api/v1/searches/{search}/feed": Role.ANALYST,
    "PUT /api/v1/lists/{name}": Role.ANALYST,
    "DELETE /api/v1/lists/{name}": Role.ANALYST,
    # The API: sources and runs
    "GET /api/v1/sources": Role.VIEWER,
    "GET /api/v1/sources/{source}": Role.VIEWER,
    "GET /api/v1/sources/{source}/health": Role.VIEWER,
    "GET /api/v1/sources/{source}/entry-points": Role.VIEWER,
    "GET /api/v1/sources/{source}/feed": Role.VIEWER,
    "GET /api/v1/runs": Role.VIEWER,
    "GET /api/v1/runs/{run}": Role.VIEWER,
    "POST /api/v1/sources": Role.OPERATOR,
    "GET /api/v1/surveys/{survey}": Role.OPERATOR,
    "PATCH /api/v1/sources/{source}": Role.OPERATOR,
    "DELETE /api/v1/sources/{source}": Role.OPERATOR,
    "POST /api/v1/sources/{source}/pause": Role.OPERATOR,
    "POST /api/v1/sources/{source}/resume": Role.OPERATOR,
    "POST /api/v1/sources/{source}/feed": Role.OPERATOR,
    "POST /api/v1/sources/{source}/runs": Role.OPERATOR,
    # The API: schedules, and what can be tried
    "GET /api/v1/schedules": Role.OPERATOR,
    "POST /api/v1/schedules": Role.OPERATOR,
    "GET /api/v1/schedules/{schedule}": Role.OPERATOR,
    "PATCH /api/v1/schedules/{schedule}": Role.OPERATOR,
    "DELETE /api/v1/schedules/{schedule}": Role.OPERATOR,
    "POST /api/v1/schedules/{schedule}/pause": Role.OPERATOR,
    "POST /api/v1/schedules/{schedule}/resume": Role.OPERATOR,
    "POST /api/v1/schedules/{schedule}/runs": Role.OPERATOR,
    "GET /api/v1/polls": Role.OPERATOR,
    "GET /api/v1/pause": Role.VIEWER,
    "PUT /api/v1/pause": Role.OPERATOR,
    "DELETE /api/v1/pause": Role.OPERATOR,
    "POST /api/v1/trials": Role.OPERATOR,
    "GET /api/v1/trials/{trial}": Role.OPERATOR,
    "POST /api/v1/sources/{source}/overrides/trial": Role.OPERATOR,
    # The API: the machine
    "GET /api/v1/storage": Role.ADMIN,
    "GET /api/v1/settings": Role.ADMIN,
    "POST /api/v1/runs/{run}/cancel": Role.OPERATOR,
    # The API: how newsbot is
    "GET /api/v1/health": Role.VIEWER,
    "GET /api/v1/why": Role.VIEWER,
    "GET /api/v1/events": Role.VIEWER,
}


def visitor(request: Request) -> Visitor:
    """Return who asks."""
    known: Visitor = request.state.visitor
    return known


async def allowed(request: Request) -> None:
    """Refuse what this visitor may not do.

    Raises:
        HTTPException: 401 for a stranger, who may sign in; 403 for whoever may not do this.
    """
    method = "GET" if request.method == "HEAD" else request.method
    needed = TABLE.get(f"{method} {request.scope['route'].path}")
    if needed is None:
        raise HTTPException(403, "This address has no rule that says who may use it.")
    who = visitor(request)
    if who.role < needed:
        if not who.by:
            raise HTTPException(401, "Sign in first.")
        raise HTTPException(
            403,
            f"This is for people with the role {needed.name.lower()}; ask whoever runs newsbot.",
        )
