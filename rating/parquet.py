"""Calls from a Parquet file, batch by batch, for a re-rate. Needs the extra ``parquet``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rating.rerate import Charged
from rating.rows import COLUMNS, RowError, Vocabulary, chunks

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ModuleNotFoundError:
    pa = None

BATCH = 10_000


def read_parquet(path: Path, words: Vocabulary) -> Iterator[Charged]:
    """Chunks of a file with the columns of a CSV of calls. Raises :class:`RowError`.

    A column may have any type whose text is what the CSV would say: words, whole numbers,
    timestamps with a zone. An error names the row, from 1.
    """
    if pa is None:
        raise RowError("reading Parquet needs pyarrow: pip install 'parloir[parquet]'")
    yield from chunks(_rows(path), words)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    number = 0
    for batch in _batches(path):
        columns = [_text(path, name, batch.column(name)) for name in COLUMNS]
        for cells in zip(*columns, strict=True):
            number += 1
            yield f"{path}:{number}", dict(zip(COLUMNS, cells, strict=True))


def _batches(path: Path) -> Iterator[Any]:
    try:
        # Read ahead, a whole row group would stand in memory.
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            if missing := [name for name in COLUMNS if name not in file.schema_arrow.names]:
                raise RowError(f"{path}:1: {missing[0]}: the column is missing")
            yield from file.iter_batches(BATCH, columns=list(COLUMNS), use_threads=False)
    except (pa.ArrowException, OSError) as error:
        why = str(error).splitlines()[0]
        raise RowError(f"{path}:1: file: can't be read as Parquet: {why}") from None


def _text(path: Path, name: str, column: Any) -> list[str]:
    """The column as CSV would say it; nothing is said as the empty word."""
    kind = column.type
    if pa.types.is_floating(kind):
        raise RowError(f"{path}:1: {name}: a column of floating point, which can't be exact")
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    try:
        return [word or "" for word in column.cast(pa.string()).to_pylist()]
    except pa.ArrowException as error:
        why = str(error).splitlines()[0]
        raise RowError(f"{path}:1: {name}: {kind} isn't text or a number: {why}") from None
