"""What was decided about a call: its price and its longest talk, or why it may not be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from calls.permission import Trail
from calls.reasons import Reason
from rating.taxes import AccountType
from rating.terms import Quote


@dataclass(frozen=True)
class Decision:
    """What was decided and why.

    ``trail`` names each rule asked with its answer, in order; the last one decided. ``product``
    is the one that pays, if anybody does; ``overlay_seconds`` is 0 where there is no overlay.
    ``limit_seconds`` is the longest talk; ``affordable_seconds`` as much of it as the account
    can pay for now; ``held_cents`` are set aside, for the first slice or for the ``whole`` talk.
    ``shuts_at``: when the hours end in which calls may be, at the earliest; ``learns``: the talk
    puts the number on the person's list, while that has fewer numbers than these.
    """

    number: str | None = None
    reason: Reason | None = None
    recorded: bool = False
    privileged: bool = False
    limit_seconds: int = 0
    account_id: str | None = None
    product: AccountType | None = None
    overlay_seconds: int = 0
    terms: Quote | None = None
    held_cents: int = 0
    affordable_seconds: int = 0
    whole: bool = True
    person_name: str = ""
    name_clip: str | None = None
    facility_name: str = ""
    shuts_at: datetime | None = None
    learns: int | None = None
    trail: Trail = field(default_factory=list)

    @property
    def may_be_listened_to(self) -> bool:
        """Whether the called party's sound may be judged for a machine: never a privileged call."""
        return not self.privileged

    def as_json(self) -> dict[str, Any]:
        """What is kept on the call: the end of the call charges by these very terms."""
        return {
            "reason": self.reason.name if self.reason else None,
            "product": self.product,
            "recorded": self.recorded,
            "overlay_seconds": self.overlay_seconds,
            "terms": self.terms.as_json() if self.terms else None,
            "held_cents": self.held_cents,
            "affordable_seconds": self.affordable_seconds,
            "whole": self.whole,
            "person_name": self.person_name,
            "name_clip": self.name_clip,
            "facility_name": self.facility_name,
            "shuts_at": self.shuts_at.isoformat() if self.shuts_at else None,
            "learns": self.learns,
            "trail": self.trail,
        }
