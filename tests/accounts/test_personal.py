"""Terms that were accepted; all that is kept about a holder; as much forgotten as may be."""

from __future__ import annotations

import json

import pytest

from accounts import life, personal, refunds, terms
from accounts.ledger import LedgerError
from store.database import Database
from store.tables import disputes, payments
from tests.accounts.gateway import card_payment
from tests.builders import ACCOUNT, MORNING, NUMBER, build_jail, cdr_of, talked


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def erased(database: Database) -> bool:
    with database.begin() as connection:
        return personal.erase(connection, ACCOUNT, "clerk", MORNING, "asked by letter")


def closed(database: Database) -> None:
    with database.begin() as connection:
        life.close(connection, ACCOUNT, "requested", "clerk", MORNING)


def settled(database: Database) -> None:
    closed(database)
    with database.begin() as connection:
        for one in refunds.of_account(connection, ACCOUNT):
            refunds.check_issued(connection, one.id, "1001", MORNING)
            refunds.check_cashed(connection, one.id, "clerk", MORNING)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_version_is_there_in_every_language(language: str) -> None:
    for version in terms.versions():
        said = terms.text(version, language)
        assert version in said
        assert said.count("\n## ") == 5, "all accounts, and four products"
        assert ("180 days" in said) or ("180 días" in said)


@pytest.mark.parametrize(("version", "language"), [("1999-01", "en"), ("2026-11", "fr")])
def test_no_other_terms(version: str, language: str) -> None:
    with pytest.raises(LedgerError, match="no terms of version"):
        terms.text(version, language)


def test_terms_are_accepted_once_a_version(database: Database) -> None:
    version = terms.current()
    with database.begin() as connection:
        assert terms.to_accept(connection, ACCOUNT) == version
        assert terms.accept(connection, ACCOUNT, version, "telephone", "ivr", MORNING)
        assert not terms.accept(connection, ACCOUNT, version, "web", "api", MORNING)
        assert terms.to_accept(connection, ACCOUNT) is None
        assert terms.accepted(connection, ACCOUNT) == [
            terms.Acceptance(version, "telephone", "ivr", MORNING)
        ]


def test_a_newer_version_is_to_be_accepted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.begin() as connection:
        terms.accept(connection, ACCOUNT, terms.current(), "web", "api", MORNING)
        monkeypatch.setattr(terms, "versions", lambda: ("2026-11", "2027-01"))
        assert terms.to_accept(connection, ACCOUNT) == "2027-01"


@pytest.mark.parametrize(
    ("account", "version", "how", "why"),
    [
        (ACCOUNT, "1999-01", "web", "no terms of version '1999-01'"),
        (ACCOUNT, "2026-11", "pigeon", "not by 'pigeon'"),
        ("nobody", "2026-11", "web", "no account nobody"),
    ],
)
def test_what_cant_be_accepted(
    database: Database, account: str, version: str, how: str, why: str
) -> None:
    with pytest.raises(LedgerError, match=why), database.begin() as connection:
        terms.accept(connection, account, version, how, "api", MORNING)


def test_the_export_has_everything_and_is_json(database: Database) -> None:
    call_id = talked(database, 60)
    card_payment(database, ACCOUNT, 400, "p", MORNING)
    with database.begin() as connection:
        terms.accept(connection, ACCOUNT, terms.current(), "web", "api", MORNING)
        refunds.request(connection, ACCOUNT, 10, "k", "requested", "clerk", MORNING)
        found = json.loads(json.dumps(personal.export(connection, ACCOUNT)))
    assert found["account"]["holder"] == "Sam Rivera"
    assert found["account"]["numbers"] == [NUMBER]
    assert [one["kind"] for one in found["orders"]] == ["open"]
    assert [one["version"] for one in found["terms"]] == [terms.current()]
    assert [one["card_last4"] for one in found["payments"]] == ["4242"]
    assert [one["cents"] for one in found["refunds"]] == [10]
    charged = cdr_of(database, call_id).charged_cents
    assert sorted(one["cents"] for one in found["postings"]) == sorted([2000, -charged, -10])
    assert [(one["call_id"], one["charged_cents"]) for one in found["calls"]] == [
        (call_id, charged)
    ]
    assert found["postings"][0]["at"].endswith("+00:00")


def test_no_strangers_export(database: Database) -> None:
    for stranger in ("nobody", "house.cash"):
        with (
            pytest.raises(LedgerError, match=f"no account {stranger}"),
            database.begin() as connection,
        ):
            personal.export(connection, stranger)


def test_an_open_account_isnt_erased(database: Database) -> None:
    with pytest.raises(LedgerError, match="it is open; close it first"):
        erased(database)
    closed(database)
    with pytest.raises(LedgerError, match="a refund isn't paid out"):
        erased(database)


def test_a_charge_back_keeps_the_holder(database: Database) -> None:
    card_payment(database, ACCOUNT, 400, "p", MORNING)
    with database.begin() as connection:
        connection.execute(payments.update().values(refunded_cents=400))
    settled(database)
    row = {"id": "d1", "payment_id": "p", "cents": 400, "taken_cents": 0}
    with database.begin() as connection:
        connection.execute(disputes.insert(), {**row, "status": "open", "opened_at": MORNING})
    with pytest.raises(LedgerError, match="a charge-back is open"):
        erased(database)


def test_who_it_was_is_forgotten_and_what_happened_stays(database: Database) -> None:
    call_id = talked(database, 60)
    card_payment(database, ACCOUNT, 400, "p", MORNING, refunded_cents=400)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET email='sam@example.net', address='1 Elm'")
    settled(database)
    assert erased(database)
    assert not erased(database)
    with database.begin() as connection:
        found = personal.export(connection, ACCOUNT)
    text = json.dumps(found)
    for secret in ("Sam Rivera", "sam@example.net", "1 Elm", "4242"):
        assert secret not in text
    assert [one["call_id"] for one in found["calls"]] == [call_id]
    assert sum(one["cents"] for one in found["postings"]) == 0
    assert found["orders"][-1]["kind"] == "erase"
