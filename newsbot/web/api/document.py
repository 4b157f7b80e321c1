"""What the API says of itself: its OpenAPI 3.1 document, and the page that shows it to people."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response

from newsbot.web.access import TABLE
from newsbot.web.api.frame import PREFIX, area
from newsbot.web.api.problems import KINDS, MEDIA_TYPE
from newsbot.web.pages import Pages

VERSION = "1"
# What may happen at every address.
_EVERYWHERE = (
    *("unauthorized", "forbidden", "misdirected", "too-many-requests", "unavailable", "failed"),
)
_DESCRIPTION = """\
All that the desk's pages can do, for programs. Errors are `application/problem+json` (RFC 9457) and say what to
do. Times are RFC 3339 in UTC. Lists go on at `next`. Answers have a strong `ETag`; changes of what others may
have changed want it as `If-Match`.
"""
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {
            "type": "string",
            "description": "The kind of error; the page at /api tells of it.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong, and what to do."},
        "instance": {"type": "string", "description": "What was asked for."},
        "errors": {
            "type": "array",
            "description": "Each value that cannot be, and where it stands.",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer into the body."},
                    "parameter": {"type": "string", "description": "Name of a parameter."},
                    "in": {"type": "string", "enum": ["query", "path", "header", "cookie"]},
                    "detail": {"type": "string"},
                },
            },
        },
        "position": {"type": "integer", "description": "Where a query cannot be understood."},
        "query": {"type": "string"},
        "explanation": {
            "type": "string",
            "description": "The query, with a caret under the place.",
        },
    },
}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "newsbot_session",
        "description": "The session of whoever is signed in at the desk.",
    },
}


class Document:
    """The document of these areas, and its page."""

    def __init__(self, routers: Sequence[APIRouter], pages: Pages) -> None:
        self._routers = routers
        self._pages = pages
        self.router = area("document")
        self.router.add_api_route(
            "/openapi.json", self.document, methods=["GET"], include_in_schema=False
        )
        self.page = APIRouter()
        self.page.add_api_route(
            "/api",
            self.reference,
            methods=["GET"],
            response_class=HTMLResponse,
            response_model=None,
        )

    def document(self) -> Response:
        """Answer with the OpenAPI document."""
        return JSONResponse(self.told)

    def reference(self, request: Request) -> HTMLResponse:
        """Show the document to people."""
        return self._pages.page(request, "api.html", areas=self.areas, kinds=KINDS, prefix=PREFIX)

    @cached_property
    def told(self) -> dict[str, Any]:
        """The OpenAPI document."""
        routes = [route for router in self._routers for route in router.routes]
        told = get_openapi(
            title="newsbot",
            version=VERSION,
            openapi_version="3.1.0",
            description=_DESCRIPTION,
            routes=routes,
            separate_input_output_schemas=False,
        )
        schemas = told.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["Problem"] = _PROBLEM
        told["components"]["securitySchemes"] = _SECURITY
        for path, methods in told["paths"].items():
            for method, operation in methods.items():
                _complete(operation, f"{method.upper()} {path}")
        for operation in [each for methods in told["paths"].values() for each in methods.values()]:
            _exemplify(told, operation)
        return told

    @cached_property
    def areas(self) -> Mapping[str, list[dict[str, Any]]]:
        """What there is, by area, as its page shows it."""
        found: dict[str, list[dict[str, Any]]] = {}
        for path, methods in self.told["paths"].items():
            for method, operation in methods.items():
                found.setdefault(operation["tags"][0], []).append(
                    {
                        "method": method.upper(),
                        "path": path,
                        "shown": _shown(self.told, operation),
                        **operation,
                    }
                )
        return found


def _shown(document: Mapping[str, Any], operation: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the examples of an operation: what is sent, and what is answered."""
    found = []
    sent = operation.get("requestBody", {}).get("content", {})
    for title, content in (
        ("", sent),
        *(
            (status, answer.get("content", {}))
            for status, answer in operation["responses"].items()
            if status.startswith("2")
        ),
    ):
        for media in content.values():
            if (example := example_of(document, media)) is not None:
                text = example if isinstance(example, str) else _written(example)
                found.append((title, text))
    return found


def _written(example: object) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2)


