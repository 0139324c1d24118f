"""The layout of a file of payments: read whole, or every bad line told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.file_faults import FileRefused
from accounts.payments import import_file

GOOD = """payments,1,lockbox,2026-11-20-A
item,LB-1,rivera,2500,Sam Rivera
item,LB-2,okafor,1000,
item,LB-3,rivera,50,"Rivera, Alex"
total,3,3550
"""


def refused(text: str | bytes) -> list[tuple[int, str]]:
    """What is told about a file that isn't read."""
    with pytest.raises(FileRefused) as told:
        import_file.read(text if isinstance(text, bytes) else text.encode())
    assert "\n" not in str(told.value)
    return list(told.value.faults)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("item,LB-2,okafor,-1000,", "isn't between"),
        ("item,LB-2,okafor,0,", "isn't between"),
        ("item,LB-2,okafor,10.00,", "isn't between"),
        ("item,LB-2,okafor,1000001,", "isn't between"),
        ("item,LB-2,okafor,99999999999999999999,", "isn't between"),
        ("item,LB-2,okafor,\u0661,", "isn't between"),
        ("item,LB-2,,1000,", "no account is named"),
        ("item,LB-1,okafor,1000,", "LB-1 stands on line 2 already"),
        ("item,,okafor,1000,", "no reference"),
        ("item,L B,okafor,1000,", "no reference"),
        ("item,LB-2,okafor,1000", "an item is"),
        ("item,LB-2,okafor,1000,a,b", "an item is"),
        ("credit,LB-2,okafor,1000,", "an item is"),
        ("", "an item is"),
        ('item,LB-2,okafor,1000,"Okafor', "no CSV"),
        ("item,LB-2,okafor,1000,\x00", "plain text"),
    ],
)
def test_a_bad_line_is_told(line: str, why: str) -> None:
    (fault,) = refused(GOOD.replace("item,LB-2,okafor,1000,", line))
    assert fault[0] == 3
    assert why in fault[1]


@pytest.mark.parametrize(
    ("trailer", "why"),
    [
        ("total,4,3550", "4 items over 3550 cents, but there are 3 items over 3550 cents"),
        ("total,3,3551", "but there are"),
        ("total,3", "trailer"),
        ("total,three,3550", "trailer"),
        ("total,3,-3550", "trailer"),
    ],
)
def test_totals_must_be_right(trailer: str, why: str) -> None:
    (fault,) = refused(GOOD.replace("total,3,3550", trailer))
    assert fault[0] == 5
    assert why in fault[1]


@pytest.mark.parametrize(
    "header",
    ["payments,2,lockbox,A", "payments,1,wire,A", "payments,1,lockbox,", "payments,1,lockbox"],
)
def test_a_header_says_what_it_is(header: str) -> None:
    ((line, why),) = refused(GOOD.replace("payments,1,lockbox,2026-11-20-A", header))
    assert line == 1
    assert "header" in why


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\xff\xfe", GOOD.encode() + b"\xff", b"x" * 17_000_000]
)
def test_what_is_no_such_file(data: bytes) -> None:
    assert len(refused(data)) == 1


@pytest.mark.parametrize("end", range(0, len(GOOD) - 1, 9))
def test_a_file_cut_off_anywhere_is_refused(end: int) -> None:
    with pytest.raises(FileRefused):
        import_file.read(GOOD[:end].encode())


@hypothesis_settings(max_examples=200)
@given(st.binary(max_size=60), st.integers(0, len(GOOD)), st.integers(0, 20))
def test_whatever_is_in_a_file_is_read_or_refused(junk: bytes, at: int, gone: int) -> None:
    data = GOOD.encode()[:at] + junk + GOOD.encode()[at + gone :]
    try:
        file = import_file.read(data)
    except FileRefused:
        return
    assert all(line.cents > 0 for line in file.items)


def test_a_file_that_calls_would_wait_for_too_long() -> None:
    items = [f"item,LB-{number},rivera,1," for number in range(import_file.MOST_ITEMS + 1)]
    lines = ["payments,1,lockbox,large", *items, f"total,{len(items)},{len(items)}"]
    (fault,) = refused("\n".join(lines))
    assert "split the file" in fault[1]
