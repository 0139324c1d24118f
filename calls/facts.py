"""What the decision has to know, in one query: the place, the person, the lists, the payer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select

from accounts.paying import BY_NUMBER, BY_PERSON
from blocklists import bulk
from blocklists.lists import blocked_by
from blocklists.policy import controls
from blocklists.policy.rules import Layer
from blocklists.privilege.covering import is_privileged
from calls.reasons import PaidBy
from rating import deckstore
from store.tables import calls, facilities, persons, phones

_NUMBER: BindParameter[str] = bindparam("number")
_FACTS_BUT_MONEY = (
    select(
        facilities.c.id.label("facility_id"),
        facilities.c.name,
        facilities.c.facility_type,
        facilities.c.adp,
        facilities.c.state,
        facilities.c.timezone,
        facilities.c.exchange,
        facilities.c.longest_call_seconds,
        facilities.c.records,
        facilities.c.overlay_seconds,
        facilities.c.daily_minutes,
        facilities.c.holds_whole_call,
        phones.c.active,
        persons.c.id.label("person_id"),
        persons.c.name.label("person_name"),
        persons.c.name_clip,
        persons.c.status,
        (persons.c.facility_id == facilities.c.id).label("same_facility"),
        blocked_by(_NUMBER, calls.c.facility_id, calls.c.person_id, bindparam("now")).label(
            "block_cause"
        ),
        is_privileged(_NUMBER, calls.c.facility_id, calls.c.person_id, bindparam("now")).label(
            "privileged"
        ),
        bulk.any_in_force(calls.c.facility_id, bindparam("now")).label("bulk_lists"),
        controls.of_call(
            {
                Layer.FACILITY: [calls.c.facility_id],
                Layer.UNIT: [phones.c.unit_id, persons.c.unit_id],
                Layer.PHONE: [calls.c.phone_id],
                Layer.PERSON: [calls.c.person_id],
                Layer.NUMBER: [_NUMBER],
            },
            bindparam("now"),
        ).label("controls"),
        deckstore.IN_FORCE.label("price_versions"),
    )
    .select_from(calls)
    .join(facilities, facilities.c.id == calls.c.facility_id)
    .join(phones, phones.c.id == calls.c.phone_id)
    .join(persons, persons.c.id == calls.c.person_id)
    .where(calls.c.id == bindparam("call"))
)
_PAYER = (
    "account_id",
    "product",
    "account_status",
    "suspended_for",
    "available_cents",
    "held_cents",
)
FACTS: Mapping[PaidBy, Select[*tuple[Any, ...]]] = {
    PaidBy.CALLED: _FACTS_BUT_MONEY.add_columns(*(BY_NUMBER.c[name] for name in _PAYER)).outerjoin(
        BY_NUMBER, BY_NUMBER.c.number == _NUMBER
    ),
    PaidBy.CALLER: _FACTS_BUT_MONEY.add_columns(*(BY_PERSON.c[name] for name in _PAYER)).outerjoin(
        BY_PERSON, BY_PERSON.c.person_id == calls.c.person_id
    ),
}
"""By who pays: the number's account, or the person's own."""
