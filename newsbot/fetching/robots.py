"""robots.txt, obeyed as RFC 9309 has it, and remembered across runs.

- It is asked for at most once in a day, with its validators, however often a source is polled.
- 4xx: there is none, everything is allowed. 5xx, 429 and no answer: it cannot be read, and until it
  can nothing of the host is fetched, except by a copy that was read not too long ago.
- Our name is the product token ``newsbot``; a group for it stands in place of that for ``*``.
- 500 KiB are read, the least that the RFC asks for.

There is no way to ignore it: whoever owns a site can let ``newsbot`` in by its robots.txt.
"""

import asyncio
import re
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol, cast
from urllib.parse import urlsplit

import attrs
from protego import Protego
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from newsbot.archive import hosts as records
from newsbot.archive.connection import Database
from newsbot.archive.hosts import RobotsCopy
from newsbot.archive.pages import Version
from newsbot.fetching.conditional import conditions, stated_lifetime, version_of
from newsbot.fetching.failures import failure_of
from newsbot.fetching.hosts import host_key, hosts
from newsbot.fetching.lease import LeaseOverError
from newsbot.fetching.refusals import RefusedError, refusal_in
from newsbot.text.byte_order import marked

# The product token (RFC 9309, 2.2.1).
TOKEN = "newsbot"  # noqa: S105 - no password
# RFC 9309, 2.5: at least 500 KiB are parsed.
SIZE = 512_000
# 2.3.1.2: at least five redirects are followed, to other hosts too.
REDIRECTS = 5
# 2.4: a copy is used for 24 h at most, and for longer where the file cannot be read.
STALE = timedelta(hours=24)
# 2.3.1.4: after so long without a robots.txt a crawler may go by the copy it has, or by none.
GIVEN_UP = timedelta(days=30)
# A max-age below this is not worth a request: polls are minutes apart.
FRESH_LEAST = timedelta(hours=1)
_LINE = re.compile(rb"[\r\n]+")
_DAY = 86_400.0


class Rules:
    """What a robots.txt allows ``newsbot``."""

    def __init__(self, body: bytes) -> None:
        self._parsed = Protego.parse(_of_ours(body))

    def allows(self, url: str) -> bool:
        """Say whether a URL may be fetched."""
        return bool(self._parsed.can_fetch(url, TOKEN))

    @property
    def crawl_delay(self) -> float:
        """Seconds between two requests that the site asks for; 0 where it asks for none."""
        return max(0.0, self._parsed.crawl_delay(TOKEN) or 0.0)


_AGENT = re.compile(rb"^\s*user[- ]?agent\s*:?\s*(.*?)\s*$", re.IGNORECASE)
_PRODUCT = re.compile(rb"[a-z_-]*")
_SITE_WIDE = re.compile(rb"^\s*(?:site-?maps?|host)\s*:", re.IGNORECASE)


def _of_ours(body: bytes) -> str:
    """Return the groups of a robots.txt that concern us, as text of ASCII letters.

    A parser that keeps each group's rules for each of its names can be made to work for hours by
    half a megabyte; here remain the rules for two names. A rule is a pattern of octets (2.2.2), so
    those beyond ASCII are percent-encoded as they stand, in whatever encoding that is.
    """
    text = _decoded(body[:SIZE])
    if len(body) > SIZE:
        text = text[
            : max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        ]  # half a rule says another thing
    kept: list[bytes] = []
    ours = False
    names_before = False
    for line in _LINE.split(text):
        bare = line.partition(b"#")[0].strip()
        agent = _AGENT.match(bare)
        if agent is not None:
            name = agent[1].lower()
            if name != b"*":
                name = _PRODUCT.match(name.replace(b"*", b""))[0]  # type: ignore[index]
            wanted = name in (b"*", TOKEN.encode())
            ours = wanted or (ours and names_before)
            names_before = True
            if wanted:
                kept.append(b"User-agent: " + name)
        elif bare:
            if not _SITE_WIDE.match(bare):
                names_before = False
            if ours:
                kept.append(bare)
    joined = b"\n".join(kept)
    return re.sub(rb"[\x80-\xff]", lambda octet: b"%%%02X" % octet[0][0], joined).decode("ascii")


