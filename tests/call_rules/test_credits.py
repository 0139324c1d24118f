"""Credit for a call that was cut off: asked once, given once, never more than was charged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import invariants as money
from accounts.ledger import Entry, Kind, Posting, post
from calls import invariants, opening
from calls.credits import (
    ASK_WITHIN,
    Creditable,
    CreditError,
    ask,
    creditable,
    grant,
    open_requests,
    refuse,
)
from calls.people import identify
from calls.reasons import PaidBy
from custody.lines.phones import Phone, add_phone
from store.database import Database
from store.tables import entries
from tests.builders import (
    ACCOUNT,
    DEBIT,
    FACILITY,
    KEY,
    MORNING,
    NUMBER,
    OTHER_PERSON,
    PERSON,
    PIN,
    answered_call,
    at_once,
    balance,
    build_jail,
    cdr_of,
    identified_call,
    open_debit,
    seconds,
    talked,
)

SOON = MORNING + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


@pytest.fixture
def dropped(database: Database) -> str:
    call_id = talked(database, 61.5)
    assert ask(database, call_id, SOON)
    return call_id


def offered(database: Database, **of: str) -> Creditable | None:
    return creditable(database, identified_call(database, SOON, **of), SOON)


def spent(database: Database) -> int:
    with database.begin() as connection:
        for check in (money.unbalanced_entries, money.cached_balances):
            assert [*check(connection)] == []
        assert [*invariants.credits_as_granted(connection)] == []
    return 2000 - balance(database).balance_cents


def test_the_last_call_is_offered_as_it_stands_on_the_cdr(database: Database) -> None:
    talked(database, 300)
    call_id = talked(database, 61.5, at=MORNING + seconds(400))
    cdr = cdr_of(database, call_id)
    assert offered(database) == Creditable(
        call_id, NUMBER, cdr.started_at, "America/New_York", 61, cdr.charged_cents
    )


def test_what_was_never_charged_is_not_offered(database: Database) -> None:
    assert offered(database) is None
    answered_call(database)
    talked(database, 0)
    assert offered(database) is None


def test_only_the_own_call_is_offered(database: Database) -> None:
    talked(database, 60)
    assert offered(database, person=OTHER_PERSON) is None


def test_only_a_call_from_this_phone_is_offered(database: Database) -> None:
    talked(database, 60)
    with database.begin() as connection:
        add_phone(connection, Phone("millbrook-2", FACILITY), "M. Okafor", SOON)
    call_id = opening.open_call(database, "millbrook-2", "caller", SOON)
    assert call_id is not None
    assert identify(database, KEY, call_id, PERSON, PIN, SOON)
    assert creditable(database, call_id, SOON) is None


@pytest.mark.parametrize(("late", "none"), [(0, False), (1, True)])
def test_it_can_be_asked_for_a_day(database: Database, late: int, none: bool) -> None:
    talked(database, 60)
    call_id = identified_call(database, SOON)
    at = MORNING + ASK_WITHIN + seconds(late)
    assert (creditable(database, call_id, at) is None) is none


def test_it_is_asked_for_once(database: Database) -> None:
    talked(database, 30)
    call_id = talked(database, 60, at=MORNING + seconds(100))
    asked = at_once(4, lambda _: ask(database, call_id, SOON))
    assert sorted(asked) == [False, False, False, True]
    assert offered(database) is None, "nor is the call before it"


def test_what_was_not_charged_is_not_asked_for(database: Database) -> None:
    assert not ask(database, talked(database, 0), SOON)
    assert not ask(database, answered_call(database), SOON)
    assert not ask(database, "no such", SOON)


def test_staff_see_what_is_asked_for(database: Database, dropped: str) -> None:
    cdr = cdr_of(database, dropped)
    with database.begin() as connection:
        (request,) = open_requests(connection)
    assert (request.call_id, request.asked_at) == (dropped, SOON)
    assert (request.person_id, request.number, request.account_id) == (PERSON, NUMBER, ACCOUNT)
    assert (request.charged_cents, request.talk_ms) == (cdr.charged_cents, 61_500)


def test_a_credit_goes_to_who_paid(database: Database, dropped: str) -> None:
    charged = cdr_of(database, dropped).charged_cents
    assert spent(database) == charged
    grant(database, dropped, charged, "clerk", "line fault")
    assert spent(database) == 0
    with database.begin() as connection:
        assert open_requests(connection) == []
        credit = connection.execute(entries.select().where(entries.c.kind == "credit")).one()
    assert (credit.key, credit.actor, credit.note) == (f"credit:{dropped}", "clerk", "line fault")
    assert cdr_of(database, dropped).charged_cents == charged, "the record stays as it was"


def test_a_credit_for_an_own_account(database: Database) -> None:
    open_debit(database, 500)
    call_id = talked(database, 60, by=PaidBy.CALLER)
    assert cdr_of(database, call_id).product == "inmate_debit"
    assert balance(database, DEBIT).balance_cents == 500 - cdr_of(database, call_id).charged_cents
    ask(database, call_id, SOON)
    grant(database, call_id, 2, "clerk", "")
    charged = cdr_of(database, call_id).charged_cents
    assert balance(database, DEBIT).balance_cents == 502 - charged


@pytest.mark.parametrize("more", [1, 10_000, -10_000])
def test_no_more_is_credited_than_was_charged(database: Database, dropped: str, more: int) -> None:
    charged = cdr_of(database, dropped).charged_cents
    with pytest.raises(CreditError, match="was charged"):
        grant(database, dropped, charged + more, "clerk", "")
    assert spent(database) == charged
    grant(database, dropped, charged, "clerk", "still open")


def test_a_credit_is_granted_once(database: Database, dropped: str) -> None:
    def granted(_: int) -> bool:
        try:
            grant(database, dropped, 1, "clerk", "")
        except CreditError:
            return False
        return True

    assert at_once(4, granted).count(True) == 1
    assert spent(database) == cdr_of(database, dropped).charged_cents - 1


def test_a_refusal_stands(database: Database, dropped: str) -> None:
    refuse(database, dropped, "clerk", "hung up by the called party")
    with pytest.raises(CreditError, match="no open request"):
        grant(database, dropped, 1, "clerk", "")
    with pytest.raises(CreditError, match="no open request"):
        refuse(database, dropped, "clerk", "")
    assert spent(database) == cdr_of(database, dropped).charged_cents
    assert not ask(database, dropped, SOON)


def test_nothing_is_granted_that_nobody_asked_for(database: Database) -> None:
    call_id = talked(database, 60)
    with pytest.raises(CreditError, match="no open request"):
        grant(database, call_id, 1, "clerk", "")
    with pytest.raises(CreditError):
        grant(database, "no such", 1, "clerk", "")


def test_what_a_refund_gave_back_is_not_credited_again(database: Database) -> None:
    call_id = talked(database, 60)
    ask(database, call_id, MORNING)
    lines = [Posting(ACCOUNT, 4), Posting("house.revenue.base", -4)]
    entry = Entry(f"refund:{call_id}:0", Kind.REFUND, "clerk", MORNING, lines, call_id)
    with database.begin() as connection:
        post(connection, entry)
    with pytest.raises(CreditError, match="7 cents stand"):
        grant(database, call_id, 8, "clerk", "cut off")
    grant(database, call_id, 7, "clerk", "cut off")
    assert balance(database).balance_cents == 2000
