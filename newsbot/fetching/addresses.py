"""Which addresses may be fetched: public ones, and what the operator allowed for a source.

A page, a feed or a name server is not trusted to say where newsbot connects to. So what counts is
the address that a connection is made to, after the name was resolved, at every redirect; a look at
the URL alone comes before, to refuse plainly what need not be looked up. The same policy serves the
crawls (``connecting.py``), the browser (``browser_proxy.py``) and other clients (``pinning.py``).
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Self
from urllib.parse import urlsplit

import attrs
import idna

from newsbot.fetching.address_blocks import (
    BLOCKS_V4,
    BLOCKS_V6,
    CARRIERS,
    GLOBAL_UNICAST,
    ISATAP,
    NAMES,
    Whose,
)
from newsbot.fetching.refusals import RefusedError

Address = IPv4Address | IPv6Address

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_public(address: str | Address) -> bool:
    """Say whether an IP address is one of the public Internet.

    What is no IP address is not public. IPv4 addresses inside of IPv6 ones are judged as they are.
    """
    return _place(address) is None


def literal(host: str) -> Address | None:
    """Return the IP address that a URL's host is, in any spelling that a system takes for one.

    Those are ``127.0.0.1``, ``127.1``, ``2130706433``, ``0x7f.1``, ``0177.0.0.1`` (WHATWG URL, IPv4
    parser; ``inet_aton``), ``[::1]`` and ``fe80::1%eth0``. None for a name.
    """
    host = host.strip("[]")
    if ":" in host:
        return _parsed(host)
    parts = host.removesuffix(".").split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:  # 08 and 09: no octal number
        return None
    last = 256 ** (5 - len(numbers))
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= last:
        return None
    head = sum(number << (24 - 8 * place) for place, number in enumerate(numbers[:-1]))
    return IPv4Address(head + numbers[-1])


def normal_host(host: str) -> str:
    """Return the one form of a host: lower case, ASCII, no root dot, no brackets, IPs as usual.

    Raises:
        ValueError: when it can be no host.
    """
    host = host.strip().strip("[]").lower()
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")
    host = host.removesuffix(".")
    address = literal(host)
    if address is not None:
        return str(address)
    if not host or not _HOST.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise ValueError(f"{host!r} is no host")
    return host


def allowance(text: str) -> str:
    """Return the normal form of a host that an operator allows, as ``host`` or ``host:port``.

    Raises:
        ValueError: saying what would be right.
    """
    wrong = f"{text!r} is no host; give one as news.intranet.example, 10.0.0.5:8080 or [fd00::1]:80"
    try:
        bare = _parsed(text.strip())
        parts = urlsplit(f"//{f'[{bare}]' if isinstance(bare, IPv6Address) else text.strip()}")
        host, port = normal_host(parts.hostname or ""), parts.port
    except ValueError:
        raise ValueError(wrong) from None
    if parts.path or parts.query or parts.fragment or parts.username is not None or port == 0:
        raise ValueError(wrong)
    return host if port is None else _joined(host, port)


def named_by(url: str) -> tuple[str, ...]:
    """Return the allowances that an operator gives by naming this URL: its host and port exactly.

    Where the URL names no port these are the web's two, since ``http://`` leads on to ``https://``.
    """
    try:
        parts = urlsplit(url)
        host, port = normal_host(parts.hostname or ""), parts.port
    except ValueError:
        return ()
    ports = sorted(DEFAULT_PORTS.values()) if port is None else [port]
    return tuple(_joined(host, each) for each in ports)


@attrs.frozen
class AddressPolicy:
    """Where requests may go: everywhere public, and to the hosts that an operator allowed.

    ``allowed`` holds normal forms (see ``allowance``): a host alone stands for all its ports. A host
    *name* that is allowed may lead into loopback, private, shared and unique local networks, and
    nowhere else; any other address has to be allowed itself. An address that is allowed opens the
    URLs that spell it, not the names that happen to lead there.
    """

    allowed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, allowed: Iterable[str]) -> Self:
        """Return the policy with these hosts allowed.

        Raises:
            ValueError: when one is no host.
        """
        return cls(frozenset(allowance(each) for each in allowed))

    def check_url(self, url: str) -> None:
        """Refuse a URL for what can be seen in it, before anything is looked up.

        Raises:
            RefusedError: ``refused_scheme``, ``refused_url`` or ``refused_address``.
        """
        try:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme, parts.hostname, parts.port
        except ValueError:
            raise RefusedError("refused_url") from None
        if scheme not in DEFAULT_PORTS:
            raise RefusedError("refused_scheme", scheme)
        if (
            "\\" in parts.netloc
        ):  # the end of the host to a browser (WHATWG URL), a part of it to us
            raise RefusedError("refused_url")
        self.check_host(host or "", DEFAULT_PORTS[scheme] if port is None else port)

    def check_host(self, host: str, port: int) -> None:
        """Refuse a host for what can be seen in its name.

        Raises:
            RefusedError: ``refused_url`` or ``refused_address``.
        """
        try:
            host = normal_host(host)
        except ValueError:
            raise RefusedError("refused_url", f"{host!r} is no host") from None
        address = literal(host)
        if address is not None:
            self.check(host, port, address)
        elif not self.allows(host, port) and (what := _special(host)):
            raise RefusedError("refused_address", f"{host} is {what}")

    def check(self, host: str, port: int, address: str | Address) -> None:
        """Refuse a connection to an address that a URL's host led to.

        Raises:
            RefusedError: ``refused_address``.
        """
        place = _place(address)
        if place is None:
            return
        whose, what = place
        try:
            host = normal_host(host)
        except ValueError:
            host = ""
        spelt = literal(host) is not None
        if self.allows(host, port) and (spelt or whose == "own"):
            return
        where = f"{address} is {what}" if spelt else f"{host} is at {address}, {what}"
        raise RefusedError("refused_address", where)

    def permits(self, host: str, port: int, address: str | Address) -> bool:
        """Say whether ``check`` lets this pass."""
        try:
            self.check(host, port, address)
        except RefusedError:
            return False
        return True

    def check_all(self, host: str, port: int, addresses: Iterable[str]) -> None:
        """Refuse a host if any of its addresses is not permitted: another may take any of them.

        Raises:
            RefusedError: ``refused_address``.
        """
        for address in addresses:
            self.check(host, port, address)

    def passed(self, host: str, port: int, addresses: Sequence[str]) -> list[str]:
        """Return those of a host's addresses that may be connected to.

        Raises:
            RefusedError: ``refused_address``, when the host has addresses and none may be.
        """
        passed = [address for address in addresses if self.permits(host, port, address)]
        if addresses and not passed:
            self.check(host, port, addresses[0])
        return passed

    def allows(self, host: str, port: int) -> bool:
        """Say whether the operator allowed this host, in its normal form, at this port."""
        return host in self.allowed or _joined(host, port) in self.allowed


_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_HOST = re.compile(r"(?!.{254})[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


def _number(part: str) -> int:
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") and len(part) > 1 else int(part)


def _parsed(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _place(address: str | Address) -> tuple[Whose, str] | None:
    """Return whose block an address is in, and what it is; None for the public Internet."""
    parsed = _parsed(address) if isinstance(address, str) else address
    if parsed is None:
        return "never", "no IP address"
    if isinstance(parsed, IPv4Address):
        return next(((whose, what) for block, whose, what in BLOCKS_V4 if parsed in block), None)
    bare = IPv6Address(int(parsed))  # without its zone, which is no part of a network
    if any(bare in carrier for carrier in CARRIERS):
        return _place(IPv4Address(int(bare) & 0xFFFF_FFFF))
    for block, whose, what in BLOCKS_V6:
        if bare in block:
            return whose, what
    if bare not in GLOBAL_UNICAST:
        return "never", "reserved"
    if (int(bare) >> 32) & 0xFFFF_FFFF in ISATAP:
        return _place(IPv4Address(int(bare) & 0xFFFF_FFFF))
    return None


def _special(host: str) -> str | None:
    """Return what a name is that leads to no public site; None for any other."""
    labels = host.split(".")
    for start in range(len(labels)):
        what = NAMES.get(".".join(labels[start:]))
        if what:
            return what
    return "a name without a domain" if len(labels) == 1 else None
