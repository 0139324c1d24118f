"""People, units, staff and the jail's events over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.products import Party
from api import tokens
from api.tokens import NewToken, Scope, TokenError
from custody import staff
from custody.roles import SCOPES, Role
from store.tables import facilities, jail_events, looks, persons
from tests.api.desk import STAFF, Desk
from tests.builders import FACILITY, OTHER_PERSON, PERSON

HERE = f"/facilities/{FACILITY}"
BOOKED = {
    "event_id": "1",
    "kind": "booked",
    "person": "200001",
    "at": "2026-11-02T07:00:00-05:00",
    "facility": FACILITY,
    "name": "Kim Novak",
}
NOTE = {"note": "a reason"}


@pytest.fixture
def site(desk: Desk) -> str:
    """The secret of Millbrook's own token."""
    return desk.token(Party.FACILITY, FACILITY)


def test_a_stay_told_over_http(either_desk: Desk) -> None:
    desk, site = either_desk, either_desk.token(Party.FACILITY, FACILITY)
    sent = {"source": "jms", "events": [BOOKED]}
    for outcome in ("applied", "repeated"):
        report = desk.ask("POST", f"{HERE}/jail-events", site, json=sent).json()
        assert report["counts"][outcome] == 1
    table = "event_id,kind,person,at\n2,released,200001,2026-11-02T13:00:00Z\n"
    headers = {"Content-Type": "text/csv"}
    report = desk.ask(
        "POST", f"{HERE}/jail-events/jms/csv", site, headers=headers, content=table
    ).json()
    assert report["events"] == [
        {
            "number": 2,
            "event_id": "2",
            "kind": "released",
            "person": "200001",
            "outcome": "applied",
            "detail": "status in_custody -> released",
        }
    ]
    person = desk.ask("GET", f"{HERE}/people/200001", site).json()
    assert (person["status"], person["has_pin"]) == ("released", False)
    assert [one["kind"] for one in person["history"]] == ["booked", "released"]
    assert [row.subject for row in desk.rows(looks)] == [FACILITY] * 3 + ["200001"]


def test_rubbish_is_told_event_by_event(desk: Desk, site: str) -> None:
    bad = [{**BOOKED, "person": "x"}, BOOKED, {**BOOKED, "event_id": "2", "unit": "nowhere"}]
    answer = desk.ask("POST", f"{HERE}/jail-events", site, json={"source": "jms", "events": bad})
    assert answer.status_code == 422
    assert [one.split(":")[0] for one in answer.json()["errors"]] == ["event 1", "event 3"]
    staff_source = {"source": "staff", "events": []}
    assert desk.ask("POST", f"{HERE}/jail-events", site, json=staff_source).status_code == 409
    path, headers = f"{HERE}/jail-events/jms/csv", {"Content-Type": "text/csv"}
    answer = desk.ask("POST", path, site, headers=headers, content=b"event_id,\xff")
    assert answer.status_code == 422
    assert desk.rows(jail_events) == []


def test_units_and_moves(desk: Desk, site: str) -> None:
    for unit in ("a", "b"):
        new = {"id": unit, "name": f"Unit {unit}"}
        assert desk.ask("POST", f"{HERE}/units", site, json=new).status_code == 201
    answer = desk.ask("POST", f"{HERE}/units", site, json={"id": "a", "name": "Again"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "unit a exists already")
    assert [one["id"] for one in desk.ask("GET", f"{HERE}/units", site).json()] == ["a", "b"]
    moved = desk.ask("PUT", f"{HERE}/people/{PERSON}/unit", site, json={"unit": "b", **NOTE})
    assert moved.json()["unit"] == "b"
    listed = desk.ask("GET", f"{HERE}/people", site, params={"unit": "b"}).json()
    assert [one["id"] for one in listed] == [PERSON]
    listed = desk.ask("GET", f"{HERE}/people", site, params={"after": PERSON}).json()
    assert [one["id"] for one in listed] == [OTHER_PERSON]
    nowhere = desk.ask("PUT", f"{HERE}/people/{PERSON}/unit", site, json={"unit": "c", **NOTE})
    assert nowhere.status_code == 422
    assert "no unit 'c'" in nowhere.json()["detail"]


def test_a_status_by_staff(desk: Desk, site: str) -> None:
    new = {"status": "suspended", **NOTE}
    answer = desk.ask("PUT", f"{HERE}/people/{PERSON}/status", site, json=new)
    assert answer.json()["status"] == "suspended"
    held = desk.ask("GET", f"{HERE}/people", site, params={"status": "suspended"}).json()
    assert [one["id"] for one in held] == [PERSON]
    answer = desk.ask("PUT", f"{HERE}/people/{PERSON}/status", site, json={**new, "note": "  "})
    assert (answer.status_code, "say why" in answer.json()["detail"]) == (409, True)


def test_another_facilitys_people_are_unknown(desk: Desk, site: str) -> None:
    with desk.database.begin() as connection:
        jail = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**jail, "id": "riverside"})
        change = persons.update().where(persons.c.id == OTHER_PERSON)
        connection.execute(change.values(facility_id="riverside"))
    new = {"status": "released", **NOTE}
    for path in (f"{HERE}/people/{OTHER_PERSON}", f"/facilities/riverside/people/{OTHER_PERSON}"):
        assert desk.ask("GET", path, site).status_code == 404
        assert desk.ask("PUT", f"{path}/status", site, json=new).status_code == 404
    events = [
        {**BOOKED, "kind": "released", "person": OTHER_PERSON, "facility": None, "name": None}
    ]
    sent = {"source": "jms", "events": events}
    answer = desk.ask("POST", f"{HERE}/jail-events", site, json=sent)
    assert f"person {OTHER_PERSON} isn't held here" in answer.json()["detail"]
    answer = desk.ask("PATCH", f"/facilities/riverside/staff/{STAFF}", site, json={"note": "x"})
    assert answer.status_code == 404
    provider = desk.token(Party.STAFF)
    path = f"/facilities/riverside/staff/{STAFF}"
    assert desk.ask("PATCH", path, provider, json={"note": "x"}).status_code == 404


