"""An account is opened, verified, suspended, lifted and closed; each with cause and actor."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from accounts import invariants, life, prepaid, refunds
from accounts.ledger import LedgerError
from accounts.life import Account, NewAccount, Status
from accounts.products import ProductId
from store.database import Database
from store.tables import accounts
from tests.builders import (
    ACCOUNT,
    DEBIT,
    MORNING,
    NUMBER,
    OTHER_PERSON,
    PERSON,
    accepted_call,
    at_once,
    balance,
    build_jail,
    open_debit,
    talked,
)

NEW = NewAccount("lee", ProductId.PREPAID_COLLECT, "Jordan Lee", ("+12125550150",))
OWN = NewAccount("own", ProductId.INMATE_DEBIT, "Jordan Lee", person_id=OTHER_PERSON)
BILLED = NewAccount("bail", ProductId.DIRECT_BILL, "Bail Office", credit_limit_cents=3000)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def opened(database: Database, new: NewAccount) -> Account:
    with database.begin() as connection:
        life.open_account(connection, new, "clerk", MORNING)
    return found(database, new.id)


def found(database: Database, account: str = ACCOUNT) -> Account:
    with database.begin() as connection:
        one = life.find(connection, account)
    assert one is not None
    return one


def close(database: Database, account: str = ACCOUNT, cause: str = "requested") -> bool:
    with database.begin() as connection:
        return life.close(connection, account, cause, "clerk", MORNING, "moved away")


def suspended(database: Database, cause: str, account: str = ACCOUNT) -> bool:
    with database.begin() as connection:
        return life.suspend(connection, account, cause, "clerk", MORNING)


def lifted(database: Database, cause: str, account: str = ACCOUNT) -> bool:
    with database.begin() as connection:
        return life.lift(connection, account, cause, "clerk", MORNING)


def ordered(database: Database, account: str = ACCOUNT) -> list[tuple[str, str]]:
    with database.begin() as connection:
        return [(one.kind, one.cause) for one in life.orders(connection, account)]


def test_opened_with_all_that_is_known(database: Database) -> None:
    new = replace(NEW, language="es", email="lee@example.net", address="1 Elm Street")
    one = opened(database, new)
    assert (one.product, one.status, one.numbers) == (new.product, Status.OPEN, new.numbers)
    assert (one.language, one.email, one.address) == ("es", "lee@example.net", "1 Elm Street")
    assert (one.opened_at, one.verified_at, one.inactivity) == (MORNING, None, "active")
    assert ordered(database, "lee") == [("open", "requested")]
    with database.begin() as connection:
        assert life.orders(connection, "lee")[0].actor == "clerk"


@pytest.mark.parametrize("new", [NEW, OWN, BILLED])
def test_every_product_opens_without_money(database: Database, new: NewAccount) -> None:
    one = opened(database, new)
    money = balance(database, new.id)
    assert (money.balance_cents, money.available_cents) == (0, new.credit_limit_cents)
    assert (one.person_id, one.product) == (new.person_id, new.product)
    assert one.status is Status.OPEN


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (replace(NEW, id=ACCOUNT), "exists already"),
        (replace(NEW, numbers=("+12125550150", NUMBER)), "has an account already"),
        (replace(NEW, numbers=("2125550150",)), "no number in E.164"),
        (replace(NEW, id="house.cash"), "no name for an account"),
        (replace(NEW, id="a b"), "no name for an account"),
        (replace(NEW, id="x" * 41), "no name for an account"),
        (replace(NEW, holder=" "), "needs a holder"),
        (replace(NEW, language="fr"), "no language 'fr'"),
        (replace(NEW, credit_limit_cents=100), "paid for beforehand"),
        (replace(BILLED, credit_limit_cents=-1), "below zero"),
        (replace(NEW, person_id=PERSON), "no person in custody"),
        (replace(OWN, person_id=None), "a person's own"),
        (replace(OWN, numbers=("+12125550150",)), "a person's own"),
        (replace(OWN, person_id="404"), "isn't known"),
    ],
)
def test_what_cant_be_opened(database: Database, new: NewAccount, why: str) -> None:
    with pytest.raises(LedgerError, match=why):
        opened(database, new)
    assert found(database).numbers == (NUMBER,)


def test_verified_once(database: Database) -> None:
    with database.begin() as connection:
        assert life.verify(connection, ACCOUNT, "clerk", MORNING, "saw a letter")
        assert not life.verify(connection, ACCOUNT, "clerk", MORNING)
    assert found(database).verified_at == MORNING
    assert ordered(database)[1:] == [("verify", "identity")]


def test_suspended_and_lifted(database: Database) -> None:
    assert suspended(database, "staff")
    assert not suspended(database, "staff")
    assert (found(database).status, found(database).suspended_for) == ("suspended", "staff")
    assert not lifted(database, "overdue")
    assert lifted(database, "staff")
    assert not lifted(database, "staff")
    assert (found(database).status, found(database).suspended_for) == ("open", None)
    assert ordered(database)[1:] == [("suspend", "staff"), ("lift", "staff")]


def test_a_payment_lifts_no_suspension_by_staff(database: Database) -> None:
    for cause in ("overdue", "chargeback", "staff"):
        assert suspended(database, cause)
    assert lifted(database, "overdue")
    assert found(database).suspended_for == "staff", "the weightiest is shown"
    assert lifted(database, "staff")
    assert (found(database).status, found(database).suspended_for) == ("suspended", "chargeback")
    assert lifted(database, "chargeback")
    assert found(database).status == Status.OPEN


def test_a_mandate_holds_the_money(database: Database) -> None:
    suspended(database, "mandate")
    with pytest.raises(LedgerError, match="held by a mandate"):
        close(database)
    with pytest.raises(LedgerError, match="held by a mandate"), database.begin() as connection:
        refunds.request(connection, ACCOUNT, None, "k", "requested", "clerk", MORNING)
    with database.begin() as connection:
        life.interest(connection, ACCOUNT, MORNING)
    assert found(database).inactivity == "mandate_hold"
    lifted(database, "mandate")
    assert found(database).inactivity == "active"
    assert close(database)


@pytest.mark.parametrize("act", [suspended, lifted])
def test_no_other_cause_and_no_stranger(database: Database, act: object) -> None:
    assert callable(act)
    with pytest.raises(LedgerError, match="no cause 'mood' of suspension"):
        act(database, "mood")
    for stranger in ("nobody", "house.cash"):
        with pytest.raises(LedgerError, match=f"no account {stranger}"):
            act(database, "staff", stranger)


def test_closing_refunds_first_and_frees_the_numbers(database: Database) -> None:
    assert close(database)
    assert not close(database)
    one = found(database)
    assert (one.status, one.numbers) == (Status.CLOSED, ())
    assert balance(database).balance_cents == 0
    with database.begin() as connection:
        (back,) = refunds.of_account(connection, ACCOUNT)
        assert [*invariants.refunds_in_the_books(connection)] == []
    assert (back.cents, back.cause, back.payment_id) == (2000, "closing", None)
    assert opened(database, replace(NEW, numbers=(NUMBER,))).numbers == (NUMBER,)


def test_a_closed_account_does_no_more(database: Database) -> None:
    suspended(database, "staff")
    close(database)
    assert not lifted(database, "staff"), "or it would be open again"
    with pytest.raises(LedgerError, match="is closed"):
        suspended(database, "chargeback")
    with pytest.raises(LedgerError, match="is closed"), database.begin() as connection:
        life.add_number(connection, ACCOUNT, "+12125550151", "clerk", MORNING)
    with pytest.raises(LedgerError, match="closed"), database.begin() as connection:
        prepaid.deposit(connection, ACCOUNT, 100, "late", "clerk")
    assert found(database).status == Status.CLOSED


def test_closing_waits_for_a_call_and_for_a_debt(database: Database) -> None:
    accepted_call(database)
    with pytest.raises(LedgerError, match="a call holds"):
        close(database)
    opened(database, BILLED)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE balances SET balance_cents = -5 WHERE account_id='bail'")
    with pytest.raises(LedgerError, match="owes 5 cents"):
        close(database, "bail")
    with pytest.raises(LedgerError, match="no cause 'mood' of closing"):
        close(database, cause="mood")


def test_closed_credit_is_gone(database: Database) -> None:
    opened(database, BILLED)
    assert close(database, "bail")
    assert balance(database, "bail").available_cents == 0


def test_at_release_the_own_account_is_paid_out(database: Database) -> None:
    open_debit(database, 700)
    with database.begin() as connection:
        assert life.release(connection, PERSON, "sergeant", MORNING) == DEBIT
        assert life.release(connection, PERSON, "sergeant", MORNING) is None
        assert life.release(connection, OTHER_PERSON, "sergeant", MORNING) is None
        (back,) = refunds.of_account(connection, DEBIT)
    assert (back.cents, back.cause, back.payment_id) == (700, "release", None)
    assert ordered(database, DEBIT)[-1] == ("close", "release")


def test_numbers_come_and_go(database: Database) -> None:
    with database.begin() as connection:
        assert life.add_number(connection, ACCOUNT, "+12125550150", "clerk", MORNING, "aunt")
        assert not life.add_number(connection, ACCOUNT, "+12125550150", "clerk", MORNING)
        assert life.remove_number(connection, ACCOUNT, NUMBER, "clerk", MORNING)
        assert not life.remove_number(connection, ACCOUNT, NUMBER, "clerk", MORNING)
        notes = [one.note for one in life.orders(connection, ACCOUNT)]
    assert found(database).numbers == ("+12125550150",)
    assert notes[1:] == ["+12125550150: aunt", NUMBER]


@pytest.mark.parametrize(
    ("account", "number", "why"),
    [("lee", NUMBER, "has an account already"), ("lee", "555", "E.164"), ("own", NUMBER, "own")],
)
def test_a_number_has_one_account(database: Database, account: str, number: str, why: str) -> None:
    opened(database, NEW)
    opened(database, OWN)
    with pytest.raises(LedgerError, match=why), database.begin() as connection:
        life.add_number(connection, account, number, "clerk", MORNING)
    assert found(database).numbers == (NUMBER,)


def test_a_number_is_claimed_once_at_the_same_moment(database: Database) -> None:
    def claim(number: int) -> bool:
        try:
            opened(database, replace(NEW, id=f"a{number}"))
        except LedgerError:
            return False
        return True

    assert at_once(4, claim).count(True) == 1


def test_interest_never_goes_back(database: Database) -> None:
    with database.begin() as connection:
        for days in (5, 3):
            life.interest(connection, ACCOUNT, MORNING + timedelta(days=days))
        row = connection.execute(accounts.select().where(accounts.c.id == ACCOUNT)).one()
    assert row.interest_at > MORNING + timedelta(days=4)


def test_a_call_after_closing_is_refused_not_paid(database: Database) -> None:
    talked(database, 60)
    assert close(database)
    assert balance(database).available_cents == 0
    with database.begin() as connection:
        connection.execute(update(accounts).values(status="closed"))
        assert [*invariants.cached_balances(connection)] == []
