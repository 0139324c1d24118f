"""Controls and explanations over HTTP: whose they are, and what they say."""

from __future__ import annotations

from typing import Any

from accounts.products import Party
from calls.reasons import Reason
from parloir.policy import sentence
from store.tables import calls, facilities, phones
from tests.api.desk import Desk
from tests.builders import FACILITY, NUMBER, PERSON, PHONE

HERE = f"/facilities/{FACILITY}"
OFF = {"layer": "person", "subject": PERSON, "kind": "calls", "value": "off", "note": "a fight"}


def asked(desk: Desk, secret: str, method: str, path: str, status: int = 200, **given: Any) -> Any:
    """The answer to a request that must have this status."""
    answer = desk.ask(method, HERE + path, secret, **given)
    assert answer.status_code == status, answer.text
    return answer.json()


def explained(desk: Desk, secret: str) -> Any:
    """Why a call of the person may be, or not."""
    call = {"person": PERSON, "phone": PHONE, "to": "(212) 555-0101"}
    return asked(desk, secret, "GET", "/explanation", params=call)


def test_a_control_is_set_explained_and_lifted(desk: Desk) -> None:
    site = desk.token(Party.FACILITY, FACILITY)
    assert explained(desk, site)["code"] is None
    made = asked(desk, site, "POST", "/controls", 201, json=OFF)
    assert (made["value"], made["layer"], made["note"]) == (False, "person", "a fight")
    assert made in asked(desk, site, "GET", "/controls")
    refused = explained(desk, site)
    assert refused["code"] == Reason.CALLS_OFF.code
    assert refused["sentence"] == sentence(Reason.CALLS_OFF)
    deciding = [step for step in refused["steps"] if step["decided"]]
    assert [(step["rule"], step["layer"]) for step in deciding] == [("calls", "person")]
    asked(desk, site, "POST", f"/controls/{made['id']}/lifting")
    asked(desk, site, "POST", f"/controls/{made['id']}/lifting")
    assert explained(desk, site)["code"] is None
    kept = asked(desk, site, "GET", "/controls", params={"history": True})
    assert [one["lifted_at"] is None for one in kept if one["id"] == made["id"]] == [False]


def test_an_explanation_leaves_nothing_behind(desk: Desk) -> None:
    explained(desk, desk.token(Party.FACILITY, FACILITY))
    assert desk.rows(calls) == []


def test_a_moment_is_explained_in_the_facilitys_zone(desk: Desk) -> None:
    site = desk.token(Party.FACILITY, FACILITY)
    hours = {"layer": "facility", "subject": FACILITY, "kind": "hours", "note": "house rules"}
    asked(desk, site, "POST", "/controls", 201, json={**hours, "value": "mon-fri 08:00-22:00"})
    call = {"person": PERSON, "phone": PHONE, "to": NUMBER}
    for moment, code in (
        ("2026-11-03T03:30:00Z", Reason.OUTSIDE_HOURS.code),
        ("2026-11-03T15:00:00Z", None),
    ):
        found = asked(desk, site, "GET", "/explanation", params={**call, "at": moment})
        assert (found["code"], found["at"][-6:]) == (code, "-05:00")
    asked(desk, site, "GET", "/explanation", 422, params={**call, "at": "half past ten"})


def test_a_facility_rules_its_own_only(desk: Desk) -> None:
    with desk.database.begin() as connection:
        jail = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**jail, "id": "riverside"})
        phone = connection.execute(phones.select()).first()
        assert phone is not None
        other = {**phone._mapping, "id": "riverside-1", "facility_id": "riverside"}
        connection.execute(phones.insert(), other)
    site = desk.token(Party.FACILITY, FACILITY)
    theirs = {**OFF, "layer": "phone", "subject": "riverside-1"}
    asked(desk, site, "POST", "/controls", 404, json=theirs)
    call = {"person": PERSON, "phone": "riverside-1", "to": NUMBER}
    asked(desk, site, "GET", "/explanation", 404, params=call)
    numbers = {**OFF, "layer": "number", "subject": NUMBER}
    asked(desk, site, "POST", "/controls", 403, json=numbers)
    asked(desk, desk.token(Party.STAFF), "POST", "/controls", 201, json=numbers)


def test_what_is_no_control_is_explained(desk: Desk) -> None:
    site = desk.token(Party.FACILITY, FACILITY)
    for change, told in (
        ({"value": "perhaps"}, "say on or off"),
        ({"subject": "nobody"}, "there is no person 'nobody'"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expired already"),
        ({"kind": "hours", "value": "always"}, "are no hours such as"),
    ):
        assert told in asked(desk, site, "POST", "/controls", 422, json=OFF | change)["detail"]
    asked(desk, site, "POST", "/controls/999999/lifting", 404)
