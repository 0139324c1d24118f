"""A county with its jail and its people's accounts of all four kinds, opened in the first weeks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from accounts import direct_bill, life
from accounts.billability import import_csv
from accounts.credit_check import Application, HolderKind
from accounts.ledger import open_books
from accounts.life import NewAccount
from accounts.products import ProductId
from custody.facilities import Facility, add_facility
from custody.lines.phones import Phone, add_phone
from custody.places import add_person
from rating import deckstore
from rating.terms import FacilityTerms
from tests.builders import KEY, PIN
from tests.year.day import Day

JAIL, PHONE = "millbrook", "millbrook-1"
TERMS = FacilityTerms(JAIL, "jail", Decimal(120), "America/New_York", "OH", "330555")
OPENING_DAYS = 40
# 555-01xx is nobody's number, whatever the area.
AREAS = (212, 213, 214, 216, 217, 301, 303, 304, 305, 312, 313, 314, 315, 316, 317, 318, 319)
COLLECT_AREAS = (330, 401, 402, 404)
SHARES = {
    ProductId.PREPAID_COLLECT: 0.45,
    ProductId.DIRECT_BILL: 0.2,
    ProductId.TRADITIONAL_COLLECT: 0.2,
    ProductId.INMATE_DEBIT: 0.15,
}


@dataclass(frozen=True)
class Holding:
    """An account-to-be. ``number`` is what it pays for, ``person`` whose own it is.

    ``rank``: where it stands among all, from 0 to 1.
    """

    account: str
    product: ProductId
    number: str
    person: str
    rank: float


@dataclass
class Place:
    """Who there is. ``open`` are those whose accounts are opened."""

    holdings: list[Holding]
    open: list[Holding] = field(default_factory=list)

    def of(self, *products: ProductId) -> list[Holding]:
        """Those that are opened, of these products."""
        return [one for one in self.open if one.product in products]


def build(day: Day, size: int) -> Place:
    """The jail, its phone, its price, and everybody who will have an account."""
    open_books(day)
    terms = (TERMS.facility_type, TERMS.adp, TERMS.state, TERMS.timezone)
    add_facility(
        day,
        Facility(JAIL, "Millbrook County Jail", *terms, 900, False, exchange=TERMS.exchange),
        "test",
    )
    add_phone(day.connection, Phone(PHONE, JAIL), "clerk", day.hour(1))
    billed = (f"+1{area}555,landline,Prairie Bell,0042,yes," for area in COLLECT_AREAS)
    head = "prefix,line_type,carrier,ocn,billable,note"
    import_csv(day.connection, "\n".join([head, *billed]).encode(), "clerk", day.hour(1))
    load_prices(day, "spring", date(2025, 1, 1), "0.06")
    holdings = [
        _holding(product, n, day.chance.random())
        for product, share in SHARES.items()
        for n in range(int(size * share))
    ]
    for one in holdings:
        if one.product is ProductId.INMATE_DEBIT:
            add_person(day, KEY, one.person, JAIL, f"Person {one.person}", PIN, "desk")
    day.chance.shuffle(holdings)
    return Place(holdings)


def load_prices(day: Day, name: str, since: date, base: str) -> None:
    """A deck that is in force from now on."""
    rows = (
        f'name = "{name}"\n[[rate]]\nfacility = "{JAIL}"\neffective_from = {since}\n'
        f'base = "{base}"\ncitation = "Contract {name}"\n'
    )
    deckstore.load(day, f"{name}.toml", rows, {JAIL: TERMS}, "clerk", day.hour(2))


def open_some(day: Day, place: Place, number_of_day: int) -> None:
    """Those whose turn it is."""
    if number_of_day >= OPENING_DAYS:
        return
    for one in place.holdings[number_of_day::OPENING_DAYS]:
        _open(day.connection, day, one)
        place.open.append(one)


def _open(connection: Connection, day: Day, one: Holding) -> None:
    if one.product is ProductId.DIRECT_BILL:
        kind = day.chance.choice(list(HolderKind))
        asked = Application(kind, f"Holder {one.account}", (one.number,))
        direct_bill.apply(connection, one.account, asked, "clerk", day.hour(8))
    elif one.product is ProductId.INMATE_DEBIT:
        new = NewAccount(one.account, one.product, one.person, person_id=one.person)
        life.open_account(connection, new, "clerk", day.hour(8))
    elif one.product is ProductId.PREPAID_COLLECT:
        new = NewAccount(one.account, one.product, f"Holder {one.account}", (one.number,))
        life.open_account(connection, new, "clerk", day.hour(8))
    # Traditional collect makes itself with its first call.


def _holding(product: ProductId, n: int, rank: float) -> Holding:
    number = _number(product, n)
    collect = product is ProductId.TRADITIONAL_COLLECT
    account = f"TC-{number[1:]}" if collect else f"{product.value}-{n}"
    return Holding(account, product, number, _person(product, n), rank)


def _number(product: ProductId, n: int) -> str:
    first = {ProductId.PREPAID_COLLECT: 0, ProductId.DIRECT_BILL: 10, ProductId.INMATE_DEBIT: 14}
    if product is ProductId.TRADITIONAL_COLLECT:
        return f"+1{COLLECT_AREAS[n // 100]}55501{n % 100:02}"
    return f"+1{AREAS[first[product] + n // 100]}55501{n % 100:02}"


def _person(product: ProductId, n: int) -> str:
    return f"{200_000 + n if product is ProductId.INMATE_DEBIT else 200_000 + n % 5}"
