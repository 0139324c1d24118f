"""The bookkeeper's command line, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accounts.ledger import open_books
from parloir.common import Platform
from parloir.main import main
from store.database import Database
from tests.accounts.year import FEBRUARY, JANUARY, charged, day, paid_in, posted
from tests.builders import open_account

ME = "rivera"
Desk = Callable[..., Result]
WHY = ("--by", "bookkeeper", "--note", "keyed twice")


@pytest.fixture
def desk(database: Database, database_url: str, tmp_path: Path) -> Iterator[Desk]:
    open_books(database)
    open_account(database, ME, cents=0)
    posted(database, paid_in("first", ME, 1000, day(JANUARY)))
    posted(database, charged("CALL", ME, 300, day(FEBRUARY)))
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database_url}"\n')
    platform = Platform(file)

    def run(command: str, *words: str) -> Result:
        return CliRunner().invoke(main.commands[command], words, obj=platform)

    yield run
    platform.database.engine.dispose()


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def refused(result: Result) -> str:
    assert result.exit_code in (1, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


def test_an_account_is_shown_as_it_was(desk: Desk) -> None:
    assert "balance    $7.00" in said(desk("account", "show", ME))
    for at, then in (
        ("2020-01-01", "$10.00 at 2020-01-01 23:59:59"),
        ("2020-01-01T11:00", "$0.00 at 2020-01-01 11:00:00"),
        ("2020-01-01T13:00+02:00", "$0.00"),
        ("2020-02-01T12:00Z", "$7.00"),
    ):
        assert then in said(desk("account", "show", ME, "--at", at))
    assert "no moment" in refused(desk("account", "show", ME, "--at", "yesterday"))


def test_staff_post_with_a_reason(desk: Desk) -> None:
    post = ("account", "post", ME)
    told = said(desk(*post, "-2.50", "--reason", "adjustment", "--key", "7", *WHY))
    assert told == "adjustment:7 posted; balance $4.50\n"
    told = said(desk(*post, "-2.50", "--reason", "adjustment", "--key", "7", *WHY))
    assert told == "adjustment:7 was posted before; balance $4.50\n"
    entry = said(desk("ledger", "show", "adjustment:7"))
    assert [word in entry for word in ("bookkeeper", "keyed twice", "$2.50")] == [True] * 3


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("0.005", "--reason", "adjustment", *WHY), "no amount of dollars and cents"),
        (("5", "--reason", "adjustment"), "Missing option '--note'"),
        (("5", "--reason", "theft", *WHY), "'theft' is not one of 'adjustment', 'write_off'"),
        (("5", "--reason", "write_off", *WHY), "owes, and no more"),
        (("-7.01", "--reason", "adjustment", *WHY), "past its limit"),
        (("5", "--reason", "adjustment", "--at", "2999-01-01", *WHY), "in the future"),
        (("5", "--reason", "adjustment", "--wrong", *WHY), "unexpected extra argument"),
    ],
)
def test_what_staff_can_not_post(desk: Desk, words: tuple[str, ...], why: str) -> None:
    assert why in refused(desk("account", "post", ME, *words))
    assert "balance    $7.00" in said(desk("account", "show", ME))


def test_the_books_are_shown(desk: Desk) -> None:
    statement = said(desk("ledger", "show", "--account", ME)).splitlines()
    assert [line.split()[2:] for line in statement] == [
        ["deposit", "$10.00", "$10.00", "first"],
        ["call", "-$3.00", "$7.00", "CALL"],
    ]
    month = said(desk("ledger", "show", "--account", ME, "--month", FEBRUARY))
    assert month.splitlines() == statement[1:]
    call = said(desk("ledger", "show", "--call", "call"))
    assert call.splitlines()[-2:] == [
        "  debit          $3.00  rivera",
        "  credit         $3.00  house.revenue.base",
    ]
    assert "nothing was posted" in said(desk("ledger", "show", "--call", "404"))
    assert "no entry 404" in refused(desk("ledger", "show", "404"))
    assert "say one of" in refused(desk("ledger", "show"))
    assert "say one of" in refused(desk("ledger", "show", "first", "--account", ME))


def test_an_entry_is_taken_back_once(desk: Desk) -> None:
    assert said(desk("ledger", "reverse", "CALL", *WHY)) == "CALL is reversed\n"
    assert said(desk("ledger", "reverse", "CALL", *WHY)) == "CALL was reversed before\n"
    assert "reversed by reversal:CALL" in said(desk("ledger", "show", "CALL"))
    assert "reverses    CALL" in said(desk("ledger", "show", "reversal:CALL"))
    assert "is a reversal" in refused(desk("ledger", "reverse", "reversal:CALL", *WHY))
    assert "balance    $10.00" in said(desk("account", "show", ME))


def test_months_are_closed(desk: Desk) -> None:
    close = ("ledger", "close")
    assert "close 2020-01 first" in refused(desk(*close, FEBRUARY))
    for month in ("2020-13", "2020-1", "9999-12", "2020-01-01"):
        assert "no month such as" in refused(desk(*close, month))
    told = said(desk(*close, JANUARY, "--by", "bookkeeper"))
    assert told.endswith("by bookkeeper: 1 entries, debits and credits $10.00 each\n")
    assert said(desk("ledger", "periods")) == f"{told}next to close: 2020-02\n"
    late = ("account", "post", ME, "5", "--reason", "adjustment", "--at", "2020-01-31", *WHY)
    assert "the books of 2020-01 are closed" in refused(desk(*late))
    assert "balance    $7.00" in said(desk("account", "show", ME))


def test_a_changed_month_is_told(desk: Desk, database: Database) -> None:
    desk("ledger", "close", JANUARY)
    with database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO postings (id, entry_id, account_id, cents) "
            "SELECT 99, min(id), 'house.cash', -5 FROM entries"
        )
    assert "now 1 over 1005" in refused(desk("ledger", "periods"))
    assert "not in order" in refused(desk("ledger", "close", FEBRUARY))


def test_the_general_ledger_gets_its_file(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "gl.csv"
    told = said(desk("ledger", "export", JANUARY, FEBRUARY, "--out", str(file)))
    assert told == "2 entries, debits and credits $13.00 each\n"
    lines = file.read_text(encoding="utf-8").splitlines()
    assert (len(lines), lines[-1]) == (6, "total,2 entries,,,,13.00,13.00,,,")
    shown = desk("ledger", "export", JANUARY).stdout.splitlines()
    assert (shown[:3], shown[3]) == (lines[:3], "total,1 entries,,,,10.00,10.00,,,")
