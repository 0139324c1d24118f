"""Every error is a problem document, and none tells more than its sentence."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from accounts.products import Party
from api import envelope
from api.problems import MEDIA_TYPE, Kind
from tests.api.desk import Desk
from tests.builders import ACCOUNT


def asked(desk: Desk, kind: Kind, *request: Any, **given: Any) -> str:
    """The detail of the answer, which has to be the problem."""
    answer = desk.ask(*request, **given)
    told = answer.json()
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert told["type"] == f"urn:parloir:problem:{kind.slug}"
    assert (told["status"], told["title"]) == (answer.status_code, kind.title)
    assert answer.status_code == kind.status
    return str(told["detail"])


def test_each_fault_has_its_problem(desk: Desk) -> None:
    staff, path = desk.token(Party.STAFF), f"/accounts/{ACCOUNT}"
    holder = desk.token(Party.HOLDER, ACCOUNT)
    assert "expired or revoked" in asked(desk, Kind.NO_TOKEN, "GET", path)
    detail = asked(desk, Kind.NOT_ALLOWED, "POST", f"{path}/verification", holder, json={})
    assert detail == "the token lacks the scope accounts:manage"
    asked(desk, Kind.NOT_FOUND, "GET", "/accounts/nobody", staff)
    wrong = {"number": "911"}
    assert "911" in asked(desk, Kind.INVALID, "POST", f"{path}/numbers", staff, json=wrong)
    taken = {"number": "212-555-0166"}
    detail = asked(desk, Kind.REFUSED, "POST", f"{path}/numbers", staff, json=taken)
    assert detail == "+12125550166 has an account already"
    extra = {"email": "sam@example.com", "balance_cents": 100}
    detail = asked(desk, Kind.INVALID, "PATCH", path, staff, json=extra)
    assert detail == "body.balance_cents: Extra inputs are not permitted"
    misspelt = {"params": {"histroy": "true", "month": "x"}}
    detail = asked(desk, Kind.INVALID, "GET", path, staff, **misspelt)
    assert detail == "not known in the query: 'histroy', 'month'"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"email": "a\\u0000b"}', b'"\\ud800"', b""])
def test_what_is_no_json_is_refused(desk: Desk, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    path = f"/accounts/{ACCOUNT}"
    told = desk.ask("PATCH", path, desk.token(Party.STAFF), headers=headers, content=body)
    assert told.headers["Content-Type"] == MEDIA_TYPE
    assert told.status_code in (400, 422)


def test_no_such_path_or_method(desk: Desk) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("PUT", "/products", 405)):
        told = desk.ask(method, path)
        assert (told.status_code, told.headers["Content-Type"]) == (status, MEDIA_TYPE)


@pytest.mark.parametrize("whole", [True, False])
def test_a_large_body_is_refused(desk: Desk, whole: bool) -> None:
    large = b" " * (envelope.LARGEST_BODY + 1)
    pieces = iter([large[: len(large) // 2], large[len(large) // 2 :]])
    content = large if whole else pieces
    asked(desk, Kind.TOO_LARGE, "POST", "/deposits", content=content)


def test_a_failure_says_nothing_of_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("/srv/secret")

    monkeypatch.setattr("accounts.prepaid.find", fail)
    staff = desk.token(Party.STAFF)
    detail = asked(desk, Kind.BROKEN, "GET", f"/accounts/{ACCOUNT}/balance", staff)
    assert detail == "it was written to the log"


def test_a_database_that_is_away_is_unavailable(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("no route to 10.0.0.5"))

    monkeypatch.setattr("accounts.prepaid.find", away)
    staff = desk.token(Party.STAFF)
    detail = asked(desk, Kind.UNAVAILABLE, "GET", f"/accounts/{ACCOUNT}/balance", staff)
    assert detail == "the database doesn't answer"


def test_nobody_in_between_keeps_an_answer(desk: Desk) -> None:
    for path in ("/products", f"/accounts/{ACCOUNT}", "/nothing"):
        headers = desk.ask("GET", path).headers
        assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == (
            "no-store",
            "nosniff",
        )
