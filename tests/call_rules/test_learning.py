"""A list that learns by itself, and calls at the same moment: it never has too many numbers."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from blocklists import pan
from blocklists.pan import PanStanding
from blocklists.policy import controls
from blocklists.policy.kinds import Kind
from blocklists.policy.rules import Layer
from blocklists.privilege.registry import mark_privileged
from calls import answering
from calls.decided import Decision
from calls.decision import authorize
from calls.ending import CALLER, Ending, end
from calls.reasons import PaidBy, Reason
from store.database import Database
from tests.builders import (
    DIALLED,
    FACILITY,
    MORNING,
    NO_ACCOUNT_NUMBER,
    NUMBER,
    PERSON,
    accept,
    accepted_call,
    at_once,
    authorized_call,
    build_jail,
    identified_call,
    open_debit,
    seconds,
)

NUMBERS = [f"21255501{n:02}" for n in range(20, 28)]


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    """Its people pay themselves, so that any number can be called."""
    build_jail(database, 100_000)
    open_debit(database, 100_000)
    set_mode(database, "self_learning 1")


def set_mode(database: Database, written: str, layer: Layer = Layer.FACILITY) -> None:
    subject = FACILITY if layer is Layer.FACILITY else PERSON
    with database.begin() as connection:
        controls.set_control(connection, layer, subject, Kind.PAN, written, "kim", "x", MORNING)


def decide(database: Database, dialled: str) -> Decision:
    return authorize(database, identified_call(database), dialled, MORNING, PaidBy.CALLER)


def standing(connection: Connection, number: str = NUMBER) -> PanStanding:
    return pan.standing(connection, PERSON, FACILITY, number, MORNING)


def test_a_call_that_lives_takes_the_last_place(database: Database) -> None:
    lives = accepted_call(database, by=PaidBy.CALLER)
    refused = decide(database, NO_ACCOUNT_NUMBER)
    said = ("facility.pan", "self_learning: 1 of 1 numbers, not this one")
    assert (refused.reason, refused.trail[-1]) == (Reason.LIST_FULL, said)
    assert decide(database, DIALLED).reason is None, "the same number takes no place more"
    talk = Ending(CALLER, MORNING + seconds(60), joined_at=MORNING)
    assert end(database, lives, talk)
    with database.begin() as connection:
        assert standing(connection) == PanStanding(allowed=True, entries=1)
    assert decide(database, NO_ACCOUNT_NUMBER).reason is Reason.LIST_FULL


def test_a_call_that_nobody_took_gives_its_place_back(database: Database) -> None:
    lives, _ = authorized_call(database, by=PaidBy.CALLER)
    assert decide(database, NO_ACCOUNT_NUMBER).reason is Reason.LIST_FULL
    assert end(database, lives, Ending(CALLER, MORNING))
    assert decide(database, NO_ACCOUNT_NUMBER).reason is None


def test_only_what_will_be_learned_takes_a_place(database: Database) -> None:
    """A lawyer's number, and one that is on the list already, are never put on it."""
    with database.begin() as connection:
        mark_privileged(connection, NUMBERS[0], "bar")
        pan.learn(connection, PERSON, NUMBER, 1, MORNING)
    set_mode(database, "self_learning 2")
    assert decide(database, NUMBERS[0]).reason is None
    assert decide(database, DIALLED).reason is None
    assert decide(database, NUMBERS[1]).reason is None
    assert decide(database, NUMBERS[2]).reason is Reason.LIST_FULL


def test_a_call_that_began_when_lists_bound_nobody_takes_no_place(database: Database) -> None:
    set_mode(database, "off")
    assert decide(database, NUMBERS[0]).reason is None
    set_mode(database, "self_learning 1")
    assert decide(database, NUMBERS[1]).reason is None


@pytest.mark.parametrize("places", [1, 3])
def test_no_race_overfills_the_list(database: Database, places: int) -> None:
    set_mode(database, f"self_learning {places}", Layer.PERSON)
    set_mode(database, f"self_learning {places + 1}")
    decided = at_once(8, lambda n: decide(database, NUMBERS[n]))
    assert [one.reason for one in decided].count(None) == places
    assert {one.reason for one in decided} == {None, Reason.LIST_FULL}


def test_no_race_with_the_ends_of_calls_overfills_the_list(database: Database) -> None:
    """Whoever has talked finds the number on the list; some calls end without anybody's talk."""
    set_mode(database, "self_learning 3")

    def talks(turn: int) -> list[str]:
        return [one for one in NUMBERS[turn:] + NUMBERS[:turn] if talk(database, one, turn % 2)]

    talked = {one for some in at_once(4, talks) for one in some}
    assert talked
    with database.begin() as connection:
        assert all(standing(connection, f"+1{one}").allowed for one in talked)
        assert standing(connection).entries == len(talked) <= 3


def talk(database: Database, dialled: str, answers: int) -> bool:
    """Whether there was a talk: the call was allowed, and somebody answers."""
    call_id = identified_call(database)
    decision = authorize(database, call_id, dialled, MORNING, PaidBy.CALLER)
    talks = decision.reason is None and bool(answers)
    if talks:
        answering.answered(database, call_id, f"leg-{call_id}", MORNING, MORNING)
        accept(database, call_id, MORNING)
    joined = MORNING if talks else None
    assert end(database, call_id, Ending(CALLER, MORNING + seconds(5), joined_at=joined))
    return talks
