"""Which addresses may be fetched: what stands in a URL, and what a name leads to."""

import contextlib
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.fetching.addresses import (
    AddressPolicy,
    allowance,
    is_public,
    literal,
    named_by,
    normal_host,
)
from newsbot.fetching.refusals import RefusedError

NOBODY = AddressPolicy()

PUBLIC = """8.8.8.8 1.1.1.1 93.184.216.34 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0
11.0.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0 192.167.255.255 223.255.255.255
2606:4700::1111 2a00:1450:4001:81b::200e ::ffff:8.8.8.8 64:ff9b::808:808 2003::1""".split()

NOT_PUBLIC = """127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255
192.168.1.1 169.254.169.254 169.254.170.2 100.64.0.1 100.100.100.200 168.63.129.16 192.0.0.192
192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 239.255.255.250 240.0.0.1
255.255.255.255 ::1 :: fe80::1 fe80::1%eth0 fe80::a9fe:a9fe fec0::1 fc00::1 fd00:ec2::254
fd20:ce::254 ff02::1 2001:db8::1 3fff::1 2002:7f00:1:: 2002:808:808:: 2001:0:4136:e378:8000:63bf:3fff:fdd2
2001:2::1 2001:20::1 100::1 5f00::1 ::ffff:127.0.0.1 ::ffff:a9fe:a9fe ::ffff:10.0.0.1 ::127.0.0.1
::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::808:808 4000::1
2a00:1450::5efe:7f00:1 2a00:1450::200:5efe:a00:1""".split()


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [*NOT_PUBLIC, "", "localhost", "1.2.3"])
def test_what_is_not_the_public_internets_is_not_public(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_what_its_ipv6_twins_are(address: ipaddress.IPv4Address) -> None:
    for prefix in ("::ffff:", "64:ff9b::"):
        assert is_public(prefix + str(address)) == is_public(address)
    if not address.is_global:
        assert not is_public(address)


LOOPBACK = """127.0.0.1 127.0.0.1. 127.1 127.0.1 2130706433 017700000001 0x7f000001 0x7f.0.0.1 0x7F.1
0177.0.0.01 0x7f.0x0.0x0.0x1 127.0.0.0x1""".split()


@pytest.mark.parametrize("host", LOOPBACK)
def test_every_spelling_of_an_ipv4_address_is_read(host: str) -> None:
    assert literal(host) == ipaddress.ip_address("127.0.0.1")


@pytest.mark.parametrize(
    "host", ["news.example", "1.2.3.example", "256.0.0.1", "1.2.3.4.5", "08.1", "0x1g", ""]
)
def test_a_name_is_no_address(host: str) -> None:
    assert literal(host) is None


HIDDEN = [
    *(f"http://{host}/" for host in LOOPBACK),
    *(f"http://{host}:8080/x?y" for host in LOOPBACK),
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://0.0.0.0/",
    "http://0/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://news.example@127.0.0.1/",
    "http://news.example:80@127.0.0.1:8650/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://１２７.0.0.1/",
    "HTTP://LOCALHOST/",
    "http://localhost./",
    "http://ⓛocalhost/",
    "http://a.localhost/",
    "http://localhost.localdomain/",
    "http://router.local/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://metadata/",
    "http://instance-data/latest/",
    "http://METADATA.GOOG/",
    "http://intranet/",
]


@pytest.mark.parametrize("url", HIDDEN)
def test_an_inside_address_is_refused_however_it_is_spelt(url: str) -> None:
    with pytest.raises(RefusedError) as refused:
        NOBODY.check_url(url)
    assert refused.value.cause == "refused_address"


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("file:///etc/passwd", "refused_scheme"),
        ("ftp://news.example/", "refused_scheme"),
        ("gopher://127.0.0.1:6379/_INFO", "refused_scheme"),
        ("data:text/html,x", "refused_scheme"),
        ("javascript:alert(1)", "refused_scheme"),
        ("//news.example/", "refused_scheme"),
        ("http:///x", "refused_url"),
        ("http://256.256.256.256/", "refused_url"),
        ("http://0x7f.0.0.1.0x1/", "refused_url"),
        ("http://1.2.3.08/", "refused_url"),
        ("http://[::1/", "refused_url"),
        ("http://news.example:99999/", "refused_url"),
        ("http://a b.example/", "refused_url"),
        ("http://127.0.0.1\\@news.example/", "refused_url"),
        ("http://" + "a" * 300 + ".example/", "refused_url"),
    ],
)
def test_only_http_and_only_hosts_that_can_be(url: str, cause: str) -> None:
    with pytest.raises(RefusedError) as refused:
        NOBODY.check_url(url)
    assert refused.value.cause == cause


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/",
        "http://صحافة.example/",
        "https://xn--mgbb7fjb.example:8443/a?b",
        "http://8.8.8.8/",
        "http://134744072/",
        "http://user:secret@news.example/",
        "http://news.example./",
        "http://a_b.example/",
        "http://test.example/",
        "http://local.example/",
    ],
)
def test_a_public_site_passes(url: str) -> None:
    NOBODY.check_url(url)


