"""The options of ``newsbot source add`` and ``set`` that say how a site is reached."""

from typing import Annotated

import typer

from newsbot.archive.sources import Pair, Source
from newsbot.cli.output import USAGE, fail, say
from newsbot.fetching.addresses import allowance
from newsbot.fetching.credentials import Access, cookie, header, masked, proxy

AllowHost = Annotated[
    list[str] | None,
    typer.Option(
        metavar="HOST[:PORT]",
        help="A host that is not public and may be fetched from for this source all the same.",
    ),
]
NoAllowHost = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST[:PORT]", help="A host that is allowed no longer."),
]
Header = Annotated[
    list[str] | None,
    typer.Option(
        metavar="'NAME: VALUE'",
        help="A header sent to the site's own hosts. 'NAME:' takes it back.",
    ),
]
Cookie = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE", help="A cookie sent to the site's own hosts. 'NAME=' takes it back."
    ),
]
Proxy = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="A proxy through which the site is fetched, as http://user:password@proxy.example:3128. "
        "'' takes it back.",
    ),
]


def access_of(source: Source) -> Access:
    """Return how a source is reached."""
    return Access(
        allowed_hosts=source.allowed_hosts,
        headers=source.headers,
        cookies=source.cookies,
        proxy=source.proxy,
    )


def access_changed(
    access: Access,
    *,
    allow_host: list[str] | None,
    no_allow_host: list[str] | None = None,
    header_: list[str] | None,
    cookie_: list[str] | None,
    proxy_: str | None,
) -> Access:
    """Return how a site is reached, with what was given in place; what is wrong ends the command."""
    try:
        gone = {allowance(each) for each in no_allow_host or ()}
        more = [allowance(each) for each in allow_host or ()]
        kept = [each for each in access.allowed_hosts if each not in gone]
        return Access(
            allowed_hosts=tuple(dict.fromkeys(kept + more)),
            headers=_with(access.headers, [header(each) for each in header_ or ()], fold=True),
            cookies=_with(access.cookies, [cookie(each) for each in cookie_ or ()], fold=False),
            proxy=access.proxy if proxy_ is None else proxy_ and proxy(proxy_),
        )
    except ValueError as error:
        fail(f"{error}; nothing was changed", code=USAGE)


def _with(pairs: tuple[Pair, ...], given: list[Pair], *, fold: bool) -> tuple[Pair, ...]:
    """Return pairs with those given in place; an empty value takes a pair out."""
    kept = {pair.name.lower() if fold else pair.name: pair for pair in pairs}
    for pair in given:
        kept[pair.name.lower() if fold else pair.name] = pair
    return tuple(pair for pair in kept.values() if pair.value)


def print_access(source: Source) -> None:
    """Print how a source is reached; secrets are not shown."""
    shown = masked(source)
    for host in shown.allowed_hosts:
        say(f"  allowed       {host} (it is not public; fetched from for this source alone)")
    for pair in shown.headers:
        say(f"  header        {pair.name}: {pair.value}")
    for pair in shown.cookies:
        say(f"  cookie        {pair.name}={pair.value}")
    if shown.proxy:
        say(f"  proxy         {shown.proxy}")
