"""Asks a newsbot elsewhere by its API: as told by it, again where it asks for patience, page by page."""

import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx

from newsbot.alerts.checking import RuleFieldError
from newsbot.export.columns import UnknownColumnError
from newsbot.query import QuerySyntaxError

PREFIX = "/api/v1"
# Seconds for which a question is put again in all, where the desk asks for patience or does not answer.
PATIENCE = 120.0
_AGAIN = frozenset({429, 503})
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_OWN_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})

Parameters = Mapping[str, Any]
_NONE: Parameters = MappingProxyType({})


class RemoteError(Exception):
    """A newsbot elsewhere did not do what it was asked; the text says why and what to do.

    ``status`` is that of its answer (0: there was none), ``problem`` what it said (RFC 9457).
    """

    def __init__(self, sentence: str, *, status: int = 0, problem: Parameters = _NONE) -> None:
        super().__init__(sentence)
        self.status = status
        self.problem = dict(problem)


class Desk:
    """A newsbot elsewhere, at an address, known to it by a token."""

    def __init__(self, address: str, token: str | None, *, patience: float = PATIENCE) -> None:
        parts = urlsplit(address)
        if parts.scheme == "http" and token and parts.hostname not in _OWN_MACHINE:
            warnings.warn(
                f"the token goes to {parts.netloc} in the open; use https://", stacklevel=4
            )
        headers = {"accept": "application/json", "user-agent": "newsbot-client"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self.address = address.rstrip("/")
        self._patience = patience
        self._client = httpx.Client(base_url=self.address, headers=headers, timeout=_TIMEOUT)

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def get(self, path: str, parameters: Parameters = _NONE) -> Any:
        """Return what stands at a path below ``/api/v1``."""
        return self._asked("GET", PREFIX + path, params=_given(parameters)).json()

    def find(self, path: str, parameters: Parameters = _NONE) -> Any:
        """Return what stands at a path, as ``get``; None where there is nothing."""
        try:
            return self.get(path, parameters)
        except RemoteError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def post(self, path: str, sent: Mapping[str, Any]) -> Any:
        """Return the answer to what is sent to a path; it is sent again where that was not taken."""
        return self._asked("POST", PREFIX + path, json=dict(sent)).json()

    def pages(self, path: str, parameters: Parameters = _NONE) -> Iterator[Any]:
        """Yield a list's pages, each as it is asked for."""
        told = self.get(path, parameters)
        while True:
            yield told
            if not told["next"]:
                return
            told = self._asked("GET", told["next"]).json()

    @contextmanager
    def stream(self, path: str, parameters: Parameters) -> Iterator[httpx.Response]:
        """Hold a long answer, to be read as it comes. What breaks off in its middle raises RemoteError."""
        until = time.monotonic() + self._patience
        while True:
            try:
                with self._client.stream("GET", PREFIX + path, params=_given(parameters)) as answer:
                    if answer.is_success:
                        yield answer
                        return
                    answer.read()
            except httpx.TransportError as error:
                raise RemoteError(
                    f"{self.address} broke off before the end, so nothing was kept: {error}"
                ) from None
            self._wait(answer, until)

    def _asked(self, method: str, path: str, **sent: Any) -> httpx.Response:
        until, pause = time.monotonic() + self._patience, 0.5
        while True:
            try:
                answer = self._client.request(method, path, **sent)
            except httpx.TransportError as error:
                if time.monotonic() + pause > until or isinstance(error, httpx.UnsupportedProtocol):
                    raise RemoteError(
                        f"{self.address} does not answer ({error}); is newsbot up there, and the address right?"
                    ) from None
                time.sleep(pause)
                pause = min(pause * 2, 8.0)
                continue
            if answer.is_success:
                return answer
            self._wait(answer, until)

    def _wait(self, answer: httpx.Response, until: float) -> None:
        """Wait as long as an answer asks for; raise what it says where it does not, or for too long."""
        if answer.status_code in _AGAIN:
            asked = answer.headers.get("retry-after", "")
            seconds = float(asked) if asked.isascii() and asked.isdigit() else 1.0
            if time.monotonic() + seconds <= until:
                time.sleep(seconds)
                return
        raise _error(self.address, answer)


def _given(parameters: Parameters) -> dict[str, Any]:
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in parameters.items()
        if value not in (None, "", ())
    }


def _error(address: str, answer: httpx.Response) -> Exception:
    """Return what an answer that says no is raised as: as in an archive of one's own, where it can be."""
    try:
        problem = answer.json()
        detail = str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        return RemoteError(
            f"{address} answered {answer.status_code}, and not as newsbot does; is the address right?",
            status=answer.status_code,
        )
    kind = str(problem.get("type", "")).rpartition("#")[2]
    if kind == "bad-query" and "position" in problem:
        return QuerySyntaxError(str(problem["query"]), int(problem["position"]), detail)
    errors = problem.get("errors", [])
    if kind == "invalid" and any(each.get("parameter") == "columns" for each in errors):
        return UnknownColumnError(str(errors[0]["detail"]))
    if kind == "invalid" and errors and all("pointer" in each for each in errors):
        return RuleFieldError(
            {
                each["pointer"].removeprefix("#/").replace("/", "."): each["detail"]
                for each in errors
            }
        )
    return RemoteError(detail, status=answer.status_code, problem=problem)
