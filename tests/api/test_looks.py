"""Every look at an account is written down: who, at what, whose, why."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DatabaseError

from accounts.products import Party
from store.tables import accounts, looks
from tests.api.desk import Desk
from tests.builders import ACCOUNT, DEBIT, FACILITY, PERSON


def test_a_look_is_written(either_desk: Desk) -> None:
    desk = either_desk
    asked = [
        ("GET", f"/accounts/{ACCOUNT}/balance", Party.HOLDER, ACCOUNT, None),
        ("GET", f"/accounts/{DEBIT}/activity", Party.PERSON, PERSON, "my own question"),
        ("GET", f"/facilities/{FACILITY}/reports/2026-10", Party.FACILITY, FACILITY, None),
        ("GET", f"/accounts/{ACCOUNT}/export", Party.STAFF, None, "ticket 4711"),
    ]
    for method, path, role, subject, why in asked:
        assert desk.ask(method, path, desk.token(role, subject), why).status_code == 200
    written = [(row.role, row.what, row.subject, row.why) for row in desk.rows(looks)]
    assert written == [
        ("holder", "show_balance", ACCOUNT, "their own"),
        ("person", "show_activity", DEBIT, "my own question"),
        ("facility", "show_report", FACILITY, "their own"),
        ("staff", "export_data", ACCOUNT, "ticket 4711"),
    ]
    assert desk.rows(looks)[-1].actor.startswith("staff test staff (token ")
    assert {row.at for row in desk.rows(looks)} == {desk.at}


def test_a_look_at_what_holds_everywhere_is_written(desk: Desk) -> None:
    staff = desk.token(Party.STAFF)
    paths = (
        *("/numbers/blocks", "/numbers/allowed", "/numbers/bulk-lists", "/trunks", "/attorneys"),
        *("/privileged-numbers", "/privilege-notices", "/quarantine", "/live-calls"),
    )
    for path in paths:
        assert desk.ask("GET", path, staff).status_code == 200
        assert desk.ask("GET", path, staff, None).status_code == 422
        assert desk.ask("GET", path, desk.token(Party.FACILITY, FACILITY)).status_code == 403
    assert [(row.what, row.subject, row.why) for row in desk.rows(looks)] == [
        ("list_blocks_everywhere", "everywhere", "a test"),
        ("list_allowed_everywhere", "everywhere", "a test"),
        ("list_bulk_lists_everywhere", "everywhere", "a test"),
        ("list_trunks", "everywhere", "a test"),
        ("list_attorneys", "everywhere", "a test"),
        ("list_privileged_everywhere", "everywhere", "a test"),
        ("list_notices", "everywhere", "a test"),
        ("list_quarantined_everywhere", "everywhere", "a test"),
        ("list_live_calls_everywhere", "everywhere", "a test"),
    ]


def test_staff_say_why(desk: Desk) -> None:
    staff = desk.token(Party.STAFF)
    for why in (None, " "):
        told = desk.ask("GET", f"/accounts/{ACCOUNT}", staff, why)
        assert (told.status_code, "X-Reason" in told.json()["detail"]) == (422, True)
    assert desk.rows(looks) == []


def test_a_look_that_finds_nothing_is_written_too(desk: Desk) -> None:
    staff = desk.token(Party.STAFF)
    told = desk.ask("GET", f"/accounts/{ACCOUNT}/invoices/2026-09", staff)
    assert told.status_code == 404
    assert [row.what for row in desk.rows(looks)] == ["show_invoice"]


def test_a_look_cant_be_unwritten(either_desk: Desk) -> None:
    either_desk.ask("GET", f"/accounts/{ACCOUNT}", either_desk.token(Party.STAFF))
    for statement in (looks.delete(), looks.update().values(why="nothing")):
        with pytest.raises(DatabaseError), either_desk.database.begin() as connection:
            connection.execute(statement)


def test_who_looks_after_their_money_keeps_it_from_being_inactive(desk: Desk) -> None:
    def shown() -> object:
        return next(row.interest_at for row in desk.rows(accounts) if row.id == ACCOUNT)

    before = shown()
    desk.ask("GET", f"/accounts/{ACCOUNT}", desk.token(Party.STAFF))
    assert shown() == before
    desk.ask("GET", f"/accounts/{ACCOUNT}", desk.token(Party.HOLDER, ACCOUNT))
    assert shown() == desk.at
