"""Blocked, allowed and personal numbers over HTTP: each facility its own, and in one spelling."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.products import Party
from blocklists.lists import BlockCause, block
from store.tables import blocked_numbers, facilities
from tests.api.desk import Desk, told
from tests.builders import FACILITY, OTHER_PERSON, PERSON

HERE = f"/facilities/{FACILITY}"
PAN = f"{HERE}/people/{PERSON}/numbers"


@pytest.fixture
def officer(either_desk: Desk) -> str:
    return either_desk.token(Party.FACILITY, FACILITY)


def test_a_facility_blocks_and_lifts(either_desk: Desk, officer: str) -> None:
    desk = either_desk
    until = (desk.at + timedelta(days=30)).isoformat()
    order = {"number": "(212) 555-0144", "cause": "court", "person_id": PERSON}
    assert (
        "needs a note" in told(desk, "POST", f"{HERE}/blocks", officer, 422, json=order)["detail"]
    )
    order |= {"note": "order 17", "expires_at": until}
    made = told(desk, "POST", f"{HERE}/blocks", officer, 201, json=order)
    assert made["facility_id"] is None, "it follows the person"
    assert (made["number"], made["person_id"]) == ("+12125550144", PERSON)
    assert told(desk, "POST", f"{HERE}/blocks", officer, 201, json=order)["id"] == made["id"]
    found = told(desk, "GET", f"{HERE}/blocks", officer, params={"number": "212.555.0144"})
    assert [one["id"] for one in found] == [made["id"]]
    after = told(desk, "GET", f"{HERE}/blocks", officer, params={"after": made["id"]})
    assert after == []
    lifted = told(desk, "POST", f"{HERE}/blocks/{made['id']}/lifting", officer)
    assert "facility" in lifted["lifted_by"]
    past = told(desk, "GET", f"{HERE}/blocks/history", officer, params={"number": "2125550144"})
    assert [one["lifted_by"] for one in past] == [lifted["lifted_by"]]


def test_a_facility_leaves_to_others_what_is_theirs(either_desk: Desk, officer: str) -> None:
    desk = either_desk
    order = {"number": "2125550144", "cause": "provider"}
    told(desk, "POST", f"{HERE}/blocks", officer, 403, json=order)
    told(
        desk,
        "POST",
        f"{HERE}/blocks",
        officer,
        404,
        json={**order, "cause": "facility", "person_id": "7"},
    )
    with desk.database.begin() as connection:
        jail = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**jail, "id": "riverside"})
        for cause, where in (
            (BlockCause.FACILITY, "riverside"),
            (BlockCause.FACILITY, None),
            (BlockCause.PROVIDER, FACILITY),
        ):
            block(connection, "2125550145", cause, "x", facility_id=where)
    theirs, everybodys, providers = (row.id for row in desk.rows(blocked_numbers)[1:])
    told(desk, "POST", f"{HERE}/blocks/{theirs}/lifting", officer, 404)
    told(desk, "POST", f"{HERE}/blocks/{everybodys}/lifting", officer, 404)
    told(desk, "POST", f"{HERE}/blocks/{providers}/lifting", officer, 409)
    seen = {one["id"] for one in told(desk, "GET", f"{HERE}/blocks", officer)}
    assert seen & {theirs, everybodys, providers} == {everybodys, providers}
    told(desk, "POST", f"/numbers/blocks/{providers}/lifting", desk.token(Party.STAFF))


def test_a_file_with_a_bad_line_is_refused_whole(either_desk: Desk, officer: str) -> None:
    desk = either_desk
    before = desk.rows(blocked_numbers)
    sent = {"text": "2125550144\n911\n\x00"}
    refused = told(desk, "POST", f"{HERE}/blocks/import", officer, 422, json=sent)
    assert "line 3: a control character" in refused["detail"]
    assert "line 2: '911'" in refused["detail"]
    assert desk.rows(blocked_numbers) == before
    good = {"text": "2125550144\n(212) 555-0144\n+1303*"}
    done = told(desk, "POST", f"{HERE}/blocks/import", officer, json=good)
    assert done == {"numbers": 2, "new": 2, "doubled": 1}


def test_a_persons_list(either_desk: Desk, officer: str) -> None:
    desk = either_desk
    waiting = told(desk, "GET", f"{HERE}/requested-numbers", officer)
    (entry,) = (one["id"] for one in waiting)
    assert (
        told(desk, "POST", f"{PAN}/{entry}/decision", officer, json={"approved": True})["state"]
        == "approved"
    )
    refused = told(desk, "POST", f"{PAN}/{entry}/decision", officer, 409, json={"approved": False})
    assert "is approved" in refused["detail"]
    others = f"{HERE}/people/{OTHER_PERSON}/numbers/{entry}/removal"
    told(desk, "POST", others, officer, 404)
    more = {"number": "+1 212 555 0144", "relationship": "friend", "approved": True}
    until = (desk.at + timedelta(days=30)).isoformat()
    told(desk, "POST", PAN, officer, 422, json={**more, "approved": False, "expires_at": until})
    told(desk, "POST", PAN, officer, 422, json={**more, "expires_at": "2021-01-01T00:00:00Z"})
    added = told(desk, "POST", PAN, officer, 201, json={**more, "expires_at": until})
    assert (added["state"], added["expires_at"] is None) == ("approved", False)
    told(desk, "POST", f"{PAN}/{entry}/removal", officer)
    listed = told(desk, "GET", PAN, officer)
    assert listed["maximum"] == 20
    assert [one["state"] for one in listed["entries"]] == ["removed", "approved"]
    lines = {"text": f"{PERSON},2125550146\n777,2125550146"}
    told(desk, "POST", f"{HERE}/people-numbers/import", officer, 422, json=lines)


def test_what_all_may_call(either_desk: Desk, officer: str) -> None:
    desk, staff = either_desk, either_desk.token(Party.STAFF)
    number = {"number": "+1303555????", "note": "bail bonds"}
    made = told(desk, "POST", "/numbers/allowed", staff, 201, json=number)
    assert made["number"] == "+1303555*"
    told(desk, "POST", f"{HERE}/allowed/{made['id']}/removal", officer, 404)
    assert len(told(desk, "GET", f"{HERE}/allowed", officer)) == 2
    told(desk, "POST", f"/numbers/allowed/{made['id']}/removal", staff)
    assert len(told(desk, "GET", f"{HERE}/allowed", officer)) == 1
    assert told(desk, "GET", "/numbers/allowed", staff) == []
