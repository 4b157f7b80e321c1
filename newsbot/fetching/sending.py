"""What is put on each request of a crawl before it leaves: the source's own headers and proxy."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.cookies import CookieJar

from newsbot.fetching.credentials import PRIVATE, Credentials
from newsbot.fetching.redirects import JAR


class CredentialsMiddleware:
    """Downloader middleware that gives requests what their source's operator has sent with them.

    It stands before Scrapy's middlewares that fill in the usual headers, which leave alone what is
    there, and before the one that reads the proxy from the request.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "CredentialsMiddleware":
        """Return the middleware of this crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Put the headers on or take them off."""
        credentials = credentials_of(self._crawler)
        taken_off = request.meta.pop(PRIVATE, ())
        for name in taken_off:
            request.headers.pop(name, None)
        jar: CookieJar | None = request.meta.get(JAR)
        if jar is not None and "Cookie" in taken_off:
            jar.add_cookie_header(request)  # what the site set along this chain of redirects
        if credentials.proxy:
            request.meta["proxy"] = credentials.proxy
        headers = credentials.all_headers()
        if headers and credentials.belong_to(request.url):
            carried = request.headers.get("Cookie")
            for name, value in headers.items():
                request.headers[name] = value.encode("utf-8")
            if "Cookie" in headers and carried:
                request.headers["Cookie"] = f"{headers['Cookie']}; ".encode() + carried
            request.meta[PRIVATE] = tuple(headers)


def credentials_of(crawler: Crawler) -> Credentials:
    """Return what goes with this crawl's requests."""
    found = getattr(crawler.spider, "credentials", None)
    return found if isinstance(found, Credentials) else Credentials()
