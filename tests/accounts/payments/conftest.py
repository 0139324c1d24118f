"""A gateway on this machine, an account, and both sides' books."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.payments.stripe_gateway import StripeGateway
from store.database import Database
from tests.accounts.payments.till import AT, Stripe, Till
from tests.gateway.server import SECRET, WEBHOOK_SECRET, running


@pytest.fixture(scope="session")
def worker_stripe() -> Iterator[Stripe]:
    """This worker's gateway."""
    with running() as server:
        yield Stripe(server, StripeGateway(SECRET, WEBHOOK_SECRET, server.address, retries=0))


@pytest.fixture
def stripe(worker_stripe: Stripe) -> Stripe:
    """A gateway that knows of nothing."""
    worker_stripe.server.empty()
    worker_stripe.books.clock = lambda: int(AT.timestamp())
    return worker_stripe


@pytest.fixture
def till(database: Database, stripe: Stripe) -> Till:
    """An empty gateway and an open account without money."""
    return Till(database, stripe)
