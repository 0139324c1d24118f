"""What requests and answers about lists of numbers have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, Field

from api.words import PERSON_ID, Body
from blocklists.files import Taken
from blocklists.lists import WAY_OUT, BlockCause
from store.types import AnyRow

OptionalLine = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$", max_length=200)]
Numbers = Annotated[
    str,
    Field(
        pattern=r"^[0-9+(). ?*-]{3,30}$",
        description="A number, or a pattern: +1212555???? is an exchange, +1212* an area code.",
    ),
]
Until = Annotated[
    AwareDatetime, Field(ge=datetime(2020, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))
]
Entry = Annotated[int, Path(ge=1, le=2**53)]
# How large it may be is said by the envelope, as for every request.
ListFile = Annotated[str, Field(description="The text of a list file.")]


class Blocking(Body):
    """What is to be blocked. A court's order needs its note and its end, security a note."""

    number: Numbers
    cause: BlockCause = BlockCause.FACILITY
    note: OptionalLine = ""
    expires_at: Until | None = None
    person_id: Annotated[str, Field(pattern=PERSON_ID)] | None = None


class Allowing(Body):
    """What may be called beside the own lists."""

    number: Numbers
    note: OptionalLine = ""
    expires_at: Until | None = None


class BlockOut(BaseModel):
    """A block. No facility: everywhere; no person: everybody. ``way_out``: who can lift it."""

    id: int
    number: str
    cause: BlockCause
    facility_id: str | None
    person_id: str | None
    actor: str
    at: datetime
    expires_at: datetime | None
    note: str
    lifted_at: datetime | None
    lifted_by: str | None
    way_out: str


class EntryOut(BaseModel):
    """A number that may be called, or was asked for."""

    id: int
    number: str
    facility_id: str | None
    person_id: str | None
    state: str
    learned: bool
    relationship: str
    actor: str
    at: datetime
    expires_at: datetime | None
    note: str
    decided_by: str | None
    decided_at: datetime | None


class BulkListOut(BaseModel):
    """A list of millions of blocked numbers."""

    name: str
    entries: int
    cause: BlockCause
    facility_id: str | None
    actor: str
    at: datetime
    expires_at: datetime | None
    note: str


class BulkTakenOut(BaseModel):
    """What came of a list: how many numbers it has, how many lines said one again."""

    numbers: int
    doubled: int


class TakenOut(BaseModel):
    """What came of a file: its numbers, how many are new, how many lines said one again."""

    numbers: int
    new: int
    doubled: int


def block_out(row: AnyRow) -> BlockOut:
    """A row of blocks as it is answered."""
    way_out = WAY_OUT[BlockCause(row.cause)]
    return BlockOut.model_validate({**row._mapping, "way_out": way_out})


def entry_out(row: AnyRow) -> EntryOut:
    """A row of allowed numbers as it is answered."""
    return EntryOut.model_validate(dict(row._mapping))


def taken_out(taken: Taken) -> TakenOut:
    """What came of a file as it is answered."""
    return TakenOut.model_validate(vars(taken))
