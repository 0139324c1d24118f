"""Money over HTTP: paid once, refunded once, and nothing told to who only pays."""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response

from accounts.payments.gateway import GatewayDown
from accounts.products import Party
from accounts.refunds import GIVEN_BACK_WITHIN
from store.tables import payments, postings, refunds, webhook_events
from tests.api.desk import BILLED, COLLECT, Desk
from tests.builders import ACCOUNT, DEBIT, PERSON, balance

KEY = {"Idempotency-Key": "0001-this-payment"}
OTHER_KEY = {"Idempotency-Key": "0002-that-payment"}


def pay(desk: Desk, account: str, secret: str, cents: Any, key: dict[str, str] = KEY) -> Response:
    """Ask for a payment."""
    path = f"/accounts/{account}/payments"
    return desk.ask("POST", path, secret, headers=key, json={"cents": cents})


def give(desk: Desk, account: str, cents: int = 1500, key: dict[str, str] = KEY) -> Response:
    """A deposit for somebody."""
    sent = {"account_id": account, "cents": cents, "payer": "Pat Kim"}
    return desk.ask("POST", "/deposits", headers=key, json=sent)


def told(desk: Desk, event: Any, secret: str = "") -> Response:
    """The gateway's webhook arrives."""
    payload, signature = desk.books.signed(event, secret=secret)
    headers = {"Stripe-Signature": signature}
    return desk.ask("POST", "/webhooks/gateway", headers=headers, content=payload)


def test_a_payment_is_made_once_and_arrives_once(either_desk: Desk) -> None:
    desk = either_desk
    before = balance(desk.database).balance_cents
    holder = desk.token(Party.HOLDER, ACCOUNT)
    first, again = (pay(desk, ACCOUNT, holder, 2500) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.json()["fee_cents"] == 0
    (row,) = desk.rows(payments)
    event = desk.books.pay(row.gateway_id)
    assert [told(desk, event).status_code for _ in range(2)] == [200, 200]
    assert balance(desk.database).balance_cents == before + 2500
    # Live calls of the account are renewed at once.
    assert desk.woken == [desk.at]
    (shown,) = desk.ask("GET", f"/accounts/{ACCOUNT}/payments", holder).json()
    assert (shown["status"], shown["cents"], shown["payer"]) == ("succeeded", 2500, None)


def test_a_key_stands_for_one_amount(desk: Desk) -> None:
    holder = desk.token(Party.HOLDER, ACCOUNT)
    assert pay(desk, ACCOUNT, holder, 2500).status_code == 201
    other = pay(desk, ACCOUNT, holder, 2501)
    assert (other.status_code, other.json()["type"]) == (422, "urn:parloir:problem:key-reused")
    assert len(desk.rows(payments)) == 1
    # Another account's key is another key.
    assert pay(desk, DEBIT, desk.token(Party.PERSON, PERSON), 2501).status_code == 201


@pytest.mark.parametrize("cents", [0, -1, 10_000_01, 10**30, 12.5, "2500", True, None])
def test_no_absurd_amount(desk: Desk, cents: Any) -> None:
    answer = pay(desk, ACCOUNT, desk.token(Party.HOLDER, ACCOUNT), cents)
    assert answer.status_code == 422
    assert desk.rows(payments) == []


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "x" * 37}])
def test_money_needs_a_key(desk: Desk, key: dict[str, str]) -> None:
    holder = desk.token(Party.HOLDER, ACCOUNT)
    assert pay(desk, ACCOUNT, holder, 100, key).status_code == 422
    path = f"/accounts/{ACCOUNT}/refunds"
    assert desk.ask("POST", path, holder, headers=key, json={}).status_code == 422
    assert give(desk, ACCOUNT, key=key).status_code == 422
    assert desk.rows(payments) == desk.rows(refunds) == []


