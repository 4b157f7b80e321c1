"""Where the page may be served: on this machine alone, until there is somebody with a password."""

from ipaddress import ip_address

from newsbot.archive import users
from newsbot.archive.connection import Database
from newsbot.config import Config


def loopback(host: str) -> bool:
    """Say whether an address is of this machine alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def open_to_all(config: Config, database: Database) -> str:
    """Return why the page may not be served where the configuration says, and what to do; "": it may."""
    if loopback(config.web_host) or users.any_there(database):
        return ""
    return (
        f"nobody has a password yet, so the page is served on this machine alone, not on {config.web_host}: "
        "add somebody first with `newsbot user add NAME --role admin`, or set NEWSBOT_WEB_HOST to 127.0.0.1"
    )
