"""What every area of the API stands in: its models, its router, ETags and what may be changed with them.

An area is a class with a ``router`` made by :func:`area`. Its functions return models; what they return is
JSON with a strong ETag (RFC 9110, 8.8.3), which follows from every byte of it, and is answered with
304 to whoever has it already.
"""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from newsbot.web.api.problems import ProblemError

PREFIX = "/api/v1"
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""A moment; RFC 3339 in UTC as it goes out, with any offset as it comes in."""


class Answer(BaseModel):
    """What the API answers with. It can be made of a record of the archive by its fields."""

    model_config = ConfigDict(from_attributes=True, frozen=True, use_attribute_docstrings=True)


class Wish(BaseModel):
    """What somebody sends. A field that there is not is told, not passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of what you change, as you got it.",
        examples=['"72114956e43c708dba8e0607"'],
    ),
]
"""The header of a change of what others may have changed; see :func:`unchanged`."""


def tag_of(body: bytes) -> str:
    """Return the strong ETag of what is answered."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def unchanged(request: Request, there: Answer) -> None:
    """Refuse a change of something that is not as whoever changes it has seen it.

    ``there`` is what a GET would answer with now.

    Raises:
        ProblemError: 428 without ``If-Match``, 412 where it names another state.
    """
    asked = request.headers.get("if-match")
    if asked is None:
        raise ProblemError(
            "precondition-required",
            "Send the ETag of what you change as If-Match (a GET tells it), so that nobody's change is lost.",
        )
    now = tag_of(there.model_dump_json().encode())
    if asked.strip() != "*" and now not in _tags(asked):
        raise ProblemError(
            "changed-meanwhile",
            f"It is {now} now, and your If-Match is {asked[:100]}: get it again, and send your change anew.",
        )


def _tags(header: str) -> list[str]:
    return [each.strip() for each in header.split(",")]


class _Route(APIRoute):
    """A route that takes JSON alone, and answers with an ETag."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handler = super().get_route_handler()
        takes_body = self.body_field is not None

        async def answer(request: Request) -> Response:
            if takes_body:
                _see_that_it_is_json(request)
            return _tagged(request, await handler(request))

        return answer


def _see_that_it_is_json(request: Request) -> None:
    sends = request.headers.get("content-length", "0") != "0"
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if (sends or "transfer-encoding" in request.headers) and kind != "application/json":
        raise ProblemError(
            "unsupported-media-type",
            f"Send the body as Content-Type: application/json, not {kind[:100] or 'without one'}.",
            headers={"accept": "application/json"},
        )


def _tagged(request: Request, response: Response) -> Response:
    response.headers.setdefault("cache-control", "private, no-cache")
    if response.status_code not in (200, 201) or not hasattr(response, "body"):
        return response
    tag = response.headers.setdefault("etag", tag_of(bytes(response.body)))
    known = [each.removeprefix("W/") for each in _tags(request.headers.get("if-none-match", ""))]
    if request.method == "GET" and (tag in known or "*" in known):
        kept = {
            name: value
            for name, value in response.headers.items()
            if name in ("etag", "cache-control", "link")
        }
        return Response(status_code=304, headers=kept)
    return response


def area(tag: str) -> APIRouter:
    """Return the router of an area; ``tag`` is its name in the document."""
    return APIRouter(
        prefix=PREFIX,
        tags=[tag],
        route_class=_Route,
        generate_unique_id_function=_operation,
    )


def _operation(route: APIRoute) -> str:
    """Return the operationId of a route: its function's name with the area's, as ``articles_get``."""
    tag = str(route.tags[0]) if route.tags else ""
    return f"{tag.replace(' ', '_')}_{route.name}"


def now() -> datetime:
    """Return this moment as MongoDB keeps it, so that what was written is answered as it is read."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
