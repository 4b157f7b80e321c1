"""Byte order marks: the first bytes by which a text says how it is encoded (Unicode, 23.8)."""

import codecs

# The longer first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def marked(data: bytes) -> str | None:
    """Return the text of bytes that begin with a byte order mark, without it; None without a mark.

    What cannot be read in the encoding of the mark is replaced.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return None
