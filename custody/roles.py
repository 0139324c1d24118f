"""What each role on a staff may do: the one place where it is said."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody on the staff of a facility, or of the provider, is there for."""

    BOOKING = "booking"
    OFFICER = "officer"
    INVESTIGATOR = "investigator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


_SEES = frozenset({"people:read", "policy:read", "numbers:read"})
_WATCHES = _SEES | {"calls:write"}
_INVESTIGATES = _WATCHES | {"numbers:write", "reports:read"}
_SUPERVISES = _INVESTIGATES | {"people:write", "policy:write", "lines:write"}
# Whose talk is private, and who is on the staff, is nobody's whose work is to listen or to watch.
_ADMINISTERS = _SUPERVISES | {"privilege:write", "staff:write"}
# Money is the provider's: a facility's token can't carry these scopes whatever the role.
_MONEY = frozenset(
    {
        *("accounts:read", "accounts:write", "accounts:manage"),
        *("payments:write", "refunds:write", "statements:read"),
    }
)
SCOPES: Final[Mapping[Role, frozenset[str]]] = {
    Role.BOOKING: frozenset({"people:read", "people:write"}),
    Role.OFFICER: _WATCHES,
    Role.INVESTIGATOR: _INVESTIGATES,
    Role.SUPERVISOR: _SUPERVISES,
    Role.ADMINISTRATOR: _ADMINISTERS | _MONEY,
}
"""The scopes that a token of somebody with the role may carry, at most."""
