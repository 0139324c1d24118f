"""Calls from Parquet are re-rated as the same calls from CSV are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rating import parquet
from rating.batch import Rated
from rating.parquet import read_parquet
from rating.rerate import Charged, Report, rerate
from rating.rows import COLUMNS, RowError, Vocabulary, read_csv
from tests.rating import world
from tests.rating.test_rerate import FIRST, LAST, ROW, write_csv

WORDS = Vocabulary.of(world.prices(), world.FACILITIES)
NO_ZONE = datetime.fromisoformat("2026-06-02T12:00")
NUMBERS = ("seconds", "base", "additive", "tax")
MANY = 250


def calls() -> list[dict[str, str]]:
    """Calls of all kinds, a quarter of an hour apart."""
    abroad = {"jurisdiction": "international", "number": "+528112345678", "tax_state": ""}
    return [
        {
            **ROW,
            **(abroad if n % 3 == 0 else {}),
            "call_id": f"A{n}",
            "start": f"2026-06-{n % 28 + 1:02}T{n % 24:02}:15:00-05:00",
            "seconds": str(n * 7),
            "base": str(n),
        }
        for n in range(MANY)
    ]


def typed(rows: list[dict[str, str]]) -> pa.Table:
    """The rows as an analyst's tools would store them: moments, numbers, dictionaries."""
    columns: dict[str, list[object]] = {name: [row[name] for row in rows] for name in COLUMNS}
    columns["start"] = [datetime.fromisoformat(row["start"]) for row in rows]
    for name in NUMBERS:
        columns[name] = [int(row[name]) for row in rows]
    table = pa.table(columns)
    words = pa.array([row["facility"] for row in rows]).dictionary_encode()
    return table.set_column(table.schema.get_field_index("facility"), "facility", words)


def result(path: Path) -> tuple[Report, list[list[int]]]:
    found: list[list[int]] = []

    def keep(charged: Charged, rated: Rated) -> None:
        found.extend(map(list, zip(charged.total, rated.total, strict=True)))

    source = (read_csv if path.suffix == ".csv" else read_parquet)(path, WORDS)
    *_, report = rerate(source, WORDS.rater(FIRST, LAST), keep)
    return report, found


@pytest.mark.parametrize("as_text", [True, False])
def test_parquet_and_csv_are_equal(
    as_text: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "BATCH", 64)
    rows = calls()
    write_csv(tmp_path / "c.csv", list(rows))
    table = pa.Table.from_pylist(rows) if as_text else typed(rows)
    pq.write_table(table, tmp_path / "c.parquet", row_group_size=100)
    assert result(tmp_path / "c.parquet") == result(tmp_path / "c.csv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "2026-06-02T12:00:00"}, ":2: start: 2026-06-02T12:00:00 needs an offset"),
        (
            {"start": NO_ZONE},
            ":2: start: 2026-06-02 12:00:00.000000 needs an",
        ),
        ({"seconds": None}, ":2: seconds: invalid literal"),
        ({"facility": "nowhere"}, ":2: facility: unknown facility 'nowhere'"),
        ({"base": "1.5"}, ":2: base: invalid literal"),
        ({"base": 1.0}, ":1: base: a column of floating point"),
        ({"base": [1]}, ":1: base: list.* isn't text or a number"),
    ],
)
def test_a_bad_row_says_where(change: Mapping[str, object], message: str, tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    good: dict[str, object] = dict(ROW)
    if not isinstance(next(iter(change.values())), str | None):
        good |= change
    pq.write_table(pa.Table.from_pylist([good, {**ROW, **change}]), path)
    if good != ROW:
        message = message.replace(":2:", ":1:")
    with pytest.raises(RowError, match=f"{path}{message}"):
        list(read_parquet(path, WORDS))


def test_what_is_no_file_of_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.parquet"
    path.write_text("call_id,start\n")
    with pytest.raises(RowError, match=f"{path}:1: file: can't be read as Parquet"):
        list(read_parquet(path, WORDS))
    pq.write_table(pa.Table.from_pylist([{"call_id": "A1"}]), path)
    with pytest.raises(RowError, match=f"{path}:1: account_id: the column is missing"):
        list(read_parquet(path, WORDS))
    monkeypatch.setattr(parquet, "pa", None)
    with pytest.raises(RowError, match=r"needs pyarrow: pip install 'parloir\[parquet\]'"):
        list(read_parquet(path, WORDS))
