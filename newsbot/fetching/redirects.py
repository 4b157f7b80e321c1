"""Redirects, followed within bounds: so many, no circle, and only to what may be fetched.

Cookies live as long as one chain of redirects. Some sites set one and lead back to the same address
to see whether it comes along; none needs one from page to page, and without them no reader is
counted and no cache is passed by.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.cookies import CookieJar

from newsbot.fetching.connecting import policy_of
from newsbot.fetching.refusals import RefusedError

if TYPE_CHECKING:
    from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware as _Base
else:
    _Base = object

_REDIRECTS = (301, 302, 303, 307, 308)
# RFC 6265, 6.1: at least 4096 bytes of a cookie are to be borne with; nobody needs more.
_COOKIE = 4_096
# Where a chain's cookies stand, and whether the last answer brought another.
JAR, _ANOTHER = "redirect_cookies", "redirect_cookies_another"


class _Bounded(_Base):
    """What both of Scrapy's middlewares do with the next address of a chain."""

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        longest = self.crawler.settings.getint("URLLENGTH_LIMIT")
        if len(redirected.url) > longest:
            raise RefusedError("refused_url", f"redirected to {len(redirected.url)} characters")
        policy_of(self.crawler).check_url(redirected.url)
        if not self._on_site(redirected, request):
            raise RefusedError("refused_offsite", f"to {urlsplit(redirected.url).hostname}")
        chain = [*request.meta.get("redirect_urls", ()), request.url]
        back = redirected.url in chain
        if back and not request.meta.get(_ANOTHER):
            raise RefusedError("refused_redirects", f"back to {redirected.url}")
        try:
            followed = super()._redirect(redirected, request, reason)
        except IgnoreRequest:
            raise RefusedError("refused_redirects", f"{len(chain)} and more") from None
        return followed.replace(dont_filter=True) if back else followed

    def _on_site(self, redirected: Request, request: Request) -> bool:
        """Say what Scrapy's own check will, which drops a request without a word to who waits for it."""
        offsite = self.crawler.get_downloader_middleware(OffsiteMiddleware)
        spider = self.crawler.spider
        if offsite is None or spider is None or request.dont_filter:
            return True
        return bool(request.meta.get("allow_offsite")) or offsite.should_follow(redirected, spider)


class BoundedRedirectMiddleware(_Bounded, RedirectMiddleware):
    """Scrapy's middleware for redirects by status, within bounds."""

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Follow a redirect, or pass the response.

        Raises:
            RefusedError: when it goes on for ever, in a circle, or to what is no web page.
        """
        if response.status not in _REDIRECTS:
            return response
        jar = self._take_cookies(request, response)
        followed = super().process_response(request, response)
        if isinstance(followed, Request):
            if jar is not None:
                jar.add_cookie_header(followed)
            return followed
        scheme = urlsplit((response.headers.get("Location") or b"").decode("latin-1")).scheme
        if scheme and scheme not in ("http", "https"):
            raise RefusedError("refused_scheme", f"redirected to {scheme}:")
        return response

    def _take_cookies(self, request: Request, response: Response) -> CookieJar | None:
        """Take the cookies of a redirect, for the rest of its chain. None where there are none."""
        jar: CookieJar | None = request.meta.get(JAR)
        request.meta[_ANOTHER] = False
        said = response.headers.getlist("Set-Cookie")
        if not said:
            return jar
        most = self.crawler.settings.getint("REDIRECT_COOKIES")
        if jar is None:
            jar = request.meta[JAR] = CookieJar()
        before = _held(jar)
        bounded = [each for each in said if len(each) <= _COOKIE][:most]
        for cookie in jar.make_cookies(response.replace(headers={"Set-Cookie": bounded}), request):
            if len(_held(jar)) < most:
                jar.set_cookie_if_ok(cookie, request)
        request.meta[_ANOTHER] = _held(jar) != before
        if request.meta[_ANOTHER]:
            # What was sent along so far is in the jar; what the operator gave is added again.
            request.headers.pop("Cookie", None)
        return jar


def _held(jar: CookieJar) -> set[tuple[str, str, str | None]]:
    return {(cookie.domain, cookie.name, cookie.value) for cookie in jar}


class BoundedMetaRefreshMiddleware(_Bounded, MetaRefreshMiddleware):
    """Scrapy's middleware for redirects by a page's own markup, within the same bounds."""

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Follow a refresh, or pass the response; a page that refreshes itself is that page."""
        try:
            return super().process_response(request, response)
        except RefusedError as refusal:
            if refusal.cause == "refused_redirects":
                return response
            raise
