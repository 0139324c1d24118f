"""The operator's month-end on the command line, and what is done daily."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accounts import life
from accounts.ledger import Kind
from accounts.periods import close
from billing import dunning, invoices
from parloir import daily
from parloir.common import Platform
from parloir.main import main
from store.database import Database
from tests.accounts.year import FEBRUARY, JANUARY, day
from tests.billing.customers import BILLED, call, move, open_customer
from tests.builders import FACILITY, build_jail
from tests.test_docs import ROOT, fault, rows

PAGE = "docs/billing.md"

LATE = datetime.now(UTC) + timedelta(days=60)


@pytest.fixture
def platform(database: Database, database_url: str, tmp_path: Path) -> Iterator[Platform]:
    """January of a direct bill customer and its closed books."""
    build_jail(database, cents=0)
    with database.begin() as connection:
        open_customer(connection, BILLED, language="es")
        call(connection, BILLED, "C1", day(JANUARY, 5), 300)
        move(connection, BILLED, Kind.DEPOSIT, 100, day(JANUARY, 9))
    close(database, JANUARY, "clerk", day(FEBRUARY))
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database_url}"\n')
    made = Platform(file)
    yield made
    made.database.engine.dispose()


def ran(platform: Platform, line: str) -> Result:
    """What a command line does."""
    name, *words = line.split()
    return CliRunner().invoke(main.commands[name], words, obj=platform)


def test_the_month_is_invoiced_and_written(platform: Platform, tmp_path: Path) -> None:
    issued = ran(platform, f"invoice issue {JANUARY}")
    assert issued.output == "1 new invoices; 1 of 2020-01, $2.00 due\n"
    assert ran(platform, f"invoice issue {JANUARY}").output.startswith("0 new")
    assert "open      $2.00" in ran(platform, f"invoice list --account {BILLED}").output
    shown = ran(platform, f"invoice show {BILLED}-{JANUARY}").output
    assert "Importe que debe pagar" in shown
    assert "$2.00" in shown
    english = ran(platform, f"statement show {BILLED} {JANUARY} --language en").output
    assert "Account statement, January 2020" in english
    out = tmp_path / "out"
    assert ran(platform, f"invoice all {JANUARY} --out {out}").output.startswith("1 invoices")
    told = ran(platform, f"statement all {JANUARY} --format html --out {out}").output
    assert told == f"1 statements of 2020-01 in {out}\n"
    assert sorted(path.name for path in out.iterdir()) == [
        f"{BILLED}-{JANUARY}.txt",
        f"{BILLED}.html",
    ]


def test_what_there_is_not_is_one_line(platform: Platform) -> None:
    for line, why in (
        (f"statement show nobody {JANUARY}", "no account nobody of a customer"),
        (f"statement show {BILLED} 2019-12", f"account {BILLED} had nothing in 2019-12"),
        (f"statement show {BILLED} {JANUARY} --language fr", "no statements in 'fr'"),
        (f"statement show {BILLED} {JANUARY} --format pdf", "a PDF needs --out FILE"),
        ("invoice show nothing", "no invoice nothing"),
        (f"invoice issue {FEBRUARY}", "the books of 2020-02 are open"),
        (f"report site nowhere {JANUARY}", "no facility nowhere"),
    ):
        result = ran(platform, line)
        assert result.exit_code
        assert result.output.splitlines()[-1].startswith(f"Error: {why}"), line


def test_the_facility_is_reported_to_and_paid(platform: Platform) -> None:
    assert "additive collected, less its share of credits: $0.60" in (
        ran(platform, f"report site {FACILITY} {JANUARY}").output
    )
    table = ran(platform, f"report site {FACILITY} {JANUARY} --csv").output
    assert f"{FACILITY},{JANUARY},direct_bill,interstate,1,725,238,60,2,0" in table
    line = f"report pay {FACILITY} {JANUARY} 0.50 --key p1 --by clerk --note January"
    assert ran(platform, line).output == "p1 recorded; $0.50 of $0.60 paid\n"
    assert "p1 was recorded before" in ran(platform, line).output
    refused = ran(platform, line.replace("p1", "p2"))
    assert "10 are left (47 CFR 64.6015)" in refused.output


def test_the_operators_page_is_the_codes() -> None:
    assert [row[0] for row in rows(PAGE, "job")] == list(daily.JOBS)
    steps = (dunning.REMINDER, dunning.DUE, dunning.OVERDUE, dunning.SUSPENDED)
    assert [row[0] for row in rows(PAGE, "notice")] == [invoices.ISSUED, *steps]
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    lines = re.findall(r"^ +(?:\$ )?parloir (.+)$", page, re.MULTILINE)
    assert len(lines) >= 15
    assert [(line, why) for line in lines if (why := fault(line.split()))] == []


def test_a_day_is_done_once(platform: Platform) -> None:
    ran(platform, f"invoice issue {JANUARY}")
    first = ran(platform, f"daily --at {LATE:%Y-%m-%d}")
    assert (first.exit_code, [line.split()[0] for line in first.output.splitlines()]) == (
        0,
        list(daily.JOBS),
    )
    assert "1 suspended" in first.output
    assert "1 suspended" not in ran(platform, f"daily --at {LATE:%Y-%m-%d}").output


def test_a_job_that_fails_keeps_no_other_from_its_work(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    ran(platform, f"invoice issue {JANUARY}")
    monkeypatch.setattr(daily, "JOBS", {"broken": broken, **daily.JOBS})
    result = ran(platform, f"daily --at {LATE:%Y-%m-%d}")
    assert result.exit_code == 1
    assert "failed: the disk is full" in result.output
    assert result.output.splitlines()[-1] == "Error: not done: broken"
    with platform.database.begin() as connection:
        found = life.find(connection, BILLED)
    assert found is not None
    assert found.suspended_for == "overdue"
