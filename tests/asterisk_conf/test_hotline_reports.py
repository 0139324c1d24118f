"""A hotline's report, as the dialplan writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_conf.hotline_reports import SPOOL, HotlineReport, parse, spooled
from asterisk_conf.reports import ReportError

TEXT = "wing-a,711,12025550143,main,1000,500,2000,ANSWER"


def test_a_report_is_read() -> None:
    report = HotlineReport("wing-a", "711", "12025550143", "main", 1000, 500, 2000, "ANSWER")
    assert parse(TEXT.split(",")) == report
    assert parse(["wing-a", "711", "12025550143", "", "1000", "", "2000", ""]).talk_ms is None


@pytest.mark.parametrize(
    "text", ["", TEXT + ",x", ",711,1,,1,,2,", "p,711,1,,x,,2,", "p,711,1,,1,,,"]
)
def test_rubbish_stays_where_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / SPOOL).mkdir(parents=True)
    for name, kept in (("1.1", text), ("1.2", TEXT)):
        (tmp_path / SPOOL / name).write_text(f"{kept}\n")
    assert [path.name for path in spooled(tmp_path)] == ["1.2"]
    assert (tmp_path / SPOOL / "1.1").exists()


@given(st.lists(st.text(max_size=15), max_size=9))
def test_whatever_is_written_is_read_or_refused(facts: list[str]) -> None:
    try:
        report = parse(facts)
    except ReportError:
        return
    assert report.phone == facts[0]
