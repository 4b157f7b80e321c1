"""A page has one address, however it was reached."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.text.urls import canonical_url, is_web_url, site_of

ONE_FORM = {
    "HTTP://Example.COM:80": "http://example.com/",
    " https://example.com:443/a\n": "https://example.com/a",
    "https://example.com:8443/": "https://example.com:8443/",
    "https://user:secret@example.com/": "https://example.com/",
    "https://example.com/a#part": "https://example.com/a",
    "https://example.com/#!/a": "https://example.com/#!/a",
    "https://example.com/a/../b/./c": "https://example.com/b/c",
    "https://example.com/%7ea%2fb%e4": "https://example.com/~a%2Fb%E4",
    "https://example.com/سوريا": "https://example.com/%D8%B3%D9%88%D8%B1%D9%8A%D8%A7",
    "https://bücher.example/": "https://xn--bcher-kva.example/",
    "https://example.com/?utm_source=a&id=2&fbclid=b&a=1": "https://example.com/?id=2&a=1",
    "https://example.com/?UTM_Medium=a": "https://example.com/",
    "https://example.com/?p=1&PHPSESSID=f00": "https://example.com/?p=1",
    "https://example.com/a;jsessionid=f00?b": "https://example.com/a?b",
    "https://example.com/?a=%zz": "https://example.com/?a=%25zz",
    "https://example.com/?ref=home": "https://example.com/?ref=home",
    "https://example.com/?ref=rss&ref=4045-USHJ": "https://example.com/?ref=4045-USHJ",
    "https://example.com/a?id=1&amp;utm_source=b&amp;p=2": "https://example.com/a?id=1&p=2",
    "https://example.com/a?sid=0123456789abcdef0123456789abcdef": "https://example.com/a",
    "https://example.com/a?sid=42": "https://example.com/a?sid=42",
    "https://www.nytimes.com/a?smid=tw": "https://www.nytimes.com/a",
    "https://example.com/a?smid=tw": "https://example.com/a?smid=tw",
    "https://example.com/(S(lit3py55t21z5v55))/a.aspx": "https://example.com/a.aspx",
    "https://example.com/a/index.html": "https://example.com/a/",
    "https://example.com/index.php?id=3": "https://example.com/index.php?id=3",
    "https://example.com/#/news/1": "https://example.com/#/news/1",
    "https://example.com/a-b-c/amp/": "https://example.com/a-b-c/",
    "https://example.com/2020/03/a-b-c/amp": "https://example.com/2020/03/a-b-c",
    "https://example.com/amp/news/a-b-c": "https://example.com/news/a-b-c",
    "https://example.com/news/amp/world-12345": "https://example.com/news/world-12345",
    "https://example.com/a-b-c.amp.html": "https://example.com/a-b-c.html",
    "https://example.com/a-b-c?amp=1": "https://example.com/a-b-c",
    "https://example.com/a-b-c/?amp": "https://example.com/a-b-c/",
    "https://example.com/a-b-c/?outputType=amp&id=1": "https://example.com/a-b-c/?id=1",
    "https://example.com/platform/amp/2020/6/24/21302329/a-b": "https://example.com/2020/6/24/21302329/a-b",
    "https://example.com/a-b-1.444!amp": "https://example.com/a-b-1.444",
    "https://example.com/a-100~amp.html": "https://example.com/a-100.html",
    "https://blog.example.com/2022/06/story.html?m=1": "https://blog.example.com/2022/06/story.html",
    "https://en.m.example.org/wiki/Peace": "https://en.example.org/wiki/Peace",
    "https://m.example.com/a-b-c": "https://www.example.com/a-b-c",
    "https://amp.example.co.uk/a-b-c": "https://www.example.co.uk/a-b-c",
    "https://m.news.example.com/a-b-c": "https://news.example.com/a-b-c",
    "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a-b-c/amp": "https://www.example.com/a-b-c",
    "https://www.google.com/amp/s/amp.example.com/a-b-c": "https://www.example.com/a-b-c",
    "https://www.google.com/url?q=https%3A%2F%2Fexample.com%2Fa&sa=D": "https://example.com/a",
    "http://[2001:db8::1]:80/": "http://[2001:db8::1]/",
}
# Addresses of pages of their own, though something in them looks like what is dropped.
DIFFERENT = (
    "https://example.com/?id=1",
    "https://example.com/?id=2",
    "https://example.com/?p=1",
    "https://example.com/?article=1",
    "https://example.com/?ref=1",
    "https://example.com/?ref=4045-USHJ-3810",
    "https://example.com/?source=2",
    "https://example.com/?cid=100",
    "https://example.com/?ncid=7",
    "https://example.com/?s=7",
    "https://example.com/?t=7",
    "https://example.com/?from=2020",
    "https://example.com/?view=story&id=9",
    "https://example.com/?type=amplifier",
    "https://example.com/?amp=42",
    "https://example.com/?m=1",
    "https://example.com/amp/",
    "https://example.com/tag/amp",
    "https://example.com/tag/",
    "https://example.com/amp/guitars",
    "https://example.com/guitars",
    "https://m.example.com/",
    "https://amp.com.au/a-b-c",
    "https://mobile.example/a-b-c",
    "https://example.com/#/a",
    "https://example.com/#/b",
    "https://example.com/index.php?a",
    "https://example.com/index.php?b",
)
NO_ADDRESS = (
    "",
    "example.com/a",
    "mailto:a@example.com",
    "javascript:alert(1)",
    "http://",
    "http:///a",
    "http://a b/",
    "http://example.com:99999/",
    "http://999.1.1.1/",
    "http://[::1",
    "http://-a-.example/",
    f"http://1.1.1.{'1' * 5_000}/",
)


@pytest.mark.parametrize(("written", "wanted"), ONE_FORM.items())
def test_an_address_has_one_form(written: str, wanted: str) -> None:
    assert canonical_url(written) == wanted
    assert is_web_url(written)


def test_pages_of_their_own_keep_their_addresses() -> None:
    assert [canonical_url(url) for url in DIFFERENT] == list(DIFFERENT)


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_web_address_is_given_back(text: str) -> None:
    assert canonical_url(f" {text} ") == text
    assert not is_web_url(text)
    assert site_of(text) == ""


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(exclude_categories=()))
    | st.text("htps:/.?#%&=[]@a1é\ud800 ").map("http://".__add__)
    | st.lists(
        st.sampled_from(
            "https://m. amp. www. cdn.ampproject.org google.com example.com /amp /c/s/ /amp/s/ /a-b-c "
            "/index.html .amp .html / ? & = amp id=1 ref=rss utm_a=b ;jsessionid=1 # #/ %2f .. ;".split()
        ),
        max_size=12,
    ).map(lambda parts: "http://" + "".join(parts))
)
def test_no_text_fails_and_the_form_is_stable(text: str) -> None:
    form = canonical_url(text)
    assert canonical_url(form) == form


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.example.com/a", "example.com"),
        ("http://example.com:80/", "example.com"),
        ("http://127.0.0.1:8080/a", "127.0.0.1:8080"),
        ("https://news.example.com/", "news.example.com"),
    ],
)
def test_a_site_is_its_host_without_www(url: str, site: str) -> None:
    assert site_of(url) == site