def test_anybody_may_pay_in_and_learns_nothing(desk: Desk) -> None:
    for account in (ACCOUNT, DEBIT, BILLED):
        answer = give(desk, account)
        assert answer.status_code == 201
        assert answer.json().keys() == {"payment_id", "status", "client_secret", "fee_cents"}
    staff = desk.token(Party.STAFF)
    desk.ask("POST", f"/accounts/{ACCOUNT}/closing", staff, json={"note": "moved"})
    closed = give(desk, ACCOUNT, key=OTHER_KEY)
    unknown, by_the_phone_bill = give(desk, "nobody"), give(desk, COLLECT)
    assert closed.status_code == 404
    assert closed.json() == unknown.json() == by_the_phone_bill.json()


def test_two_payers_with_one_key_make_two_payments(desk: Desk) -> None:
    holder = desk.token(Party.HOLDER, ACCOUNT)
    secrets = {give(desk, ACCOUNT).json()["client_secret"] for _ in range(2)}
    secrets.add(pay(desk, ACCOUNT, holder, 1500).json()["client_secret"])
    assert len(secrets) == 2


def test_a_forged_webhook_moves_nothing(desk: Desk) -> None:
    pay(desk, ACCOUNT, desk.token(Party.HOLDER, ACCOUNT), 2500)
    event = desk.books.pay(desk.rows(payments)[0].gateway_id)
    before = len(desk.rows(postings))
    assert told(desk, event, secret="whsec_forged").status_code == 422
    bad = {"Stripe-Signature": "nonsense"}
    assert desk.ask("POST", "/webhooks/gateway", headers=bad, content=b"{}").status_code == 422
    assert desk.ask("POST", "/webhooks/gateway", content=b"{}").status_code == 422
    assert len(desk.rows(postings)) == before
    assert desk.rows(webhook_events) == []


def test_a_refund_is_given_once(either_desk: Desk) -> None:
    desk = either_desk
    path, holder = f"/accounts/{ACCOUNT}/refunds", desk.token(Party.HOLDER, ACCOUNT)
    first, again = (desk.ask("POST", path, holder, headers=KEY, json={"cents": 500}) for _ in "12")
    assert first.json() == again.json()
    assert balance(desk.database).balance_cents == 1500
    (refund,) = first.json()
    assert (refund["cents"], refund["payment_id"], refund["status"]) == (500, None, "requested")
    assert refund["due_at"] == (desk.at + GIVEN_BACK_WITHIN).isoformat().replace("+00:00", "Z")
    other = desk.ask("POST", path, holder, headers=KEY, json={"cents": 501})
    assert (other.status_code, other.json()["type"]) == (422, "urn:parloir:problem:key-reused")
    large = desk.ask("POST", path, holder, headers=OTHER_KEY, json={"cents": 1501})
    assert (large.status_code, large.json()["type"]) == (409, "urn:parloir:problem:refused")
    assert "between 1 and 1500 cents" in large.json()["detail"]
    assert len(desk.rows(refunds)) == 1
    assert desk.ask("GET", path, holder).json() == first.json()


def test_no_gateway_is_told_so(desk: Desk) -> None:
    app: Any = desk.client.app
    app.state.context = type(app.state.context)(**{**vars(app.state.context), "gateway": None})
    answer = give(desk, ACCOUNT)
    assert (answer.status_code, answer.json()["detail"]) == (503, "no payment gateway is set up")


def test_a_gateway_that_fails_tells_no_secret(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app: Any = desk.client.app

    def fail(*_: object) -> None:
        raise GatewayDown("connection to 10.1.2.3 refused, key sk_live_1")

    monkeypatch.setattr(type(app.state.context.gateway), "create", fail)
    answer = give(desk, ACCOUNT)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "sk_live" not in answer.text


def test_a_person_isnt_told_who_paid_in(desk: Desk) -> None:
    give(desk, DEBIT)
    person, staff = desk.token(Party.PERSON, PERSON), desk.token(Party.STAFF)
    path = f"/accounts/{DEBIT}"
    assert "Pat Kim" in desk.ask("GET", f"{path}/payments", staff).text
    for what in ("export", "payments"):
        assert "Pat Kim" not in desk.ask("GET", f"{path}/{what}", person).text
