"""What binds a call that lives, in one query for all of them; and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import BindParameter, bindparam, exists, select

from blocklists import bulk
from blocklists.lists import BlockCause, blocked_by
from blocklists.policy import controls
from blocklists.policy.kinds import Kind, Question
from blocklists.policy.rules import Answer, Layer, Rule, evaluate, of
from blocklists.privilege.covering import is_privileged
from calls.orders import DIALLED, OrderKind
from custody.status import MAY_CALL, MAY_CALL_PRIVILEGED
from store.tables import call_orders, calls, facilities, persons, phones
from store.types import AnyRow

# Those who may end a talk that is allowed to live; the others bind the next call.
CUTTING = frozenset({BlockCause.COURT, BlockCause.SECURITY, BlockCause.FACILITY})
# Of hours, lists and counters a live call keeps what was decided.
_ASKED = (Kind.CALLS, Kind.RECORD)


def became_privileged(row: AnyRow) -> bool:
    """Whether the number became privileged after the decision."""
    return bool(row.now_privileged and not row.privileged)


def unrecorded_by(row: AnyRow) -> str | None:
    """By whose control a call that is recorded must be so no longer."""
    if not row.recorded or row.stopped:
        return None
    off = [one.rule for one in _policy(row).asked if one.rule.kind is Kind.RECORD]
    return next((_is_off(one) for one in off if not one.value), None)


def ended_by(row: AnyRow) -> str | None:
    """Why the call must end.

    Raises :class:`~blocklists.bulk.BulkListError` when that depends on a list that can't be read.
    """
    return None if row.outcome else next(_causes(row), None)


def _causes(row: AnyRow) -> Iterator[str]:
    if row.block_cause and BlockCause(row.block_cause) in CUTTING:
        yield f"{row.number} was blocked: {row.block_cause}"
    if not row.active:
        yield f"phone {row.phone_id} was turned off"
    if refused := _policy(row).refused:
        yield _is_off(refused.rule)
    yield from _where_the_person_is(row)
    listed = bulk.blocked(row.bulk_lists, row.number) if row.bulk_lists else None
    if listed in CUTTING:
        yield f"{row.number} was blocked: {listed}, by a list"


def _where_the_person_is(row: AnyRow) -> Iterator[str]:
    if not row.ends_live_calls:
        return
    privileged = row.privileged or row.now_privileged
    if row.status not in (MAY_CALL_PRIVILEGED if privileged else MAY_CALL):
        yield f"person {row.person_id} is {row.status}"
    if not row.same_facility:
        yield f"person {row.person_id} is at another facility"


def _policy(row: AnyRow) -> Answer:
    """What the layers say now of calls and of their recording. No control, nothing is asked."""
    own = Rule(Layer.FACILITY, Kind.RECORD, bool(row.records))
    rules = of((own, *controls.read(row.controls)), _ASKED)
    return evaluate(rules, Question(datetime.min.replace(tzinfo=UTC), UTC, row.number))


def _is_off(rule: Rule) -> str:
    return f"{rule.name} is off" + (f" (control {rule.id})" if rule.id else "")


_NOW: BindParameter[datetime] = bindparam("now")
_SCOPE = (calls.c.number, calls.c.facility_id, calls.c.person_id)
_STOPPED = exists(
    select(1).where(
        call_orders.c.call_id == calls.c.id,
        call_orders.c.kind == OrderKind.STOP_RECORDING.value,
    )
)
BOUND = (
    select(
        calls.c.id,
        calls.c.number,
        calls.c.facility_id,
        calls.c.phone_id,
        calls.c.person_id,
        calls.c.called_channel,
        calls.c.accepted_at,
        calls.c.recorded,
        calls.c.privileged,
        calls.c.outcome,
        facilities.c.ends_live_calls,
        facilities.c.records,
        phones.c.active,
        persons.c.status,
        (persons.c.facility_id == calls.c.facility_id).label("same_facility"),
        blocked_by(*_SCOPE, _NOW).label("block_cause"),
        is_privileged(*_SCOPE, _NOW).label("now_privileged"),
        bulk.of_call(calls.c.facility_id, _NOW).label("bulk_lists"),
        controls.of_call(
            {
                Layer.FACILITY: [calls.c.facility_id],
                Layer.UNIT: [phones.c.unit_id, persons.c.unit_id],
                Layer.PHONE: [calls.c.phone_id],
                Layer.PERSON: [calls.c.person_id],
                Layer.NUMBER: [calls.c.number],
            },
            _NOW,
        ).label("controls"),
        _STOPPED.label("stopped"),
    )
    .select_from(calls)
    .join(facilities, facilities.c.id == calls.c.facility_id)
    .join(phones, phones.c.id == calls.c.phone_id)
    .join(persons, persons.c.id == calls.c.person_id)
    .where(*DIALLED)
)
"""Every call that lives and was decided, with all that binds it at the moment ``now``."""
_THIS = calls.c.id == bindparam("call")
BOUND_ONE = BOUND.where(_THIS)
"""The same of the one call ``call``."""
PRIVILEGE_OF_ONE = select(
    calls.c.id,
    calls.c.number,
    calls.c.recorded,
    calls.c.privileged,
    is_privileged(*_SCOPE, _NOW).label("now_privileged"),
).where(*DIALLED, _THIS)
"""Of the one call ``call``: what :func:`became_privileged` asks."""
