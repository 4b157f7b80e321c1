"""A real SMTP server that catches what is sent to it."""

import datetime as dt
import email
import email.policy
import ipaddress
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from newsbot.config import Config
from tests.conftest import free_port


class PostOffice:
    """Listens on a port of 127.0.0.1; ``letters`` are those it took, parsed, ``envelopes`` as they came.

    ``answers`` are its next replies to recipients, and to letters; ``login`` who may send (name, password).
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
    ) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.to_recipients: list[str] = []
        self.to_letters: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.port = free_port()
        self._login = login
        values: dict[str, Any] = {}
        if tls:
            values |= {"tls_context": tls, "require_starttls": True}
        if login:
            values |= {
                "authenticator": self._check,
                "auth_required": True,
                "auth_require_tls": bool(tls),
            }
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **values)
        self._controller.start()

    def _check(self, _server: object, _session: object, _envelope: object, mechanism: str, data: object) -> AuthResult:  # fmt: skip
        assert mechanism in ("LOGIN", "PLAIN")
        assert isinstance(data, LoginPassword)
        given = data.login.decode(), data.password.decode()
        self.logins.append(given)
        return AuthResult(success=given == self._login, handled=False)

    async def handle_RCPT(self, _server: object, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802  # fmt: skip
        if self.to_recipients:
            return self.to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.to_letters:
            return self.to_letters.pop(0)
        self.envelopes.append(envelope)
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def settings(self, config: Config, **values: object) -> Config:
        """Return a configuration whose letters go here."""
        return config.model_copy(
            update={
                "smtp_host": "127.0.0.1",
                "smtp_port": self.port,
                "smtp_security": "none",
                "email_from": "newsbot <alerts@newsroom.example>",
                "public_address": "https://news.example",
                **values,
            }
        )

    def close(self) -> None:
        """Stop listening."""
        self._controller.stop()


def parts(letter: EmailMessage) -> tuple[str, str]:
    """Return a letter's text and its HTML."""
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for 127.0.0.1; returns its file, and what a server shows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, keys = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    keys.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, keys)
    return file, context
