"""Room on the disk of the data folder: what crawls leave to the archive, and stop at.

A disk that is full to the last byte stops the storage of the embedded MongoDB, and no run could even be
ended on record. Crawls therefore stop while there is still room for that.
"""

import shutil

from newsbot.config import Config


def lack_of_room(config: Config) -> str:
    """Return why nothing may be crawled for lack of room on the disk; "" where there is enough."""
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(config.data_dir).free
    except OSError as error:
        return f"the data folder {config.data_dir} cannot be used ({error.strerror})"
    if free >= config.disk_reserve:
        return ""
    return (
        f"the disk of the data folder {config.data_dir} is full: {free / 1e6:,.0f} MB are left and "
        f"{config.disk_reserve / 1e6:,.0f} MB are reserved (disk_reserve); make room, what was found is "
        "crawled then"
    )
