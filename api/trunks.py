"""Trunks, for the provider's staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from api.context import Asked
from api.guard import Caller, everywhere
from api.lines import Codecs, Switch, Transport
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import FACILITY_ID, NAME_ID, Body
from custody.lines import trunks
from custody.lines.trunks import MOST_LINES, WORST_PRIORITY, Trunk
from custody.places import PlaceError
from store.types import AnyRow

router = APIRouter(prefix="/trunks", tags=["lines"])
TrunkId = Annotated[str, Path(pattern=NAME_ID)]
Writer = Annotated[Caller, Depends(everywhere(Scope.LINES_WRITE))]
Lines = Annotated[int, Field(ge=1, le=MOST_LINES, strict=True)]


class TrunkOut(BaseModel):
    """A trunk, without its password. ``facility_id``: whose calls it carries; null: everybody's."""

    id: str
    host: str
    port: int
    facility_id: str | None
    transport: Transport
    encrypts: bool
    codecs: str
    username: str
    priority: int
    capacity: int | None
    active: bool


class NewTrunk(Body):
    """A trunk to be added. The lowest priority is tried first."""

    id: Annotated[str, Field(pattern=NAME_ID)]
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$")]
    port: Annotated[int, Field(ge=1, le=65535, strict=True)] = 5060
    facility_id: Annotated[str | None, Field(pattern=FACILITY_ID)] = None
    transport: Transport = "udp"
    encrypts: bool = False
    codecs: Codecs = "ulaw,alaw"
    username: Annotated[str, Field(pattern=r"^([A-Za-z0-9_+][A-Za-z0-9_.+-]{0,63})?$")] = ""
    password: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.~+=/-]{0,128}$")] = ""
    priority: Annotated[int, Field(ge=0, le=WORST_PRIORITY, strict=True)] = 10
    capacity: Lines | None = None


@router.get("")
def list_trunks(asked: Asked, _who: Writer) -> list[TrunkOut]:
    """The trunks in the order in which they are tried. Staff only."""
    with asked.database.begin() as connection:
        return [_out(row) for row in trunks.every_trunk(connection)]


@router.post("", status_code=201)
def add_trunk(asked: Asked, who: Writer, new: NewTrunk) -> TrunkOut:
    """Add a trunk; from the first one on the settings' is not used. Staff only."""
    with asked.database.begin() as connection:
        trunks.add_trunk(connection, Trunk(**new.model_dump()), who.actor, asked.clock())
        return _out(trunks.find_trunk(connection, new.id))


@router.put("/{trunk_id}/active")
def switch_trunk(asked: Asked, who: Writer, trunk_id: TrunkId, new: Switch) -> TrunkOut:
    """Take a trunk out of use, or into it again; calls that live go on. Staff only."""
    done = (who.actor, new.note, asked.clock())
    with asked.database.begin() as connection:
        try:
            trunks.switch_trunk(connection, trunk_id, new.active, *done)
        except PlaceError:
            raise Problem(Kind.NOT_FOUND) from None
        return _out(trunks.find_trunk(connection, trunk_id))


def _out(row: AnyRow) -> TrunkOut:
    return TrunkOut.model_validate(row, from_attributes=True)
