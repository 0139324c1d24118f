"""Who may call by how the jail says they stand: access to counsel is left to all who are held."""

from __future__ import annotations

import pytest

from blocklists.privilege.registry import mark_privileged
from calls.decision import authorize
from calls.reasons import Reason
from custody.status import Status
from store.database import Database
from store.tables import persons
from tests.builders import (
    DIALLED,
    MORNING,
    NO_ACCOUNT_NUMBER,
    NUMBER,
    build_jail,
    identified_call,
    open_debit,
)

HELD = (Status.IN_CUSTODY, Status.SUSPENDED, Status.SEGREGATED)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    """The number that has an account is a lawyer's."""
    build_jail(database)
    open_debit(database)
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar")


def refusal(database: Database, dialled: str, status: Status) -> tuple[Reason | None, str]:
    """Why a person of this status may not call, and what the trail says about the person."""
    with database.begin() as connection:
        connection.execute(persons.update().values(status=status.value))
    decision = authorize(database, identified_call(database), dialled, MORNING)
    assert decision.recorded is False
    return decision.reason, dict(decision.trail)["person"]


@pytest.mark.parametrize("status", Status)
def test_who_may_call_a_lawyer(database: Database, status: Status) -> None:
    reason, said = refusal(database, DIALLED, status)
    assert reason is (None if status in HELD else Reason.PERSON_NOT_ALLOWED)
    if status in (Status.SUSPENDED, Status.SEGREGATED):
        assert said == f"ok: {status}, but the number is privileged"
    else:
        assert said == ("ok" if reason is None else "refused")


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.IN_CUSTODY])
def test_nobody_else_is_called_by_who_is_not_allowed_to(database: Database, status: Status) -> None:
    reason, said = refusal(database, NO_ACCOUNT_NUMBER, status)
    assert (reason, said) == (Reason.PERSON_NOT_ALLOWED, "refused")
