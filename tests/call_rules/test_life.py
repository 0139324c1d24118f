"""A call's verbs, each of them repeatable, and its states as one table."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from calls import answering, opening, outcomes
from calls.decision import authorize
from calls.ending import CALLER, Ending, end
from calls.journal import Event, keep, read
from calls.reasons import Reason
from calls.states import EXITS, FOLLOWS, Cause, State, later
from store.database import Database
from store.tables import calls, persons
from tests.builders import (
    DIALLED,
    FACILITY,
    MORNING,
    NUMBER,
    PERSON,
    PHONE,
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


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def over(database: Database, call_id: str) -> str:
    assert end(database, call_id, Ending(CALLER, LATER))
    return call_id


def test_only_our_phones_open_calls(database: Database) -> None:
    assert opening.open_call(database, "stranger", "caller-1", MORNING) is None
    ids = {opening.open_call(database, PHONE, "caller-1", MORNING) for _ in range(20)}
    assert len(ids) == 20
    assert all(set(one or "?") <= set(opening.ALPHABET) for one in ids)


def test_the_called_leg_learns_what_was_decided(database: Database) -> None:
    call_id, decision = authorized_call(database)
    told = answering.answered(database, call_id, "called-1", MORNING, LATER)
    assert told is not None
    assert (told.number, told.recorded, told.limit_seconds) == (NUMBER, True, 900)
    assert told.decision["person_name"] == decision.person_name
    assert (told.product, told.overlay_seconds) == ("prepaid_collect", 0)
    assert told.account_id == decision.account_id


def test_answering_again_changes_nothing(database: Database) -> None:
    call_id, _ = authorized_call(database)
    first = answering.answered(database, call_id, "called-1", MORNING, MORNING)
    assert answering.answered(database, call_id, "called-2", LATER, LATER) == first
    call = call_row(database, call_id)
    assert (call.called_channel, call.ringing_at) == ("called-1", MORNING)
    assert call.answered_at == MORNING


def test_what_was_never_authorized_is_not_answered(database: Database) -> None:
    call_id = identified_call(database)
    assert answering.answered(database, call_id, "called-1", MORNING, MORNING) is None
    assert answering.answered(database, "no such", "called-1", MORNING, MORNING) is None
    gone = over(database, authorized_call(database)[0])
    assert answering.answered(database, gone, "called-1", MORNING, MORNING) is None


def test_greeting_and_accepting_again_keep_the_first_moment(database: Database) -> None:
    call_id = answered_call(database)
    for at in (MORNING, LATER):
        answering.greeted(database, call_id, at)
        assert accept(database, call_id, at)
    call = call_row(database, call_id)
    assert (call.greeted_at, call.accepted_at) == (MORNING, MORNING)


def test_nothing_is_accepted_that_was_not_answered(database: Database) -> None:
    call_id = authorized_call(database)[0]
    answering.greeted(database, call_id, MORNING)
    assert accept(database, call_id, MORNING) is None


def test_nothing_happens_after_the_end(database: Database) -> None:
    call_id = over(database, answered_call(database))
    before = call_row(database, call_id)
    answering.greeted(database, call_id, LATER)
    outcomes.note_outcome(database, call_id, Cause.BUSY)
    assert accept(database, call_id, LATER) is None
    assert not end(database, call_id, Ending(CALLER, LATER))
    assert call_row(database, call_id) == before


def test_what_a_script_notes_is_known_to_the_other_leg(database: Database) -> None:
    call_id = answered_call(database)
    assert outcomes.outcome(database, call_id) is None
    outcomes.note_outcome(database, call_id, Cause.DECLINED)
    assert outcomes.outcome(database, call_id) is Cause.DECLINED
    assert outcomes.outcome(database, "no such") is None


def test_a_call_that_is_accepted_has_no_other_outcome(database: Database) -> None:
    call_id = accepted_call(database)
    outcomes.note_outcome(database, call_id, Cause.FAX)
    assert outcomes.outcome(database, call_id) is None


def test_a_call_with_an_outcome_is_not_accepted(database: Database) -> None:
    call_id = answered_call(database)
    outcomes.note_outcome(database, call_id, Cause.FAX)
    assert accept(database, call_id, LATER) is None


def test_a_machine_and_an_acceptance_at_once_have_one_winner(database: Database) -> None:
    for _ in range(5):
        call_id = answered_call(database)

        def act(number: int, call: str = call_id) -> bool:
            if number:
                return accept(database, call, MORNING) is not None
            outcomes.note_outcome(database, call, Cause.FAX)
            return outcomes.outcome(database, call) is None

        none_noted, accepted = at_once(2, act)
        assert none_noted is accepted


def test_who_stays_on_the_phone_needs_no_pin_again(database: Database) -> None:
    first = over(database, answered_call(database))
    found = opening.follow(database, first, "caller-9", LATER)
    assert found is not None
    assert (found.person.id, found.person.facility_id, found.dialled) == (PERSON, FACILITY, DIALLED)
    call = call_row(database, found.call_id)
    assert (call.follows, call.person_id, call.phone_id) == (first, PERSON, PHONE)
    assert call.offhook_at == call.identified_at == LATER
    assert call.caller_channel == "caller-9"
    assert (call.number, call.account_id, call.decision) == (None, None, None)


def test_a_call_is_followed_by_one(database: Database) -> None:
    first = over(database, identified_call(database))
    found = at_once(4, lambda _: opening.follow(database, first, "caller-9", LATER))
    ids = {one.call_id for one in found if one}
    assert len(ids) == 1
    assert None not in found
    over(database, ids.pop())
    assert opening.follow(database, first, "caller-9", LATER) is None


def test_another_channel_does_not_take_the_next_call_over(database: Database) -> None:
    first = over(database, identified_call(database))
    assert opening.follow(database, first, "caller-9", LATER)
    assert opening.follow(database, first, "stranger", LATER) is None


def test_what_lives_or_is_nobodys_is_not_followed(database: Database) -> None:
    nobodys = opening.open_call(database, PHONE, "caller-9", MORNING)
    assert nobodys is not None
    over(database, nobodys)
    for call_id in (nobodys, answered_call(database), "no such"):
        assert opening.follow(database, call_id, "caller-9", LATER) is None


def test_who_was_released_meanwhile_is_looked_at_anew(database: Database) -> None:
    first = over(database, identified_call(database))
    with database.begin() as connection:
        connection.execute(persons.update().values(status="released", name="Alex R"))
    found = opening.follow(database, first, "caller-9", LATER)
    assert found is not None
    assert found.person.name == "Alex R"
    assert authorize(database, found.call_id, DIALLED, LATER).reason is Reason.PERSON_NOT_ALLOWED


def test_every_state_has_its_column() -> None:
    moments = {one.name.removesuffix("_at") for one in calls.c if one.name.endswith("_at")}
    of_money = {"renew", "seen", "warned"}
    assert moments == {state.value for state in State} | of_money
    assert set(FOLLOWS) == set(State)


def test_every_state_is_reached_and_reaches_the_end() -> None:
    followed = set().union(*FOLLOWS.values())
    assert followed | {State.OFFHOOK} == set(State)
    assert all(State.ENDED in after for state, after in FOLLOWS.items() if state != State.ENDED)
    assert later(State.OFFHOOK) == set(State) - {State.OFFHOOK}
    assert later(State.GREETED) == {*(State.ACCEPTED, State.TALKING, State.BLOCKED, State.ENDED)}


def test_every_state_has_its_exits() -> None:
    assert set(EXITS) == set(State)
    assert set().union(*EXITS.values()) == set(Cause)
    assert all(
        Cause.SYSTEM_FAILURE in EXITS[state] for state in later(State.OFFHOOK) - {State.ENDED}
    )


@pytest.mark.parametrize("build", [identified_call, answered_call, accepted_call])
def test_states_are_entered_in_the_tables_order(
    database: Database, build: Callable[[Database], str]
) -> None:
    call_id = over(database, build(database))
    entered = [State(name) for name in cdr_of(database, call_id).states]
    for before, after in pairwise(entered):
        assert after in FOLLOWS[before]


def test_the_journal_is_read_in_order(database: Database) -> None:
    call_id = identified_call(database)
    late, early = (Event(at, "caller", "played", "x" * 500) for at in (LATER, MORNING))
    keep(database, call_id, "caller", [late])
    keep(database, call_id, "caller", [early])
    keep(database, call_id, "called", [])
    with database.begin() as connection:
        events = read(connection, call_id)
    assert [event.at for event in events] == [MORNING, LATER]
    assert {len(event.detail) for event in events} == {200}
