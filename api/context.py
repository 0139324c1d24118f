"""What every endpoint works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from api.throttle import Throttle
from store.database import Database


@dataclass(frozen=True)
class Context:
    """The platform that is asked. ``wake`` tells its monitors that money has come in."""

    database: Database
    throttle: Throttle
    clock: Callable[[], datetime]
    wake: Callable[[], object]


def context(request: Request) -> Context:
    """The application's own."""
    found: Context = request.app.state.context
    return found


Asked = Annotated[Context, Depends(context)]
