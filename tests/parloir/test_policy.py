"""``parloir policy``: controls are set, listed, lifted; a decision is explained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from parloir.common import Platform
from parloir.main import main
from store.database import Database
from store.tables import balances, calls
from tests.builders import FACILITY, PERSON, PHONE, build_jail

Desk = Callable[..., Result]
WHY = ("--by", "sergeant", "--note", "after a fight")
CALL = ("--person", PERSON, "--phone", PHONE, "--to", "(212) 555-0101")
EVENING = "2026-11-03T03:30:00+00:00"
"""Half past ten in the evening of the facility's zone."""


@pytest.fixture
def desk(database: Database, database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The command line of a platform with a jail."""
    build_jail(database)
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database_url}"\n')
    platform = Platform(file)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main.commands["policy"], words, obj=platform)

    yield run
    platform.database.engine.dispose()


def said(result: Result) -> str:
    """What a command that succeeded has said."""
    assert result.exit_code == 0, result.output
    return result.output


def test_hours_are_set_explained_and_lifted(desk: Desk) -> None:
    hours = ("facility", FACILITY, "hours", "mon-fri 08:00-22:00")
    control = said(desk("set", *hours, *WHY)).split(":")[0].removeprefix("control ")
    told = said(desk("explain", *CALL, "--at", EVENING))
    deciding = [line for line in told.splitlines() if line.startswith("->")]
    assert deciding == [f"-> {'hours':22}{'facility':10}refused: open mon-fri 08:00-22:00"]
    assert "refused, code 304: “Calls can not be made at this time." in told
    assert "mon-fri 08:00-22:00, by sergeant" in said(desk("list", "facility", FACILITY))
    said(desk("lift", control, "--by", "sergeant"))
    assert said(desk("list")) == ""
    assert "; lifted " in said(desk("list", "--all"))
    assert "may be: at most 900 s, recorded" in said(desk("explain", *CALL, "--at", EVENING))


def test_a_new_one_takes_the_place_of_the_old(desk: Desk) -> None:
    for seconds in ("600", "1200"):
        said(desk("set", "person", PERSON, "longest_call_seconds", seconds, *WHY))
    said(desk("set", "person", PERSON, "longest_call_seconds", "60", *WHY, "--until", "2100-01-01"))
    listed = said(desk("list", "person", PERSON)).splitlines()
    assert [line.split()[4].rstrip(",") for line in listed] == ["1200", "60"]
    told = said(desk("explain", *CALL, "--at", EVENING))
    assert f"-> {'longest_call_seconds':22}{'person':10}60 s" in told


def test_an_explanation_leaves_nothing_behind(desk: Desk, database: Database) -> None:
    assert "cents" in said(desk("explain", *CALL, "--at", EVENING))
    with database.begin() as connection:
        assert connection.execute(calls.select()).all() == []
        assert {row.held_cents for row in connection.execute(balances.select())} == {0}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set", "unit", "nowhere", "calls", "off", *WHY), "there is no unit 'nowhere'"),
        (("set", "facility", FACILITY, "hours", "late", *WHY), "are no hours such as"),
        (("set", "number", "911", "calls", "off", *WHY), "is no number that can be called"),
        (("lift", "7"), "no control 7 is in force"),
        (("explain", "--person", "9", "--phone", PHONE, "--to", "1"), "there is no person '9'"),
    ],
)
def test_mistakes_are_told_in_a_line(desk: Desk, words: tuple[str, ...], told: str) -> None:
    result = desk(*words)
    assert result.exit_code == 1
    assert told in result.output
    assert len(result.output.splitlines()) == 1
