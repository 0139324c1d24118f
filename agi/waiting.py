"""How straight-line code waits without stopping the event loop: the one mechanism.

A script is a plain function in a greenlet of SQLAlchemy's making, so what it awaits (a reply from
Asterisk) and what its ``Session`` awaits (the database) park it in the same way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, TypeVarTuple

from sqlalchemy.util import await_only, greenlet_spawn

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def run(function: Callable[[*Ts], T], *args: *Ts) -> T:
    """Run a plain function that may call :func:`wait_for`; its result, its exceptions."""
    return await greenlet_spawn(function, *args)


def wait_for(awaitable: Awaitable[T]) -> T:
    """Park the calling script until ``awaitable`` is done; raises what it raises.

    Only inside :func:`run`; elsewhere SQLAlchemy's ``MissingGreenlet``. A cancelled session
    raises :class:`asyncio.CancelledError` here.
    """
    return await_only(awaitable)


def in_thread(function: Callable[[*Ts], T], *args: *Ts) -> T:
    """Run what would stall the loop (files, hashing) in a thread; park the script meanwhile."""
    return wait_for(asyncio.to_thread(function, *args))
