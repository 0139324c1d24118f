"""The price of a decision: the deck and the exchanges in force, and numbers that are free."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from calls.decision import authorize
from calls.reasons import PaidBy, Reason
from rating import deckstore, exchangestore
from rating.terms import FacilityTerms
from store.database import Database
from tests.builders import (
    DIALLED,
    FACILITY,
    LONGEST_SECONDS,
    MORNING,
    NO_ACCOUNT_NUMBER,
    balance,
    build_jail,
    call_row,
    identified_call,
)
from tests.call_rules.deciding import change, decide

CONTRACT = """
name = "county"
[[rate]]
medium = "audio"
jurisdiction = "all"
effective_from = 2026-04-06
base = "0.08"
additive = "0.015"
citation = "Contract 1"
"""


FREE = f"""
[[free]]
number = "{NO_ACCOUNT_NUMBER}"
reason = "public defender"
"""


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def load_deck(database: Database, rows: str) -> None:
    """A deck that is in force from now on."""
    adp = Decimal(212)
    jail = FacilityTerms(FACILITY, "jail", adp, "America/New_York", "OH")
    deckstore.load(database, "test.toml", rows, {FACILITY: jail}, "test", MORNING)


def test_no_price_no_call(database: Database) -> None:
    call_id = identified_call(database)
    decided = authorize(database, call_id, DIALLED, MORNING - timedelta(days=9999))
    assert decided.reason is Reason.NO_RATE
    assert decided.trail[-1][0] == "rate"
    assert call_row(database, call_id).authorized_at is None
    assert balance(database).held_cents == 0


def test_the_deck_in_force_gives_the_price(database: Database) -> None:
    load_deck(database, CONTRACT)
    terms = decide(database).terms
    assert terms is not None
    assert (terms.base_e4, terms.additive_e4) == (800, 150)
    assert terms.deck.startswith("county")


def test_the_exchange_data_in_force_tells_how_far_the_call_goes(
    database: Database, tmp_path: Path
) -> None:
    blocks = tmp_path / "blocks.csv"
    blocks.write_text("NPA,NXX,X,State,LATA,RateCenter\n315,555,,NY,136,A\n212,555,0,NY,132,B\n")
    call_id = identified_call(database)
    change(database, "UPDATE facilities SET state = 'NY', exchange = '315555'")
    loaded = exchangestore.load(database, [blocks], "test", MORNING)
    terms = authorize(database, call_id, DIALLED, MORNING).terms
    assert terms is not None
    assert (terms.jurisdiction, terms.exchanges) == ("interlata", loaded.version)


def test_a_free_number_needs_no_account_and_holds_nothing(database: Database) -> None:
    load_deck(database, CONTRACT + FREE)
    decision = decide(database, NO_ACCOUNT_NUMBER)
    assert (decision.reason, decision.account_id, decision.held_cents) == (None, None, 0)
    assert decision.limit_seconds == LONGEST_SECONDS


@pytest.mark.parametrize("by", PaidBy)
def test_nobody_pays_for_a_free_number(database: Database, by: PaidBy) -> None:
    load_deck(database, CONTRACT + FREE)
    call_id = identified_call(database)
    decision = authorize(database, call_id, NO_ACCOUNT_NUMBER, MORNING, by)
    assert (decision.reason, decision.product, decision.account_id) == (None, None, None)
