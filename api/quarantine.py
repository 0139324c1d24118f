"""What nobody may hear, and what lawyers are told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from api.context import Asked
from api.guard import Caller, everywhere, on_facility
from api.list_words import Entry
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import FACILITY_ID
from blocklists.privilege import notices
from blocklists.privilege.letters import NoticeKind
from blocklists.privilege.notices import Notice
from blocklists.privilege.registry import PrivilegeError
from cdr import quarantine
from store.types import AnyRow

router = APIRouter(tags=["privilege"])
FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]
Here = Annotated[Caller, Depends(on_facility(Scope.PRIVILEGE_WRITE))]
Provider = Annotated[Caller, Depends(everywhere(Scope.PRIVILEGE_WRITE))]


class QuarantinedOut(BaseModel):
    """A recording that was set aside, and why. Where it lies is told to nobody over HTTP."""

    call_id: str
    facility_id: str
    number: str
    why: str
    sha256: str
    actor: str
    at: datetime


class NoticeOut(BaseModel):
    """What a lawyer is told, in their language.

    ``subject``: the call, or the entry that ends. ``by_letter``: why no e-mail can bring it, else
    empty; ``fault``: why the last of ``attempts`` failed.
    """

    id: int
    attorney_id: str
    name: str
    email: str
    kind: NoticeKind
    subject: str
    text: str
    at: datetime
    sent_at: datetime | None
    attempts: int
    fault: str
    by_letter: str


@router.get("/facilities/{facility_id}/quarantine")
def list_quarantined(asked: Asked, _who: Here, facility_id: FacilityId) -> list[QuarantinedOut]:
    """The facility's recordings in quarantine, newest first."""
    with asked.database.begin() as connection:
        return [_case(row) for row in quarantine.cases(connection, facility_id)]


@router.get("/quarantine")
def list_quarantined_everywhere(asked: Asked, _who: Provider) -> list[QuarantinedOut]:
    """Every recording in quarantine, newest first. Staff only."""
    with asked.database.begin() as connection:
        return [_case(row) for row in quarantine.cases(connection)]


@router.get("/privilege-notices")
def list_notices(asked: Asked, _who: Provider, sent: bool = False) -> list[NoticeOut]:
    """What lawyers are still to be told, with ``sent`` also what they were. Staff only."""
    with asked.database.begin() as connection:
        return [_notice(one) for one in notices.listed(connection, sent=sent)]


@router.post("/privilege-notices/{entry}/sent")
def note_notice_sent(asked: Asked, _who: Provider, entry: Entry) -> NoticeOut:
    """Note that a notice was sent in another way, such as by letter. Staff only."""
    with asked.database.begin() as connection:
        try:
            notices.note_sent(connection, entry, asked.clock())
        except PrivilegeError:
            raise Problem(Kind.NOT_FOUND) from None
        return _notice(notices.find(connection, entry))


def _case(row: AnyRow) -> QuarantinedOut:
    return QuarantinedOut.model_validate(row, from_attributes=True)


def _notice(one: Notice) -> NoticeOut:
    letter = {name: getattr(one.letter, name) for name in ("name", "email", "kind", "subject")}
    return NoticeOut.model_validate({**vars(one), **letter, "text": one.text})
