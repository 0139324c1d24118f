"""What was done to phones, trunks, people and staff, over HTTP: by whom, and why."""

from __future__ import annotations

from sqlalchemy import select

from accounts.products import Party
from store.tables import persons, phones
from tests.api.desk import STAFF, Desk, told
from tests.builders import FACILITY, PERSON, PHONE

HERE = f"/facilities/{FACILITY}"
WHY = {"note": "as asked for"}


def test_a_phone_gets_another_password(either_desk: Desk, site: str, elsewhere: str) -> None:
    desk = either_desk
    passwords = select(phones.c.sip_password).where(phones.c.id == PHONE)
    with desk.database.begin() as connection:
        before = connection.execute(passwords).scalar_one()
    made = told(desk, "POST", f"{HERE}/phones/{PHONE}/password", site, 201, json=WHY)
    with desk.database.begin() as connection:
        assert connection.execute(passwords).scalar_one() == made["password"] != before
    *_, last = told(desk, "GET", f"{HERE}/phones/{PHONE}/orders", site)
    assert (last["kind"], last["note"]) == ("password", "as asked for")
    assert last["actor"].startswith("facility test facility (token ")
    assert made["password"] not in str(last)
    there = f"/facilities/riverside/phones/{PHONE}"
    told(desk, "POST", f"{there}/password", elsewhere, 404, json=WHY)
    told(desk, "GET", f"{there}/orders", elsewhere, 404)
    told(desk, "POST", f"{HERE}/phones/{PHONE}/password", site, 422, json={})


def test_what_was_done_to_a_trunk(either_desk: Desk) -> None:
    desk = either_desk
    staff = desk.token(Party.STAFF)
    told(desk, "PUT", "/trunks/main/active", staff, json={"active": False, **WHY})
    kinds = [one["kind"] for one in told(desk, "GET", "/trunks/main/orders", staff)]
    assert kinds == ["add", "off"]
    told(desk, "GET", "/trunks/nowhere/orders", staff, 404)


def test_a_person_is_unlocked_and_named_anew(either_desk: Desk, site: str, elsewhere: str) -> None:
    desk = either_desk
    locked = {"pin_failures": 5, "pin_locked_until": desk.at, "name_clip": "100001-a"}
    this = persons.c.id == PERSON
    with desk.database.begin() as connection:
        connection.execute(persons.update().where(this).values(locked))
    person = f"{HERE}/people/{PERSON}"
    told(desk, "POST", f"{person}/unlocking", site, 204, json=WHY)
    told(desk, "POST", f"{person}/name-reset", site, 204, json=WHY)
    with desk.database.begin() as connection:
        row = connection.execute(persons.select().where(this)).one()
    assert (row.pin_failures, row.pin_locked_until, row.name_clip) == (0, None, None)
    added, *orders = told(desk, "GET", f"{person}/orders", site)
    assert (added["kind"], added["actor"]) == ("add", "desk")
    assert [one["kind"] for one in orders] == ["unlock", "reset_name"]
    assert all(one["actor"].startswith("facility test facility") for one in orders)
    there = f"/facilities/riverside/people/{PERSON}"
    told(desk, "POST", f"{there}/unlocking", elsewhere, 404, json=WHY)
    told(desk, "POST", f"{there}/name-reset", elsewhere, 404, json=WHY)
    told(desk, "GET", f"{there}/orders", elsewhere, 404)


def test_what_was_decided_about_staff(either_desk: Desk, site: str, elsewhere: str) -> None:
    desk = either_desk
    told(desk, "PATCH", f"{HERE}/staff/{STAFF}", site, json={"role": "supervisor", **WHY})
    orders = told(desk, "GET", f"{HERE}/staff/{STAFF}/orders", site)
    assert [(one["kind"], one["role"]) for one in orders] == [
        ("added", "officer"),
        ("role", "supervisor"),
    ]
    told(desk, "GET", f"/facilities/riverside/staff/{STAFF}/orders", elsewhere, 404)
