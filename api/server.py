"""The API over HTTP."""

from __future__ import annotations

from contextlib import closing

import uvicorn

from api.app import create_app
from api.context import Context
from api.throttle import Throttle
from store import hot
from store.database import open_database
from store.settings import Settings
from store.types import now


def serve(settings: Settings) -> None:
    """Answer until SIGTERM."""
    with closing(open_database(settings.database_url)) as database:
        throttle = Throttle(settings.redis_url)
        context = Context(database, throttle, now, lambda: hot.wake(settings))
        uvicorn.run(
            create_app(context),
            host=settings.api.host,
            port=settings.api.port,
            # Requests name accounts, and a log isn't where that belongs.
            access_log=False,
            log_config=None,
            server_header=False,
        )
