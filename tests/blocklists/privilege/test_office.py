"""A whole office from a table: all of it, or none and every bad line told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from blocklists.faults import ListRefused
from blocklists.privilege import attorneys, entries
from blocklists.privilege.office import COLUMNS, Taken, register_office
from store.database import Database
from store.tables import attorneys as attorney_rows
from store.tables import privileged_numbers
from tests.builders import FACILITY, MORNING, build_jail

HEAD = ",".join(COLUMNS)
GOOD = (
    "okafor,Ada Okafor,OH,0099001,ada@example.org,en,(614) 555-0111,attorney,2027-12-31,letter",
    "okafor,Ada Okafor,OH,0099001,ada@example.org,en,614-555-0112,,,letter",
    'lim,"Lim, Sofía",OH,0099002,,es,+1 614 555 0113,public_defender,,letter',
)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def taken(database: Database, *lines: str, head: str = HEAD, facility: str | None = None) -> Taken:
    data = "\n".join([head, *lines, ""]).encode()
    with database.begin() as connection:
        return register_office(connection, data, "Legal Aid", "desk", MORNING, facility)


def faults(database: Database, *lines: str, head: str = HEAD) -> dict[int, str]:
    with pytest.raises(ListRefused) as refused:
        taken(database, *lines, head=head)
    with database.begin() as connection:
        for table in (attorney_rows, privileged_numbers):
            assert connection.execute(select(table)).all() == []
    return dict(refused.value.faults)


def test_an_office_is_registered_once(database: Database) -> None:
    assert taken(database, *GOOD) == Taken(2, 3, 0)
    assert taken(database, *GOOD) == Taken(0, 0, 3)
    assert taken(database, *reversed(GOOD)) == Taken(0, 0, 3)
    with database.begin() as connection:
        names = [row.name for row in attorneys.listed(connection)]
        rows = entries.listed(connection, MORNING)
    assert names == ["Ada Okafor", "Lim, Sofía"]
    assert {row.number for row in rows} == {f"+1614555011{n}" for n in (1, 2, 3)}
    assert [row.expires_at.isoformat() for row in rows if row.expires_at] == [
        "2028-01-01T00:00:00+00:00"
    ]


def test_at_one_facility(database: Database) -> None:
    taken(database, *GOOD, facility=FACILITY)
    with database.begin() as connection:
        assert {row.facility_id for row in entries.listed(connection, MORNING)} == {FACILITY}
    with pytest.raises(ListRefused, match="no facility 'nowhere'"):
        taken(database, *GOOD, facility="nowhere")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("614) 555-0111", "614) 555-01"), "no number that can be called"),
        (("2027-12-31", "2025-12-31"), "is over"),
        (("2027-12-31", "soon"), "no day"),
        (("2027-12-31", "9999-12-31"), "no day"),
        (("attorney", "friend"), "'friend' is none of"),
        (("ada@example.org", "ada"), "no e-mail"),
        (("Ada Okafor", ""), "no name"),
        (("OH", "Ohio"), "no state"),
        (("letter", ""), "proof is missing"),
        (("okafor,", "o k,"), "no attorney's id"),
        ((",en,", ",fr,"), "no language"),
        ((",en,", ","), "columns"),
        (("Ada", '"Ada'), "columns"),
    ],
)
def test_a_bad_line_is_told_by_its_number(
    database: Database, change: tuple[str, str], why: str
) -> None:
    found = faults(database, GOOD[1], GOOD[0].replace(*change), GOOD[2])
    assert why in found[3]


def test_every_bad_line_is_told(database: Database) -> None:
    bad = "x", "", GOOD[0].replace("letter", "")
    assert sorted(faults(database, GOOD[0], *bad, GOOD[2])) == [3, 4, 5]


def test_lines_that_contradict_each_other(database: Database) -> None:
    other = GOOD[1].replace("Ada", "Ida")
    assert "somebody else in line 2" in faults(database, GOOD[0], other)[3]
    assert "as in line 2" in faults(database, GOOD[0], GOOD[0])[3]


def test_what_is_no_such_table(database: Database) -> None:
    assert "the columns are" in faults(database, *GOOD, head="name,number")[1]
    assert "names nobody" in faults(database)[2]
    with database.begin() as connection, pytest.raises(ListRefused, match="line 2: this isn't"):
        register_office(connection, HEAD.encode() + b"\n\xff", "x", "desk", MORNING)


@settings(max_examples=20)
@given(data=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda t: t.encode())))
def test_rubbish_is_refused_and_nothing_else_happens(database: Database, data: bytes) -> None:
    for rubbish in (data, HEAD.encode() + b"\n" + data):
        with database.begin() as connection, pytest.raises(ListRefused):
            register_office(connection, rubbish, "x", "desk", MORNING)
