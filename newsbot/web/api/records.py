"""Models of the house's own records: what a record's fields are and mean is stated once, where it is made."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from pydantic import create_model

from newsbot.web.api.frame import Answer, Moment


@cache
def answer_of(
    kind: type, *, also: tuple[str, ...] = (), without: tuple[str, ...] = (), name: str = ""
) -> type[Answer]:
    """Return the model of a record's class, and of the records in it.

    ``also`` are names of properties that are told with the fields, ``without`` names of fields that are not,
    wherever either is found. ``name`` is what the document calls it; its class's unless given.
    """
    hints = get_type_hints(kind, include_extras=True)
    fields: dict[str, Any] = {
        each.name: (_told(hints[each.name], also, without), ...)
        for each in attrs.fields(kind)
        if each.name not in without and not each.name.startswith("_")
    }
    for other in also:
        made = vars(kind).get(other)
        if isinstance(made, property) and made.fget is not None:
            told = get_type_hints(made.fget, include_extras=True)["return"]
            fields[other] = (_told(told, also, without), ...)
    model: type[Answer] = create_model(
        name or kind.__name__,
        __base__=Answer,
        __module__=kind.__module__,
        __doc__=_about(kind),
        **fields,
    )
    return model


def _about(kind: type) -> str:
    return " ".join((kind.__doc__ or "").replace("``", "`").split())


def _told(hint: Any, also: tuple[str, ...], without: tuple[str, ...]) -> Any:
    """Return a type of a record as that of what is answered."""
    if isinstance(hint, type) and attrs.has(hint):
        return answer_of(hint, also=also, without=without)
    if hint is datetime:
        return Moment
    origin, inside = get_origin(hint), get_args(hint)
    if origin is None or origin is Literal:
        return hint
    told = tuple(_told(each, also, without) for each in inside if each is not Ellipsis)
    if origin is Annotated:
        return _told(inside[0], also, without)
    if origin in (Union, UnionType):
        return Union[tuple(None if each is NoneType else each for each in told)]  # noqa: UP007
    if origin is tuple and Ellipsis not in inside:
        return tuple.__class_getitem__(told)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return dict.__class_getitem__(told)
    if isinstance(origin, type) and issubclass(origin, (Sequence, AbstractSet, tuple)):
        return list.__class_getitem__(told[0])
    return hint
