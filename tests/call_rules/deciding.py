"""What the tests of the decision share."""

from __future__ import annotations

from sqlalchemy import text

from calls.decided import Decision
from calls.decision import authorize
from store.database import Database
from tests.builders import DIALLED, MORNING, identified_call


def decide(database: Database, dialled: str = DIALLED) -> Decision:
    """The decision about a new call."""
    return authorize(database, identified_call(database), dialled, MORNING)


def change(database: Database, statement: str) -> None:
    """Change the jail by a statement."""
    with database.begin() as connection:
        connection.execute(text(statement))
