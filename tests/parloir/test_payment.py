"""Payments at the staff's desk: looked at, imported, reconciled, resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accounts.payments.stripe_gateway import StripeGateway
from parloir.common import Platform
from parloir.main import main
from store.database import Database
from store.types import now
from tests.accounts.payments.till import RIVERA, Stripe, Till
from tests.gateway.server import SECRET, WEBHOOK_SECRET, running

Desk = Callable[..., Result]
FILE = "payments,1,cash,kiosk-1\nitem,K1,rivera,1500,Lee\ntotal,1,1500\n"


@pytest.fixture
def till(sqlite_database: Database) -> Iterator[Till]:
    """Yesterday's gateway."""
    with running() as server:
        stripe = Stripe(server, StripeGateway(SECRET, WEBHOOK_SECRET, server.address, retries=0))
        yield Till(sqlite_database, stripe, at=now() - timedelta(days=1))


@pytest.fixture
def desk(till: Till, tmp_path: Path) -> Iterator[Desk]:
    file = tmp_path / "parloir.toml"
    url, api = till.database.engine.url, till.stripe.server.address
    file.write_text(f'database = "{url}"\n[payments]\napi_base = "{api}"\n')
    (tmp_path / "stripe.secret").write_text(SECRET)
    (tmp_path / "stripe-webhook.secret").write_text(WEBHOOK_SECRET)
    platform = Platform(file)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main.commands["payment"], words, obj=platform)

    yield run
    platform.database.engine.dispose()


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def refused(result: Result) -> str:
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.splitlines()) == 1
    return result.output


def test_payments_are_shown_and_listed(desk: Desk, till: Till) -> None:
    paid = till.paid(2500)
    waiting = till.ask(700)
    shown = said(desk("show", paid.id))
    assert f"{paid.id} (succeeded)" in shown
    assert "$25.00" in shown
    assert str(paid.gateway_id) in shown
    assert [line.split()[2] for line in said(desk("list")).splitlines()] == [waiting.id, paid.id]
    assert said(desk("list", "--account", "okafor")) == ""
    assert "no payment P-1" in refused(desk("show", "P-1"))


def test_a_file_is_imported_once(desk: Desk, till: Till, tmp_path: Path) -> None:
    file = tmp_path / "kiosk.csv"
    file.write_text(FILE)
    assert "1 items, $15.00 paid in" in said(desk("import", str(file), "--by", "ortiz"))
    assert till.balance() == 1500
    assert "taken before, as import" in refused(desk("import", str(file)))
    file.write_text(FILE.replace("1,1500", "2,1500"))
    assert "line 3: the trailer tells of 2 items" in refused(desk("import", str(file)))


def test_a_morning_at_the_desk(desk: Desk, till: Till) -> None:
    paid = till.paid(2500)
    stranger = till.gateway.create(700, "not ours")
    till.books.pay(stranger.id)
    till.books.pay_out()
    day = f"{till.at:%Y-%m-%d}"
    assert f"{day}: 2 match, 1 new in the queue; paid over $30.48" in said(desk("reconcile"))
    assert "0 new in the queue" in said(desk("reconcile", day))
    (item,) = said(desk("unmatched")).splitlines()
    assert stranger.id in item
    number = item.split()[0]
    assert "is resolved" in said(desk("resolve", number, "--note", "given back over there"))
    assert said(desk("unmatched")) == "everything matches\n"
    assert "given back over there" in said(desk("unmatched", "--resolved"))
    assert "no item" in refused(desk("resolve", number, "--note", "again"))
    assert till.payment(paid.id).account_id == RIVERA


def test_webhooks_that_were_kept_are_handled_late(desk: Desk, till: Till) -> None:
    asked = till.ask(2500)
    paid = till.books.pay(str(asked.gateway_id))
    closed = till.books.dispute(str(asked.gateway_id), 100)
    with pytest.raises(ValueError, match="isn't paid yet"):
        till.tell(closed)
    till.tell(paid)
    assert "1 webhooks were handled late" in said(desk("reconcile"))
    assert till.account().suspended_for == "chargeback"


def test_without_secrets_it_says_what_to_do(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "stripe.secret").unlink()
    assert "docs/payments.md" in refused(desk("reconcile"))


def test_a_gateway_that_does_not_answer_is_one_line(desk: Desk, till: Till) -> None:
    till.stripe.server.shutdown()
    till.stripe.server.server_close()
    assert "doesn't answer" in refused(desk("reconcile"))
