"""Who may ask what: every endpoint has its line, and every role its column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from accounts import terms
from accounts.ledger import LedgerError
from accounts.months import month_of
from accounts.policy import Act, may
from accounts.products import PRODUCTS, Party, ProductId
from api.tokens import GRANTABLE, Scope
from store.tables import (
    account_orders,
    allowed_numbers,
    attorneys,
    blocked_numbers,
    bulk_lists,
    call_orders,
    controls,
    facilities,
    jail_events,
    line_orders,
    looks,
    payments,
    person_orders,
    persons,
    postings,
    privilege_notices,
    privileged_numbers,
    refunds,
    staff_orders,
    units,
)
from tests.api.desk import BILLED, BULK_LIST, BY_PRODUCT, FIRST, LIVE, OTHER, REQUESTED, STAFF, Desk
from tests.builders import ACCOUNT, DEBIT, FACILITY, PERSON, PHONE

S = Scope


@dataclass(frozen=True)
class Line:
    """What an endpoint answers to a sound request.

    ``holder`` and ``person`` ask about their own account, ``facility`` about its own site or
    else an account, ``staff`` about any. ``account`` is the holder's.
    """

    scope: Scope
    holder: int
    person: int
    facility: int
    staff: int
    body: Any = None
    account: str = ACCOUNT
    entry: int = FIRST
    asks: Any = None


CHANGING = (
    *(account_orders, postings, looks, payments, refunds),
    *(units, jail_events, persons, staff_orders, blocked_numbers, allowed_numbers),
    controls,
    *(privileged_numbers, attorneys, privilege_notices),
    *(bulk_lists, call_orders, line_orders, person_orders),
)
NOTE = {"note": "as asked for"}
A_NUMBER = {"number": "(212) 555-0144", **NOTE}
A_LAWYERS = {"number": "(212) 555-0144", "proof": "letter of 2026-11-02"}
A_HOTLINE = {"code": "712", "number": "800-555-0143", "kind": "consulate", "name": "Consulate"}
AN_OFFICE = {
    "office": "Okafor LLP",
    "csv": "id,name,bar_state,bar_number,email,language,number,kind,expires,proof\n"
    "okafor,Ada Okafor,OH,0099001,,en,(614) 555-0111,,,letter",
}
A_CONTROL = {
    **{"layer": "facility", "subject": FACILITY, "kind": "calls_per_day"},
    **{"value": "9", "note": "as asked for"},
}
# 403: a role that can't have the scope.
MATRIX: Mapping[str, Line] = {
    "POST /accounts": Line(
        S.ACCOUNTS_MANAGE,
        403,
        403,
        403,
        201,
        {"id": "new", "holder": "Kim Novak", "numbers": ["(212) 555-0133"]},
    ),
    "POST /accounts/direct-bill": Line(
        S.ACCOUNTS_MANAGE,
        403,
        403,
        403,
        201,
        {"id": "new", "holder": "Kim Novak", "numbers": ["(212) 555-0133"], "kind": "family"},
    ),
    "GET /accounts/{account_id}": Line(S.ACCOUNTS_READ, 200, 200, 403, 200),
    "GET /accounts/{account_id}/orders": Line(S.ACCOUNTS_READ, 200, 200, 403, 200),
    "GET /accounts/{account_id}/balance": Line(S.ACCOUNTS_READ, 200, 200, 403, 200),
    "GET /accounts/{account_id}/activity": Line(S.ACCOUNTS_READ, 200, 200, 403, 200),
    # A person's own account has no numbers.
    "POST /accounts/{account_id}/numbers": Line(
        S.ACCOUNTS_WRITE, 200, 409, 403, 200, {"number": "212-555-0144"}
    ),
    "DELETE /accounts/{account_id}/numbers/{number}": Line(S.ACCOUNTS_WRITE, 200, 200, 403, 200),
    "POST /accounts/{account_id}/verification": Line(S.ACCOUNTS_MANAGE, 403, 403, 403, 200, NOTE),
    "POST /accounts/{account_id}/suspensions": Line(
        S.ACCOUNTS_MANAGE, 403, 403, 403, 200, {"cause": "staff", **NOTE}
    ),
    "DELETE /accounts/{account_id}/suspensions/{cause}": Line(
        S.ACCOUNTS_MANAGE, 403, 403, 403, 200
    ),
    "PATCH /accounts/{account_id}": Line(
        S.ACCOUNTS_WRITE, 200, 200, 403, 200, {"email": "sam@example.com"}
    ),
    "GET /accounts/{account_id}/terms": Line(S.ACCOUNTS_READ, 200, 200, 403, 200),
    "POST /accounts/{account_id}/terms": Line(
        S.ACCOUNTS_WRITE, 200, 200, 403, 200, {"version": terms.current()}
    ),
    "GET /accounts/{account_id}/payments": Line(S.ACCOUNTS_READ, 200, 200, 403, 200),
    "POST /accounts/{account_id}/payments": Line(
        S.PAYMENTS_WRITE, 201, 201, 403, 201, {"cents": 5000}
    ),
    "GET /accounts/{account_id}/refunds": Line(S.ACCOUNTS_READ, 200, 200, 403, 200),
    "POST /accounts/{account_id}/refunds": Line(S.REFUNDS_WRITE, 201, 201, 403, 201, {}),
    "GET /accounts/{account_id}/statements/{month}": Line(S.STATEMENTS_READ, 200, 200, 403, 200),
    "GET /accounts/{account_id}/invoices": Line(S.STATEMENTS_READ, 200, 200, 403, 200),
    # Only direct bill has invoices.
    "GET /accounts/{account_id}/invoices/{month}": Line(
        S.STATEMENTS_READ, 200, 404, 403, 200, account=BILLED
    ),
    "GET /accounts/{account_id}/export": Line(S.ACCOUNTS_READ, 200, 200, 403, 200),
    # Not while it is open.
    "POST /accounts/{account_id}/erasure": Line(S.ACCOUNTS_MANAGE, 403, 403, 403, 409, NOTE),
    "GET /facilities/{facility_id}/reports/{month}": Line(S.REPORTS_READ, 403, 403, 200, 200),
    "GET /facilities/{facility_id}": Line(S.PEOPLE_READ, 403, 403, 200, 200),
    "PATCH /facilities/{facility_id}": Line(
        S.POLICY_WRITE, 403, 403, 200, 200, {"daily_minutes": 60}
    ),
    "GET /facilities/{facility_id}/units": Line(S.PEOPLE_READ, 403, 403, 200, 200),
    # Who comes second finds it there.
    "POST /facilities/{facility_id}/units": Line(
        S.PEOPLE_WRITE, 403, 403, 201, 409, {"id": "new", "name": "A New Unit"}
    ),
    "GET /facilities/{facility_id}/people": Line(S.PEOPLE_READ, 403, 403, 200, 200),
    "GET /facilities/{facility_id}/people/{person_id}": Line(S.PEOPLE_READ, 403, 403, 200, 200),
    "PUT /facilities/{facility_id}/people/{person_id}/status": Line(
        S.PEOPLE_WRITE, 403, 403, 200, 200, {"status": "suspended", **NOTE}
    ),
    "PUT /facilities/{facility_id}/people/{person_id}/unit": Line(
        S.PEOPLE_WRITE, 403, 403, 200, 200, {"unit": None, **NOTE}
    ),
    "GET /facilities/{facility_id}/people/{person_id}/orders": Line(
        S.PEOPLE_READ, 403, 403, 200, 200
    ),
    "POST /facilities/{facility_id}/people/{person_id}/unlocking": Line(
        S.PEOPLE_WRITE, 403, 403, 204, 204, NOTE
    ),
    "POST /facilities/{facility_id}/people/{person_id}/name-reset": Line(
        S.PEOPLE_WRITE, 403, 403, 204, 204, NOTE
    ),
    "POST /facilities/{facility_id}/jail-events": Line(
        S.PEOPLE_WRITE, 403, 403, 200, 200, {"source": "jms", "events": []}
    ),
    "POST /facilities/{facility_id}/jail-events/{source}/csv": Line(
        S.PEOPLE_WRITE, 403, 403, 200, 200, "event_id,kind,person,at\n"
    ),
    "GET /facilities/{facility_id}/staff": Line(S.STAFF_WRITE, 403, 403, 200, 200),
    "POST /facilities/{facility_id}/staff": Line(
        S.STAFF_WRITE,
        403,
        403,
        201,
        409,
        {"id": "new", "name": "Kim Novak", "role": "booking", **NOTE},
    ),
    "PATCH /facilities/{facility_id}/staff/{staff_id}": Line(
        S.STAFF_WRITE, 403, 403, 200, 200, {"role": "supervisor", **NOTE}
    ),
    "GET /facilities/{facility_id}/staff/{staff_id}/orders": Line(
        S.STAFF_WRITE, 403, 403, 200, 200
    ),
    "GET /facilities/{facility_id}/blocks": Line(S.NUMBERS_READ, 403, 403, 200, 200),
    "GET /facilities/{facility_id}/blocks/history": Line(
        S.NUMBERS_READ, 403, 403, 200, 200, asks={"number": "2125550101"}
    ),
    "POST /facilities/{facility_id}/blocks": Line(S.NUMBERS_WRITE, 403, 403, 201, 201, A_NUMBER),
    "POST /facilities/{facility_id}/blocks/import": Line(
        S.NUMBERS_WRITE, 403, 403, 200, 200, {"text": "212-555-0144"}
    ),
    "POST /facilities/{facility_id}/blocks/{entry}/lifting": Line(
        S.NUMBERS_WRITE, 403, 403, 200, 200
    ),
    "GET /facilities/{facility_id}/allowed": Line(S.NUMBERS_READ, 403, 403, 200, 200),
    "POST /facilities/{facility_id}/allowed": Line(S.NUMBERS_WRITE, 403, 403, 201, 201, A_NUMBER),
    "POST /facilities/{facility_id}/allowed/{entry}/removal": Line(
        S.NUMBERS_WRITE, 403, 403, 200, 200
    ),
    "POST /facilities/{facility_id}/allowed/import": Line(
        S.NUMBERS_WRITE, 403, 403, 200, 200, {"text": "212-555-0144"}
    ),
    "GET /facilities/{facility_id}/bulk-lists": Line(S.NUMBERS_READ, 403, 403, 200, 200),
    "PUT /facilities/{facility_id}/bulk-lists/{name}": Line(
        S.NUMBERS_WRITE, 403, 403, 200, 200, {"text": "212-555-0144"}
    ),
    # Who comes second finds it lifted.
    "POST /facilities/{facility_id}/bulk-lists/{name}/lifting": Line(
        S.NUMBERS_WRITE, 403, 403, 200, 404
    ),
    "GET /facilities/{facility_id}/controls": Line(S.POLICY_READ, 403, 403, 200, 200),
    "POST /facilities/{facility_id}/controls": Line(S.POLICY_WRITE, 403, 403, 201, 201, A_CONTROL),
    "POST /facilities/{facility_id}/controls/{entry}/lifting": Line(
        S.POLICY_WRITE, 403, 403, 200, 200
    ),
    "GET /facilities/{facility_id}/explanation": Line(
        S.POLICY_READ,
        403,
        403,
        200,
        200,
        asks={"person": PERSON, "phone": PHONE, "to": "212-555-0101"},
    ),
    "GET /facilities/{facility_id}/phones": Line(S.LINES_WRITE, 403, 403, 200, 200),
    "POST /facilities/{facility_id}/phones": Line(
        S.LINES_WRITE, 403, 403, 201, 409, {"id": "wing-a-9"}
    ),
    "PUT /facilities/{facility_id}/phones/{phone_id}": Line(
        S.LINES_WRITE, 403, 403, 200, 200, {"label": "By the door", **NOTE}
    ),
    "PUT /facilities/{facility_id}/phones/{phone_id}/active": Line(
        S.LINES_WRITE, 403, 403, 200, 200, {"active": False, **NOTE}
    ),
    "GET /facilities/{facility_id}/phones/{phone_id}/orders": Line(
        S.LINES_WRITE, 403, 403, 200, 200
    ),
    "POST /facilities/{facility_id}/phones/{phone_id}/password": Line(
        S.LINES_WRITE, 403, 403, 201, 201, NOTE
    ),
    "GET /facilities/{facility_id}/hotlines": Line(S.LINES_WRITE, 403, 403, 200, 200),
    "POST /facilities/{facility_id}/hotlines": Line(S.LINES_WRITE, 403, 403, 201, 409, A_HOTLINE),
    "PUT /facilities/{facility_id}/hotlines/{code}/active": Line(
        S.LINES_WRITE, 403, 403, 200, 200, {"active": False, **NOTE}
    ),
    "GET /facilities/{facility_id}/hotline-calls": Line(S.LINES_WRITE, 403, 403, 200, 200),
    "GET /trunks": Line(S.LINES_WRITE, 403, 403, 403, 200),
    "POST /trunks": Line(
        S.LINES_WRITE, 403, 403, 403, 201, {"id": "spare", "host": "sip.example", "port": 5061}
    ),
    "PUT /trunks/{trunk_id}/active": Line(
        S.LINES_WRITE, 403, 403, 403, 200, {"active": False, **NOTE}
    ),
    "GET /trunks/{trunk_id}/orders": Line(S.LINES_WRITE, 403, 403, 403, 200),
    "GET /facilities/{facility_id}/live-calls": Line(S.CALLS_WRITE, 403, 403, 200, 200),
    "GET /live-calls": Line(S.CALLS_WRITE, 403, 403, 403, 200),
    "POST /facilities/{facility_id}/live-calls/{call_id}/cut-off": Line(
        S.CALLS_WRITE, 403, 403, 201, 201, NOTE
    ),
    "GET /facilities/{facility_id}/quarantine": Line(S.PRIVILEGE_WRITE, 403, 403, 200, 200),
    "GET /quarantine": Line(S.PRIVILEGE_WRITE, 403, 403, 403, 200),
    "GET /privilege-notices": Line(S.PRIVILEGE_WRITE, 403, 403, 403, 200),
    "POST /privilege-notices/{entry}/sent": Line(S.PRIVILEGE_WRITE, 403, 403, 403, 200),
    "GET /facilities/{facility_id}/privileged-numbers": Line(S.NUMBERS_READ, 403, 403, 200, 200),
    "POST /facilities/{facility_id}/privileged-numbers": Line(
        S.PRIVILEGE_WRITE, 403, 403, 201, 201, A_LAWYERS
    ),
    "POST /facilities/{facility_id}/privileged-numbers/{entry}/lifting": Line(
        S.PRIVILEGE_WRITE, 403, 403, 200, 200
    ),
    "POST /facilities/{facility_id}/privileged-numbers/office": Line(
        S.PRIVILEGE_WRITE, 403, 403, 200, 200, AN_OFFICE
    ),
    "GET /privileged-numbers": Line(S.PRIVILEGE_WRITE, 403, 403, 403, 200),
    "POST /privileged-numbers": Line(S.PRIVILEGE_WRITE, 403, 403, 403, 201, A_LAWYERS),
    "POST /privileged-numbers/{entry}/lifting": Line(S.PRIVILEGE_WRITE, 403, 403, 403, 200),
    "POST /privileged-numbers/office": Line(S.PRIVILEGE_WRITE, 403, 403, 403, 200, AN_OFFICE),
    "GET /attorneys": Line(S.PRIVILEGE_WRITE, 403, 403, 403, 200),
    "PUT /attorneys/{attorney_id}": Line(
        S.PRIVILEGE_WRITE, 403, 403, 403, 200, {"name": "Ada Okafor"}
    ),
    "GET /facilities/{facility_id}/requested-numbers": Line(S.NUMBERS_READ, 403, 403, 200, 200),
    "POST /facilities/{facility_id}/people-numbers/import": Line(
        S.NUMBERS_WRITE, 403, 403, 200, 200, {"text": f"{PERSON},212-555-0144"}
    ),
    "GET /facilities/{facility_id}/people/{person_id}/numbers": Line(
        S.NUMBERS_READ, 403, 403, 200, 200
    ),
    "POST /facilities/{facility_id}/people/{person_id}/numbers": Line(
        S.NUMBERS_WRITE, 403, 403, 201, 201, A_NUMBER
    ),
    "POST /facilities/{facility_id}/people/{person_id}/numbers/{entry}/decision": Line(
        S.NUMBERS_WRITE, 403, 403, 200, 200, {"approved": True}, entry=REQUESTED
    ),
    "POST /facilities/{facility_id}/people/{person_id}/numbers/{entry}/removal": Line(
        S.NUMBERS_WRITE, 403, 403, 200, 200, entry=REQUESTED
    ),
    # What holds everywhere is the provider's.
    "GET /numbers/blocks": Line(S.NUMBERS_READ, 403, 403, 403, 200),
    "GET /numbers/blocks/history": Line(
        S.NUMBERS_READ, 403, 403, 403, 200, asks={"number": "2125550101"}
    ),
    "POST /numbers/blocks/import": Line(
        S.NUMBERS_WRITE, 403, 403, 403, 200, {"text": "212-555-0144"}
    ),
    "POST /numbers/allowed/import": Line(
        S.NUMBERS_WRITE, 403, 403, 403, 200, {"text": "212-555-0144"}
    ),
    "GET /numbers/bulk-lists": Line(S.NUMBERS_READ, 403, 403, 403, 200),
    "PUT /numbers/bulk-lists/{name}": Line(
        S.NUMBERS_WRITE, 403, 403, 403, 200, {"text": "212-555-0144"}
    ),
    "POST /numbers/bulk-lists/{name}/lifting": Line(S.NUMBERS_WRITE, 403, 403, 403, 200),
    "POST /numbers/blocks": Line(S.NUMBERS_WRITE, 403, 403, 403, 201, A_NUMBER),
    "POST /numbers/blocks/{entry}/lifting": Line(S.NUMBERS_WRITE, 403, 403, 403, 200),
    "GET /numbers/allowed": Line(S.NUMBERS_READ, 403, 403, 403, 200),
    "POST /numbers/allowed": Line(S.NUMBERS_WRITE, 403, 403, 403, 201, A_NUMBER),
    "POST /numbers/allowed/{entry}/removal": Line(S.NUMBERS_WRITE, 403, 403, 403, 200),
    "POST /accounts/{account_id}/closing": Line(S.ACCOUNTS_WRITE, 200, 200, 403, 200, NOTE),
}
PUBLIC = {"GET /products", "GET /terms", "POST /deposits", "POST /webhooks/gateway"}


def endpoints(desk: Desk) -> Iterator[str]:
    """Every endpoint, as the application itself lists them."""
    for path, operations in desk.client.get("/openapi.json").json()["paths"].items():
        for method in operations:
            yield f"{method.upper()} {path}"


def asked(desk: Desk, endpoint: str, secret: str | None, account: str = ACCOUNT) -> int:
    """The status of a sound request."""
    method, path = endpoint.split()
    names: dict[str, object] = {"account_id": account, "facility_id": FACILITY}
    names |= {
        "person_id": PERSON,
        "attorney_id": "okafor",
        **{"phone_id": PHONE, "code": "711", "trunk_id": "main"},
        **{"staff_id": STAFF, "name": BULK_LIST, "call_id": LIVE},
        "source": "jms",
        "entry": MATRIX[endpoint].entry,
    }
    month = "2026-10" if "invoices" in path else month_of(desk.at)
    filled = path.format(**names, number="+12125550101", cause="staff", month=month)
    headers = {"Idempotency-Key": "a-key-of-the-matrix"}
    line = MATRIX[endpoint]
    given = {"json": line.body, "params": line.asks}
    return desk.ask(method, filled, secret, headers=headers, **given).status_code


def test_every_endpoint_has_its_line(desk: Desk) -> None:
    assert set(endpoints(desk)) == MATRIX.keys() | PUBLIC


@pytest.mark.parametrize("endpoint", MATRIX)
def test_the_line_holds(desk: Desk, endpoint: str) -> None:
    line = MATRIX[endpoint]
    holds = line.account
    own = {Party.HOLDER: holds, Party.PERSON: PERSON, Party.FACILITY: FACILITY, Party.STAFF: None}
    desk.ring()
    desk.tell_a_lawyer()
    before = [desk.rows(table) for table in CHANGING]
    unscoped = {role: GRANTABLE[role] - {line.scope} for role in own}

    assert asked(desk, endpoint, None) == 401
    assert asked(desk, endpoint, "parloir_made_up") == 401
    for role, subject in own.items():
        assert asked(desk, endpoint, desk.revoked(role, subject)) == 401
        if unscoped[role]:
            assert asked(desk, endpoint, desk.token(role, subject, unscoped[role])) == 403
    short = desk.token(Party.STAFF, lasting=timedelta(seconds=1))
    desk.at += timedelta(seconds=1)
    assert asked(desk, endpoint, short) == 401
    if "{account_id}" in endpoint:
        # A stranger learns no more than from an account that doesn't exist.
        refused = 404 if line.scope in GRANTABLE[Party.HOLDER] else 403
        assert asked(desk, endpoint, desk.token(Party.HOLDER, OTHER)) == refused
        assert asked(desk, endpoint, desk.token(Party.HOLDER, holds), DEBIT) == refused
        assert asked(desk, endpoint, desk.token(Party.PERSON, PERSON), ACCOUNT) == refused
        assert asked(desk, endpoint, desk.token(Party.STAFF), "nobody") == 404
    assert [desk.rows(table) for table in CHANGING] == before

    assert asked(desk, endpoint, desk.token(Party.FACILITY, FACILITY)) == line.facility
    assert asked(desk, endpoint, desk.token(Party.HOLDER, holds), holds) == line.holder
    assert asked(desk, endpoint, desk.token(Party.PERSON, PERSON), DEBIT) == line.person
    assert asked(desk, endpoint, desk.token(Party.STAFF), holds) == line.staff


POLICY = {
    Act.SEE_BALANCE: "GET /accounts/{account_id}/balance",
    Act.SEE_ACTIVITY: "GET /accounts/{account_id}/activity",
    Act.EXPORT: "GET /accounts/{account_id}/export",
    Act.FUND: "POST /accounts/{account_id}/payments",
    Act.ASK_REFUND: "POST /accounts/{account_id}/refunds",
    Act.CHANGE: "PATCH /accounts/{account_id}",
    Act.CLOSE: "POST /accounts/{account_id}/closing",
}


@pytest.mark.parametrize("product", ProductId)
def test_the_policy_is_asked(desk: Desk, product: ProductId) -> None:
    account = BY_PRODUCT[product]
    owner = PRODUCTS[product].owner
    own = desk.token(owner, PERSON if owner is Party.PERSON else account)
    for act, endpoint in POLICY.items():
        for party, secret in ((owner, own), (Party.STAFF, desk.token(Party.STAFF))):
            allowed = may(party, act, product)
            assert (asked(desk, endpoint, secret, account) != 403) is allowed, (act, party)


def test_a_holder_has_no_token_for_a_persons_own_account(desk: Desk) -> None:
    with pytest.raises(LedgerError, match="no account rivera-own for a holder's token"):
        desk.token(Party.HOLDER, DEBIT)


def test_a_facility_sees_its_own_site_only(desk: Desk) -> None:
    with desk.database.begin() as connection:
        jail = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**jail, "id": "riverside"})
    elsewhere = desk.token(Party.FACILITY, "riverside")
    endpoint = "GET /facilities/{facility_id}/reports/{month}"
    assert asked(desk, endpoint, elsewhere) == 404
    assert desk.ask("GET", "/facilities/nowhere/reports/2026-10", elsewhere).status_code == 404
    staff = desk.token(Party.STAFF)
    assert desk.ask("GET", "/facilities/nowhere/reports/2026-10", staff).status_code == 404
