"""What a command starts from: the configuration, and the archive where it needs one."""

from collections.abc import Iterator
from contextlib import contextmanager

from newsbot.archive.connection import ArchiveError, Database, connect
from newsbot.cli.output import USAGE, fail
from newsbot.config import Config, ConfigurationError, load_config

_demo = False


def use_demo() -> None:
    """Have this process work on the demo newsroom's data."""
    global _demo
    _demo = True


def on_demo() -> bool:
    """Say whether this process works on the demo newsroom's data."""
    return _demo


def config() -> Config:
    """Return the configuration; a setting that cannot be used ends the command."""
    try:
        loaded = load_config()
    except ConfigurationError as error:
        fail(str(error), code=USAGE)
    return loaded.for_demo() if _demo else loaded


@contextmanager
def archive(settings: Config) -> Iterator[Database]:
    """Open the archive; one that cannot be opened ends the command."""
    try:
        connection = connect(settings)
        database = connection.__enter__()
    except ArchiveError as error:
        fail(str(error))
    try:
        yield database
    finally:
        connection.__exit__(None, None, None)
