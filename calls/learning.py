"""The places of a list that learns by itself: those taken, and those that live calls will take."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from blocklists import pan
from blocklists.pan import PanStanding
from blocklists.policy.kinds import Question
from store.tables import calls
from store.types import AnyRow


def standing(
    connection: Connection, call_id: str, facts: AnyRow, question: Question
) -> PanStanding:
    """Whether the lists have the number of this call, and how many places there are no more.

    A call to another number takes its place when it is allowed, and gives it back when nobody
    talks: so calls at the same moment never put more on the list than it has room for. Asked
    under the person's lock (:data:`calls.facts.FACTS`), which whoever changes the list waits for.
    """
    found = _standing(connection, facts, question, question.number)
    if found.allowed:
        return found
    living = _numbers_of_living_calls(connection, call_id, facts.person_id) - {question.number}
    new = sum(not _standing(connection, facts, question, one).allowed for one in living)
    return PanStanding(allowed=False, entries=found.entries + new)


def _standing(
    connection: Connection, facts: AnyRow, question: Question, number: str
) -> PanStanding:
    return pan.standing(connection, facts.person_id, facts.facility_id, number, question.at)


def _numbers_of_living_calls(connection: Connection, but: str, person_id: str) -> set[str]:
    living = connection.execute(_LIVING, {"person": person_id, "but": but})
    return {row.number for row in living if row.decision["learns"] is not None}


_LIVING = select(calls.c.number, calls.c.decision).where(
    calls.c.person_id == bindparam("person"),
    calls.c.authorized_at.is_not(None),
    calls.c.ended_at.is_(None),
    calls.c.id != bindparam("but"),
)
