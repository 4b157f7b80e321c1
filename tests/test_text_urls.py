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
    "http://[2001:db8::1]:80/": "http://[2001:db8::1]/",
}
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
)


@pytest.mark.parametrize(("written", "wanted"), ONE_FORM.items())
def test_an_address_has_one_form(written: str, wanted: str) -> None:
    assert canonical_url(written) == wanted
    assert is_web_url(written)


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_web_address_is_given_back(text: str) -> None:
    assert canonical_url(f" {text} ") == text
    assert not is_web_url(text)
    assert site_of(text) == ""


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(exclude_categories=()))
    | st.text("htps:/.?#%&=[]@a1é\ud800 ").map("http://".__add__)
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
