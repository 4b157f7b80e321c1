"""One-time codes (TOTP, RFC 6238), and codes for who has lost what makes them.

A code is taken once: the step that it is of is kept, and none of that step or before it is taken again
(RFC 6238, 5.2). A clock may be half a minute off.
"""

import base64
import hashlib
import hmac
import io
import secrets
from datetime import datetime

import attrs
import pyotp
import segno

from newsbot.archive import audit
from newsbot.archive.connection import Database
from newsbot.archive.users import User
from newsbot.people.changing import change

_STEP = 30
# Steps that a clock may be off, before and after.
_DRIFT = 1
_RECOVERY_CODES = 10


def drawn() -> str:
    """Return a secret for one-time codes, in base32."""
    return pyotp.random_base32()


def picture(secret: str, name: str, issuer: str = "newsbot") -> str:
    """Return what an authenticator reads, as an SVG of a QR code, as a data address."""
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
    drawing = io.BytesIO()
    segno.make_qr(address).save(
        drawing, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.getvalue()).decode()


def step_of(secret: str, code: str, *, now: datetime, after: int = 0) -> int | None:
    """Return the step that a code is of; None where it is none of now, or not after the step ``after``."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdecimal() and len(typed) == 6):
        return None
    codes = pyotp.TOTP(secret)
    at = int(now.timestamp()) // _STEP
    found = None
    for step in range(at - _DRIFT, at + _DRIFT + 1):
        if hmac.compare_digest(codes.generate_otp(step), typed) and step > after:
            found = step
    return found


def turn_on(database: Database, user: User, secret: str, step: int) -> tuple[User, list[str]]:
    """Have somebody be asked for codes; returns the codes for who loses the authenticator, shown once."""
    given = [_recovery_code() for _ in range(_RECOVERY_CODES)]
    changed = change(
        database,
        user,
        lambda now: attrs.evolve(
            now,
            code_secret=database.sealer.seal({"codes": secret}),
            code_step=step,
            recovery=tuple(map(_hashed, given)),
        ),
    )
    audit.note(database, "user codes on", ids=(user.id,), by=user.name)
    return changed, given


def taken(database: Database, user: User, code: str, *, now: datetime) -> bool:
    """Say whether this is a code of this person, and take it: it is none from now on.

    Raises:
        SealError: when the secret was sealed with another key.
    """
    hashed = _hashed(code)
    secret = str(database.sealer.open(user.code_secret)["codes"])
    step = step_of(secret, code, now=now, after=user.code_step)
    mine = False

    def made(there: User) -> User:
        nonlocal mine
        if step is not None:
            mine = step > there.code_step
            return attrs.evolve(there, code_step=max(step, there.code_step))
        mine = hashed in there.recovery
        return attrs.evolve(
            there, recovery=tuple(each for each in there.recovery if each != hashed)
        )

    if step is None and hashed not in user.recovery:
        return False
    change(database, user, made)
    return mine


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def _hashed(code: str) -> str:
    # 80 bits of chance: no salt, no slow hash.
    return hashlib.sha256("".join(code.lower().replace("-", "").split()).encode()).hexdigest()
