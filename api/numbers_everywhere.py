"""Blocked and allowed numbers that hold at every facility, for the provider's staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.context import Asked
from api.guard import Caller, everywhere
from api.list_words import (
    Allowing,
    Blocking,
    BlockOut,
    Entry,
    EntryOut,
    block_out,
    entry_out,
)
from api.numbers import After, OfNumber
from api.tokens import Scope
from blocklists import allowing, blocking
from blocklists.blocking import Page
from blocklists.orders import Order
from blocklists.orders import Scope as Bound

router = APIRouter(prefix="/numbers", tags=["numbers"])
Reader = Annotated[Caller, Depends(everywhere(Scope.NUMBERS_READ))]
Writer = Annotated[Caller, Depends(everywhere(Scope.NUMBERS_WRITE))]


@router.get("/blocks")
def list_blocks_everywhere(
    asked: Asked, _who: Reader, number: OfNumber = None, after: After = 0
) -> list[BlockOut]:
    """The blocks that bind everybody now, at most 1000 after the last one seen. Staff only."""
    with asked.database.begin() as connection:
        found = blocking.in_force_at(connection, asked.clock(), None, number, Page(after))
    return [block_out(row) for row in found]


@router.post("/blocks", status_code=201)
def add_block_everywhere(asked: Asked, who: Writer, body: Blocking) -> BlockOut:
    """Block a number everywhere, for everybody or one person. Staff only."""
    scope = Bound(None, body.person_id)
    order = Order(body.cause, who.actor, body.note, body.expires_at, scope)
    with asked.database.begin() as connection:
        entry = blocking.order_block(connection, body.number, order, asked.clock())
        return block_out(blocking.one(connection, entry))


@router.post("/blocks/{entry}/lifting")
def lift_block_everywhere(asked: Asked, who: Writer, entry: Entry) -> BlockOut:
    """End a block, whatever it binds. Staff only."""
    with asked.database.begin() as connection:
        blocking.lift(connection, entry, who.actor, asked.clock())
        return block_out(blocking.one(connection, entry))


@router.get("/allowed")
def list_allowed_everywhere(asked: Asked, _who: Reader) -> list[EntryOut]:
    """What everybody may call beside the own list. Staff only."""
    with asked.database.begin() as connection:
        return [entry_out(row) for row in allowing.allowed(connection, asked.clock(), None)]


@router.post("/allowed", status_code=201)
def add_allowed_everywhere(asked: Asked, who: Writer, body: Allowing) -> EntryOut:
    """Let everybody call a number beside the own list. Staff only."""
    done = (who.actor, asked.clock(), None, body.note, body.expires_at)
    with asked.database.begin() as connection:
        entry = allowing.allow(connection, body.number, *done)
        return entry_out(allowing.one(connection, entry))


@router.post("/allowed/{entry}/removal")
def remove_allowed_everywhere(asked: Asked, who: Writer, entry: Entry) -> EntryOut:
    """Take a number off everybody's list, or off a facility's. Staff only."""
    with asked.database.begin() as connection:
        allowing.disallow(connection, entry, who.actor, asked.clock())
        return entry_out(allowing.one(connection, entry))
