"""The records: what is written is read again, and each field stands in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.ledger import LedgerError
from billing.carriers.layout import RECORD_LENGTH, RECORDS, Field, Layout, RecordError, Value

DOCS = Path(__file__).parents[3] / "docs" / "carriers.md"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
KINDS = st.sampled_from(sorted(RECORDS))


def _values(fields: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Value]]:
    drawn: dict[str, st.SearchStrategy[Value]] = {}
    for one in fields:
        if one.kind == "number":
            drawn[one.name] = st.integers(0, 10**one.length - 1)
        elif one.kind == "text":
            drawn[one.name] = st.text(LETTERS, max_size=one.length)
    return st.fixed_dictionaries(drawn)


@given(st.data(), KINDS)
def test_what_is_written_is_read_again(data: st.DataObject, kind: str) -> None:
    layout = Layout(RECORDS[kind])
    values = data.draw(_values(RECORDS[kind]))
    line = layout.write(values)
    assert len(line) == RECORD_LENGTH
    assert layout.read(line) == values


@given(st.data(), KINDS)
def test_a_value_that_is_too_large_is_refused(data: st.DataObject, kind: str) -> None:
    fields = RECORDS[kind]
    values = data.draw(_values(fields))
    field = data.draw(st.sampled_from([one for one in fields if one.kind == "number"]))
    values[field.name] = data.draw(st.sampled_from([10**field.length, -1]))
    with pytest.raises(LedgerError, match="doesn't fit"):
        Layout(fields).write(values)


@given(KINDS, st.text(max_size=RECORD_LENGTH + 3))
def test_noise_is_no_record(kind: str, noise: str) -> None:
    with pytest.raises(RecordError):
        Layout(RECORDS[kind]).read(noise)


def test_the_known_places() -> None:
    places = {field.name: (field.first, field.last) for field in RECORDS["detail"]}
    assert places["date"] == (7, 12)
    assert places["from_number"] == (15, 24)
    assert places["to_number"] == (30, 39)
    assert places["mills"] == (40, 46)
    assert places["connect_time"] == (55, 60)
    assert places["elapsed"] == (61, 67)
    assert places["billing_number"] == (113, 122)


def test_the_page_shows_the_layout_as_it_is() -> None:
    told = DOCS.read_text()
    for kind, fields in RECORDS.items():
        for field in fields:
            value = f"`{field.value}`" if field.value else field.kind
            row = f"| {field.name} | {field.first}-{field.last} | {value} | {field.source} |"
            assert row in told, f"{kind}: {row}"
