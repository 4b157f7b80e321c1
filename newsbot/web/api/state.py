"""How newsbot is: its health, what became of one address, and what changes, told as it does."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from newsbot.archive import rules
from newsbot.archive.connection import Database
from newsbot.archive.troubles import Trouble
from newsbot.config import Config
from newsbot.monitoring.picture import Photographer, Picture
from newsbot.monitoring.readiness import lacking
from newsbot.web.api.frame import PREFIX, Answer, area, now
from newsbot.web.api.problems import invalid_parameter, not_found
from newsbot.web.api.records import answer_of
from newsbot.web.live import Live
from newsbot.why.asking import NoAddressError, ask
from newsbot.why.steps import Answer as Why

_HIDDEN = ("parts", "running", "names", "leaders", "telling")
PictureOf = answer_of(Picture, without=_HIDDEN)


class Lack(Answer):
    """Something that newsbot lacks to be ready."""

    what: str = Field(examples=["index"])
    why: str = Field(examples=["there is none yet; the indexer makes it"])


class Health(Answer):
    """How newsbot is at this moment."""

    ready: bool
    lacks: list[Lack]
    troubles: list[answer_of(Trouble, without=_HIDDEN)]  # type: ignore[valid-type]
    """What is wrong, each by its cause."""
    picture: PictureOf  # type: ignore[valid-type]
    """What waits, what is under way, and how far what is behind."""


class State:
    """How one newsbot is."""

    def __init__(self, config: Config, database: Database, live: Live) -> None:
        self._config = config
        self._database = database
        self._live = live
        self._photographer = Photographer(config, database)
        self.router = area("state")
        get = self.router.get
        get("/health", name="health")(self.health)
        get("/why", name="why", response_model=answer_of(Why, also=("last",)))(self.why)
        get(
            "/events",
            name="events",
            response_class=StreamingResponse,
            responses={
                200: {
                    "description": "Server-sent events: `change` whenever articles have come.",
                    "content": {
                        "text/event-stream": {
                            "schema": {"type": "string"},
                            "example": "event: change\ndata: 120-5f0c2f9d1f6c6d0a4b1e7c55\n\n",
                        }
                    },
                }
            },
        )(self.events)

    def health(self) -> Health:
        """Tell how newsbot is: whether it is ready, what is wrong, what waits."""
        lacks = lacking(self._config, self._database)
        picture = self._photographer.take()
        return Health(
            ready=not lacks,
            lacks=[Lack(**each) for each in lacks],
            troubles=list(picture.troubles),
            picture=PictureOf.model_validate(picture),
        )

    def why(
        self,
        url: Annotated[
            str,
            Query(
                description="An address, as it was copied or pasted.",
                examples=["https://harbour.example/a"],
                max_length=4_000,
            ),
        ],
        alert: Annotated[
            str,
            Query(
                description="Why this alert told of it, or did not; its id or name.", max_length=300
            ),
        ] = "",
    ) -> Why:
        """Tell what became of one address: at which step it ended, when, and why. Nothing is fetched."""
        rule = rules.find(self._database, alert) if alert else None
        if alert and rule is None:
            raise not_found("alert", alert, listed=f"{PREFIX}/alerts")
        try:
            return ask(self._config, self._database, url, rule=rule, now=now())
        except NoAddressError as error:
            raise invalid_parameter("url", f"is no web address: {error}") from None

    async def events(self) -> StreamingResponse:
        """Be told whenever articles have come, as server-sent events."""
        return StreamingResponse(
            self._live.events(),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )
