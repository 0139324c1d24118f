"""Too many calls to one number: it is blocked for the person for a while (cause velocity)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, not_, select

from blocklists import lists
from blocklists.force import in_force
from blocklists.lists import BlockCause
from blocklists.policy.kinds import Question
from blocklists.policy.rules import Rule
from store.tables import blocked_numbers

ACTOR = "the policy"


def block(connection: Connection, person_id: str, rule: Rule, question: Question) -> None:
    """Block the number for the person for as long as the rule's window is.

    Whoever has seen no block yet, and waited for the decision that blocked, blocks nothing again.
    """
    asked = {"person": person_id, "number": question.number, "now": question.at}
    if connection.execute(_BLOCKED_NOW, asked).first() is not None:
        return
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


def forgiven_until(
    connection: Connection, person_id: str, number: str, at: datetime
) -> datetime | None:
    """When calls to the number were last too many, if that block is over: it isn't counted again.

    So whoever lifts such a block has really lifted it.
    """
    asked = {"person": person_id, "number": number, "now": at}
    before: datetime | None = connection.execute(_BLOCKED_BEFORE, asked).scalar_one()
    return before


_row = blocked_numbers.c
_THESE = (
    _row.person_id == bindparam("person"),
    _row.number == bindparam("number"),
    _row.cause == BlockCause.VELOCITY.value,
)
_NOW = bindparam("now", type_=_row.at.type)
_BLOCKED_NOW = select(_row.id).where(*_THESE, *in_force(_row, _NOW))
_BLOCKED_BEFORE = select(func.max(_row.at)).where(*_THESE, not_(and_(*in_force(_row, _NOW))))
