"""Who may talk first and pay later, up to how much, and when that rises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, update

from accounts import direct_bill
from accounts.credit_check import (
    Application,
    HolderKind,
    Refusal,
    Terms,
    Verdict,
    by_table,
    terms,
)
from accounts.direct_bill import CreditRefused, raise_limits
from accounts.ledger import Entry, Kind, LedgerError, Posting, open_books, post
from accounts.life import NewAccount, find, open_account, orders, suspend
from accounts.opening import Status
from accounts.prepaid import find as money_of
from accounts.products import ProductId
from accounts.reversal import reverse
from store.database import Database
from store.tables import accounts, emi_packs, emi_records, invoices
from tests.billing.carriers.talks import account as collect_account
from tests.billing.carriers.talks import talk, town

AT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
NUMBER, OTHER = "+12175550101", "+13305550188"
SAM = Application(HolderKind.FAMILY, "Sam Rivera", (NUMBER,))


@pytest.fixture
def books(database: Database) -> Database:
    """Books without a customer."""
    open_books(database)
    return database


def apply(connection: Connection, account_id: str = "rivera", asked: Application = SAM) -> int:
    return direct_bill.apply(connection, account_id, asked, "clerk", AT)


def earlier(connection: Connection, holder: str = "Sam Rivera", number: str = OTHER) -> None:
    """An account that was there before."""
    new = NewAccount("old", ProductId.PREPAID_COLLECT, holder, (number,))
    open_account(connection, new, "clerk", AT)


def written_off(connection: Connection) -> None:
    lines = [Posting("old", 100), Posting("house.write_offs", -100)]
    post(connection, Entry("write_off:old", Kind.WRITE_OFF, "clerk", AT, lines))


def test_every_kind_of_holder_has_its_limit(books: Database) -> None:
    assert set(terms()) == set(HolderKind)
    with books.begin() as connection:
        limits = [by_table(connection, Application(kind, "New", ()), AT) for kind in HolderKind]
    assert limits == [Verdict(terms()[kind].limit_cents) for kind in HolderKind]


def test_an_account_is_opened_with_its_limit(books: Database) -> None:
    with books.begin() as connection:
        limit = apply(connection)
        account, money = find(connection, "rivera"), money_of(connection, "rivera")
        assert account is not None
        assert money is not None
        assert (account.product, account.status) == (ProductId.DIRECT_BILL, Status.OPEN)
        assert account.numbers == (NUMBER,)
        assert money.credit_limit_cents == limit == terms()[HolderKind.FAMILY].limit_cents
        assert [order.kind for order in orders(connection, "rivera")] == ["open", "credit"]
        with pytest.raises(CreditRefused) as refused:
            apply(connection, "second")
    assert refused.value.refusal is Refusal.HAS_ONE


@pytest.mark.parametrize(
    ("holder", "number"), [(" sam RIVERA", OTHER), ("Lee", NUMBER)], ids=["by name", "by number"]
)
def test_who_never_paid_has_no_credit(books: Database, holder: str, number: str) -> None:
    with books.begin() as connection:
        earlier(connection, holder, number)
        written_off(connection)
        with pytest.raises(CreditRefused, match="never paid"):
            apply(connection)
        assert find(connection, "rivera") is None


def test_a_write_off_that_was_reversed_counts_no_longer(books: Database) -> None:
    with books.begin() as connection:
        earlier(connection)
        written_off(connection)
        reverse(connection, "write_off:old", "clerk", "paid after all", AT)
        assert apply(connection)


def test_who_owes_what_is_overdue_has_no_credit(books: Database) -> None:
    with books.begin() as connection:
        earlier(connection)
        connection.execute(insert(invoices), _invoice(AT - timedelta(days=1)))
        with pytest.raises(CreditRefused, match="overdue"):
            apply(connection)


def test_who_is_suspended_for_a_bill_has_no_credit(books: Database) -> None:
    with books.begin() as connection:
        earlier(connection)
        suspend(connection, "old", "overdue", "billing", AT)
        with pytest.raises(CreditRefused, match="overdue"):
            apply(connection)
        connection.execute(update(accounts).values(status="open", suspended_for=None))
        assert apply(connection)


def test_a_number_that_its_carrier_gave_back_has_no_credit(books: Database) -> None:
    town(books)
    talk(books, "one", NUMBER, 100)
    with books.begin() as connection:
        pack = {"direction": "out", "number": 1, "sha256": "x", "records": 1, "cents": 100}
        made = emi_packs.insert().returning(emi_packs.c.id)
        pack_id = connection.scalar(made, {**pack, "made_at": AT, "actor": "x"})
        record = {"pack_id": pack_id, "call_id": "one", "account_id": collect_account(NUMBER)}
        nothing = {"settled_cents": 0, "adjusted_cents": 0, "written_off_cents": 0}
        row = {**record, **nothing, "cents": 100, "returned_cents": 40}
        connection.execute(emi_records.insert(), row)
        with pytest.raises(CreditRefused, match="could not collect"):
            apply(connection)
        assert apply(connection, "lee", Application(HolderKind.FAMILY, "Lee", (OTHER,)))


def test_another_provider_may_decide(books: Database) -> None:
    with books.begin() as connection:
        limit = direct_bill.apply(
            connection, "rivera", SAM, "clerk", AT, lambda *_: Verdict(12_345)
        )
        assert limit == 12_345
        with pytest.raises(LedgerError, match="needs a number"):
            apply(connection, "none", Application(HolderKind.FAMILY, "Lee", ()))


def test_the_limit_rises_after_good_days_up_to_the_largest(books: Database) -> None:
    good = terms()[HolderKind.FAMILY]
    with books.begin() as connection:
        limit = apply(connection)
        assert raise_limits(connection, "daily", AT + good.good_for - timedelta(days=1)) == {}
        seen, at = [limit], AT
        for _ in range(6):
            at += good.good_for
            seen += raise_limits(connection, "daily", at).values()
            assert raise_limits(connection, "daily", at) == {}
    assert seen == sorted(set(seen))
    assert seen[-1] == good.largest_cents


def test_it_doesnt_rise_after_a_bad_day(books: Database) -> None:
    good = terms()[HolderKind.FAMILY].good_for
    with books.begin() as connection:
        apply(connection)
        suspend(connection, "rivera", "overdue", "billing", AT + timedelta(days=3))
        connection.execute(update(accounts).values(status="open", suspended_for=None))
        assert raise_limits(connection, "daily", AT + good) == {}
        later = AT + good + timedelta(days=4)
        overdue = _invoice(later - timedelta(days=1), "rivera")
        connection.execute(insert(invoices), overdue)
        assert raise_limits(connection, "daily", later) == {}


def test_staff_may_give_more_than_the_table() -> None:
    assert Terms(100, 200, 30, 50).raised(1_000) == 1_000


def _invoice(due_at: datetime, account_id: str = "old") -> dict[str, object]:
    moments = {"issued_at": AT, "covers_until": AT, "due_at": due_at}
    amounts = {"opening_cents": 0, "charged_cents": 70, "credited_cents": 0, "due_cents": 70}
    return {"id": "i", "account_id": account_id, "month": "2026-09", **moments, **amounts}
