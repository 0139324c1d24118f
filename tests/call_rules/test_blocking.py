"""The called party's blocks: whom they stop, that they are put once, and the ways out."""

from __future__ import annotations

import pytest

from blocklists.lists import BlockCause, block, blocks, unblock
from calls import outcomes
from calls.blocking import BlockScope, called_party_blocks, lift_called_party_block
from calls.decision import authorize
from calls.ending import CALLER, Ending, end
from calls.reasons import Reason
from calls.states import Cause
from custody.facilities import Facility, add_facility
from store.database import Database
from store.tables import blocked_numbers, facilities, persons
from store.types import AnyRow
from tests.builders import (
    DIALLED,
    FACILITY,
    MORNING,
    NUMBER,
    OTHER_PERSON,
    PERSON,
    accept,
    accepted_call,
    answered_call,
    at_once,
    authorized_call,
    build_jail,
    call_row,
    cdr_of,
    identified_call,
    seconds,
)

LATER = MORNING + seconds(9)
PERSON_ONLY, WHOLE_FACILITY = BlockScope.PERSON, BlockScope.FACILITY


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def in_force(database: Database) -> list[AnyRow]:
    with database.begin() as connection:
        return blocks(connection, NUMBER, LATER)


def refusal(database: Database, person: str = PERSON) -> Reason | None:
    call_id = identified_call(database, person=person)
    return authorize(database, call_id, DIALLED, MORNING).reason


@pytest.mark.parametrize(
    ("scope", "others"), [(PERSON_ONLY, None), (WHOLE_FACILITY, Reason.BLOCKED_CALLED_PARTY)]
)
def test_a_block_stops_whom_it_names(
    database: Database, scope: BlockScope, others: Reason | None
) -> None:
    call_id = answered_call(database)
    called_party_blocks(database, call_id, scope, LATER)
    assert refusal(database) is Reason.BLOCKED_CALLED_PARTY
    assert refusal(database, OTHER_PERSON) is others
    (row,) = in_force(database)
    assert (row.cause, row.actor, row.at) == (
        BlockCause.CALLED_PARTY,
        f"called party, call {call_id}",
        LATER,
    )


def test_the_call_ends_as_blocked_and_free(database: Database) -> None:
    call_id = answered_call(database)
    called_party_blocks(database, call_id, PERSON_ONLY, LATER)
    assert call_row(database, call_id).blocked_at == LATER
    assert accept(database, call_id, LATER) is None
    end(database, call_id, Ending(CALLER, LATER))
    cdr = cdr_of(database, call_id)
    assert (cdr.cause, cdr.charged_cents) == (Cause.BLOCKED_BY_CALLED, 0)
    assert [*cdr.states][-2:] == ["blocked", "ended"]


@pytest.mark.parametrize("scope", BlockScope)
def test_asking_again_changes_nothing(database: Database, scope: BlockScope) -> None:
    call_id = answered_call(database)
    at_once(4, lambda _: called_party_blocks(database, call_id, scope, LATER))
    called_party_blocks(database, call_id, scope, LATER + seconds(9))
    assert len(in_force(database)) == 1
    assert call_row(database, call_id).blocked_at == LATER


def test_a_caller_who_hangs_up_does_not_get_round_it(database: Database) -> None:
    call_id = answered_call(database)
    end(database, call_id, Ending(CALLER, MORNING))
    called_party_blocks(database, call_id, PERSON_ONLY, LATER)
    assert refusal(database) is Reason.BLOCKED_CALLED_PARTY
    assert cdr_of(database, call_id).cause == Cause.CALLER_HUNG_UP


def test_only_who_answered_can_block(database: Database) -> None:
    for call_id in (authorized_call(database)[0], identified_call(database), "no such"):
        called_party_blocks(database, call_id, WHOLE_FACILITY, LATER)
        lift_called_party_block(database, call_id, LATER)
    assert in_force(database) == []


