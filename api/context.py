"""What every endpoint works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from accounts.payments.gateway import Gateway
from api.throttle import Throttle
from billing.render import ANYBODY, Sender
from calls.reasons import Reason
from store.database import Database
from store.settings import CallSettings


@dataclass(frozen=True)
class Context:
    """The platform that is asked.

    ``gateway``: where cards are charged; None: nowhere. ``wake`` tells the platform's monitors
    that money has come in. ``sentence``: what the line says for a refusal, in English.
    ``lists_dir``: where the lists of millions lie. ``sender``: whose statements they are.
    """

    database: Database
    throttle: Throttle
    clock: Callable[[], datetime]
    wake: Callable[[], object]
    sentence: Callable[[Reason], str]
    call: CallSettings
    lists_dir: Path
    gateway: Gateway | None = None
    sender: Sender = ANYBODY


def context(request: Request) -> Context:
    """The application's own."""
    found: Context = request.app.state.context
    return found


Asked = Annotated[Context, Depends(context)]
