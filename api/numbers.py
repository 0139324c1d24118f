"""Blocked and allowed numbers of a facility, for its staff and the provider's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlalchemy import Connection

from accounts.products import Party
from api.context import Asked
from api.guard import Caller, on_facility
from api.list_words import (
    Allowing,
    Blocking,
    BlockOut,
    Entry,
    EntryOut,
    ListFile,
    Numbers,
    OptionalLine,
    TakenOut,
    Until,
    block_out,
    entry_out,
    taken_out,
)
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import PERSON_ID, Body
from blocklists import allowing, blocking, files, orders
from blocklists.blocking import Page
from blocklists.lists import BlockCause
from blocklists.orders import BY_FACILITY, Order
from blocklists.orders import Scope as Bound

router = APIRouter(prefix="/facilities/{facility_id}", tags=["numbers"])
Reader = Annotated[Caller, Depends(on_facility(Scope.NUMBERS_READ))]
Writer = Annotated[Caller, Depends(on_facility(Scope.NUMBERS_WRITE))]
OfNumber = Annotated[Numbers | None, Query()]
After = Annotated[int, Query(ge=0, le=2**53, description="The last id that was seen.")]


class BlockingFile(Body):
    """A list file: a number or a pattern a line, # before what is said beside."""

    text: ListFile
    cause: BlockCause = BlockCause.FACILITY
    note: OptionalLine = ""
    expires_at: Until | None = None


class PersonsBlockingFile(BlockingFile):
    """The same, for everybody or for one person."""

    person_id: Annotated[str, Field(pattern=PERSON_ID)] | None = None


@router.get("/blocks")
def list_blocks(
    asked: Asked, _who: Reader, facility_id: str, number: OfNumber = None, after: After = 0
) -> list[BlockOut]:
    """The blocks that bind the facility's people now, at most 1000 after the last one seen."""
    with asked.database.begin() as connection:
        found = blocking.in_force_at(connection, asked.clock(), facility_id, number, Page(after))
    return [block_out(row) for row in found]


@router.get("/blocks/history")
def show_history(
    asked: Asked, _who: Reader, facility_id: str, number: Annotated[Numbers, Query()]
) -> list[BlockOut]:
    """Every block that ever bound a number here, lifted or not."""
    with asked.database.begin() as connection:
        found = blocking.history(connection, number, facility_id)
    return [block_out(row) for row in found]


@router.post("/blocks", status_code=201)
def add_block(asked: Asked, who: Writer, facility_id: str, body: Blocking) -> BlockOut:
    """Block a number for the facility, or for one of its people wherever they are held.

    The very same block isn't put twice.
    """
    must_be_theirs(who, body.cause)
    with asked.database.begin() as connection:
        scope = _bound(connection, facility_id, body.person_id)
        order = Order(body.cause, who.actor, body.note, body.expires_at, scope)
        entry = blocking.order_block(connection, body.number, order, asked.clock())
        return block_out(blocking.one(connection, entry))


@router.post("/blocks/import")
def import_blocks(
    asked: Asked, who: Writer, facility_id: str, body: PersonsBlockingFile
) -> TakenOut:
    """Block every number of a list file: the whole of it or nothing."""
    must_be_theirs(who, body.cause)
    content = body.text.encode()
    with asked.database.begin() as connection:
        scope = _bound(connection, facility_id, body.person_id)
        order = Order(body.cause, who.actor, body.note, body.expires_at, scope)
        return taken_out(files.block_all(connection, content, order, asked.clock()))


@router.post("/blocks/{entry}/lifting")
def lift_block(asked: Asked, who: Writer, facility_id: str, entry: Entry) -> BlockOut:
    """End a block of the facility, or of one of its people."""
    limited = None if who.token.role is Party.STAFF else facility_id
    with asked.database.begin() as connection:
        blocking.lift(connection, entry, who.actor, asked.clock(), limited)
        return block_out(blocking.one(connection, entry))


@router.get("/allowed")
def list_allowed(asked: Asked, _who: Reader, facility_id: str) -> list[EntryOut]:
    """What the facility's people may call beside their own lists."""
    with asked.database.begin() as connection:
        return [entry_out(row) for row in allowing.allowed(connection, asked.clock(), facility_id)]


@router.post("/allowed", status_code=201)
def add_allowed(asked: Asked, who: Writer, facility_id: str, body: Allowing) -> EntryOut:
    """Let all of the facility's people call a number beside their own lists."""
    done = (who.actor, asked.clock(), facility_id, body.note, body.expires_at)
    with asked.database.begin() as connection:
        entry = allowing.allow(connection, body.number, *done)
        return entry_out(allowing.one(connection, entry))


@router.post("/allowed/{entry}/removal")
def remove_allowed(asked: Asked, who: Writer, facility_id: str, entry: Entry) -> EntryOut:
    """Take a number off the facility's list."""
    with asked.database.begin() as connection:
        allowing.disallow(connection, entry, who.actor, asked.clock(), facility_id)
        return entry_out(allowing.one(connection, entry))


def _bound(connection: Connection, facility_id: str, person_id: str | None) -> Bound:
    """What is ordered for one of the facility's people follows them wherever they are held."""
    if person_id is None:
        return Bound(facility_id)
    orders.must_be_held(connection, person_id, facility_id)
    return Bound(None, person_id)


def must_be_theirs(who: Caller, cause: BlockCause) -> None:
    """Refuses a cause by which a facility's staff block nothing."""
    if who.token.role is not Party.STAFF and cause not in BY_FACILITY:
        raise Problem(Kind.NOT_ALLOWED, f"a facility doesn't block by {cause.value}")
