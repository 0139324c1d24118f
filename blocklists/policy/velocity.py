"""Too many calls to one number: it is blocked for the person for a while (cause velocity)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from blocklists import lists
from blocklists.lists import BlockCause
from blocklists.policy.kinds import Question
from blocklists.policy.rules import Rule
from store.tables import blocked_numbers

ACTOR = "the policy"


def block(connection: Connection, person_id: str, rule: Rule, question: Question) -> None:
    """Block the number for the person for as long as the rule's window is."""
    count, minutes = rule.value["count"], rule.value["minutes"]
    lists.block(
        connection,
        question.number,
        BlockCause.VELOCITY,
        ACTOR,
        person_id=person_id,
        at=question.at,
        expires_at=question.at + timedelta(minutes=minutes),
        note=f"{count} calls in {minutes} minutes are allowed ({rule.name}, control {rule.id})",
    )


def blocked_before(connection: Connection, person_id: str, number: str) -> datetime | None:
    """When calls to the number were last too many: what led to that block isn't counted again.

    So whoever lifts such a block has really lifted it.
    """
    asked = {"person": person_id, "number": number, "cause": BlockCause.VELOCITY.value}
    before: datetime | None = connection.execute(_BLOCKED_BEFORE, asked).scalar_one()
    return before


_BLOCKED_BEFORE = select(func.max(blocked_numbers.c.at)).where(
    blocked_numbers.c.person_id == bindparam("person"),
    blocked_numbers.c.number == bindparam("number"),
    blocked_numbers.c.cause == bindparam("cause"),
)
