"""Commands are loaded when they are asked for: one command needs a part of newsbot, not all of it.

For the same reason modules of this package import what only some uses of a command need (a survey, the
names of what is refused) where it is used. A command that reads the archive starts in half the time.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperGroup
from typer.main import get_group


class _Commands(Mapping[str, Any]):
    """Commands by their names; which module of this package has one is known, the rest is read."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            app = typer.Typer(rich_markup_mode=None)
            import_module(f"{__package__}.{self._modules[name]}").add_to(app)
            self._loaded.update(get_group(app).commands)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def loaded_from(modules: Mapping[str, str]) -> type[TyperGroup]:
    """Return a kind of group whose commands come from these modules of this package, by command.

    Each module has ``add_to(app)``, which adds its commands to a Typer application.
    """

    class Group(TyperGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.commands = cast("MutableMapping[str, Any]", _Commands(modules))

    return Group
