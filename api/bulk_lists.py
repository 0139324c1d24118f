"""Blocked lists of very many numbers: a facility's own, and those that hold everywhere."""

from __future__ import annotations

from pathlib import Path as File
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from accounts.products import Party
from api.context import Asked, Context
from api.guard import Caller, everywhere, on_facility
from api.list_words import BulkListOut, BulkTakenOut
from api.numbers import BlockingFile, must_be_theirs
from api.tokens import Scope
from api.words import FACILITY_ID
from blocklists import bulk_orders
from blocklists.bulk_files import Compiled, compile_list
from blocklists.orders import Order
from blocklists.orders import Scope as Bound
from store.types import AnyRow

router = APIRouter(tags=["numbers"])
FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")]
Reader = Annotated[Caller, Depends(on_facility(Scope.NUMBERS_READ))]
Writer = Annotated[Caller, Depends(on_facility(Scope.NUMBERS_WRITE))]
ReaderOfAll = Annotated[Caller, Depends(everywhere(Scope.NUMBERS_READ))]
WriterToAll = Annotated[Caller, Depends(everywhere(Scope.NUMBERS_WRITE))]
HERE, EVERYWHERE = "/facilities/{facility_id}/bulk-lists", "/numbers/bulk-lists"


@router.get(HERE)
def list_bulk_lists(asked: Asked, _who: Reader, facility_id: FacilityId) -> list[BulkListOut]:
    """The lists that bind the facility's people."""
    return _listed(asked, facility_id)


@router.put(HERE + "/{name}")
def load_bulk_list(
    asked: Asked, who: Writer, facility_id: FacilityId, name: Name, body: BlockingFile
) -> BulkTakenOut:
    """Block every number of a text, one a line, in the place of the facility's list of this name.

    The whole of it or nothing: then each bad line is told by its number.
    """
    must_be_theirs(who, body.cause)
    return _load(asked, who, facility_id, name, body)


@router.post(HERE + "/{name}/lifting")
def lift_bulk_list(asked: Asked, who: Writer, facility_id: FacilityId, name: Name) -> BulkListOut:
    """Block the numbers of a list of the facility no more."""
    return _lift(asked, who, facility_id, name)


@router.get(EVERYWHERE)
def list_bulk_lists_everywhere(asked: Asked, _who: ReaderOfAll) -> list[BulkListOut]:
    """Every list in force, each facility's own included. Staff only."""
    return _listed(asked, None)


@router.put(EVERYWHERE + "/{name}")
def load_bulk_list_everywhere(
    asked: Asked, who: WriterToAll, name: Name, body: BlockingFile
) -> BulkTakenOut:
    """Block every number of a text everywhere, whole or not at all. Staff only."""
    return _load(asked, who, None, name, body)


@router.post(EVERYWHERE + "/{name}/lifting")
def lift_bulk_list_everywhere(asked: Asked, who: WriterToAll, name: Name) -> BulkListOut:
    """Block the numbers of a list that holds everywhere no more. Staff only."""
    return _lift(asked, who, None, name)


def _listed(asked: Context, facility_id: str | None) -> list[BulkListOut]:
    with asked.database.begin() as connection:
        found = bulk_orders.lists_in_force(connection, asked.clock(), facility_id)
    return [_out(row) for row in found]


def _load(
    asked: Context, who: Caller, facility_id: str | None, name: str, body: BlockingFile
) -> BulkTakenOut:
    compiled = _compiled(body.text, asked.lists_dir)
    order = Order(body.cause, who.actor, body.note, body.expires_at, Bound(facility_id))
    with asked.database.begin() as connection:
        done = (compiled, order, asked.clock())
        bulk_orders.register(connection, name, *done, by_facility=_is_facility(who))
    return BulkTakenOut(numbers=compiled.entries, doubled=compiled.doubled)


def _compiled(text: str, folder: File) -> Compiled:
    """It is read from a file, as by the command."""
    with TemporaryDirectory() as scratch:
        source = File(scratch) / "list"
        source.write_text(text, encoding="utf-8")
        return compile_list(source, folder)


def _lift(asked: Context, who: Caller, facility_id: str | None, name: str) -> BulkListOut:
    with asked.database.begin() as connection:
        done = (name, who.actor, asked.clock(), facility_id)
        return _out(bulk_orders.lift(connection, *done, by_facility=_is_facility(who)))


def _is_facility(who: Caller) -> bool:
    return who.token.role is not Party.STAFF


def _out(row: AnyRow) -> BulkListOut:
    return BulkListOut.model_validate(dict(row._mapping))
