"""E-mail: letters of text and HTML, threaded by story, with a way to end them; taken by the operator's SMTP server.

Every header is one line of our own making: what publishers and readers wrote goes into the subject, the
name of the list and the body alone, without line breaks and control characters, and is encoded there (RFC
2047). Ids of letters follow from messages', so that a letter sent twice is seen once by programs that look.
"""

import asyncio
import email.policy
import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import aiosmtplib

from newsbot.alerts.sending.failure import SendError, masked
from newsbot.alerts.sending.letter import letter
from newsbot.alerts.telling import Telling, one_line
from newsbot.config import Config
from newsbot.fetching.addresses import normal_host
from newsbot.items import derived_id

# Letters that are given to the server at a time: most take a few connections of one client.
AT_ONCE = 4
# Lines of any length are folded and bodies encoded, so that every server takes them (RFC 5321, 4.5.3.1.6).
_POLICY = email.policy.SMTP.clone(cte_type="7bit", raise_on_defect=False)
# Replies that another try will not change (RFC 5321, 4.2.1), but for those about logging in, which an
# operator puts right.
_LOGIN = frozenset({530, 534, 535, 538})


class AddressError(ValueError):
    """No e-mail address; the text says what would be right."""


def checked_address(text: str) -> Address:
    """Return an e-mail address, its host in ASCII.

    Raises:
        AddressError: when it is none.
    """
    local, _, host = text.strip().rpartition("@")
    try:
        if not local or not local.isascii() or not local.isprintable() or set(local) & set(" @"):
            raise ValueError
        return Address(username=local, domain=normal_host(host))
    except (ValueError, IndexError):
        raise AddressError(
            f"{text!r} is no e-mail address; give one as ann@newsroom.example"
        ) from None


def sender(config: Config) -> Address:
    """Return whom letters come from.

    Raises:
        AddressError: when it is not configured, or none.
    """
    if not config.smtp_host or not config.email_from:
        raise AddressError(
            "e-mail is not set up: set smtp_host and email_from (NEWSBOT_SMTP_HOST, NEWSBOT_EMAIL_FROM)"
        )
    name, address = parseaddr(config.email_from)
    found = checked_address(address)
    return Address(one_line(name), username=found.username, domain=found.domain)


def compose(
    said: Telling, to: Address, origin: Address, *, unsubscribe: str = "", now: datetime
) -> EmailMessage:
    """Return a message as it is sent; ``unsubscribe`` is the address of a page that ends these letters."""
    made = letter(said, unsubscribe=unsubscribe)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = origin
    mail["To"] = to
    mail["Subject"] = made.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{said.id}@{origin.domain}>"
    if said.story:
        # No letter has this id: those of one story are answers to one that nobody got.
        thread = f"<{derived_id('thread', said.alert, said.story)}@{origin.domain}>"
        mail["In-Reply-To"] = thread
        mail["References"] = thread
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5.1
    if said.alert:
        mail["List-Id"] = f"<{derived_id('list', said.alert)}.newsbot.{origin.domain}>"
    if unsubscribe:
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        if unsubscribe.startswith("https://"):  # RFC 8058, 3.1
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(made.text)
    mail.add_alternative(made.html, subtype="html")
    return mail


class Letters:
    """Gives letters to the configured server."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def send(self, said: Telling, target: str, *, unsubscribe: str = "") -> None:
        """Send a letter. Raises SendError."""
        try:
            to, origin = checked_address(target), sender(self._config)
        except AddressError as error:
            raise SendError(str(error), ill=True) from None
        mail = compose(said, to, origin, unsubscribe=unsubscribe, now=datetime.now(UTC))
        async with self._turns:
            try:
                async with asyncio.timeout(2 * self._config.delivery_timeout):
                    await self._give(mail, to.addr_spec, origin.addr_spec)
            except aiosmtplib.SMTPException as error:
                raise self._failed(error) from None
            except (OSError, TimeoutError, ssl.SSLError, smtplib.SMTPException) as error:
                why = f"{type(error).__name__}: {error}".rstrip(": ")
                raise SendError(f"{self._server}: {self._masked(why)}", ill=True) from None

    @property
    def _server(self) -> str:
        return f"{self._config.smtp_host}:{self._config.smtp_port}"

    async def _give(self, mail: EmailMessage, to: str, origin: str) -> None:
        config = self._config
        await aiosmtplib.send(
            mail,
            sender=origin,
            recipients=[to],
            hostname=config.smtp_host,
            port=config.smtp_port,
            username=config.smtp_user or None,
            password=config.smtp_password or None,
            use_tls=config.smtp_security == "tls",
            start_tls=config.smtp_security == "starttls",
            timeout=config.delivery_timeout,
        )

    def _failed(self, error: aiosmtplib.SMTPException) -> SendError:
        one = error
        if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
            one = error.recipients[0]
        code = getattr(one, "code", 0)
        text = getattr(one, "message", "") or str(one)
        why = f"{self._server} answered {code} {text}" if code else f"{self._server}: {text}"
        about_letter = isinstance(
            error, (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError)
        )
        return SendError(
            self._masked(why),
            final=500 <= code < 600 and code not in _LOGIN and about_letter,
            ill=not about_letter,
        )

    def _masked(self, text: str) -> str:
        return masked(one_line(text), self._config.smtp_password)
