"""List files of allowed numbers, and of what holds everywhere: each whole or not at all."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.context import Asked, Context
from api.guard import Caller, everywhere, on_facility
from api.list_words import (
    BlockOut,
    ListFile,
    Numbers,
    OptionalLine,
    TakenOut,
    block_out,
    taken_out,
)
from api.numbers import PersonsBlockingFile
from api.tokens import Scope
from api.words import FACILITY_ID, Body
from blocklists import blocking, files
from blocklists.orders import Order
from blocklists.orders import Scope as Bound

router = APIRouter(tags=["numbers"])
FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]
Writer = Annotated[Caller, Depends(on_facility(Scope.NUMBERS_WRITE))]
ReaderOfAll = Annotated[Caller, Depends(everywhere(Scope.NUMBERS_READ))]
WriterToAll = Annotated[Caller, Depends(everywhere(Scope.NUMBERS_WRITE))]


class AllowingFile(Body):
    """A list file: a number or a pattern a line, # before what is said beside."""

    text: ListFile
    note: OptionalLine = ""


@router.post("/facilities/{facility_id}/allowed/import")
def import_allowed(
    asked: Asked, who: Writer, facility_id: FacilityId, body: AllowingFile
) -> TakenOut:
    """Let all of the facility's people call every number of a list file."""
    return _allow(asked, who, facility_id, body)


@router.post("/numbers/allowed/import")
def import_allowed_everywhere(asked: Asked, who: WriterToAll, body: AllowingFile) -> TakenOut:
    """Let everybody call every number of a list file. Staff only."""
    return _allow(asked, who, None, body)


@router.post("/numbers/blocks/import")
def import_blocks_everywhere(asked: Asked, who: WriterToAll, body: PersonsBlockingFile) -> TakenOut:
    """Block every number of a list file everywhere, for everybody or one person. Staff only."""
    scope = Bound(None, body.person_id)
    order = Order(body.cause, who.actor, body.note, body.expires_at, scope)
    with asked.database.begin() as connection:
        done = files.block_all(connection, body.text.encode(), order, asked.clock())
    return taken_out(done)


@router.get("/numbers/blocks/history")
def show_history_everywhere(
    asked: Asked, _who: ReaderOfAll, number: Annotated[Numbers, Query()]
) -> list[BlockOut]:
    """Every block that ever bound a number anywhere, lifted or not. Staff only."""
    with asked.database.begin() as connection:
        return [block_out(row) for row in blocking.history(connection, number)]


def _allow(asked: Context, who: Caller, facility_id: str | None, body: AllowingFile) -> TakenOut:
    content, done = body.text.encode(), (who.actor, asked.clock(), facility_id, body.note)
    with asked.database.begin() as connection:
        return taken_out(files.allow_all(connection, content, *done))
