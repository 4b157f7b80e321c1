"""Secrets at rest: sealed with a key that is not in the database.

The key is ``secret_key`` of the configuration, or else a file in the data folder that is made at first need
and that only its owner can read. Whoever has the database, or a backup of it, and not the key, reads none
of them. What seals is Fernet (AES-128-CBC with an HMAC, of the package cryptography).
"""

import base64
import hashlib
import hmac
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken

from newsbot.config import Config

KEY_FILE = "secret.key"


class SealError(Exception):
    """A secret that cannot be read; the text says why and what to do."""


def shown_webhook(target: str) -> str:
    """Return as much of a webhook's address as anybody may see: its host. The rest may be a secret."""
    parts = urlsplit(target)
    host = parts.netloc.rpartition("@")[2]
    secret = parts.path.strip("/") or parts.query or parts.username
    return f"{parts.scheme}://{host}/{'…' if secret else ''}"


class Sealer:
    """Seals and opens with one key."""

    def __init__(self, key: str | None, folder: Path) -> None:
        self._key = key
        self._file = folder / KEY_FILE

    @classmethod
    def of(cls, config: Config) -> "Sealer":
        """Return the one of a configuration."""
        return cls(config.secret_key, config.data_dir)

    @cached_property
    def _checked(self) -> str:
        key = self._key or self._from_file()
        try:
            Fernet(key)
        except ValueError:
            where = "secret_key (NEWSBOT_SECRET_KEY)" if self._key else str(self._file)
            raise SealError(
                f"{where} is no key: it is 32 bytes in URL-safe base64, as `newsbot channel key` prints"
            ) from None
        return key

    @cached_property
    def _fernet(self) -> Fernet:
        return Fernet(self._checked)

    def _from_file(self) -> str:
        if not self._file.exists():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, made = tempfile.mkstemp(dir=self._file.parent, prefix=f"{KEY_FILE}.")
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was faster: its key counts
                os.link(made, self._file)
            Path(made).unlink()
        return self._file.read_text().strip()

    def token(self, *parts: str) -> str:
        """Return a word that stands for these parts and that nobody guesses who has not the key.

        Raises:
            SealError: when the key is none.
        """
        key = hashlib.sha256(b"newsbot token" + self._checked.encode()).digest()
        made = hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made[:24]).decode()

    def seal(self, values: Mapping[str, Any]) -> str:
        """Return values, sealed."""
        return self._fernet.encrypt(json.dumps(values).encode()).decode()

    def open(self, sealed: str) -> dict[str, Any]:
        """Return what was sealed.

        Raises:
            SealError: when it was sealed with another key, or is damaged.
        """
        try:
            values: dict[str, Any] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise SealError(
                "its secret was sealed with another key; put the key of the newsbot that wrote it into "
                f"NEWSBOT_SECRET_KEY or {self._file}, or enter the secret again"
            ) from None
        return values
