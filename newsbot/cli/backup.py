"""``newsbot backup`` and ``restore``."""

from pathlib import Path
from typing import Annotated

import typer

from newsbot.archive import channels
from newsbot.archive.backup import Written
from newsbot.archive.backup_file import BackupError
from newsbot.archive.restore import check
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, counting, errors, fail, print_json, print_table, say
from newsbot.keeping.backing_up import RefusedError, UnfinishedError, back_up, put_back


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    file: Annotated[
        str, typer.Argument(help="The file to write; or the word verify, then a file.")
    ],
    backup_file: Annotated[Path | None, typer.Argument(help="After verify: the backup.")] = None,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="With the pages as they came, which may be many gigabytes."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Write the whole archive to one file, while everything goes on; or verify such a file.

    The file has the sources' passwords and cookies in it; it can be read by you alone.
    """
    if file == "verify" and backup_file is not None:
        _verify(backup_file, as_json=as_json)
        return
    if backup_file is not None:
        fail("give one file: newsbot backup FILE, or newsbot backup verify FILE", code=USAGE)
    path = Path(file)
    if path.exists() and not force:
        fail(f"{path} is there already; give another name, or --force to replace it")
    config = context.config()
    with context.archive(config) as database:
        try:
            with counting("documents written:") as progress:
                written = back_up(config, database, path, raw=raw, progress=progress)
        except RefusedError as error:
            fail(str(error))
        except OSError as error:
            fail(f"{path} cannot be written ({error.strerror}); nothing was left there")
    _tell(written, as_json=as_json)
    if not as_json:
        say(f"The backup is {path} ({path.stat().st_size / 1e6:.1f} MB).")
        if not raw:
            say("Pages as they came are not in it; --raw takes them along.")


def _verify(path: Path, *, as_json: bool) -> None:
    try:
        with counting("documents read:") as progress:
            written = check(path, progress)
    except BackupError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{path} cannot be read ({error.strerror})")
    _tell(written, as_json=as_json)
    if not as_json:
        say(f"{path} is whole, made on {written.header.made_at:%Y-%m-%d %H:%M:%S} UTC.")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup, as newsbot backup writes it.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace an archive that is not empty.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a backup in the place of the archive. Nothing is touched before all of it is verified.

    Nobody is alerted again. Stop `newsbot up` first.
    """
    config = context.config()
    with context.archive(config) as database:
        try:
            with counting("documents:") as progress:
                written = put_back(config, database, file, force=force, progress=progress)
        except (RefusedError, UnfinishedError) as error:
            fail(str(error))
        except BackupError as error:
            fail(f"{error}\nThe archive is as it was.")
        except OSError as error:
            fail(f"{file}: {error.strerror}. The archive is as it was.")
        lost = channels.unreadable(database)
    _tell(written, as_json=as_json)
    if not as_json:
        say(
            f"The archive is as it was on {written.header.made_at:%Y-%m-%d %H:%M:%S} UTC, and verified. "
            "Messages that waited then are set aside: newsbot doctor counts them."
        )
    if lost:
        names = ", ".join(each.name or each.shown for each in lost)
        errors.print(
            f"{len(lost)} of its channels are sealed with another key, and nothing can be sent to them: {names}. "
            "Put the key of the newsbot that made the backup into NEWSBOT_SECRET_KEY (its data folder has it in "
            "secret.key), or remove them and add them again.",
            markup=False,
        )


def _tell(written: Written, *, as_json: bool) -> None:
    if as_json:
        print_json(written)
        return
    print_table(
        ("collection", "documents", "digest"),
        (
            (name, f"{each.count}", each.digest[:16])
            for name, each in written.collections.items()
            if each.count
        ),
        empty="The archive is empty.",
    )
    if written.files:
        say(f"{written.files} WARC files")
