"""Whoever shows interest in an account keeps it from being inactive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, literal

from store.tables import accounts
from store.types import Moment


def interest(connection: Connection, account_id: str, at: datetime) -> None:
    """The holder or the person in custody showed interest: the inactivity clock starts anew.

    What a mandate holds stays held (47 CFR 64.6130).
    """
    held = accounts.c.inactivity == "mandate_hold"
    moment = literal(at, Moment())
    later = case((accounts.c.interest_at > moment, accounts.c.interest_at), else_=moment)
    connection.execute(
        accounts.update()
        .where(accounts.c.id == account_id)
        .values(
            interest_at=later,
            inactivity=case((held, accounts.c.inactivity), else_="active"),
            inactivity_at=case((held, accounts.c.inactivity_at), else_=None),
        )
    )
