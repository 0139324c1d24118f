"""Live calls over HTTP: each facility its own, and cut off with a note, once."""

from __future__ import annotations

from accounts.products import Party
from api.tokens import GRANTABLE, Scope
from calls.states import Cause
from store.tables import call_orders, looks
from tests.api.desk import LIVE, Desk, told
from tests.builders import ACCOUNT, FACILITY, PERSON, accepted_call, call_row, cdr_of, talked

HERE = f"/facilities/{FACILITY}/live-calls"
WHY = {"note": "threats"}


def test_live_calls_are_listed(either_desk: Desk, site: str, elsewhere: str) -> None:
    desk = either_desk
    over = talked(desk.database, 60)
    call_id = accepted_call(desk.database, desk.at)
    (one,) = told(desk, "GET", HERE, site)
    assert (one["id"], one["person_id"], one["state"]) == (call_id, PERSON, "accepted")
    assert one["ends_at"] > one["accepted_at"]
    assert over != call_id
    assert ACCOUNT not in str(one), "who pays is not the facility's business"
    assert told(desk, "GET", "/live-calls", desk.token(Party.STAFF)) == [one]
    assert told(desk, "GET", "/facilities/riverside/live-calls", elsewhere) == []


def test_a_call_is_cut_off_once(either_desk: Desk, site: str) -> None:
    desk = either_desk
    desk.ring()
    order = told(desk, "POST", f"{HERE}/{LIVE.lower()}/cut-off", site, 201, json=WHY)
    assert (order["call_id"], order["kind"], order["cause"]) == (LIVE, "cut_off", "threats")
    assert order["actor"].startswith("facility test facility (token ")
    assert order["done_at"] is None, "the monitor's to do"
    again = told(desk, "POST", f"{HERE}/{LIVE}/cut-off", site, 201, json={"note": "again"})
    assert again == order
    assert len(desk.rows(call_orders)) == 1
    assert call_row(desk.database, LIVE).outcome == Cause.CUT_OFF
    asked = [(row.what, row.subject, row.role) for row in desk.rows(looks)]
    assert asked == [("cut_off_call", FACILITY, "facility")] * 2


def test_what_isnt_live_here_is_unknown(either_desk: Desk, site: str, elsewhere: str) -> None:
    desk = either_desk
    desk.ring()
    over = talked(desk.database, 60)
    there = "/facilities/riverside/live-calls"
    for path, secret in (
        *((f"{HERE}/{call}/cut-off", site) for call in (over, "NOTHING")),
        *((f"{there}/{LIVE}/cut-off", elsewhere), (f"{HERE}/{LIVE}/cut-off", elsewhere)),
    ):
        told(desk, "POST", path, secret, 404, json=WHY)
    for wrong in ({}, {"note": ""}, {"note": "two\nlines"}, {**WHY, "kind": "stop_recording"}):
        told(desk, "POST", f"{HERE}/{LIVE}/cut-off", site, 422, json=wrong)
    assert desk.rows(call_orders) == []
    assert cdr_of(desk.database, over).cause != Cause.CUT_OFF


def test_looking_on_needs_its_own_scope(either_desk: Desk) -> None:
    desk = either_desk
    without = GRANTABLE[Party.FACILITY] - {Scope.CALLS_WRITE}
    told(desk, "GET", HERE, desk.token(Party.FACILITY, FACILITY, without), 403)
