"""A real name server on loopback, and clients that ask it: for names that lead where they should not."""

import ipaddress
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver
from twisted.names import client, dns
from zope.interface import implementer

# What a name leads to: its addresses, or a list of them for each question after the other.
Zone = Mapping[str, Sequence[str] | Callable[[int], Sequence[str]]]


class NameServer:
    """Answers questions for a zone by UDP; ``asked`` counts them by name."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self.asked: Counter[str] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                data, whence = self._socket.recvfrom(4096)
            except OSError:
                return
            if not data:
                return
            self._socket.sendto(self._answer(data), whence)

    def _answer(self, data: bytes) -> bytes:
        message = dns.Message()
        message.fromStr(data)
        question = message.queries[0]
        name = question.name.name.decode("ascii").lower()
        message.answer, message.recAv = 1, 1
        found = self._zone.get(name)
        if found is None:
            message.rCode = dns.ENAME
            return bytes(message.toStr())
        addresses = found(self.asked[name] // 2) if callable(found) else found
        self.asked[name] += 1
        for address in addresses:
            v6 = ":" in address
            if question.type != (dns.AAAA if v6 else dns.A):
                continue
            record = dns.Record_AAAA(address) if v6 else dns.Record_A(address)
            message.answers.append(dns.RRHeader(name, question.type, ttl=0, payload=record))
        return bytes(message.toStr())

    def close(self) -> None:
        """Stop answering."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()


def ask(port: int, name: str) -> list[str]:
    """Return the addresses of a name, by asking the server there. Raises OSError where it has none."""
    found: list[str] = []
    for kind in (dns.A, dns.AAAA):
        message = dns.Message(id=1)
        message.addQuery(name.encode("ascii"), kind)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(5)
            asking.sendto(message.toStr(), ("127.0.0.1", port))
            answer = dns.Message()
            answer.fromStr(asking.recv(4096))
        found += [_text(each.payload) for each in answer.answers]
    if not found:
        raise OSError("Name or service not known")
    return found


def _text(payload: Any) -> str:
    return str(ipaddress.ip_address(payload.address))


@implementer(IHostnameResolver)
class Asking:
    """A reactor's name resolver that asks the server at this port of loopback."""

    def __init__(self, port: int) -> None:
        self._resolver = client.Resolver(servers=[("127.0.0.1", port)])

    def resolveHostName(  # noqa: N802 - Twisted's interface
        self,
        receiver: Any,
        name: str,
        portNumber: int = 0,  # noqa: N803
        *_more: Any,
        **_settings: Any,
    ) -> Any:
        receiver.resolutionBegan(None)
        try:
            self._tell(receiver, [str(ipaddress.ip_address(name))], portNumber)
            return receiver
        except ValueError:
            pass
        found: list[str] = []

        def then_v6(result: Any) -> Any:
            found.extend(_text(each.payload) for each in result[0])
            return self._resolver.lookupIPV6Address(name)

        def done(result: Any) -> None:
            if isinstance(result, tuple):
                found.extend(_text(each.payload) for each in result[0])
            self._tell(receiver, found, portNumber)

        asked = self._resolver.lookupAddress(name)
        asked.addCallback(then_v6)
        asked.addBoth(done)
        return receiver

    def _tell(self, receiver: Any, addresses: Sequence[str], port: int) -> None:
        for address in addresses:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()
