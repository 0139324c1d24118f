"""What the decision about a call would be, rule by rule, without any call."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, bindparam, select

from calls import decision
from calls.decided import Decision
from calls.decision import DEFAULT_SETTINGS
from calls.reasons import PaidBy
from calls.states import State
from custody.places import PlaceError
from store.database import Database
from store.settings import CallSettings
from store.tables import calls, facilities, persons, phones

_LAYERS: Mapping[str, str] = {
    "phone": "phone",
    "person": "person",
    "facility": "facility",
    "never_dialled": "number",
    "number": "number",
    "privileged": "number",
    "blocked": "number",
}


@dataclass(frozen=True)
class Step:
    """A rule that was asked: whose it is, what it answered, whether it decided."""

    rule: str
    layer: str
    answer: str
    decided: bool


@dataclass(frozen=True)
class Explanation:
    """The decision, and the rules asked in their order. ``at`` is in the facility's zone."""

    at: datetime
    decision: Decision
    steps: tuple[Step, ...]


class _Undone(Exception):
    """Takes everything back."""


def explain(
    database: Database,
    person_id: str,
    phone_id: str,
    to: str,
    at: datetime,
    by: PaidBy = PaidBy.CALLED,
    settings: CallSettings = DEFAULT_SETTINGS,
) -> Explanation:
    """Decide about the call as the line does at ``at``, and take all of it back.

    ``to`` as it would be keyed. Raises :class:`PlaceError` for an unknown person or phone.
    """
    call_id = f"?{secrets.token_hex(8)}"
    try:
        with database.begin() as connection:
            call = _call(connection, call_id, person_id, phone_id, at)
            connection.execute(calls.insert(), call)
            zone = connection.execute(_ZONE, {"facility": call["facility_id"]}).scalar_one()
            found = decision.decide(connection, call_id, to, at, by, settings)
            raise _Undone
    except _Undone:
        return Explanation(at.astimezone(ZoneInfo(zone)), found, tuple(_steps(found)))


def _call(
    connection: Connection, call_id: str, person_id: str, phone_id: str, at: datetime
) -> dict[str, object]:
    """A call as it would be when its number is keyed."""
    facility_id = _one(connection, select(phones.c.facility_id).where(phones.c.id == phone_id))
    if facility_id is None:
        raise PlaceError(f"there is no phone {phone_id!r}")
    if _one(connection, select(persons.c.id).where(persons.c.id == person_id)) is None:
        raise PlaceError(f"there is no person {person_id!r}")
    moments = {f"{state}_at": at for state in (State.OFFHOOK, State.IDENTIFIED)}
    place = {"facility_id": facility_id, "phone_id": phone_id, "person_id": person_id}
    return {"id": call_id, "caller_channel": call_id, **place, **moments}


def _one(connection: Connection, query: Select[str]) -> str | None:
    return connection.execute(query).scalar_one_or_none()


def _steps(found: Decision) -> list[Step]:
    """The last rule that was asked refused; otherwise the shortest talk's decided."""
    last = len(found.trail) - 1
    deciding = dict(found.trail).get("time", "").partition(", by ")[2]
    return [
        _step(rule, answer, index == last if found.reason else rule == deciding)
        for index, (rule, answer) in enumerate(found.trail)
    ]


def _step(rule: str, answer: str, decided: bool) -> Step:
    layer, dot, kind = rule.partition(".")
    return Step(kind if dot else rule, layer if dot else _LAYERS.get(rule, ""), answer, decided)


_ZONE = select(facilities.c.timezone).where(facilities.c.id == bindparam("facility"))
