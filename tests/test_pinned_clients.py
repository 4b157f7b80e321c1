"""httpx clients that connect to permitted addresses alone, and to what was checked."""

import asyncio
import contextlib
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from newsbot.archive.sources import Pair
from newsbot.config import Config
from newsbot.fetching.addresses import AddressPolicy
from newsbot.fetching.credentials import Access, Credentials
from newsbot.fetching.pinning import AsyncPinnedTransport, PinnedTransport, permitted
from newsbot.fetching.refusals import RefusedError
from newsbot.fetching.survey import SurveyError, survey
from tests.canary import Canary
from tests.name_server import NameServer, ask

ELSEWHERE = "192.31.196.7"
ZONE = {
    "site.example": ["127.0.0.1"],
    "inside.example": ["127.0.0.1"],
    "inside6.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "both.example": [ELSEWHERE, "127.0.0.1"],
    # Public when it is checked, and inside whenever it is asked for again.
    "rebinding.example": lambda times: [ELSEWHERE] if times == 0 else ["127.0.0.1"],
}


@pytest.fixture
def names() -> Iterator[NameServer]:
    """Names that lead inside."""
    made = NameServer(ZONE)
    yield made
    made.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """What is inside."""
    made = Canary()
    yield made
    made.close()


@pytest.fixture
def site() -> Iterator[Canary]:
    """A site that the operator allowed."""
    made = Canary()
    yield made
    made.close()


def client(
    names: NameServer, *allowed: str, credentials: Credentials = Credentials()
) -> httpx.Client:
    def resolve(host: str, _port: int) -> list[str]:
        return ask(names.port, host)

    transport = PinnedTransport(AddressPolicy.of(allowed), credentials=credentials, resolve=resolve)
    return httpx.Client(transport=transport, follow_redirects=True, timeout=2)


HOSTS = """127.0.0.1 localhost [::1] [::ffff:127.0.0.1] 0.0.0.0 2130706433 inside.example
inside6.example mapped.example metadata.example""".split()


@pytest.mark.parametrize("host", HOSTS)
def test_a_client_connects_to_no_inside_address(
    host: str, names: NameServer, canary: Canary, site: Canary
) -> None:
    inside = f"http://{host}:{canary.port}/"
    site.answer = lambda _path: (302, {"Location": inside})

    with client(names, f"site.example:{site.port}") as asking:
        for url in (inside, f"http://site.example:{site.port}/"):
            with pytest.raises(RefusedError) as refused:
                asking.get(url)
            assert refused.value.cause == "refused_address"
    assert canary.connections == 0
    assert site.connections == 1


def test_a_client_connects_to_the_address_that_was_checked(
    names: NameServer, canary: Canary
) -> None:
    with client(names) as asking:
        for host in ("rebinding.example", "both.example"):
            # Nobody is there, but a network may answer for all addresses.
            with contextlib.suppress(httpx.TransportError):
                asking.get(f"http://{host}:{canary.port}/")
            assert canary.connections == 0
    with client(names) as asking, pytest.raises(RefusedError):
        asking.get(f"http://rebinding.example:{canary.port}/")
    assert canary.connections == 0


def test_an_allowed_name_is_connected_to(names: NameServer, canary: Canary) -> None:
    with client(names, f"inside.example:{canary.port}") as asking:
        answer = asking.get(f"http://inside.example:{canary.port}/x")
    assert answer.status_code == 200
    assert [path for path, _ in canary.requests] == ["/x"]
    assert canary.requests[0][1]["host"] == f"inside.example:{canary.port}"


def test_the_client_for_webhooks_does_the_same(names: NameServer, canary: Canary) -> None:
    def resolve(host: str, _port: int) -> list[str]:
        return ask(names.port, host)

    async def post(*allowed: str) -> int:
        transport = AsyncPinnedTransport(AddressPolicy.of(allowed), resolve=resolve)
        async with httpx.AsyncClient(transport=transport) as asking:
            return (await asking.post(f"http://inside.example:{canary.port}/")).status_code

    with pytest.raises(RefusedError):
        asyncio.run(post())
    assert canary.connections == 0
    assert asyncio.run(post("inside.example")) == 200


def test_addresses_that_are_permitted_can_be_asked_for(names: NameServer) -> None:
    look = partial(
        permitted, policy=AddressPolicy(), resolve=lambda host, _port: ask(names.port, host)
    )

    assert look("both.example", 80) == [ELSEWHERE]
    with pytest.raises(RefusedError):
        look("inside.example", 80)
    with pytest.raises(OSError, match="not known"):
        look("nowhere.example", 80)


def test_a_clients_headers_are_dropped_on_redirects_elsewhere(
    names: NameServer, canary: Canary, site: Canary
) -> None:
    home = f"http://site.example:{site.port}/"
    site.answer = lambda path: (
        (302, {"Location": f"http://inside.example:{canary.port}/"}) if path == "/" else (200, {})
    )
    credentials = Credentials.on(
        [home],
        headers=(Pair(name="X-Api-Key", value="k"),),
        cookies=(Pair(name="a", value="b"),),
    )
    with client(names, "site.example", "inside.example", credentials=credentials) as asking:
        asking.get(home)

    assert site.requests[0][1]["x-api-key"] == "k"
    assert site.requests[0][1]["cookie"] == "a=b"
    assert {"x-api-key", "cookie"}.isdisjoint(canary.requests[0][1])


def test_the_look_at_a_new_site_is_bounded_to_it(
    canary: Canary, site: Canary, config: Config
) -> None:
    site.answer = lambda _path: (302, {"Location": f"http://127.0.0.1:{canary.port}/"})

    with pytest.raises(SurveyError, match=r"127\.0\.0\.1 is loopback"):
        survey(f"http://127.0.0.1:{site.port}/", config)
    assert canary.connections == 0


def test_a_site_out_of_somebodys_list_is_not_named_by_the_operator(
    site: Canary, config: Config
) -> None:
    with pytest.raises(SurveyError, match="not public"):
        survey(f"http://127.0.0.1:{site.port}/", config, named=False)
    assert site.connections == 0


def test_the_look_at_a_new_site_sends_what_the_operator_gave(site: Canary, config: Config) -> None:
    access = Access(headers=(Pair(name="X-Api-Key", value="k"),))
    url = f"http://127.0.0.1:{site.port}/"

    found = survey(url, config, access)

    assert found.allowed_hosts == (f"127.0.0.1:{site.port}",)
    assert {headers.get("x-api-key") for _, headers in site.requests} == {"k"}
