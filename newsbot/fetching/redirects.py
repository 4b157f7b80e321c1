"""Redirects, followed within bounds: so many, no circle, and only to what may be fetched."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from newsbot.fetching.connecting import policy_of
from newsbot.fetching.refusals import RefusedError

if TYPE_CHECKING:
    from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware as _Base
else:
    _Base = object


class _Bounded(_Base):
    """What both of Scrapy's middlewares do with the next address of a chain."""

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        longest = self.crawler.settings.getint("URLLENGTH_LIMIT")
        if len(redirected.url) > longest:
            raise RefusedError("refused_url", f"redirected to {len(redirected.url)} characters")
        chain = [*request.meta.get("redirect_urls", ()), request.url]
        if redirected.url in chain:
            raise RefusedError("refused_redirects", f"back to {redirected.url}")
        policy_of(self.crawler).check_url(redirected.url)
        if not self._on_site(redirected, request):
            raise RefusedError("refused_offsite", f"to {urlsplit(redirected.url).hostname}")
        try:
            return super()._redirect(redirected, request, reason)
        except IgnoreRequest:
            raise RefusedError("refused_redirects", f"{len(chain)} and more") from None

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
        followed = super().process_response(request, response)
        if followed is response and response.status in (301, 302, 303, 307, 308):
            scheme = urlsplit((response.headers.get("Location") or b"").decode("latin-1")).scheme
            if scheme and scheme not in ("http", "https"):
                raise RefusedError("refused_scheme", f"redirected to {scheme}:")
        return followed


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
