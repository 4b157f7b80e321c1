"""What went wrong, as RFC 9457 has it: ``application/problem+json`` for every error under ``/api``.

``type`` names one of :data:`KINDS`; the page at ``/api`` tells what each means. ``detail`` says what was
wrong and what to do.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import attrs
from fastapi import FastAPI, Request
from fastapi import HTTPException as RoutedHTTPException
from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from newsbot.alerts.changing import ChangedMeanwhileError, NothingToUndoError
from newsbot.alerts.checking import RuleFieldError
from newsbot.alerts.releasing import ReleaseError
from newsbot.alerts.rules import RuleError
from newsbot.archive.connection import AWAY, ArchiveError
from newsbot.archive.rules import RuleExistsError
from newsbot.archive.searches import SearchExistsError
from newsbot.archive.sources import SourceExistsError
from newsbot.query import QuerySyntaxError
from newsbot.search.cursors import PageError

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


@attrs.frozen
class Kind:
    """A kind of error: the status that it is answered with, its title, and what somebody can do."""

    status: int
    title: str
    remedy: str


KINDS: Mapping[str, Kind] = {
    "bad-request": Kind(400, "The request cannot be understood", "See the detail."),
    "bad-json": Kind(
        400, "The body is no JSON", "Send JSON in UTF-8; the detail says where it ends."
    ),
    "bad-query": Kind(
        400, "The query cannot be understood", "`position` says where, `explanation` shows it."
    ),
    "bad-cursor": Kind(
        400, "This is no page of this list", "Begin at the first page, without `cursor`."
    ),
    "unauthorized": Kind(
        401, "Nobody is signed in", "Send a token as `Authorization: Bearer TOKEN`."
    ),
    "forbidden": Kind(403, "This is not for you", "Ask whoever runs newsbot for the role."),
    "not-found": Kind(404, "There is no such thing", "Lists tell what there is."),
    "method-not-allowed": Kind(
        405, "This cannot be done here", "The header `Allow` names what can be."
    ),
    "conflict": Kind(409, "It does not go with what there is", "See the detail."),
    "gone": Kind(410, "It is no longer kept", "See the detail."),
    "changed-meanwhile": Kind(
        412, "It was changed meanwhile", "Get it again, and send your change with its `ETag`."
    ),
    "too-large": Kind(413, "The body is too large", "Send less at a time."),
    "unsupported-media-type": Kind(
        415, "The body is of another kind", "Send `Content-Type: application/json`."
    ),
    "misdirected": Kind(421, "This address is not served here", "Use the configured address."),
    "invalid": Kind(422, "A value cannot be", "`errors` names each, and where it stands."),
    "precondition-required": Kind(
        428, "Say what it is that you change", "Send `If-Match` with the `ETag` that you got."
    ),
    "too-many-requests": Kind(
        429, "Too many requests", "Wait as many seconds as `Retry-After` says."
    ),
    "failed": Kind(500, "newsbot failed", "Its log tells why; look for the `instance`."),
    "unavailable": Kind(
        503, "The archive cannot be reached now", "Try again after `Retry-After` seconds."
    ),
}
# Of kinds with one status, the first.
_BY_STATUS = {kind.status: name for name, kind in reversed([*KINDS.items()])}
# Seconds after which something that is away is asked for again.
_AWAY = 5
_STRANGER = HTTPStatus.UNAUTHORIZED


class ProblemError(RoutedHTTPException):
    """Something that went wrong, to be told: ``kind`` is one of :data:`KINDS`.

    ``detail`` says what was wrong and what to do; ``said`` are further members of the answer.
    """

    def __init__(
        self, kind: str, detail: str, *, headers: dict[str, str] | None = None, **said: Any
    ) -> None:
        super().__init__(KINDS[kind].status, detail, headers=headers)
        self.kind = kind
        self.said = said


def not_found(what: str, name: str, *, listed: str = "") -> ProblemError:
    """Return the problem that there is no such thing; ``listed`` is the address that lists those there are."""
    where = f"; GET {listed} lists those that there are" if listed else ""
    return ProblemError("not-found", f"There is no {what} {name!r}{where}.")


def invalid(errors: Mapping[str, str]) -> ProblemError:
    """Return the problem of values that cannot be: by their names in the body, a dot between levels."""
    told = [{"pointer": pointer(name.split(".")), "detail": why} for name, why in errors.items()]
    return ProblemError("invalid", _counted([each["detail"] for each in told]), errors=told)


def invalid_parameter(name: str, why: str) -> ProblemError:
    """Return the problem of a parameter in the address that cannot be."""
    told = {"parameter": name, "in": "query", "detail": why}
    return ProblemError("invalid", f"“{name}” {why}.", errors=[told])


def pointer(parts: Sequence[object]) -> str:
    """Return a JSON Pointer (RFC 6901) to a value of the body, as a fragment."""
    steps = [str(part).replace("~", "~0").replace("/", "~1") for part in parts if part != ""]
    return "#" + "".join(f"/{each}" for each in steps)


def as_response(request: Request, error: HTTPException) -> Response:
    """Return what tells of an error."""
    if isinstance(error, ProblemError):
        name, said = error.kind, error.said
    else:
        name, said = _BY_STATUS.get(error.status_code, ""), {}
    title = KINDS[name].title if name else HTTPStatus(error.status_code).phrase
    detail = str(error.detail or "")
    plain = detail == HTTPStatus(error.status_code).phrase
    if not isinstance(error, ProblemError) and (plain or error.status_code == _STRANGER):
        detail = _plain_detail(request, error.status_code)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("www-authenticate", 'Bearer realm="newsbot"')
    body = {
        "type": f"/api#{name}" if name else "about:blank",
        "title": title,
        "status": error.status_code,
        "detail": detail,
        "instance": request.url.path,
        **said,
    }
    headers.setdefault("cache-control", "no-store")
    return JSONResponse(body, error.status_code, headers=headers, media_type=MEDIA_TYPE)


def _plain_detail(request: Request, status: int) -> str:
    asked = f"{request.method} {request.url.path}"
    match status:
        case HTTPStatus.NOT_FOUND:
            return f"There is nothing at {request.url.path}; /api tells what there is."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return f"{asked} cannot be asked for; the header Allow names what can be."
        case HTTPStatus.UNAUTHORIZED:
            return (
                "Nobody is known by what you sent. Send a token as Authorization: Bearer TOKEN; your account's "
                "page makes one, or newsbot token add."
            )
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return "The body is larger than a request may be; send less at a time."
        case _:
            kind = KINDS.get(_BY_STATUS.get(status, ""))
            return kind.remedy if kind else ""


# From what the house raises


def of_query(error: QuerySyntaxError) -> ProblemError:
    """Return a query that is none as a problem: where, with a caret under the place, and what to do."""
    return ProblemError(
        "bad-query",
        error.message,
        query=error.query,
        position=error.position,
        explanation=error.explain(),
    )


def _of_page(error: PageError) -> ProblemError:
    return ProblemError("bad-cursor", sentence(error))


def _of_fields(error: RuleFieldError) -> ProblemError:
    return invalid(error.problems)


def _of_rule(error: RuleError) -> ProblemError:
    return ProblemError("bad-query", str(error).strip().splitlines()[-1], explanation=str(error))


def _of_conflict(error: Exception) -> ProblemError:
    return ProblemError("conflict", sentence(error))


def _of_meanwhile(error: ChangedMeanwhileError) -> ProblemError:
    return ProblemError("changed-meanwhile", sentence(error))


def _of_archive(error: Exception) -> ProblemError:
    _log.warning("the archive was away for a request: %s", error)
    return ProblemError(
        "unavailable",
        "MongoDB does not answer; `newsbot doctor` on the machine tells why.",
        headers={"retry-after": str(_AWAY)},
    )


def _of_values(error: RequestValidationError) -> ProblemError:
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        at = found[0]["loc"][-1]
        why = found[0].get("ctx", {}).get("error", "")
        return ProblemError("bad-json", f"The body is no JSON: {why} at character {at}.")
    told = []
    for each in found:
        where, *path = each["loc"]
        place = (
            {"pointer": pointer(path)}
            if where == "body"
            else {"parameter": ".".join(map(str, path)), "in": str(where)}
        )
        told.append({**place, "detail": _why(each)})
    return ProblemError(
        "invalid",
        _counted(
            [f"“{each.get('parameter') or each.get('pointer')}”: {each['detail']}" for each in told]
        ),
        errors=told,
    )


def _why(error: Mapping[str, Any]) -> str:
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "there is no such field"
        case _:
            return str(error["msg"]).removeprefix("Value error, ")


def _counted(details: Sequence[str]) -> str:
    first = sentence(details[0]) if details else ""
    return first if len(details) < 2 else f"{first} And {len(details) - 1} more; see errors."


def sentence(said: object) -> str:
    """Return what was said as a sentence."""
    told = str(said)
    end = "" if told.endswith((".", "?", "!")) else "."
    return f"{told[:1].upper()}{told[1:]}{end}"


TELLABLE: Mapping[type[Exception], Callable[[Any], ProblemError]] = {
    QuerySyntaxError: of_query,
    PageError: _of_page,
    RuleFieldError: _of_fields,
    RuleError: _of_rule,
    RuleExistsError: _of_conflict,
    SearchExistsError: _of_conflict,
    SourceExistsError: _of_conflict,
    NothingToUndoError: _of_conflict,
    ReleaseError: _of_conflict,
    ChangedMeanwhileError: _of_meanwhile,
    ArchiveError: _of_archive,
    **dict.fromkeys(AWAY, _of_archive),
}

# The application


def under_api(request: Request) -> bool:
    """Say whether it is the API that is asked."""
    return request.url.path == "/api/v1" or request.url.path.startswith("/api/")


Handler = Callable[[Request, Any], Response | Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Have every error under ``/api`` told as a problem; elsewhere what was handled before still is.

    To be called last, when every other handler is there.
    """
    handlers: dict[Any, Any] = {
        HTTPException: http_exception_handler,
        RequestValidationError: request_validation_exception_handler,
        **app.exception_handlers,
    }
    for of, handler in handlers.items():
        app.add_exception_handler(of, _either(handler))
    for kind in (*TELLABLE, Exception):
        if kind not in handlers:
            app.add_exception_handler(kind, _either(None))


def _either(handler: Handler | None) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        if under_api(request):
            return as_response(request, told(error))
        if handler is None:
            raise error
        found = await run_in_threadpool(handler, request, error)
        return await found if isinstance(found, Awaitable) else found

    return answer


def told(error: Exception) -> HTTPException:
    """Return an error as what is told of it."""
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, RequestValidationError):
        return _of_values(error)
    for kind, tell in TELLABLE.items():
        if isinstance(error, kind):
            return tell(error)
    return ProblemError("failed", "newsbot failed to answer this; its log tells why.")
