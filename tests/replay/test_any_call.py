"""Any keys, any silences, any hang-ups and any failures, on both legs: every call ends well.

A state machine of a jail's life: calls of every kind one after the other, and between them what
staff, families and the clock do.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from accounts import debit
from agi.scripts.told import caller_hears
from calls.states import Cause, State
from custody import orders
from store.database import Database
from store.tables import blocked_numbers, facilities
from tests.builders import KEY, PERSON, PIN, pay_in
from tests.replay.happening import Happening, Outcome
from tests.replay.person import Person, Respond
from tests.replay.stage import Stage, told
from tests.replay.strategies import Born, called_parties, callers, failures, happenings
from tests.replay.test_failing import Failing

MENU_SECONDS, CALLED_SECONDS = 15 * 60, 180
"""The last resorts of the dialplan: no script may ever need them."""
MOST_CALLS = 12
OWN = "own"


@pytest.fixture
def again(stage: Stage, tmp_path: Path) -> Callable[[], Stage]:
    """The jail as it was on the first day, as often as it is asked for."""
    path, kept = Path(str(stage.database.engine.url.database)), tmp_path / "kept.db"
    with stage.database.once() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(path, kept)
    began = stage.clock.ms

    def restore() -> Stage:
        stage.database.engine.dispose()
        for leftover in path.parent.glob(f"{path.name}-*"):
            leftover.unlink()
        shutil.copy(kept, path)
        stage.clock.ms = began
        return stage

    return restore


def place_call(
    stage: Stage,
    caller: Respond,
    called: Respond,
    how: Happening,
    failure: tuple[int, bool] | None,
) -> Outcome:
    """The call, with a database that may fail."""
    database: Database = stage.database
    if failure is not None:
        database = Failing(stage.database, failure[0], for_good=failure[1])
    return stage.replay(caller, called, how, context=replace(stage.context, database=database))


def one_call(
    stage: Stage, caller: Born, called: Born, how: Happening, failure: tuple[int, bool] | None
) -> None:
    """A call of any kind ends well: told, booked once, nothing held."""
    how = replace(how)
    began = stage.clock.ms
    call = place_call(stage, caller(), called(), how, failure)
    longest = MENU_SECONDS + CALLED_SECONDS + how.talk_ms // 1000
    assert len(call.call_ids) <= MOST_CALLS
    assert stage.clock.ms - began < max(1, len(call.call_ids)) * longest * 1000
    swept = stage.sweep()
    assert stage.findings() == []
    untouched = not how.at and failure is None
    assert not (swept and untouched)
    told(call)
    if call.call_id:
        event(stage.ends_well(call).cause)
    if untouched:
        assert all(call.finished.values())
        each_end_was_told(stage, call)


def each_end_was_told(stage: Stage, call: Outcome) -> None:
    """What the table of a call's ends promises, the parties heard, unless they had left."""
    for call_id in call.call_ids:
        cdr = stage.cdr(call_id)
        state = [State(name) for name in cdr.states][-2]
        sentence = caller_hears(state, Cause(cdr.cause))
        if sentence and not call.caller.hung_up_by:
            assert heard(call.caller.person, sentence.id) or locked(call)


def heard(person: Person, sentence_id: str) -> bool:
    """In any language."""
    return any(sound.rpartition("/")[2] == sentence_id for sound in person.heard)


def locked(call: Outcome) -> bool:
    """Whether the PIN was locked, which is told in its own words."""
    return heard(call.caller.person, "pin-locked-1")


@settings(max_examples=150)
@given(callers, called_parties, happenings, failures)
def test_every_call_ends_well(
    again: Callable[[], Stage],
    caller: Born,
    called: Born,
    how: Happening,
    failure: tuple[int, bool] | None,
) -> None:
    one_call(again(), caller, called, how, failure)


class Jail(RuleBasedStateMachine):
    """What one call leaves behind is what the next one meets."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        debit.open_account(stage.database, OWN, PERSON, "Alex Rivera")

    @rule(caller=callers, called=called_parties, how=happenings, failure=failures)
    def call(
        self, caller: Born, called: Born, how: Happening, failure: tuple[int, bool] | None
    ) -> None:
        """Somebody lifts the phone."""
        one_call(self.stage, caller, called, how, failure)

    @rule(cents=st.integers(1, 300), account=st.sampled_from([OWN, "rivera"]))
    def deposit(self, cents: int, account: str) -> None:
        """Somebody pays in."""
        pay_in(self.stage.database, cents, account)

    @rule(
        records=st.booleans(),
        records_name=st.booleans(),
        daily=st.none() | st.integers(1, 40),
        overlay=st.sampled_from([0, 60]),
    )
    def facility_changes(
        self, records: bool, records_name: bool, daily: int | None, overlay: int
    ) -> None:
        """The facility has other rules from now on."""
        values = {"records": records, "records_name": records_name}
        more = {"daily_minutes": daily, "overlay_seconds": overlay}
        with self.stage.database.begin() as connection:
            connection.execute(facilities.update().values({**values, **more}))

    @rule()
    def staff_helps(self) -> None:
        """The PIN is unlocked and given anew, the name is to be said again."""
        database = self.stage.database
        orders.unlock(database, PERSON, "test", "asked")
        orders.new_first_pin(database, KEY, PERSON, PIN, "test", "asked")
        orders.reset_name(database, PERSON, "test", "asked")

    @rule()
    def blocks_are_lifted(self) -> None:
        """Staff lift every block."""
        at = self.stage.clock.now()
        with self.stage.database.begin() as connection:
            row = blocked_numbers.c
            lifted = blocked_numbers.update().where(row.lifted_at.is_(None))
            connection.execute(lifted.values(lifted_at=at, lifted_by="test"))

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        """Midnight among others."""
        self.stage.clock.pass_ms(timedelta(hours=hours) // timedelta(milliseconds=1))


def test_a_jails_life(again: Callable[[], Stage]) -> None:
    class Anew(Jail):
        """The jail of this test."""

        def __init__(self) -> None:
            super().__init__(again())

    run_state_machine_as_test(Anew, settings=settings(max_examples=25, stateful_step_count=8))