@given(st.text(max_size=40))
def test_any_text_is_passed_or_refused_and_nothing_else(text: str) -> None:
    for url in (text, f"http://{text}", f"http://{text}/x"):
        with contextlib.suppress(RefusedError):
            NOBODY.check_url(url)


def test_an_allowed_host_and_port_opens_no_other() -> None:
    policy = AddressPolicy.of(["127.0.0.1:8661"])

    policy.check_url("http://127.0.0.1:8661/a")
    policy.check("127.0.0.1", 8661, "127.0.0.1")
    for url in ("http://127.0.0.1:8650/", "http://127.0.0.1/", "http://[::1]:8661/"):
        with pytest.raises(RefusedError):
            policy.check_url(url)
    assert not policy.permits("evil.example", 8661, "127.0.0.1")


def test_an_allowed_host_opens_all_its_ports() -> None:
    policy = AddressPolicy.of(["Intranet.Example."])

    assert policy.permits("intranet.example", 80, "10.0.0.5")
    assert policy.permits("intranet.example", 8443, "fd12::1")


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"])
def test_an_allowed_name_leads_into_no_network_that_is_not_the_operators(address: str) -> None:
    assert not AddressPolicy.of(["intranet.example"]).permits("intranet.example", 80, address)
    assert AddressPolicy.of([address]).permits(address, 80, address)


def test_a_name_is_judged_by_where_it_leads() -> None:
    with pytest.raises(RefusedError) as refused:
        NOBODY.check("news.example", 80, "127.0.0.1")
    assert str(refused.value).endswith("(news.example is at 127.0.0.1, loopback)")
    NOBODY.check("news.example", 80, "93.184.216.34")


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("LOCALHOST:80", "localhost:80"),
        ("127.1:8080", "127.0.0.1:8080"),
        ("::1", "::1"),
        ("[::1]:8080", "[::1]:8080"),
        ("[0:0::1]", "::1"),
        ("صحافة.example", "xn--mgbek5a3d.example"),
    ],
)
def test_an_allowance_has_one_form(given_: str, kept: str) -> None:
    assert allowance(given_) == kept
    assert allowance(kept) == kept


@pytest.mark.parametrize(
    "text", ["", "http://a.example", "a b", "a.example/x", "a:b", "a:0", "u@a"]
)
def test_what_is_no_host_cannot_be_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no host; give one as"):
        allowance(text)


def test_a_url_that_the_operator_names_allows_its_host_and_port_exactly() -> None:
    assert named_by("http://127.0.0.1:8661/index.html") == ("127.0.0.1:8661",)
    assert named_by("http://Intranet.example/") == ("intranet.example:80", "intranet.example:443")
    assert named_by("http://[::1]:8080/") == ("[::1]:8080",)
    assert named_by("http://a b/") == ()


def test_hosts_have_one_form() -> None:
    assert normal_host("[::FFFF:127.0.0.1]") == "::ffff:7f00:1"
    assert normal_host("News.Example.") == "news.example"
