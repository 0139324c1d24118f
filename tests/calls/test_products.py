"""Direct bill and the carrier's bill on real phones: what each costs, says, and refuses."""

from __future__ import annotations

from accounts import collect, life
from accounts.chart import CREDITS
from accounts.ledger import Entry, Kind, Posting, post
from accounts.life import NewAccount, SuspendedFor
from accounts.products import ProductId
from calls.reasons import Reason
from ivr_prompts.saying import Duration, Money, Rate, Sentence
from rating.engine import charge
from rating.terms import Quote
from store.tables import billable_numbers
from store.types import AnyRow, now
from tests.calls.conftest import Cast
from tests.calls.scene import Scene

LIMIT_CENTS = 30_00


def talks(scene: Scene, bill: str, language: str = "en") -> AnyRow:
    """A call whose price and bill are heard; its CDR, for which the account owes."""
    scene.dial()
    scene.answer(language)
    scene.choose("2")
    terms = Quote.from_json(scene.call().decision["terms"])
    longest = scene.call().decision["affordable_seconds"]
    price = Sentence(
        "called-price",
        rate=Rate(terms.base_e4 + terms.additive_e4),
        longest=Duration(longest),
        total=Money(charge(terms, longest).total_cents),
    )
    scene.told(scene.sam, price, Sentence(bill))
    scene.sam.press("1")
    scene.talk()
    scene.sam.hangup()
    scene.begins(scene.alex, "called-hung-up")
    return scene.sealed()


def again(scene: Scene, reason: Reason, sentence: str) -> None:
    """Alex keys the number again and is refused."""
    scene.key_at_next(scene.alex, "next-call-other", "2")
    scene.enter()
    scene.hears_next(scene.alex, sentence)
    assert scene.record().refusal_code == reason.code


def test_direct_bill(cast: Cast) -> None:
    scene = cast(deposit_cents=-1)
    database, account = scene.stack.database, scene.account
    with database.begin() as connection:
        new = NewAccount(
            account,
            ProductId.DIRECT_BILL,
            "Sam Rivers",
            (f"+1{scene.number}",),
            credit_limit_cents=LIMIT_CENTS,
        )
        life.open_account(connection, new, "test", now())
    record = talks(scene, "charged-to-monthly-bill", "es")
    assert (record.cause, record.product) == ("called_hung_up", "direct_bill")
    assert scene.balance().balance_cents == -record.charged_cents < 0
    assert scene.balance().held_cents == 0

    with database.begin() as connection:
        life.suspend(connection, account, SuspendedFor.OVERDUE, "test", now(), "not paid")
    scene.key_at_next(scene.alex, "next-call", "1")
    scene.hears_next(scene.alex, "refused-bill-overdue")
    assert scene.record().refusal_code == Reason.BILL_OVERDUE.code
    with database.begin() as connection:
        life.lift(connection, account, SuspendedFor.OVERDUE, "test", now(), "paid")
        life.suspend(connection, account, SuspendedFor.STAFF, "test", now(), "asked to")
    again(scene, Reason.ACCOUNT_SUSPENDED, "refused-account-suspended")
    with database.begin() as connection:
        life.lift(connection, account, SuspendedFor.STAFF, "test", now(), "asked to")
        left = LIMIT_CENTS - record.charged_cents
        lines = [Posting(account, -left), Posting("house.adjustments", left)]
        post(connection, Entry(f"fills:{account}", Kind.ADJUSTMENT, "test", now(), lines))
    again(scene, Reason.CREDIT_LIMIT, "refused-credit-limit")
    scene.alex.hangup()


def test_the_carriers_bill(cast: Cast) -> None:
    scene = cast(deposit_cents=-1)
    database, number = scene.stack.database, f"+1{scene.number}"
    account, limits = collect.account_of(number), scene.stack.settings.call
    row = {"prefix": number, "line_type": "landline", "carrier": "Valley Telephone"}
    known = {"ocn": "0123", "billable": True, "actor": "test", "at": now(), "note": ""}
    with database.begin() as connection:
        connection.execute(billable_numbers.insert(), {**row, **known})
    record = talks(scene, "charged-to-phone-bill")
    assert (record.product, record.account_id) == ("traditional_collect", account)
    assert scene.balance(account).balance_cents == -record.charged_cents < 0

    with database.begin() as connection:
        left = limits.collect_cents_a_day - record.charged_cents
        lines = [Posting(account, -left), Posting(CREDITS, left)]
        post(connection, Entry(f"fills:{account}", Kind.CREDIT, "test", now(), lines))
    scene.key_at_next(scene.alex, "next-call", "1")
    scene.hears_next(scene.alex, "refused-collect-limit")
    assert scene.record().refusal_code == Reason.COLLECT_LIMIT.code
    # An account of one's own takes over from the carrier, at once.
    with database.begin() as connection:
        new = NewAccount(scene.account, ProductId.PREPAID_COLLECT, "Sam Rivers", (number,))
        life.open_account(connection, new, "test", now())
    again(scene, Reason.NOT_ENOUGH_MONEY, "refused-not-enough-money")
    scene.alex.hangup()


def test_an_own_account_that_is_suspended(cast: Cast) -> None:
    scene = cast(deposit_cents=-1)
    own = scene.open_own(500)
    with scene.stack.database.begin() as connection:
        life.suspend(connection, own, SuspendedFor.STAFF, "test", now(), "asked to")
    scene.dial()
    scene.key_at(scene.alex, "how-to-pay-1", "2")
    scene.hears(scene.alex, "refused-debit-suspended")
    assert scene.record().refusal_code == Reason.DEBIT_SUSPENDED.code
    scene.alex.hangup()
