"""The API over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import uvicorn

from accounts.payments.gateway import Gateway
from accounts.payments.stripe_gateway import StripeGateway
from api.app import create_app
from api.context import Context
from api.throttle import Throttle
from billing.render import Sender
from calls.reasons import Reason
from store import hot
from store.database import open_database
from store.settings import Settings
from store.types import now


def serve(settings: Settings, sentence: Callable[[Reason], str]) -> None:
    """Answer until SIGTERM; ``sentence`` is what the line says for a refusal.

    Raises :class:`SettingsError` when the settings can't be used.
    """
    with closing(open_database(settings.database_url)) as database:
        throttle = Throttle(settings.redis_url)
        context = Context(
            database,
            throttle,
            now,
            wake=lambda: hot.wake(settings),
            sentence=sentence,
            call=settings.call,
            lists_dir=settings.lists_dir,
            gateway=_gateway(settings),
            sender=Sender.of(settings),
        )
        uvicorn.run(
            create_app(context),
            host=settings.api.host,
            port=settings.api.port,
            # Requests name accounts, and a log isn't where that belongs.
            access_log=False,
            log_config=None,
            server_header=False,
        )


def _gateway(settings: Settings) -> Gateway | None:
    """Where cards are charged; a platform without Stripe's secrets takes none."""
    return StripeGateway.of(settings) if settings.stripe_secret_file.exists() else None