def example_of(document: Mapping[str, Any], media: Mapping[str, Any]) -> Any:
    """Return the example of a body: its own, or one made of those of its schema's fields."""
    if "example" in media:
        return media["example"]
    return _example(document, media.get("schema", {}), 0)


# What stands for a text of which no example is given, by the field's name.
_TEXTS: Mapping[str, str] = {
    "id": "5f0c2f9d1f6c6d0a4b1e7c55",
    "article": "5f0c2f9d1f6c6d0a4b1e7c55",
    "story": "f079d29000c983e0b93bd71c",
    "alert": "78e31b7877f5370cb28ccfb5",
    "source": "1f0b2c3d4e5f60718293a4b5",
    "run": "8f5e1ad1f0b6c2d3e4a59687",
    "name": "harbour",
    "query": "harbour",
    "clause": "harbour",
    "title": "The harbour opens",
    "text": "The harbour opened at dawn.",
    "url": "https://harbour.example/a",
    "homepage": "https://harbour.example/",
    "language": "en",
    "zone": "UTC",
    "at": "08:00",
    "by": "Lina",
    "said": "its runs failed",
}
# What stands for a value of which no example is given.
_PLAIN: Mapping[str, Any] = {"integer": 1, "number": 0.5, "boolean": True, "null": None}
_FORMATS = {"date-time": "2026-03-01T06:30:00Z", "date": "2026-03-01"}
_DEEPEST = 12


def _example(
    document: Mapping[str, Any], schema: Mapping[str, Any], deep: int, field: str = ""
) -> Any:
    if deep > _DEEPEST:
        return None
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return _example(document, document["components"]["schemas"][name], deep + 1, field)
    if "examples" in schema:
        return schema["examples"][0]
    for kept in ("const", "default"):
        if kept in schema:
            return schema[kept]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema or "oneOf" in schema:
        return _example(document, schema.get("anyOf", schema.get("oneOf"))[0], deep + 1, field)
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: _example(document, each, deep + 1, name) for name, each in fields.items()}
        case "array":
            if "prefixItems" in schema:
                return [_example(document, each, deep + 1) for each in schema["prefixItems"]]
            plain = schema["items"].get("type") == "string"
            return [] if plain else [_example(document, schema["items"], deep + 1, field)]
        case "string":
            return _FORMATS.get(schema.get("format", ""), _TEXTS.get(field, ""))
        case kind:
            return _PLAIN.get(str(kind))


def _complete(operation: dict[str, Any], asked: str) -> None:
    """Tell of an operation who may ask for it, and what may go wrong."""
    responses = operation["responses"]
    responses.pop("422", None)
    kinds = [*_EVERYWHERE]
    takes_body = "requestBody" in operation
    parameters = operation.get("parameters", [])
    if takes_body:
        kinds += ["bad-json", "too-large", "unsupported-media-type"]
    if takes_body or parameters:
        kinds.append("invalid")
    if takes_body or parameters:  # they may name what is not there
        kinds.append("not-found")
    names = {each["name"] for each in parameters}
    if names & {"q", "cursor"} or takes_body:
        kinds += ["bad-query", "bad-cursor", "bad-request"]
    if asked.split()[0] != "GET":
        kinds.append("conflict")
    if any(each.lower() == "if-match" for each in names):
        kinds += ["changed-meanwhile", "precondition-required"]
    for kind in dict.fromkeys(kinds):
        responses.setdefault(str(KINDS[kind].status), _problem(kind))
    if asked.startswith("GET"):
        responses.setdefault("304", {"description": "It is as you have it (`If-None-Match`)."})
    told = operation.get("description", operation["summary"]).strip().split("\n\n")
    operation["summary"] = told[0].replace("\n", " ").removesuffix(".")
    operation["x-role"] = TABLE[asked].name.lower()
    operation["security"] = [{"bearer": []}, {"session": []}]


def _exemplify(document: Mapping[str, Any], operation: Mapping[str, Any]) -> None:
    """Give every body of an operation an example."""
    sent = operation.get("requestBody", {})
    for body in (sent, *operation["responses"].values()):
        for media in body.get("content", {}).values():
            if "schema" in media and "example" not in media:
                media["example"] = example_of(document, media)


def _problem(name: str) -> dict[str, Any]:
    kind = KINDS[name]
    example = {
        "type": f"/api#{name}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.remedy,
        "instance": PREFIX,
    }
    return {
        "description": kind.title,
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        },
    }
