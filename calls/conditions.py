"""Conditions on calls that several queries share."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam

from calls.states import State, later
from store.tables import calls

LIVES = (
    calls.c.id == bindparam("call"),
    calls.c.ended_at.is_(None),
    calls.c.outcome.is_(None),
)
"""The one call ``call``, while it may still become more than it is."""


def is_in(state: State) -> ColumnElement[bool]:
    """A condition for a query: the call is in this state."""
    entered = calls.c[f"{state}_at"].is_not(None)
    return and_(entered, *(calls.c[f"{one}_at"].is_(None) for one in sorted(later(state))))
