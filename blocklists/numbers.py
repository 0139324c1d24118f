"""From the keys that were pressed to a number that may be dialled, or the reason why not.

The classes that are never dialled come before every list: no allow list can open them.
Sources: North American Numbering Plan; 47 CFR 64.1505 (information services); the toll-fraud
practice of refusing operator, carrier-access and chargeable services from custody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from store.npa import area_codes

TOLL_FREE = frozenset({"800", "822", "833", "844", "855", "866", "877", "888", "889"})
TOLL_FREE_RESERVED = frozenset(str(npa) for npa in range(880, 888))
PREMIUM_AREA_CODES = frozenset({"900"})
# Personal, non-geographic and carrier services: priced by their owner, with no place to rate.
SERVICE_AREA_CODES = frozenset(
    {"500", "532", "533", "544", "566", "577", "588", "600", "622", "633", "700", "710"}
    | {str(npa) for npa in range(521, 530)}
)
PREMIUM_EXCHANGES = frozenset({"976", "950"})
DIRECTORY_EXCHANGE = "555"
# 555-0100 to 555-0199 are set aside for fiction: they reach nobody and serve the tests.
FICTITIOUS_LINES = range(100, 200)
RELAY = "711"
"""Telecommunications relay, which everybody may reach, free of charge (47 CFR 64.6040)."""


class Never(StrEnum):
    """Why a number is never dialled."""

    EMERGENCY = "emergency"
    SHORT_CODE = "short_code"
    OPERATOR = "operator"
    CARRIER_ACCESS = "carrier_access"
    TOLL_FREE = "toll_free"
    PREMIUM = "premium"
    DIRECTORY = "directory"
    INTERNATIONAL = "international"
    INVALID = "invalid"


@dataclass(frozen=True)
class Refused:
    """The keys can't become a call, and why."""

    why: Never


def normalise(dialled: str) -> str | Refused:
    """The E.164 number that the keys mean (``+1NPANXXXXXX``), or why it is never dialled.

    Accepts ten digits, with or without a leading 1 or +1, and :data:`RELAY`, which stays as it
    is. A normalised number normalises to itself.
    """
    if dialled == RELAY:
        return RELAY
    keys = dialled.removeprefix("+")
    if not keys.isascii() or not keys.isdigit():
        return Refused(Never.SHORT_CODE if dialled.startswith("*") else Never.INVALID)
    if keys and dialled.startswith("+") and not keys.startswith("1"):
        return Refused(Never.INTERNATIONAL)
    if why := _prefix_class(keys):
        return Refused(why)
    national = keys.removeprefix("1") if len(keys) == 11 else keys
    if len(national) != 10:
        return Refused(Never.INVALID)
    why = _number_class(national[:3], national[3:6], national[6:])
    return Refused(why) if why else f"+1{national}"


def digits_of(number: str) -> str:
    """The digits that reach a normalised number through a trunk: ``12125550100``."""
    return number.removeprefix("+")


def _prefix_class(keys: str) -> Never | None:
    if keys in ("911", "1911", "9911", "112"):
        return Never.EMERGENCY
    if keys.startswith("011"):
        return Never.INTERNATIONAL
    if keys.startswith("0") or keys == "":
        return Never.OPERATOR if keys else Never.INVALID
    if keys.startswith("10"):
        return Never.CARRIER_ACCESS
    if len(keys.removeprefix("1")) == 3 and keys.endswith("11"):
        return Never.SHORT_CODE
    return Never.SHORT_CODE if keys == "988" else None


def _number_class(npa: str, exchange: str, line: str) -> Never | None:
    if npa in TOLL_FREE | TOLL_FREE_RESERVED:
        return Never.TOLL_FREE
    if npa in PREMIUM_AREA_CODES | SERVICE_AREA_CODES or exchange in PREMIUM_EXCHANGES:
        return Never.PREMIUM
    if exchange == DIRECTORY_EXCHANGE and int(line) not in FICTITIOUS_LINES:
        return Never.DIRECTORY
    if exchange[0] in "01" or exchange.endswith("11") or npa not in area_codes():
        return Never.INVALID
    return None if area_codes()[npa].country == "US" else Never.INTERNATIONAL
