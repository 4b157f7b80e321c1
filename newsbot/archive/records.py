"""Records and their documents: frozen classes here, plain documents in MongoDB.

A record's ``id`` is the document's ``_id``; a calendar day, which BSON does not know, is kept as
``YYYY-MM-DD``; tuples are arrays.
"""

from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.bson import make_converter

if TYPE_CHECKING:
    from newsbot.archive.connection import Document

T = TypeVar("T")


def _converter() -> Converter:
    converter = make_converter()
    converter.register_unstructure_hook(date, lambda day: day.isoformat())
    converter.register_structure_hook(date, lambda text, _type: date.fromisoformat(text))

    def with_id(cls: type[Any]) -> bool:
        return attrs.has(cls) and any(field.name == "id" for field in attrs.fields(cls))

    converter.register_unstructure_hook_factory(
        with_id,
        lambda cls: make_dict_unstructure_fn(cls, converter, id=override(rename="_id")),
    )
    converter.register_structure_hook_factory(
        with_id,
        lambda cls: make_dict_structure_fn(cls, converter, id=override(rename="_id")),
    )
    return converter


_CONVERTER = _converter()


def to_document(record: object) -> "Document":
    """Return the document that keeps this record."""
    document: Document = _CONVERTER.unstructure(record)
    return document


def to_value(value: object) -> Any:
    """Return what keeps one field of a record: a record in it as a document, tuples as arrays."""
    return _CONVERTER.unstructure(value)


def from_document(kind: type[T], document: "Document") -> T:
    """Return the record that this document keeps; keys that the record lacks are passed over."""
    return _CONVERTER.structure(document, kind)
