"""A facility's phones and hotlines over HTTP: its own only, and passwords once."""

from __future__ import annotations

import pytest

from accounts.products import Party
from custody.lines.shared import orders
from store.tables import facilities
from tests.api.desk import Desk
from tests.builders import FACILITY, PHONE


@pytest.fixture
def elsewhere(desk: Desk) -> str:
    """The token of another facility."""
    with desk.database.begin() as connection:
        jail = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**jail, "id": "riverside"})
    return desk.token(Party.FACILITY, "riverside")


def test_a_phones_password_is_told_once(desk: Desk) -> None:
    own = desk.token(Party.FACILITY, FACILITY)
    new = {"id": "wing-a", "transport": "tls", "encrypts": True, "addresses": "10.1.0.0/24"}
    made = desk.ask("POST", f"/facilities/{FACILITY}/phones", own, json=new).json()
    assert len(made["password"]) >= 24
    listed = desk.ask("GET", f"/facilities/{FACILITY}/phones", own).json()
    assert {one["id"] for one in listed} == {PHONE, "wing-a"}
    assert "password" not in str(listed)
    with desk.database.begin() as connection:
        (kept,) = orders(connection, "phone", "wing-a")
    assert kept.actor.startswith("facility test")


def test_another_facilitys_phone_is_unknown(desk: Desk, elsewhere: str) -> None:
    off = {"active": False, "note": "broken"}
    for path in (f"riverside/phones/{PHONE}", "riverside/phones/nowhere"):
        asked = desk.ask("PUT", f"/facilities/{path}/active", elsewhere, json=off)
        assert asked.status_code == 404
        asked = desk.ask("PUT", f"/facilities/{path}", elsewhere, json={"note": "x"})
        assert asked.status_code == 404
    assert desk.ask("GET", "/facilities/riverside/hotlines", elsewhere).json() == []
    lifted = desk.ask("PUT", "/facilities/riverside/hotlines/711/active", elsewhere, json=off)
    assert lifted.status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"encrypts": True}, 409),
        ({"transport": "ws"}, 422),
        ({"codecs": "opus"}, 409),
        ({"addresses": "10.0.0.9/8"}, 409),
        ({"unit_id": "nowhere"}, 409),
        ({"sip_password": "mine"}, 422),
    ],
)
def test_a_wrong_phone_is_refused(desk: Desk, wrong: dict[str, object], status: int) -> None:
    own = desk.token(Party.FACILITY, FACILITY)
    asked = desk.ask("POST", f"/facilities/{FACILITY}/phones", own, json={"id": "b", **wrong})
    assert asked.status_code == status


def test_trunks_tell_no_password(desk: Desk) -> None:
    staff = desk.token(Party.STAFF)
    new = {"id": "spare", "host": "sip.example", "username": "us", "password": "s3cret"}
    made = desk.ask("POST", "/trunks", staff, json=new)
    assert made.status_code == 201
    assert "s3cret" not in made.text + desk.ask("GET", "/trunks", staff).text
