"""Lists of many sites: told by their content whether they are OPML, a table or a plain list."""

import re

import cchardet

from newsbot.discovery.opml import read_opml
from newsbot.discovery.subscriptions import ListError, Subscription
from newsbot.discovery.tables import delimiter_of, read_plain, read_table
from newsbot.text.byte_order import marked

# A list of a hundred thousand sites takes less.
SIZE = 50_000_000

# Bytes by which an encoding is guessed that nobody states.
SAMPLE = 200_000
_DECLARED = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)")


def read_list(data: bytes) -> list[Subscription]:
    """Return the sites of a list, one for each of its lines that is not blank, in its order.

    Raises:
        ListError: when it is no list.
    """
    if len(data) > SIZE:
        raise ListError(f"it is larger than {SIZE // 1_000_000} MB")
    text = _decoded(data)
    head = text.lstrip()[:2_000].lower()
    if not head:
        raise ListError("it is empty")
    if head.startswith(("<!doctype html", "<html")):
        raise ListError("it is a web page; save the list itself, as OPML, CSV or plain text")
    if head.startswith("<"):
        return read_opml(text)
    if head.startswith(("{", "[")):
        raise ListError("it is JSON; give OPML, CSV or a plain list of addresses")
    delimiter = delimiter_of(text)
    return read_plain(text) if delimiter is None else read_table(text, delimiter)


def _decoded(data: bytes) -> str:
    text = marked(data)
    if text is not None:
        return text
    if b"\x00" in data[:200]:
        little = data[1:200:2].count(0) > data[0:200:2].count(0)
        return data.decode("utf-16-le" if little else "utf-16-be", "replace")
    try:
        return data.decode("utf8")
    except UnicodeDecodeError:
        declared = _DECLARED.search(data[:200])
        guess = (
            declared[1].decode("ascii") if declared else cchardet.detect(data[:SAMPLE])["encoding"]
        )
        try:
            return data.decode(guess or "cp1252", "replace")
        except LookupError:
            return data.decode("cp1252", "replace")
