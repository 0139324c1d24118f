"""Lists of very many numbers over HTTP: loaded whole or not at all, and each its own."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.products import Party
from api.envelope import LARGEST_BODY
from calls.reasons import Reason
from store.tables import bulk_lists
from tests.api.desk import BULK_LIST, Desk, told
from tests.builders import FACILITY, NUMBER, PERSON, PHONE

HERE, EVERYWHERE = f"/facilities/{FACILITY}/bulk-lists", "/numbers/bulk-lists"
TEXT = "# telemarketers\n212-555-0101\n(212) 555-0102\n+12125550101\n"


def refusal(desk: Desk, secret: str) -> Any:
    """The code by which a call to the number of the list is refused."""
    call = {"person": PERSON, "phone": PHONE, "to": NUMBER}
    return told(desk, "GET", f"/facilities/{FACILITY}/explanation", secret, params=call)["code"]


def names(desk: Desk, path: str, secret: str) -> list[tuple[str, str | None, int]]:
    found = told(desk, "GET", path, secret)
    return [(one["name"], one["facility_id"], one["entries"]) for one in found]


@pytest.fixture
def site(either_desk: Desk) -> str:
    return either_desk.token(Party.FACILITY, FACILITY)


def test_a_list_is_loaded_and_lifted(either_desk: Desk, site: str) -> None:
    desk = either_desk
    assert refusal(desk, site) is None
    taken = told(desk, "PUT", f"{HERE}/spring", site, json={"text": TEXT, "note": "a survey"})
    assert taken == {"numbers": 2, "doubled": 1}
    assert refusal(desk, site) == Reason.BLOCKED_FACILITY.code
    assert ("spring", FACILITY, 2) in names(desk, HERE, site)
    before = desk.rows(bulk_lists)
    told(desk, "PUT", f"{HERE}/spring", site, json={"text": TEXT, "note": "a survey"})
    assert desk.rows(bulk_lists) == before, "the same again changes nothing"
    told(desk, "PUT", f"{HERE}/spring", site, json={"text": "212-555-0102\n"})
    assert refusal(desk, site) is None, "replaced"
    lifted = told(desk, "POST", f"{HERE}/spring/lifting", site)
    assert (lifted["name"], lifted["entries"]) == ("spring", 1)
    told(desk, "POST", f"{HERE}/spring/lifting", site, 404)
    assert [row.lifted_by.split(" (")[0] for row in desk.rows(bulk_lists)[-2:]] == [
        "facility test facility",
        "facility test facility",
    ]


def test_a_list_with_bad_lines_is_not_taken(either_desk: Desk, site: str) -> None:
    desk = either_desk
    before = desk.rows(bulk_lists)
    bad = told(desk, "PUT", f"{HERE}/spring", site, 422, json={"text": TEXT + "911\nwho?\n"})
    assert [one.split(":")[0] for one in bad["errors"]] == ["line 5", "line 6"]
    assert "nothing was taken from the file" in bad["detail"]
    for body, status in (
        ({"text": "# nothing\n"}, 422),
        ({"text": TEXT, "cause": "court"}, 422),
        ({"text": TEXT, "expires_at": "2020-01-01T00:00:00Z"}, 422),
        ({"text": "212-555-0101\n" * (LARGEST_BODY // 13)}, 413),
    ):
        told(desk, "PUT", f"{HERE}/spring", site, status, json=body)
    told(desk, "PUT", f"{HERE}/no name", site, 422, json={"text": TEXT})
    assert desk.rows(bulk_lists) == before


def test_a_facility_leaves_the_providers_lists_alone(either_desk: Desk, site: str) -> None:
    desk = either_desk
    staff = desk.token(Party.STAFF)
    fraud = {"text": TEXT, "cause": "provider"}
    told(desk, "PUT", f"{HERE}/fraud", site, 403, json=fraud)
    told(desk, "PUT", f"{HERE}/fraud", staff, json=fraud)
    other = {"text": "212-555-0199"}
    for refused in (
        told(desk, "POST", f"{HERE}/fraud/lifting", site, 409),
        told(desk, "PUT", f"{HERE}/fraud", site, 409, json=other),
    ):
        assert "a list by provider is not the facility's to lift" in refused["detail"]
    assert refusal(desk, site) == Reason.BLOCKED_PROVIDER.code
    told(desk, "POST", f"{HERE}/fraud/lifting", staff)
    assert refusal(desk, site) is None


def test_what_holds_everywhere_is_the_providers(either_desk: Desk, site: str) -> None:
    desk = either_desk
    staff = desk.token(Party.STAFF)
    told(desk, "PUT", f"{EVERYWHERE}/fraud", staff, json={"text": TEXT, "cause": "provider"})
    assert ("fraud", None, 2) in names(desk, HERE, site), "it binds here"
    assert refusal(desk, site) == Reason.BLOCKED_PROVIDER.code
    told(desk, "POST", f"{HERE}/fraud/lifting", site, 404)
    told(desk, "POST", f"{EVERYWHERE}/{BULK_LIST}/lifting", site, 403)
    assert [name for name, where, _ in names(desk, EVERYWHERE, staff) if where is None] == [
        BULK_LIST,
        "fraud",
    ]
    told(desk, "POST", f"{EVERYWHERE}/fraud/lifting", staff)
    assert refusal(desk, site) is None


def test_list_files_of_what_may_be_called(either_desk: Desk, site: str) -> None:
    desk = either_desk
    here, everywhere = f"/facilities/{FACILITY}/allowed", "/numbers/allowed"
    body = {"text": TEXT, "note": "bail bonds"}
    assert told(desk, "POST", f"{here}/import", site, json=body)["new"] == 2
    bad = told(desk, "POST", f"{here}/import", site, 422, json={"text": "212-555-0144\n12\n"})
    assert [one.split(":")[0] for one in bad["errors"]] == ["line 2"]
    found = told(desk, "GET", here, site)
    assert [one["note"] for one in found if one["number"] == "+12125550102"] == ["bail bonds"]
    staff = desk.token(Party.STAFF)
    assert told(desk, "POST", f"{everywhere}/import", staff, json=body)["new"] == 2
    blocked = {"text": "212-555-0166", "cause": "provider"}
    assert told(desk, "POST", "/numbers/blocks/import", staff, json=blocked)["new"] == 1
    past = {"number": "212-555-0166"}
    (one,) = told(desk, "GET", "/numbers/blocks/history", staff, params=past)
    assert (one["cause"], one["facility_id"]) == ("provider", None)


def test_a_list_file_blocks_one_person(either_desk: Desk, site: str) -> None:
    desk = either_desk
    importing = f"/facilities/{FACILITY}/blocks/import"
    body = {"text": "212-555-0166", "person_id": PERSON}
    assert told(desk, "POST", importing, site, json=body)["new"] == 1
    past = f"/facilities/{FACILITY}/blocks/history"
    (one,) = told(desk, "GET", past, site, params={"number": "212-555-0166"})
    assert (one["person_id"], one["facility_id"]) == (PERSON, None), "it follows the person"
    told(desk, "POST", importing, site, 404, json={**body, "person_id": "777"})
    there = {"text": "212-555-0167", "person_id": PERSON}
    staff = desk.token(Party.STAFF)
    assert told(desk, "POST", "/numbers/blocks/import", staff, json=there)["new"] == 1
    told(desk, "PUT", f"{HERE}/spring", site, 422, json=body)
