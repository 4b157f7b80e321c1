"""The mark of files on what they keep: sources, schedules and lists that ``newsbot apply`` sees to."""

import attrs


@attrs.frozen(kw_only=True)
class FileMark:
    """What files have to do with a record.

    ``by`` is the file that states it, as ``NAME/path``, where the name is that of the whole set of files.
    ``fields`` are those of its fields that the file states: others are nobody's, and no file sets them
    back. ``added`` says that files made the record, so that it goes when they no longer state it.
    """

    by: str
    fields: tuple[str, ...] = ()
    added: bool = False
