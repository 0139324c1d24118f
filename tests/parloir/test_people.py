"""The commands for people, units, staff and what the jail's own system tells."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from calls.people import Person, identify
from parloir.common import Platform
from parloir.main import main
from store.database import Database
from store.tables import facilities
from store.types import now
from tests.builders import FACILITY, KEY, PERSON, build_jail, identified_call

Desk = Callable[..., Result]
WHY = ("--by", "sergeant", "--note", "came to the desk")
TABLE = """event_id,kind,person,at,facility,unit,name
1,booked,200001,2026-11-02T07:00:00-05:00,millbrook,a,Kim Novak
2,released,200001,2026-11-02T09:00:00-05:00,,,
3,booked,200002,2026-11-02T07:00:00-05:00,millbrook,a,Robin Chen
"""


@pytest.fixture
def desk(database: Database, database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The command line of a platform with a jail."""
    build_jail(database)
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database_url}"\n')
    (tmp_path / "pin.key").write_bytes(KEY)
    platform = Platform(file)

    def run(command: str, *words: str) -> Result:
        return CliRunner().invoke(main.commands[command], words, obj=platform)

    yield run
    platform.database.engine.dispose()


def said(result: Result) -> str:
    """What a command that succeeded has said."""
    assert result.exit_code == 0, result.output
    return result.output


def test_a_file_of_the_jails(desk: Desk, database: Database, tmp_path: Path) -> None:
    said(desk("unit", "add", "a", "--facility", FACILITY, "--name", "A wing"))
    assert said(desk("unit", "list")) == f"{'a':24} {FACILITY:16} A wing\n"
    file, pins = tmp_path / "events.csv", tmp_path / "pins.csv"
    file.write_text(TABLE)
    told = said(desk("jail", "import", str(file), "--source", "jms", "--facility", FACILITY))
    last = "3 events of jms: 3 applied, 0 unchanged, 0 late, 0 waiting, 0 repeated"
    assert told.splitlines()[-1] == last
    assert "line 3      applied   200001 released          unit a -> none; status" in told
    again = said(desk("jail", "import", str(file), "--source", "jms"))
    assert again == f"{last.replace('3 app', '0 app').replace('0 repeated', '3 repeated')}\n"

    assert "200002        in_custody   millbrook a" in said(
        desk("person", "list", "--facility", FACILITY, "--status", "in_custody")
    )
    assert "no PIN yet" in said(desk("person", "show", "200002"))
    assert "1 first PINs" in said(desk("person", "pins", str(pins), "--facility", FACILITY))
    assert stat.S_IMODE(pins.stat().st_mode) == 0o600
    head, given = pins.read_text().splitlines()
    person, pin = given.split(",")
    assert (head, person) == ("person,first_pin", "200002")
    found = identify(database, KEY, identified_call(database), person, pin, now())
    assert isinstance(found, Person)
    assert desk("person", "pins", str(pins), "--facility", FACILITY).exit_code == 1
    assert given in pins.read_text()


def test_a_bad_file_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text(TABLE)
    refused = desk("jail", "import", str(file), "--source", "jms")
    assert refused.exit_code == 1
    assert "Error: nothing was taken: line 2: there is no unit 'a' in millbrook" in refused.output
    assert "; line 4: there is no unit 'a'" in refused.output
    assert desk("person", "show", "200001").exit_code == 1
    for name, text, why in (
        ("x.txt", b"", "come as .csv or .json"),
        ("x.csv", b"\xff", "no UTF-8 text: byte 0"),
        ("x.json", b"{", "no JSON"),
    ):
        (tmp_path / name).write_bytes(text)
        assert why in desk("jail", "import", str(tmp_path / name), "--source", "jms").output


def test_staff_say_how_a_person_stands(desk: Desk) -> None:
    said(desk("unit", "add", "a", "--facility", FACILITY, "--name", "A wing"))
    suspended = said(desk("person", "status", PERSON, "suspended", *WHY))
    assert suspended == (
        f"person {PERSON}: status in_custody -> suspended; held back by nobody -> staff\n"
    )
    assert said(desk("person", "status", PERSON, "suspended", *WHY)).endswith("has changed\n")
    assert "unit none -> a" in said(desk("person", "move", PERSON, "--unit", "a", *WHY))
    history = said(desk("person", "show", PERSON)).splitlines()
    assert "suspended" in history[0]
    assert [line.split()[2] for line in history[2:]] == ["suspended", "suspended", "moved"]
    assert "staff, by sergeant: unit none -> a (came to the desk)" in history[-1]
    assert "no person '1'" in desk("person", "status", "1", "released", *WHY).output


def test_staff_and_their_roles(desk: Desk) -> None:
    said(
        desk(
            *("staff", "add", "okafor", "--facility", FACILITY, "--name", "M. Okafor"),
            *("--role", "officer", *WHY),
        )
    )
    made = said(
        desk(
            *("api", "token", "make", "desk", "--role", "facility"),
            *("--of", FACILITY, "--staff", "okafor"),
        )
    )
    assert "parloir_" in made
    listed = said(desk("api", "token", "list"))
    assert "facility millbrook okafor" in listed
    assert "[calls:write numbers:read people:read policy:read]" in listed
    assert said(desk("staff", "role", "okafor", "booking", *WHY)) == "okafor is booking\n"
    assert said(desk("staff", "off", "okafor", *WHY)) == "okafor is off\n"
    assert "off the staff" in said(desk("api", "token", "list"))
    assert "booking        off  M. Okafor" in said(desk("staff", "list", "--facility", FACILITY))
    assert said(desk("staff", "on", "okafor", *WHY)) == "okafor is on\n"
    shown = said(desk("staff", "show", "okafor")).splitlines()
    assert [line.split()[2] for line in shown] == ["added", "role", "off", "on"]
    assert "booking        people:read people:write" in said(desk("staff", "roles"))
    assert "nobody on the staff is 'x'" in desk("staff", "off", "x", *WHY).output


def test_a_facility_says_what_ends_live_calls(desk: Desk, database: Database) -> None:
    change = ("--end-live-calls", "--caller-id", "2125550100")
    said(desk("facility", "set", FACILITY, *change))
    with database.begin() as connection:
        row = connection.execute(facilities.select()).one()
    assert (row.ends_live_calls, row.caller_id) == (True, "2125550100")
    assert "released people's calls end at once" in said(desk("facility", "list"))
    assert "digits" in desk("facility", "set", FACILITY, "--caller-id", "x").output
