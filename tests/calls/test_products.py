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
from tests.calls.refusing import another, hears, hears_why, refused_again
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


@hears(Reason.BILL_OVERDUE, Reason.ACCOUNT_SUSPENDED, Reason.CREDIT_LIMIT)
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
    hears_why(scene, Reason.BILL_OVERDUE)
    with database.begin() as connection:
        life.lift(connection, account, SuspendedFor.OVERDUE, "test", now(), "paid")
        life.suspend(connection, account, SuspendedFor.STAFF, "test", now(), "asked to")
    another(scene)
    refused_again(scene, Reason.ACCOUNT_SUSPENDED)
    with database.begin() as connection:
        life.lift(connection, account, SuspendedFor.STAFF, "test", now(), "asked to")
        left = LIMIT_CENTS - record.charged_cents
        lines = [Posting(account, -left), Posting("house.adjustments", left)]
        post(connection, Entry(f"fills:{account}", Kind.ADJUSTMENT, "test", now(), lines))
    another(scene)
    refused_again(scene, Reason.CREDIT_LIMIT)
    scene.alex.hangup()


@hears(Reason.COLLECT_LIMIT, Reason.TOO_MANY_COLLECT_CALLS, Reason.NOT_ENOUGH_MONEY)
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

    left = limits.collect_cents_a_day - record.charged_cents
    credit(scene, account, -left)
    scene.key_at_next(scene.alex, "next-call", "1")
    hears_why(scene, Reason.COLLECT_LIMIT)
    credit(scene, account, left)
    # The second call of the day is the last that the town's settings allow.
    another(scene)
    scene.enter()
    scene.answer()
    scene.choose()
    scene.talk()
    scene.sam.hangup()
    scene.key_at_next(scene.alex, "next-call", "1")
    hears_why(scene, Reason.TOO_MANY_COLLECT_CALLS)
    # An account of one's own takes over from the carrier, at once.
    with database.begin() as connection:
        new = NewAccount(scene.account, ProductId.PREPAID_COLLECT, "Sam Rivers", (number,))
        life.open_account(connection, new, "test", now())
    another(scene)
    refused_again(scene, Reason.NOT_ENOUGH_MONEY)
    scene.alex.hangup()


def credit(scene: Scene, account: str, cents: int) -> None:
    """Give an account money, or take it."""
    lines = [Posting(account, cents), Posting(CREDITS, -cents)]
    with scene.stack.database.begin() as connection:
        key = f"credit:{account}:{cents}"
        post(connection, Entry(key, Kind.CREDIT, "test", now(), lines))


@hears(Reason.DEBIT_SUSPENDED)
def test_an_own_account_that_is_suspended(cast: Cast) -> None:
    scene = cast(deposit_cents=-1)
    own = scene.open_own(500)
    with scene.stack.database.begin() as connection:
        life.suspend(connection, own, SuspendedFor.STAFF, "test", now(), "asked to")
    scene.dial()
    scene.key_at(scene.alex, "how-to-pay-1", "2")
    hears_why(scene, Reason.DEBIT_SUSPENDED)
    scene.alex.hangup()