def test_what_was_accepted_is_not_blocked_afterwards(database: Database) -> None:
    call_id = accepted_call(database)
    called_party_blocks(database, call_id, PERSON_ONLY, LATER)
    call = call_row(database, call_id)
    assert (call.blocked_at, call.outcome) == (None, None)


def test_a_block_and_an_acceptance_at_once_have_one_winner(database: Database) -> None:
    for _ in range(5):
        call_id = answered_call(database)

        def act(number: int, call: str = call_id) -> None:
            if number:
                accept(database, call, MORNING)
            else:
                called_party_blocks(database, call, PERSON_ONLY, LATER)

        at_once(2, act)
        call = call_row(database, call_id)
        assert (call.blocked_at is None) is (call.accepted_at is not None)
        lift_called_party_block(database, call_id, LATER)


def test_taking_it_back_lifts_this_calls_block_only(database: Database) -> None:
    other, call_id = answered_call(database), answered_call(database)
    for one in (other, call_id):
        called_party_blocks(database, one, WHOLE_FACILITY, LATER)
    for _ in range(2):
        lift_called_party_block(database, call_id, LATER)
    assert [row.actor for row in in_force(database)] == [f"called party, call {other}"]
    assert outcomes.outcome(database, call_id) is Cause.DECLINED
    lift_called_party_block(database, other, LATER)
    assert refusal(database) is None


def test_who_takes_it_back_may_block_again(database: Database) -> None:
    call_id = answered_call(database)
    called_party_blocks(database, call_id, PERSON_ONLY, LATER)
    lift_called_party_block(database, call_id, LATER)
    called_party_blocks(database, call_id, PERSON_ONLY, LATER)
    assert refusal(database) is Reason.BLOCKED_CALLED_PARTY
    assert outcomes.outcome(database, call_id) is Cause.BLOCKED_BY_CALLED


def test_what_staff_lifted_stays_as_they_left_it(database: Database) -> None:
    call_id = answered_call(database)
    called_party_blocks(database, call_id, PERSON_ONLY, LATER)
    with database.begin() as connection:
        theirs = BlockCause.CALLED_PARTY
        assert unblock(connection, NUMBER, theirs, "clerk") == 0, "it isn't a block of everybody"
        assert unblock(connection, NUMBER, theirs, "clerk", person_id=PERSON) == 1
    lift_called_party_block(database, call_id, LATER)
    with database.begin() as connection:
        (row,) = connection.execute(blocked_numbers.select())
    assert row.lifted_by == "clerk"
    assert refusal(database) is None


def test_a_persons_block_follows_to_another_facility(database: Database) -> None:
    called_party_blocks(database, answered_call(database), PERSON_ONLY, LATER)
    _move_to_elm(database)
    assert refusal(database) is Reason.PERSON_NOT_ALLOWED, "this phone is at the old facility"
    _move_phones_to_elm(database)
    assert refusal(database) is Reason.BLOCKED_CALLED_PARTY


def test_a_facilitys_block_stays_there(database: Database) -> None:
    called_party_blocks(database, answered_call(database), WHOLE_FACILITY, LATER)
    _move_to_elm(database)
    _move_phones_to_elm(database)
    assert refusal(database) is None


def _move_to_elm(database: Database) -> None:
    with database.begin() as connection:
        old = connection.execute(facilities.select()).one()._asdict()
    add_facility(database, Facility(**{**old, "id": "elm"}), "test")
    with database.begin() as connection:
        connection.execute(persons.update().values(facility_id="elm"))


def _move_phones_to_elm(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE phones SET facility_id = 'elm'")


def test_the_strongest_cause_is_told(database: Database) -> None:
    told = []
    for cause in reversed(BlockCause):
        with database.begin() as connection:
            block(connection, NUMBER, cause, "clerk", facility_id=FACILITY)
        told.append(refusal(database))
    assert told == [
        Reason.BLOCKED_VELOCITY,
        Reason.BLOCKED_CALLED_PARTY,
        Reason.BLOCKED_PROVIDER,
        Reason.BLOCKED_FACILITY,
        Reason.BLOCKED_SECURITY,
        Reason.BLOCKED_COURT,
    ]