def _decoded(body: bytes) -> bytes:
    """Return the bytes of a text in UTF-8 or the like; UTF-16 is made UTF-8."""
    text = marked(body)
    return (body if text is None else text.encode()).replace(b"\x00", b"")


@attrs.frozen
class _Answer:
    """What came of asking: the copy to go by, and whether it is another than before."""

    copy: RobotsCopy
    changed: bool = False


# Parsed files, by what they say: the same in run after run.
_PARSED: "OrderedDict[bytes, Rules]" = OrderedDict()
_PARSED_MOST = 500


def rules_of(body: bytes) -> Rules:
    """Return the rules of a robots.txt, parsed once."""
    key = sha256(body).digest()
    found = _PARSED.pop(key, None) or Rules(body)
    _PARSED[key] = found
    if len(_PARSED) > _PARSED_MOST:
        _PARSED.popitem(last=False)
    return found


class _Remembering(Protocol):
    """A spider of a session with an archive and a log."""

    session: "_Session"

    async def robots_changed(self, origin: str, rules: Rules) -> None: ...


class _Session(Protocol):
    database: Database

    def say(self, line: str) -> None: ...


class RememberedRobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, with RFC 9309's errors, and what was read in the archive."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._remember = timedelta(seconds=crawler.settings.getfloat("ROBOTSTXT_REMEMBER"))
        self._delay_most = crawler.settings.getfloat("CRAWL_DELAY_MOST")
        self._asked: dict[str, asyncio.Task[Rules]] = {}

    async def process_request(self, request: Request) -> None:  # type: ignore[override]
        """Pass a request that robots.txt allows.

        Raises:
            RefusedError: when it does not, when it cannot be read, or when the host is to be left
                alone.
        """
        if request.meta.get("dont_obey_robotstxt"):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
        asked = self._asked.get(origin)
        if asked is None:
            asked = self._asked[origin] = asyncio.ensure_future(self._learn(origin))
        try:
            rules = await asyncio.shield(asked)
        except LeaseOverError:  # it is asked for again when the lease holds
            if self._asked.get(origin) is asked:
                del self._asked[origin]
            raise
        if not rules.allows(request.url):
            raise RefusedError("refused_robots")

    async def _learn(self, origin: str) -> Rules:
        spider = cast("_Remembering", self.crawler.spider)
        database, key = spider.session.database, host_key(origin)
        scheme = urlsplit(origin).scheme
        known = await asyncio.to_thread(records.get, database, key)
        host, now = hosts().of(origin), datetime.now(UTC)
        if known.left_alone_until is not None and known.left_alone_until > now:
            host.leave_alone(known.left_alone_until, known.why)
        copy = known.robots.get(scheme) or RobotsCopy()
        if not self._is_fresh(copy, now):
            answer = await self._ask(origin, copy, now)
            await asyncio.to_thread(records.keep_robots, database, key, scheme, answer.copy)
            if answer.changed:
                await spider.robots_changed(origin, rules_of(answer.copy.body))
            copy = answer.copy
        rules = rules_of(_in_force(copy, now))
        # A host outlives a crawl, and its robots.txt may have changed since.
        host.asks_for_delay(scheme, min(rules.crawl_delay, self._delay_most))
        if rules.crawl_delay > self._delay_most:
            spider.session.say(
                f"{origin} asks for {rules.crawl_delay:g} s between two requests; "
                f"{self._delay_most:g} s are kept (crawl_delay_most)"
            )
        return rules

    def _is_fresh(self, copy: RobotsCopy, now: datetime) -> bool:
        if copy.fresh_until is None or copy.read_at is None or copy.unread_since is not None:
            return False
        return now < min(copy.fresh_until, copy.read_at + self._remember)

    async def _ask(self, origin: str, before: RobotsCopy, now: datetime) -> _Answer:
        """Ask for a robots.txt; what cannot be read leaves the copy before, marked so."""
        # The one packing of which a beginning alone can be unpacked here (see unpacking.py).
        headers = {"Accept-Encoding": "gzip"}
        if before.read_at is not None:
            headers |= conditions(Version(etag=before.etag, last_modified=before.modified))
        request = Request(
            f"{origin}/robots.txt",
            headers=headers,
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            meta={
                "dont_obey_robotstxt": True,
                "allow_offsite": True,
                "read_at_most": SIZE + 1,
                "download_maxsize": 1 << 40,  # it is cut, not refused
                "redirect_ttl": REDIRECTS,
            },
        )
        try:
            response = await self._download(request)
        except Exception as error:
            refusal = refusal_in(error)
            if refusal is not None and refusal.cause == "refused_redirects":
                return self._none(before, 310, now)
            if isinstance(error, IgnoreRequest) and (
                refusal is None or refusal.cause != "refused_time"
            ):
                raise  # refused before it was asked for: so is everything there
            why = str(refusal) if refusal else failure_of(error)[1]
            return self._unread(origin, before, why, now)
        if response.status == 304 and before.read_at is not None:
            return self._renewed(before, response, now)
        if response.status == 429 or response.status >= 500:
            return self._unread(origin, before, f"answered {response.status}", now)
        if not 200 <= response.status < 300:
            return self._none(before, response.status, now)
        body = response.body[: SIZE + 1]
        version = version_of(response, now=now)
        copy = attrs.evolve(
            before,
            status=response.status,
            packed=records.pack(body),
            etag=version.etag,
            modified=version.last_modified,
            read_at=now,
        )
        changed = before.read_at is not None and before.body != body
        return attrs.evolve(self._renewed(copy, response, now), changed=changed)

    async def _download(self, request: Request) -> Response:
        """Download no more than is read."""
        had: dict[Request, int] = {}

        def enough(data: bytes, request: Request) -> None:
            if request.meta.get("read_at_most"):
                had[request] = had.get(request, 0) + len(data)
                if had[request] > SIZE:
                    raise StopDownload(fail=False)

        # Only while it is on its way: each piece of each answer would be asked about.
        self.crawler.signals.connect(enough, signals.bytes_received)
        try:
            return await self.crawler.engine.download_async(request)
        finally:
            self.crawler.signals.disconnect(enough, signals.bytes_received)

    def _renewed(self, copy: RobotsCopy, response: Response, now: datetime) -> _Answer:
        lasts = self._remember
        stated = stated_lifetime(response.headers)
        if stated is not None:
            lasts = min(lasts, max(timedelta(seconds=min(stated, _DAY)), FRESH_LEAST))
        return _Answer(
            attrs.evolve(
                copy, read_at=now, fresh_until=now + lasts, unread_since=None, unread_why=""
            )
        )

    def _none(self, before: RobotsCopy, status: int, now: datetime) -> _Answer:
        copy = RobotsCopy(status=status, read_at=now, fresh_until=now + self._remember)
        return _Answer(copy, changed=bool(before.packed))

    def _unread(self, origin: str, before: RobotsCopy, why: str, now: datetime) -> _Answer:
        spider = cast("_Remembering", self.crawler.spider)
        spider.session.say(f"{origin}/robots.txt cannot be read: {why}")
        since = before.unread_since or now
        return _Answer(attrs.evolve(before, unread_since=since, unread_why=why))


def _in_force(copy: RobotsCopy, now: datetime) -> bytes:
    """Return the robots.txt to go by.

    Raises:
        RefusedError: when there is none, and its host is to be left alone until there is.
    """
    if copy.unread_since is None or now - copy.unread_since > GIVEN_UP:
        return copy.body
    if copy.fresh_until is not None and now < copy.fresh_until + STALE:
        return copy.body
    since = f"since {copy.unread_since:%Y-%m-%d %H:%M} UTC"
    why = copy.unread_why
    raise RefusedError("refused_robots_unread", f"{since} it {why}" if why else since)
