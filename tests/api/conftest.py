"""A desk on either database, or on SQLite alone where the database makes no difference."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.payments.stripe_gateway import StripeGateway
from accounts.products import Party
from store.database import Database
from store.tables import facilities
from tests.api.desk import Desk, Till, opened_desk
from tests.builders import FACILITY
from tests.gateway.server import SECRET, WEBHOOK_SECRET, running


@pytest.fixture(scope="session")
def worker_till() -> Iterator[Till]:
    """This worker's gateway on this machine, and Stripe's own library that speaks to it."""
    with running() as server:
        yield server, StripeGateway(SECRET, WEBHOOK_SECRET, server.address, retries=0)


@pytest.fixture
def desk(sqlite_database: Database, worker_till: Till) -> Iterator[Desk]:
    """A desk on SQLite."""
    with opened_desk(sqlite_database, worker_till) as opened:
        yield opened


@pytest.fixture
def either_desk(database: Database, worker_till: Till) -> Iterator[Desk]:
    """A desk on SQLite, then on PostgreSQL."""
    with opened_desk(database, worker_till) as opened:
        yield opened


@pytest.fixture
def site(either_desk: Desk) -> str:
    """The token of the desk's facility."""
    return either_desk.token(Party.FACILITY, FACILITY)


@pytest.fixture
def elsewhere(either_desk: Desk) -> str:
    """The token of another facility."""
    with either_desk.database.begin() as connection:
        jail = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**jail, "id": "riverside"})
    return either_desk.token(Party.FACILITY, "riverside")
