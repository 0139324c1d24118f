"""Unused money goes back by the way it came, or by check, once; whatever dies on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from accounts import invariants, life, prepaid, refunds
from accounts.chart import GATEWAY, REFUNDS_PAYABLE, UNCLAIMED
from accounts.history import balance_at
from accounts.ledger import KeyReused, LedgerError
from accounts.life import NewAccount
from accounts.products import ProductId
from accounts.refunds import Refund, Sent
from store.database import Database
from store.tables import payments
from tests.accounts.gateway import DOWN, REFUSED, Crash, FakeGateway, card_payment
from tests.builders import (
    ACCOUNT,
    DEBIT,
    MORNING,
    accepted_call,
    at_once,
    balance,
    build_jail,
    open_debit,
)

LATER = MORNING + timedelta(days=3)
EVER = MORNING + timedelta(days=9999)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def asked(
    database: Database,
    cents: int | None = None,
    key: str = "k",
    account: str = ACCOUNT,
    at: datetime = MORNING,
) -> list[Refund]:
    with database.begin() as connection:
        return refunds.request(connection, account, cents, key, "requested", "clerk", at)


def paid_by_card(database: Database, cents: int, name: str = "p", days: int = 0) -> None:
    at = MORNING + timedelta(days=days)
    with database.begin() as connection:
        prepaid.deposit(connection, ACCOUNT, cents, name, "web", at, GATEWAY)
    card_payment(database, ACCOUNT, cents, name, at)


def of_id(database: Database, refund_id: str) -> Refund:
    with database.begin() as connection:
        one = refunds.find(connection, refund_id)
    assert one is not None
    return one


def stands(database: Database, account: str) -> int:
    with database.begin() as connection:
        return balance_at(connection, account, EVER)


def in_order(database: Database) -> None:
    with database.begin() as connection:
        for rule in (
            invariants.unbalanced_entries,
            invariants.cached_balances,
            invariants.refunds_in_the_books,
            invariants.payments_given_back,
        ):
            assert [*rule(connection)] == []


def test_asked_for_is_off_the_account_at_once(database: Database) -> None:
    (one,) = asked(database, 500)
    assert (one.cents, one.status, one.payment_id) == (500, "requested", None)
    assert one.due_at == MORNING + timedelta(days=30)
    assert balance(database).balance_cents == 1500
    assert stands(database, REFUNDS_PAYABLE) == 500
    in_order(database)


def test_all_of_it_goes_back_newest_payment_first(database: Database) -> None:
    paid_by_card(database, 300, "old", 1)
    paid_by_card(database, 400, "new", 2)
    card_payment(database, ACCOUNT, 900, "failed", LATER, status="failed")
    ways = {one.payment_id: one.cents for one in asked(database)}
    assert ways == {"new": 400, "old": 300, None: 2000}
    assert {one.payment_id for one in asked(database)} == {*ways}, "the same key, the same refunds"
    in_order(database)


def test_a_payment_is_never_given_back_twice(database: Database) -> None:
    paid_by_card(database, 400, "p")
    with database.begin() as connection:
        connection.execute(payments.update().values(disputed_cents=100))
    assert [(one.payment_id, one.cents) for one in asked(database, 250, "1")] == [("p", 250)]
    second = {one.payment_id: one.cents for one in asked(database, 250, "2")}
    assert second == {"p": 50, None: 200}
    assert [one.payment_id for one in asked(database, 10, "3")] == [None]
    in_order(database)


@pytest.mark.parametrize("cents", [0, -1, 2001, 10**12])
def test_not_more_than_the_balance(database: Database, cents: int) -> None:
    with pytest.raises(LedgerError, match="is between 1 and 2000 cents"):
        asked(database, cents)
    assert balance(database).balance_cents == 2000


def test_never_what_a_call_holds(database: Database) -> None:
    accepted_call(database)
    held = balance(database).held_cents
    assert held > 0
    with pytest.raises(LedgerError, match=f"between 1 and {2000 - held} cents"):
        asked(database, 2000 - held + 1)
    assert asked(database)[0].cents == 2000 - held
    with pytest.raises(LedgerError, match="no money of its own"):
        asked(database, key="again")
    in_order(database)


def test_never_credit(database: Database) -> None:
    new = NewAccount("bail", ProductId.DIRECT_BILL, "Bail Office", credit_limit_cents=3000)
    with database.begin() as connection:
        life.open_account(connection, new, "clerk", MORNING)
    with pytest.raises(LedgerError, match="no money of its own"):
        asked(database, 1, account="bail")


def test_nothing_of_traditional_collect(database: Database) -> None:
    new = NewAccount("TC-12125550150", ProductId.TRADITIONAL_COLLECT, "+12125550150")
    with database.begin() as connection:
        life.open_account(connection, new, "clerk", MORNING)
    with pytest.raises(LedgerError, match="holds no money"):
        asked(database, 1, account=new.id)


def test_a_key_is_for_one_refund(database: Database) -> None:
    asked(database, 500)
    open_debit(database, 900)
    with pytest.raises(KeyReused):
        asked(database, 501)
    with pytest.raises(KeyReused):
        asked(database, 500, account=DEBIT)
    with pytest.raises(LedgerError, match="no cause"), database.begin() as connection:
        refunds.request(connection, ACCOUNT, 1, "x", "mood", "clerk", MORNING)
    assert balance(database).balance_cents == 1500


def test_who_paid_into_an_own_account_has_no_refund(database: Database) -> None:
    open_debit(database, 900)
    card_payment(database, DEBIT, 900, "mother", MORNING)
    assert [one.payment_id for one in asked(database, account=DEBIT)] == [None]


def test_two_at_once_never_give_back_more_than_there_is(database: Database) -> None:
    def ask(number: int) -> int:
        try:
            return sum(one.cents for one in asked(database, 700, f"k{number}"))
        except LedgerError:
            return 0

    assert sum(at_once(4, ask)) == 1400
    assert balance(database).balance_cents == 600
    in_order(database)


def test_one_request_sent_twice_at_once_is_one(database: Database) -> None:
    ids = at_once(3, lambda _: [one.id for one in asked(database, 700)])
    assert ids[0] == ids[1] == ids[2]
    assert balance(database).balance_cents == 1300


def test_the_gateway_gives_it_back(database: Database) -> None:
    paid_by_card(database, 400)
    gateway = FakeGateway()
    (one,) = asked(database, 400)
    assert refunds.send_due(database, gateway, LATER) == Sent(done=1)
    assert refunds.send_due(database, gateway, LATER) == Sent()
    after = of_id(database, one.id)
    assert (after.status, after.gateway_id) == ("done", f"re_{one.id}")
    assert (after.sent_at, after.settled_at) == (LATER, LATER)
    assert (stands(database, REFUNDS_PAYABLE), stands(database, GATEWAY)) == (0, 0)
    in_order(database)


def test_another_gateways_payments_are_left_to_it(database: Database) -> None:
    paid_by_card(database, 400)
    asked(database, 400)
    assert refunds.send_due(database, FakeGateway(name="other"), LATER) == Sent()


@pytest.mark.parametrize("crash", ["crash_before", "crash_after"])
def test_a_crash_while_sending_gives_it_back_once(database: Database, crash: str) -> None:
    paid_by_card(database, 400)
    (one,) = asked(database, 400)
    gateway = FakeGateway(**{crash: True})  # type: ignore[arg-type]
    with pytest.raises(Crash):
        refunds.send_due(database, gateway, LATER)
    assert of_id(database, one.id).status == "sent"
    in_order(database)
    gateway.crash_before = gateway.crash_after = False
    assert refunds.send_due(database, gateway, LATER) == Sent(done=1)
    assert gateway.paid_out == 400
    in_order(database)


def test_no_answer_is_asked_again(database: Database) -> None:
    paid_by_card(database, 400)
    asked(database, 400)
    gateway = FakeGateway([DOWN, "done"])
    assert refunds.send_due(database, gateway, LATER) == Sent(unanswered=1)
    assert refunds.send_due(database, gateway, LATER) == Sent(done=1)


def test_the_word_comes_later_by_webhook(database: Database) -> None:
    paid_by_card(database, 400)
    (one,) = asked(database, 400)
    gateway = FakeGateway(["pending"])
    assert refunds.send_due(database, gateway, LATER) == Sent(waiting=1)
    assert refunds.send_due(database, gateway, LATER) == Sent(), "it isn't asked twice"
    with database.begin() as connection:
        assert refunds.done(connection, one.id, LATER)
        assert not refunds.done(connection, one.id, LATER)
    in_order(database)


def test_the_webhook_may_overtake_the_answer(database: Database) -> None:
    paid_by_card(database, 400)
    (one,) = asked(database, 400)
    with database.begin() as connection:
        assert refunds.done(connection, one.id, LATER, "re_1")
    assert refunds.send_due(database, FakeGateway(), LATER) == Sent()
    in_order(database)


@pytest.mark.parametrize("answer", ["failed", REFUSED])
def test_a_failed_refund_is_still_owed(database: Database, answer: object) -> None:
    paid_by_card(database, 400)
    (one,) = asked(database, 400)
    assert refunds.send_due(database, FakeGateway([answer]), LATER) == Sent(failed=1)  # type: ignore[list-item]
    assert of_id(database, one.id).failure == "the card is closed"
    assert stands(database, REFUNDS_PAYABLE) == 400
    assert refunds.send_due(database, FakeGateway(), LATER) == Sent()
    with database.begin() as connection:
        found = life.find(connection, ACCOUNT)
        assert found is not None
        assert found.inactivity == "escheat_pending"
        assert not refunds.failed(connection, one.id, "again", LATER)
        assert refunds.check_issued(connection, one.id, "1001", LATER)
        assert not refunds.check_issued(connection, one.id, "1001", LATER)
        assert not refunds.failed(connection, one.id, "a late webhook", LATER)
        assert not refunds.done(connection, one.id, LATER)
        assert refunds.check_cashed(connection, one.id, "clerk", LATER)
        assert not refunds.check_cashed(connection, one.id, "clerk", LATER)
    assert stands(database, REFUNDS_PAYABLE) == 0
    in_order(database)


def test_what_comes_back_is_owed_again(database: Database) -> None:
    paid_by_card(database, 400)
    (one,) = asked(database, 400)
    refunds.send_due(database, FakeGateway(), LATER)
    with database.begin() as connection:
        assert refunds.failed(connection, one.id, "the bank sent it back", LATER)
        assert not refunds.done(connection, one.id, LATER), "it was, and came back"
    assert (stands(database, REFUNDS_PAYABLE), stands(database, GATEWAY)) == (400, -400)
    in_order(database)


def test_what_cant_be_given_back_goes_to_the_state(database: Database) -> None:
    (one,) = asked(database, 500)
    with database.begin() as connection:
        refunds.check_issued(connection, one.id, "1001", LATER)
        refunds.check_returned(connection, one.id, "moved away", LATER)
        refunds.escheat(connection, one.id, "clerk", LATER, "three years")
    assert (stands(database, REFUNDS_PAYABLE), stands(database, UNCLAIMED)) == (0, 500)
    in_order(database)
    with database.begin() as connection:
        refunds.remit(connection, one.id, "clerk", LATER, "report of 2026")
    assert stands(database, UNCLAIMED) == 0
    assert of_id(database, one.id).status == "remitted"
    in_order(database)


def test_steps_out_of_order_are_refused(database: Database) -> None:
    (one,) = asked(database, 500)
    steps: dict[str, Callable[[Connection], object]] = {
        "only a failed one": lambda c: refunds.escheat(c, one.id, "clerk", LATER, "x"),
        "isn't unclaimed": lambda c: refunds.remit(c, one.id, "clerk", LATER, "x"),
        "no check of it": lambda c: refunds.check_cashed(c, one.id, "clerk", LATER),
        "and no check": lambda c: refunds.check_returned(c, one.id, "x", LATER),
        "goes by check": lambda c: refunds.done(c, one.id, LATER),
        "1 to 20": lambda c: refunds.check_issued(c, one.id, " ", LATER),
        "no refund R-404": lambda c: refunds.check_issued(c, "R-404", "1", LATER),
    }
    for words, step in steps.items():
        with pytest.raises(LedgerError, match=words), database.begin() as connection:
            step(connection)
    with database.begin() as connection:
        refunds.check_issued(connection, one.id, "1001", LATER)
        with pytest.raises(LedgerError, match="is sent"):
            refunds.check_issued(connection, one.id, "1002", LATER)
    in_order(database)


def test_the_most_urgent_are_listed_first(database: Database) -> None:
    late, early = asked(database, 1, "b", at=LATER), asked(database, 2, "a")
    with database.begin() as connection:
        listed = [one.id for one in refunds.not_paid_out(connection)]
    assert listed == [early[0].id, late[0].id]


@pytest.mark.parametrize("broken", ["refunds", "payments"])
def test_check_finds_what_is_wrong(database: Database, broken: str) -> None:
    paid_by_card(database, 400)
    asked(database, 400)
    column = "cents = 399" if broken == "refunds" else "refunded_cents = 398"
    with database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {broken} SET {column}")
        found = [
            *invariants.refunds_in_the_books(connection),
            *invariants.payments_given_back(connection),
        ]
    assert any("399" in one or "398" in one for one in found)
