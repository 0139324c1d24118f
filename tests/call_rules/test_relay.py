"""Relay, which nobody pays for, and prices too small for a cent, which somebody has to."""

from __future__ import annotations

import pytest

from blocklists.lists import BlockCause, block
from blocklists.numbers import RELAY
from calls import answering
from calls.decision import authorize
from calls.ending import CALLER, Ending, end
from calls.reasons import Reason
from rating import deckstore
from store.database import Database
from tests.builders import (
    DIALLED,
    FACILITY,
    LONGEST_SECONDS,
    MORNING,
    NO_ACCOUNT_NUMBER,
    accept,
    balance,
    build_jail,
    cdr_of,
    identified_call,
    seconds,
)

TINY = """
name = "tiny"
[[rate]]
medium = "all"
jurisdiction = "all"
effective_from = 2026-04-06
base = "0.0001"
citation = "Contract 2"
"""


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def test_relay_is_free_from_end_to_end(database: Database) -> None:
    """47 CFR 64.6040: no charge to either party, and the CDR says why."""
    call_id = identified_call(database)
    decision = authorize(database, call_id, RELAY, MORNING)
    assert (decision.reason, decision.number, decision.account_id) == (None, RELAY, None)
    assert (decision.limit_seconds, decision.held_cents) == (LONGEST_SECONDS, 0)
    assert answering.answered(database, call_id, "called-relay", MORNING, MORNING) is not None
    assert accept(database, call_id, MORNING)
    assert end(database, call_id, Ending(CALLER, MORNING + seconds(600), joined_at=MORNING))
    cdr = cdr_of(database, call_id)
    assert (cdr.number, cdr.charged_cents, cdr.billed_seconds) == (RELAY, 0, 600)
    assert (cdr.call_class, "64.6040" in cdr.quote["rule"]) == ("trs_free", True)


def test_a_facility_may_block_relay(database: Database) -> None:
    with database.begin() as connection:
        block(connection, RELAY, BlockCause.FACILITY, "sergeant", facility_id=FACILITY)
    decision = authorize(database, identified_call(database), RELAY, MORNING)
    assert decision.reason is not None
    assert decision.reason.name.startswith("BLOCKED")


def test_a_price_too_small_for_a_cent_still_needs_an_account(database: Database) -> None:
    deckstore.load(database, "tiny.toml", TINY, {}, "test", MORNING)
    refused = authorize(database, identified_call(database), NO_ACCOUNT_NUMBER, MORNING)
    assert refused.reason is Reason.NO_ACCOUNT
    call_id = identified_call(database)
    allowed = authorize(database, call_id, DIALLED, MORNING)
    assert (allowed.reason, allowed.held_cents) == (None, 0)
    assert allowed.account_id is not None
    assert answering.answered(database, call_id, "called-tiny", MORNING, MORNING) is not None
    assert accept(database, call_id, MORNING)
    assert end(database, call_id, Ending(CALLER, MORNING + seconds(600), joined_at=MORNING))
    assert (cdr_of(database, call_id).charged_cents, balance(database).held_cents) == (0, 0)
