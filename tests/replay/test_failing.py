"""The platform's own failures: an apology to whoever is left, and clean books all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from calls.states import Cause
from store.database import Database
from tests.replay.happening import Happening, Outcome
from tests.replay.line import Fault
from tests.replay.stage import Stage, told
from tests.replay.test_leaving import CASES
from tests.replay.ways import walk

FAILURES = (Fault.FAILS, Fault.REFUSED, Fault.MISUSED)


class Failing(Database):
    """A database that is gone: for one use, or from then on. ``uses`` counts from 0."""

    def __init__(self, real: Database, place: int, *, for_good: bool) -> None:
        super().__init__(real.engine)
        self.uses = 0
        self._place = place
        self._for_good = for_good

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction, or an error."""
        self._use()
        with super().begin() as connection:
            yield connection

    @contextmanager
    def once(self) -> Iterator[Connection]:
        """A statement, or an error."""
        self._use()
        with super().once() as connection:
            yield connection

    def _use(self) -> None:
        failed = self.uses >= self._place if self._for_good else self.uses == self._place
        self.uses += 1
        if failed:
            raise OperationalError("any", {}, Exception("the database is gone"))


def settled(stage: Stage, call: Outcome) -> None:
    """Whatever nobody could store is stored by the sweep; the legs heard why they were left."""
    stage.sweep()
    assert stage.findings() == []
    told(call)
    if call.call_id:
        stage.ends_well(call)


@pytest.mark.parametrize("fault", [*FAILURES, Fault.SERVER_DIES], ids=lambda fault: fault.name)
@pytest.mark.parametrize(("name", "script"), CASES)
def test_a_failure_at_every_command(stage: Stage, name: str, script: str, fault: Fault) -> None:
    places = len(walk(stage, name, {}).commands[script])
    kind = [*FAILURES, Fault.SERVER_DIES].index(fault)
    for place in range(places):
        # Each place by one kind of failure; the straight way by all of them.
        if name == "straight" or place % 4 == kind:
            failed(stage, walk(stage, name, {(script, place): fault}), script)


def failed(stage: Stage, call: Outcome, script: str) -> None:
    """The leg whose script failed is told; its talk, if any, is charged as always."""
    settled(stage, call)
    if not script.startswith("ended"):
        leg = call.called if script == "called" else call.caller
        assert leg.last.removeprefix("es/") == "sorry"
        assert script == "over" or not call.called.joined
    if script in ("caller", "called") and call.call_id:
        causes = {Cause.SYSTEM_FAILURE, Cause.REFUSED}
        assert stage.cdr(call.call_id).cause in causes


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_the_database_fails_at_every_use(stage: Stage, for_good: bool) -> None:
    counting = Failing(stage.database, -1, for_good=False)
    stage.replay(context=replace(stage.context, database=counting))
    assert counting.uses > 8
    for place in range(counting.uses):
        failing = Failing(stage.database, place, for_good=for_good)
        call = stage.replay(context=replace(stage.context, database=failing))
        settled(stage, call)
        assert call.called.joined or "sorry" in call.caller.person.heard


def test_a_server_that_is_down(stage: Stage) -> None:
    call = stage.replay(happening=Happening(server_up=False))
    assert call.caller.person.heard == ["sorry"]
    assert stage.sweep() == []
    assert stage.findings() == []


def test_a_phone_that_is_not_ours(stage: Stage) -> None:
    call = stage.replay(phone="stranger")
    assert call.caller.person.heard == ["sorry"]
    assert call.finished == {"caller": False}
    assert stage.findings() == []


def test_a_menu_that_fails_is_no_refusal_to_the_caller(stage: Stage) -> None:
    call = walk(stage, "straight", {("called", 0): Fault.REFUSED})
    assert call.caller.person.heard[-1] == call.called.person.heard[-1] == "sorry"
    assert "outcome-declined" not in call.caller.person.heard
