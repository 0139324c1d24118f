"""What a request may carry: patterns and types that several endpoints share."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Header
from pydantic import BaseModel, ConfigDict, Field

from accounts.prepaid import LARGEST_DEPOSIT_CENTS

# No control characters: PostgreSQL bears no NUL, a log no line feed.
PRINTED: Final = r"^[^\x00-\x1f\x7f-\x9f]+$"
ACCOUNT_ID: Final = r"^[\w.@+-]{1,40}$"
FACILITY_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"
PERSON_ID: Final = r"^[0-9]{1,12}$"
NAME_ID: Final = r"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}$"
MONTH: Final = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"

Line = Annotated[str, Field(pattern=PRINTED, max_length=200)]
AccountId = Annotated[str, Field(pattern=ACCOUNT_ID)]
Number = Annotated[str, Field(pattern=r"^[0-9+(). -]{3,30}$", description="A telephone number.")]
Cents = Annotated[int, Field(gt=0, le=LARGEST_DEPOSIT_CENTS, strict=True)]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9-]{8,36}$",
        description="The same key is never paid, and never refunded, twice. Choose a new one "
        "(a UUID) for each payment, and the same again when you don't know whether it arrived.",
    ),
]


class Body(BaseModel):
    """A request's body: what isn't known is an error."""

    model_config = ConfigDict(extra="forbid")