def staff_token(desk: Desk, *scopes: Scope, staff_id: str = STAFF) -> str:
    """A token for one on Millbrook's staff."""
    until = desk.at + timedelta(days=1)
    new = NewToken("desk", Party.FACILITY, frozenset(scopes), FACILITY, until, staff_id)
    with desk.database.begin() as connection:
        return tokens.make(connection, new, "test", desk.at)[1]


def test_a_token_does_what_its_users_role_may(desk: Desk, site: str) -> None:
    secret = staff_token(desk)
    status = f"{HERE}/people/{PERSON}/status"
    released = {"status": "released", **NOTE}
    assert desk.ask("GET", f"{HERE}/people", secret).status_code == 200
    assert desk.ask("PUT", status, secret, json=released).status_code == 403
    booking = staff_token_after_role(desk, site)
    assert desk.ask("PUT", status, booking, json=released).status_code == 200
    assert "facility okafor (token" in desk.rows(jail_events)[-1].actor
    for active, expected in ((False, 401), (True, 200)):
        change = {"active": active, **NOTE}
        desk.ask("PATCH", f"{HERE}/staff/{STAFF}", site, json=change)
        assert desk.ask("GET", f"{HERE}/people", booking).status_code == expected
    desk.ask("PATCH", f"{HERE}/staff/{STAFF}", site, json={"role": "officer", **NOTE})
    assert desk.ask("PUT", status, booking, json=released).status_code == 403
    with desk.database.begin() as connection:
        kinds = [one.kind for one in staff.orders_on(connection, STAFF)]
    assert kinds == ["added", "role", "off", "on", "role"]


def staff_token_after_role(desk: Desk, site: str) -> str:
    """M. Okafor is at the booking desk now."""
    path = f"{HERE}/staff/{STAFF}"
    answer = desk.ask("PATCH", path, site, json={"role": "booking", **NOTE})
    assert answer.json() == {"id": STAFF, "name": "M. Okafor", "role": "booking", "active": True}
    return staff_token(desk, Scope.PEOPLE_READ, Scope.PEOPLE_WRITE)


def test_what_no_token_of_staff_is_made_for(desk: Desk) -> None:
    with pytest.raises(TokenError, match="okafor is officer, without people:write"):
        staff_token(desk, Scope.PEOPLE_WRITE)
    with pytest.raises(TokenError, match="nobody isn't on the staff"):
        staff_token(desk, Scope.PEOPLE_READ, staff_id="nobody")
    new = NewToken("x", Party.STAFF, frozenset(), None, desk.at + timedelta(days=1), STAFF)
    with pytest.raises(TokenError, match="isn't on the staff"), desk.database.begin() as open_:
        tokens.make(open_, new, "test", desk.at)
    with desk.database.begin() as connection:
        assert staff.turn(connection, STAFF, False, "test", "left", desk.at)
        assert not staff.turn(connection, STAFF, False, "test", "left", desk.at)
    with pytest.raises(TokenError, match="on the staff no more"):
        staff_token(desk, Scope.PEOPLE_READ)


def test_roles_speak_of_scopes_that_there_are() -> None:
    assert SCOPES.keys() == set(Role)
    assert SCOPES[Role.ADMINISTRATOR] == {scope.value for scope in Scope}
    assert all(mine <= SCOPES[Role.ADMINISTRATOR] for mine in SCOPES.values())
    private = {Scope.PRIVILEGE_WRITE, Scope.STAFF_WRITE}
    assert all(not SCOPES[role] & private for role in set(Role) - {Role.ADMINISTRATOR})


def test_what_holds_for_a_facility(desk: Desk, site: str) -> None:
    before = desk.ask("GET", HERE, site).json()
    assert (before["ends_live_calls"], before["daily_minutes"]) == (False, None)
    change = {"ends_live_calls": True, "daily_minutes": 60, "caller_id": "2125550100"}
    assert desk.ask("PATCH", HERE, site, json=change).json() == {**before, **change}
    lifted = desk.ask("PATCH", HERE, site, json={"daily_minutes": 0}).json()
    assert lifted == {**before, **change, "daily_minutes": None}
    assert desk.ask("PATCH", HERE, site, json={}).status_code == 409
    assert desk.ask("PATCH", HERE, site, json={"overlay_seconds": 3}).status_code == 409
