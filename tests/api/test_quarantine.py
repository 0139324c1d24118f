"""The registry everywhere, quarantine and lawyers' notices over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.products import Party
from cdr import quarantine
from cdr.quarantine import Forbidden
from store.tables import facilities, looks
from tests.api.desk import LIVE, Desk, told
from tests.builders import FACILITY, NUMBER

HERE = f"/facilities/{FACILITY}"


@pytest.fixture
def elsewhere(either_desk: Desk) -> str:
    """The token of another facility."""
    with either_desk.database.begin() as connection:
        jail = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**jail, "id": "riverside"})
    return either_desk.token(Party.FACILITY, "riverside")


def test_what_is_in_quarantine(either_desk: Desk, elsewhere: str, tmp_path: Path) -> None:
    desk = either_desk
    desk.ring()
    audio = tmp_path / f"{LIVE}.wav"
    audio.write_bytes(b"sound")
    case = Forbidden(LIVE, NUMBER, audio, f"{NUMBER} is privileged now")
    kept = quarantine.set_aside(desk.database, case, tmp_path / "recordings", "sweep", desk.at)
    site, staff = desk.token(Party.FACILITY, FACILITY), desk.token(Party.STAFF)
    (one,) = told(desk, "GET", f"{HERE}/quarantine", site)
    assert (one["call_id"], one["why"], one["actor"]) == (LIVE, case.why, "sweep")
    assert str(kept.parent) not in str(one)
    assert told(desk, "GET", "/quarantine", staff) == [one]
    assert told(desk, "GET", "/facilities/riverside/quarantine", elsewhere) == []
    told(desk, "GET", f"{HERE}/quarantine", elsewhere, 404)
    assert [(row.what, row.subject) for row in desk.rows(looks)] == [
        ("list_quarantined", FACILITY),
        ("list_quarantined_everywhere", "everywhere"),
        ("list_quarantined", "riverside"),
    ]


def test_a_notice_is_noted_as_sent(either_desk: Desk) -> None:
    desk = either_desk
    desk.tell_a_lawyer()
    staff = desk.token(Party.STAFF)
    (one,) = told(desk, "GET", "/privilege-notices", staff)
    assert (one["attorney_id"], one["name"], one["kind"]) == ("kim", "Jo Kim", "expires")
    assert one["by_letter"] == "no e-mail address on file"
    assert (one["sent_at"], one["attempts"], one["fault"]) == (None, 0, "")
    assert one["text"]
    sent = told(desk, "POST", f"/privilege-notices/{one['id']}/sent", staff)
    assert sent["sent_at"] is not None
    desk.at = desk.at.replace(year=desk.at.year + 1, day=1)
    staff = desk.token(Party.STAFF)
    assert told(desk, "POST", f"/privilege-notices/{one['id']}/sent", staff) == sent
    assert told(desk, "GET", "/privilege-notices", staff) == []
    assert told(desk, "GET", "/privilege-notices", staff, params={"sent": True}) == [sent]
    told(desk, "POST", "/privilege-notices/999/sent", staff, 404)


def test_the_registry_of_every_facility(either_desk: Desk) -> None:
    desk = either_desk
    desk.tell_a_lawyer()
    staff, site = desk.token(Party.STAFF), desk.token(Party.FACILITY, FACILITY)
    everywhere = "/privileged-numbers"
    every = told(desk, "GET", everywhere, staff)
    assert [(one["facility_id"], one["attorney_id"]) for one in every] == [
        (FACILITY, None),
        (None, "kim"),
    ]
    for asked in ({"attorney_id": "kim"}, {"number": "(212) 555-0177"}):
        assert told(desk, "GET", everywhere, staff, params=asked) == [every[1]]
        assert told(desk, "GET", HERE + everywhere, site, params=asked) == [every[1]]
    told(desk, "GET", everywhere, staff, 422, params={"number": "twelve"})
    told(desk, "POST", f"{HERE}{everywhere}/{every[0]['id']}/lifting", site)
    assert told(desk, "GET", everywhere, staff) == [every[1]]
    (lifted, _) = told(desk, "GET", everywhere, staff, params={"past": True})
    assert lifted["lifted_by"].startswith("facility test facility")
