"""Statements and invoices over HTTP: the same as on paper, in each format and language."""

from __future__ import annotations

import pytest

from accounts.months import month_of
from accounts.products import Party
from api import pages
from billing.render import Sender, text
from billing.statements import of_month
from tests.api.desk import BILLED, Desk
from tests.builders import ACCOUNT

MEDIA = {"text": "text/plain", "html": "text/html", "pdf": "application/pdf"}


def path(desk: Desk, account: str = ACCOUNT) -> str:
    """Where this month's statement is."""
    return f"/accounts/{account}/statements/{month_of(desk.at)}"


def test_the_figures_are_the_books(either_desk: Desk) -> None:
    desk = either_desk
    told = desk.ask("GET", path(desk), desk.token(Party.HOLDER, ACCOUNT)).json()
    assert (told["opening_cents"], told["moved_cents"], told["closing_cents"]) == (0, 2000, 2000)
    assert [(one["kind"], one["cents"]) for one in told["movements"]] == [("deposit", 2000)]
    assert (told["calls"], told["final"]) == ([], False)


@pytest.mark.parametrize("kind", MEDIA)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_in_each_format_and_language(desk: Desk, kind: str, language: str) -> None:
    holder = desk.token(Party.HOLDER, ACCOUNT)
    asked = {"format": kind, "language": language}
    told = desk.ask("GET", path(desk), holder, params=asked)
    assert told.headers["Content-Type"].split(";")[0] == MEDIA[kind]
    if kind == "pdf":
        assert told.content.startswith(b"%PDF-")
        return
    heading = {"en": "Account statement", "es": "Estado de cuenta"}[language]
    assert heading in told.text
    assert "sandbox" in told.headers["Content-Security-Policy"]


def test_a_page_is_in_the_accounts_language(desk: Desk) -> None:
    holder = desk.token(Party.HOLDER, ACCOUNT)
    desk.ask("PATCH", f"/accounts/{ACCOUNT}", holder, json={"language": "es"})
    told = desk.ask("GET", path(desk), holder, params={"format": "text"})
    with desk.database.begin() as connection:
        (statement,) = of_month(connection, month_of(desk.at), ACCOUNT)
    assert told.text == text(statement, "es", sender=Sender())


def test_no_statement_before_the_account(desk: Desk) -> None:
    before = f"/accounts/{ACCOUNT}/statements/2001-01"
    assert desk.ask("GET", before, desk.token(Party.HOLDER, ACCOUNT)).status_code == 404
    for nonsense in ("2026-13", "26-10", "2026-10-01", "month"):
        told = desk.ask("GET", before.replace("2001-01", nonsense), desk.token(Party.STAFF))
        assert told.status_code == 422


def test_invoices_are_the_holders_own(desk: Desk) -> None:
    holder = desk.token(Party.HOLDER, BILLED)
    (told,) = desk.ask("GET", f"/accounts/{BILLED}/invoices", holder).json()
    assert (told["month"], told["due_cents"]) == ("2026-10", 1234)
    assert desk.ask("GET", f"/accounts/{BILLED}/invoices/2026-10", holder).json() == told
    assert desk.ask("GET", f"/accounts/{ACCOUNT}/invoices/2026-10", holder).status_code == 404


def test_every_format_is_documented(desk: Desk) -> None:
    document = desk.client.get("/openapi.json").json()
    told = document["paths"]["/accounts/{account_id}/statements/{month}"]["get"]["responses"]
    assert told["200"]["content"].keys() == {"application/json", *MEDIA.values()}
    assert set(pages.Format) == {"json", *MEDIA}
