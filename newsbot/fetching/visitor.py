"""One visit to a site before it is a source: a few requests, one after the other, politely.

Under the crawler's own name, within a crawl's limits, with a pause in between, so many and no more,
and none that robots.txt forbids.
"""

import ipaddress
import time
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import attrs
import httpx

from newsbot.archive.pages import Version
from newsbot.config import Config
from newsbot.discovery import robots_sitemaps
from newsbot.fetching.addresses import AddressPolicy
from newsbot.fetching.bounded_body import read_body, read_head
from newsbot.fetching.conditional import conditions
from newsbot.fetching.credentials import Credentials
from newsbot.fetching.pinning import PinnedTransport
from newsbot.fetching.refusals import RefusedError
from newsbot.fetching.robots import SIZE, Rules, rules_of

# Requests of one visit, and the seconds between two; a longer Crawl-delay is kept up to the most.
REQUESTS = 60
PAUSE, LONGEST_PAUSE = 1.0, 10.0


class SurveyError(Exception):
    """A site that cannot be surveyed; the text says why and what to do.

    ``bad_address`` says that it was the address already that cannot be; ``status`` is what the server
    answered, 0 where it did not.
    """

    def __init__(self, sentence: str, *, bad_address: bool = False, status: int = 0) -> None:
        super().__init__(sentence)
        self.bad_address = bad_address
        self.status = status


@attrs.frozen
class Answer:
    """What an address gave: where it led, the page, its stated charset or "", and its validators."""

    url: str
    status: int
    body: bytes
    charset: str = ""
    etag: str = ""
    last_modified: str = ""


class Visitor:
    """Asks one site, and whatever it leads to; ``requests`` counts how often it did.

    ``tell`` is told each address before it is asked for.
    """

    def __init__(
        self,
        config: Config,
        policy: AddressPolicy,
        credentials: Credentials,
        *,
        tell: Callable[[str], None] = lambda _address: None,
    ) -> None:
        self._config = config
        self._tell = tell
        self.transport = PinnedTransport(policy, credentials=credentials)
        self._client = httpx.Client(
            transport=self.transport,
            headers={"user-agent": config.user_agent, "accept": "*/*"},
            timeout=config.page_timeout,
            follow_redirects=True,
            max_redirects=config.redirects,
        )
        self._rules: dict[str, Rules | None] = {}
        self._asked_at = 0.0
        self.requests = 0

    def close(self) -> None:
        """End the visit."""
        self._client.close()

    def rules(self, url: str) -> Rules | None:
        """Return what the robots.txt of an address's host allows, where it was read."""
        return self._rules.get(_origin(url))

    def get(self, url: str, *, before: Answer | None = None) -> Answer:
        """Return what stands at an address. ``before`` is an answer that it may still be.

        Raises:
            SurveyError: saying why there is nothing to be had.
        """
        # The first address is asked for itself: its robots.txt is that of where it leads.
        if self._rules and _origin(url) not in self._rules:
            self.robots(url)
        rules = self.rules(url)
        if rules is not None and not rules.allows(url):
            raise SurveyError(f"{url} is closed to crawlers by the site's robots.txt")
        limits = self._config
        headers = {}
        if before is not None:
            headers = conditions(Version(etag=before.etag, last_modified=before.last_modified))
        answer = self._ask(
            url,
            lambda told: read_body(
                told,
                most=limits.entry_point_bytes,
                seconds=limits.page_timeout,
                ratio=limits.unpack_ratio,
            ),
            headers,
        )
        if answer.status >= 400:
            raise SurveyError(
                f"{url} answered {answer.status}; open it in a browser to see whether the address "
                "is right",
                status=answer.status,
            )
        return answer

    def _ask(
        self,
        url: str,
        read: Callable[[httpx.Response], bytes],
        headers: dict[str, str] | None = None,
    ) -> Answer:
        if self.requests >= REQUESTS:
            raise SurveyError(f"{url} was not asked for: a visit makes {REQUESTS} requests at most")
        self._tell(url)
        self._wait(url)
        self.requests += 1
        try:
            with self._client.stream("GET", url, headers=headers) as told:
                return Answer(
                    url=str(told.url),
                    status=told.status_code,
                    body=read(told),
                    charset=told.charset_encoding or "",
                    etag=told.headers.get("etag", ""),
                    last_modified=told.headers.get("last-modified", ""),
                )
        except RefusedError as error:
            raise SurveyError(f"{url} is refused or leads on to what is: it {error}") from None
        except httpx.TimeoutException:
            raise SurveyError(
                f"{url} did not answer within {self._config.page_timeout:.0f} s; try again later"
            ) from None
        except httpx.ConnectError as error:
            why = _why_unreachable(error)
            raise SurveyError(
                f"{url} cannot be reached ({why}); check the address, or try again later"
            ) from None
        except httpx.HTTPError as error:
            raise SurveyError(f"{url} cannot be read: {type(error).__name__}: {error}") from None

    def _wait(self, url: str) -> None:
        """Leave the site a pause, unless it is this machine's own."""
        if not on_this_machine(url):
            rules = self.rules(url)
            pause = min(max(PAUSE, rules.crawl_delay if rules else 0.0), LONGEST_PAUSE)
            time.sleep(max(0.0, self._asked_at + pause - time.monotonic()))
        self._asked_at = time.monotonic()

    def robots(self, homepage: str) -> list[str]:
        """Read robots.txt, obey it from now on, and return the sitemaps it names."""
        url = urljoin(homepage, "/robots.txt")
        try:
            answer = self._ask(
                url,
                lambda told: read_head(told, most=SIZE, seconds=self._config.page_timeout),
                # The one packing of which a beginning alone can be unpacked here.
                {"accept-encoding": "gzip"},
            )
        except SurveyError as error:
            raise SurveyError(f"{error}. Without its robots.txt a site is left alone") from None
        if answer.status == 429 or answer.status >= 500:
            raise SurveyError(
                f"{url} answered {answer.status}, and without its robots.txt a site is left alone; try "
                "again later"
            )
        if answer.status >= 300:
            self._rules[_origin(homepage)] = None
            return []
        self._rules[_origin(homepage)] = rules_of(answer.body)
        return robots_sitemaps(answer.body.decode("utf8", "replace"), url)


def on_this_machine(url: str) -> bool:
    """Say whether an address is this machine's own by its name: nobody else's to be spared."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


# What the system says of a connection that failed, in part, and what that means.
_UNREACHABLE = (
    ("Name or service not known", "its host name is not known"),
    ("name resolution", "its host name could not be looked up"),
    ("No address", "its host name is not known"),
    ("nodename nor servname", "its host name is not known"),
    ("Connection refused", "it refuses the connection"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not valid"),
)


def _why_unreachable(error: httpx.ConnectError) -> str:
    said = str(error)
    return next((words for part, words in _UNREACHABLE if part in said), said)
