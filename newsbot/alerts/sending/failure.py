"""A message that could not be sent, and why; never with anything of the channel's secret."""

import re
from urllib.parse import unquote

HIDDEN = "•••"
# What is shorter stands in many texts by chance, and is no secret.
_SHORTEST = 4
_PARTS = re.compile(r"[/?#&=:@,;+\s]+")


class SendError(Exception):
    """A try that failed; the text says why.

    ``retry_after`` (seconds) is what the receiver asked for. ``final``: trying again is no use. ``ill``: it
    is the channel that failed, not this message, so that others to it would as well.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_after: float | None = None,
        final: bool = False,
        ill: bool = False,
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.final = final
        self.ill = ill


def masked(text: str, *secrets: str) -> str:
    """Return a text with these secrets hidden, whole and in the parts that an address has."""
    hidden = set()
    for secret in secrets:
        for form in (secret, unquote(secret)):
            hidden.add(form)
            hidden.update(_PARTS.split(form.partition("://")[2] or form))
    for each in sorted(hidden, key=len, reverse=True):
        if len(each) >= _SHORTEST:
            text = text.replace(each, HIDDEN)
    return text
