"""The staff's desk: accounts' lives and refunds, from the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accounts.payments.stripe_gateway import StripeGateway
from parloir.common import Platform
from parloir.main import main
from store.database import Database
from store.settings import Settings
from tests.accounts.gateway import FakeGateway, card_payment
from tests.builders import ACCOUNT, DEBIT, MORNING, NUMBER, PERSON, balance, build_jail, open_debit

Desk = Callable[..., Result]
WHY = ("--by", "sergeant", "--note", "came to the desk")


@pytest.fixture
def desk(database: Database, database_url: str, tmp_path: Path) -> Iterator[Desk]:
    build_jail(database)
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database_url}"\n')
    platform = Platform(file)

    def run(command: str, *words: str) -> Result:
        return CliRunner().invoke(main.commands[command], words, obj=platform)

    yield run
    platform.database.engine.dispose()


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def refund_id(told: str) -> str:
    found = re.search(r"R-\w+", told)
    assert found
    return found[0]


def test_an_account_from_opening_to_erasure(database: Database, desk: Desk) -> None:
    new = ("lee", "--holder", "Jordan Lee", "--number", "212 555 0150", "--language", "es")
    assert "+12125550150" in said(desk("account", "open", *new, "--email", "lee@example.net"))
    assert "is verified" in said(desk("account", "verify", "lee", *WHY))
    assert "was verified before" in said(desk("account", "verify", "lee"))
    said(desk("account", "number", "add", "lee", "2125550151"))
    assert "pays no longer" in said(desk("account", "number", "remove", "lee", "2125550150"))
    assert "didn't pay" in said(desk("account", "number", "remove", "lee", "2125550150"))
    said(desk("account", "deposit", "lee", "12.50"))
    shown = said(desk("account", "show", "lee"))
    assert [word in shown for word in ("prepaid_collect, open", "+12125550151")] == [True] * 2
    assert "$12.50 go back" in said(desk("account", "close", "lee", *WHY))
    assert "closed before" in said(desk("account", "close", "lee", *WHY))
    one = refund_id(said(desk("refund", "list")))
    assert "isn't paid out" in desk("account", "erase", "lee", *WHY).output
    said(desk("refund", "check", "issued", one, "1001"))
    assert "is paid out" in said(desk("refund", "check", "cashed", one))
    assert said(desk("refund", "list")) == ""
    assert "is erased" in said(desk("account", "erase", "lee", *WHY))
    kept = json.loads(said(desk("account", "export", "lee")))
    assert (kept["account"]["holder"], kept["account"]["email"]) == ("erased", None)
    done = said(desk("account", "orders", "lee"))
    kinds = [line.split()[2] for line in done.splitlines()]
    assert kinds == ["open", "verify", "number_added", "number_removed", "close", "erase"]
    assert "BROKEN" not in said(desk("check"))


def test_suspended_for_two_causes(desk: Desk) -> None:
    said(desk("account", "suspend", ACCOUNT, *WHY))
    assert "already" in said(desk("account", "suspend", ACCOUNT, *WHY))
    said(desk("account", "suspend", ACCOUNT, "--cause", "mandate", *WHY))
    assert "suspended (mandate), mandate_hold" in said(desk("account", "show", ACCOUNT))
    assert "held by a mandate" in desk("account", "close", ACCOUNT, *WHY).output
    told = said(desk("account", "lift", ACCOUNT, "--cause", "mandate", *WHY))
    assert "lifted, still suspended: staff" in told
    assert "wasn't suspended for overdue" in said(
        desk("account", "lift", ACCOUNT, "--cause", "overdue", *WHY)
    )


def test_terms_are_shown_and_accepted(desk: Desk) -> None:
    assert "## Débito" in said(desk("account", "terms", "text", "--language", "es"))
    assert "is to be accepted" in said(desk("account", "terms", "show", ACCOUNT))
    said(desk("account", "terms", "accept", ACCOUNT, "--how", "paper"))
    shown = said(desk("account", "terms", "show", ACCOUNT))
    assert ("by paper" in shown, "is to be accepted" in shown) == (True, False)


def test_a_person_is_released(database: Database, desk: Desk) -> None:
    open_debit(database, 700)
    assert f"account {DEBIT}" in said(desk("account", "release", PERSON, *WHY))
    assert "none open" in said(desk("account", "release", PERSON, *WHY))
    assert "release" in said(desk("refund", "list", "--of", DEBIT))


def test_a_refund_by_card_that_fails(
    database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(_settings: Settings) -> FakeGateway:
        return FakeGateway(["pending"])

    monkeypatch.setattr(StripeGateway, "of", of)
    card_payment(database, ACCOUNT, 500, "p", MORNING)
    asked = ("refund", "request", ACCOUNT, "--amount", "5", "--key", "k", *WHY)
    one = refund_id(said(desk(*asked)))
    assert refund_id(said(desk(*asked))) == one
    assert "1 on their way" in said(desk("refund", "send"))
    assert "has failed" in said(desk("refund", "failed", one, "--note", "the card is closed"))
    said(desk("refund", "check", "issued", one, "1001"))
    said(desk("refund", "check", "returned", one, "--note", "moved away"))
    assert "failed" in said(desk("refund", "list"))
    said(desk("refund", "escheat", one, *WHY))
    said(desk("refund", "remit", one, *WHY))
    assert "remitted" in said(desk("refund", "list", "--of", ACCOUNT))
    assert balance(database).balance_cents == 1500


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("refund", "request", ACCOUNT, "--amount", "20.01", *WHY), "between 1 and 2000 cents"),
        (("refund", "request", "nobody", *WHY), "no account nobody"),
        (("refund", "check", "issued", "R-404", "1"), "no refund R-404"),
        (("account", "interest", "nobody"), "no account nobody"),
        (("account", "orders", "house.cash"), "no account house.cash"),
        (("account", "number", "add", ACCOUNT, "911"), "911"),
        (("account", "open", "x", "--holder", "X", "--number", NUMBER), "has an account already"),
    ],
)
def test_one_clear_line_each(desk: Desk, words: tuple[str, ...], why: str) -> None:
    refused = desk(*words)
    assert (refused.exit_code, why in refused.output) == (1, True), refused.output
    assert refused.output.count("\n") == 1


def test_interest_is_noted(desk: Desk) -> None:
    assert "counted from today" in said(desk("account", "interest", ACCOUNT))
