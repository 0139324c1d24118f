"""What the layers ask, as it is kept: set, looked at, lifted; no row is ever deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Table,
    Text,
    and_,
    cast,
    literal_column,
    or_,
    select,
)

from blocklists.force import in_force
from blocklists.lists import dialable
from blocklists.one_text import one_text, records
from blocklists.policy.kinds import CONTROLS, Kind
from blocklists.policy.reading import PolicyError
from blocklists.policy.rules import Layer, Rule
from store.tables import controls, facilities, persons, phones, units
from store.turns import take_turn
from store.types import AnyRow

_row = controls.c
# In the query of all facts: psycopg reads one of more than 4,096 letters anew for every call.
_short = controls.alias("o").c
_SUBJECTS = {
    Layer.FACILITY: facilities,
    Layer.UNIT: units,
    Layer.PHONE: phones,
    Layer.PERSON: persons,
}


def set_control(
    connection: Connection,
    layer: Layer,
    subject: str,
    kind: Kind,
    written: object,
    actor: str,
    note: str,
    at: datetime,
    expires_at: datetime | None = None,
) -> int:
    """Ask it of every call from now on; the control's id.

    It takes the place of the layer's control of this kind: a lasting one that of the lasting one,
    one that expires that of the one that expires. So what holds for a while lifts nothing that
    lasts. Raises :class:`PolicyError`, and :class:`NumberError` for what is no number.
    """
    if not note.strip():
        raise PolicyError("say why: a control needs a note")
    if expires_at is not None and expires_at <= at:
        raise PolicyError("it would have expired already")
    value = CONTROLS[kind].read(written)
    place = {"layer": layer.value, "subject": known(connection, layer, subject)}
    row = {**place, "kind": kind.value, "value": value, "actor": actor, "note": note}
    same = and_(_row.layer == layer.value, _row.subject == place["subject"], _row.kind == kind)
    ends_alike = _row.expires_at.is_(None) if expires_at is None else _row.expires_at > at
    take_turn(connection, controls)
    _lift(connection, and_(same, ends_alike), actor, at)
    added = controls.insert().values(**row, at=at, expires_at=expires_at)
    return int(connection.execute(added.returning(_row.id)).scalar_one())


def lift(connection: Connection, control_id: int, actor: str, at: datetime) -> None:
    """Ask it no more. Raises :class:`PolicyError` when there is none in force with this id."""
    if not _lift(connection, and_(_row.id == control_id, *in_force(_row, at)), actor, at):
        raise PolicyError(f"no control {control_id} is in force: 'parloir policy list' shows them")


def listed(
    connection: Connection,
    at: datetime,
    layer: Layer | None = None,
    subject: str | None = None,
    *,
    history: bool = False,
) -> list[AnyRow]:
    """The controls in force, or with those of the past, by layer and oldest first."""
    chosen = [] if history else list(in_force(_row, at))
    if layer is not None:
        chosen.append(_row.layer == layer.value)
    if subject is not None:
        chosen.append(_row.subject == subject)
    return _rows(connection, *chosen)


def find(connection: Connection, control_id: int) -> AnyRow | None:
    """The control, in force or not."""
    return connection.execute(select(controls).where(_row.id == control_id)).one_or_none()


def facility_of(connection: Connection, layer: Layer, subject: str) -> str | None:
    """At which facility the subject of a layer is; None for a number, which is at none.

    Raises :class:`PolicyError` when there is no such subject.
    """
    if layer is Layer.NUMBER:
        return None
    table = _SUBJECTS[layer]
    home = select(_home(table)).where(table.c.id == subject)
    found = connection.execute(home).scalar_one_or_none()
    if found is None:
        raise PolicyError(f"there is no {layer} {subject!r}")
    return str(found)


def of_facility(
    connection: Connection, facility_id: str, at: datetime, *, history: bool = False
) -> list[AnyRow]:
    """The controls of the facility, its units, phones and people; and of numbers, for all."""
    theirs = [
        and_(_row.layer == layer.value, _row.subject.in_(_subjects_at(table, facility_id)))
        for layer, table in _SUBJECTS.items()
    ]
    chosen = or_(_row.layer == Layer.NUMBER.value, *theirs)
    return _rows(connection, chosen, *(() if history else in_force(_row, at)))


def known(connection: Connection, layer: Layer, subject: str) -> str:
    """The subject as it is kept. Raises :class:`PolicyError`, :class:`NumberError`."""
    if layer is Layer.NUMBER:
        return dialable(subject)
    facility_of(connection, layer, subject)
    return subject


def of_call(subjects: Mapping[Layer, list[Any]], at: object) -> ScalarSelect[str | None]:
    """For a query: all controls in force of these subjects, for :func:`read`.

    One text instead of rows, so that they come with everything else that a decision asks.
    """
    columns = (cast(_short.id, Text), _short.layer, _short.kind, _short.value)
    theirs = (
        and_(
            _short.layer == literal_column(f"'{layer}'"),
            or_(*(_short.subject == one for one in ids)),
        )
        for layer, ids in subjects.items()
    )
    return select(one_text(*columns)).where(or_(*theirs), *in_force(_short, at)).scalar_subquery()


def read(text: str | None) -> Iterator[Rule]:
    """The rules in what :func:`of_call` gave."""
    for control_id, layer, kind, value in records(text):
        yield Rule(Layer(layer), Kind(kind), json.loads(value), int(control_id))


def _rows(connection: Connection, *chosen: ColumnElement[bool]) -> list[AnyRow]:
    rows = connection.execute(select(controls).where(*chosen).order_by(_row.id))
    return sorted(rows, key=lambda row: (list(Layer).index(Layer(row.layer)), row.id))


def _home(table: Table) -> ColumnElement[str]:
    return table.c.id if table is facilities else table.c.facility_id


def _subjects_at(table: Table, facility_id: str) -> Select[str]:
    return select(table.c.id).where(_home(table) == facility_id)


def _lift(connection: Connection, which: ColumnElement[bool], actor: str, at: datetime) -> int:
    change = controls.update().where(which, _row.lifted_at.is_(None))
    return connection.execute(change.values(lifted_at=at, lifted_by=actor)).rowcount
