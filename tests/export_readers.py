"""Exports as pandas, Polars and DuckDB read them, with the settings that docs/export.md names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl

from newsbot.export.cells import unguarded
from newsbot.export.columns import COLUMNS
from newsbot.export.formats import plain


def read_pandas(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path, dtype_backend="pyarrow")
    elif ".csv" in path.name:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    else:
        frame = pd.read_json(path, lines=True, dtype=False)
    frame = frame.astype(object).where(frame.notna(), None)
    return frame.to_dict("records")  # type: ignore[no-any-return]


def read_polars(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
    elif ".csv" in path.name:
        frame = pl.read_csv(path, infer_schema=False)
    else:
        frame = pl.read_ndjson(path, infer_schema_length=None)
    return frame.to_dicts()


def read_duckdb(path: Path) -> list[dict[str, Any]]:
    read = {
        ".parquet": "read_parquet(?)",
        ".csv": "read_csv(?, header = true, all_varchar = true, quote = '\"', escape = '\"', "
        "max_line_size = 10000000, parallel = false)",
        ".jsonl": "read_ndjson(?, sample_size = -1)",
    }["." + path.name.removesuffix(".gz").rpartition(".")[2]]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(f"SELECT * FROM {read}", [str(path)])
        names = [each[0] for each in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def canonical(row: Mapping[str, Any], *, cells: bool) -> dict[str, Any]:
    """Return a row as a reader gives it in the form of JSON."""
    found = {}
    for column in COLUMNS:
        value = row[column.name]
        if cells:
            value = _of_cell(value, column.kind)
        elif hasattr(value, "tolist"):
            value = value.tolist()
        if column.kind == "moment" and value is not None and not isinstance(value, str):
            value = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
            value = plain(value)
        elif column.kind == "day" and value is not None:
            value = str(value)[:10]
        elif column.kind in ("texts", "pictures"):
            value = [dict(each) if isinstance(each, dict) else each for each in value]
        elif column.kind == "number":
            value = int(value)
        elif column.kind == "flag" and value is not None:
            value = bool(value)
        found[column.name] = value
    return found


def _of_cell(value: str | None, kind: str) -> Any:
    if kind in ("texts", "pictures"):
        return json.loads(value) if value else []
    if kind == "flag":
        return None if value is None else value == "true"
    return unguarded(value) if value is not None else None


READERS = {"pandas": read_pandas, "polars": read_polars, "duckdb": read_duckdb}
