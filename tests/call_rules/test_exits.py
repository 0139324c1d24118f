"""Verbs in any order, by anyone: one CDR, its states in order, its cause one that they allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import invariants as money
from calls import answering, blocking, invariants, opening, orders, outcomes, people
from calls.blocking import BlockScope
from calls.decision import CallOver, authorize
from calls.ending import CALLED, CALLER, SWEEPER, Ending, end
from calls.orders import OrderError
from calls.reasons import PaidBy
from calls.states import Cause
from store.database import Database
from store.tables import blocked_numbers
from tests.builders import (
    DIALLED,
    KEY,
    MORNING,
    PERSON,
    PHONE,
    PIN,
    accept,
    build_jail,
    call_row,
    cdr_of,
    open_debit,
    seconds,
)

Verb = Callable[[Database, str], object]


def _identify(database: Database, call_id: str) -> None:
    people.identify(database, KEY, call_id, PERSON, PIN, MORNING)


def _authorize(dialled: str, debit: bool) -> Verb:
    def verb(database: Database, call_id: str) -> None:
        if call_row(database, call_id).person_id:
            by = PaidBy.CALLER if debit else PaidBy.CALLED
            with suppress(CallOver):
                authorize(database, call_id, dialled, MORNING, by)

    return verb


def _answered(database: Database, call_id: str) -> None:
    answering.answered(database, call_id, "called", MORNING, MORNING)


def _greeted(database: Database, call_id: str) -> None:
    answering.greeted(database, call_id, MORNING)


def _accept(database: Database, call_id: str) -> None:
    if call_row(database, call_id).answered_at:
        accept(database, call_id, MORNING)


def _block(scope: BlockScope) -> Verb:
    return lambda database, call_id: blocking.called_party_blocks(database, call_id, scope, MORNING)


def _lift(database: Database, call_id: str) -> None:
    blocking.lift_called_party_block(database, call_id, MORNING)


def _note(cause: Cause) -> Verb:
    return lambda database, call_id: outcomes.note_outcome(database, call_id, cause)


def _cut(database: Database, call_id: str) -> None:
    with suppress(OrderError), database.begin() as connection:
        orders.cut_off(connection, call_id, "threats", "staff", MORNING)


STRAIGHT: list[Verb] = [_identify, _authorize(DIALLED, False), _answered, _greeted, _accept]
ASIDE = st.one_of(
    st.sampled_from(STRAIGHT),
    st.builds(_authorize, st.sampled_from([DIALLED, "911", "2125550177"]), st.booleans()),
    st.builds(_block, st.sampled_from(BlockScope)),
    st.builds(_note, st.sampled_from(Cause)),
    st.sampled_from([_lift, _cut]),
)
moments = st.sampled_from([None, MORNING, MORNING + seconds(1)])
endings = st.builds(
    Ending,
    st.sampled_from([CALLER, CALLED, SWEEPER]),
    st.sampled_from([MORNING + seconds(length) for length in (-1, 0, 61.5, 899.7, 4000)]),
    moments,
    moments,
    st.sampled_from(["self", "other", ""]),
    st.booleans(),
    st.sampled_from([None, 16, 17, 44]),
)


@st.composite
def lives(draw: st.DrawFn) -> list[Verb]:
    """Some way along the straight path, with anything in between and after it."""
    verbs: list[Verb] = []
    for verb in STRAIGHT[: draw(st.integers(0, len(STRAIGHT)))]:
        verbs += [*draw(st.lists(ASIDE, max_size=1)), verb]
    return verbs + draw(st.lists(ASIDE, max_size=3))


def findings(database: Database) -> Iterator[str]:
    with database.begin() as connection:
        for check in (
            *(money.unbalanced_entries, money.cached_balances),
            *(invariants.one_cdr_a_call, invariants.states_in_order),
            *(invariants.ended_as_its_state_may, invariants.no_charge_without_acceptance),
            *(invariants.charge_as_quoted, invariants.debit_pays_for_its_owner),
        ):
            yield from check(connection)


def test_any_life_ends_as_its_last_state_may(database: Database) -> None:
    build_jail(database, cents=1_000_00)
    open_debit(database, 1_000_00)

    @settings(max_examples=60)
    @given(lives(), endings)
    def law(verbs: list[Verb], ending: Ending) -> None:
        call_id = opening.open_call(database, PHONE, "caller", MORNING)
        assert call_id is not None
        for verb in verbs:
            verb(database, call_id)
        assert end(database, call_id, ending)
        assert cdr_of(database, call_id)
        assert [*findings(database)] == []
        with database.begin() as connection:
            # What one life has blocked must not stop the next one.
            connection.execute(blocked_numbers.delete())

    law()
