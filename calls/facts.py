"""What the decision has to know, in one query: the place, the person, the lists, the payer.

The query locks the person's row until the transaction ends: nobody else decides about a call of
this person meanwhile. So what counts may be asked afterwards, in a statement of its own: one that
waited for the lock has its facts from before, and would have its counts from before, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, bindparam, select, true

from accounts.paying import BY_NUMBER, BY_PERSON
from blocklists import bulk, pan
from blocklists.lists import blocked_by
from blocklists.policy import controls
from blocklists.policy.rules import Layer
from blocklists.privilege.covering import is_privileged
from calls.reasons import PaidBy
from rating import deckstore
from store.tables import calls, facilities, persons, phones

# Short names, each bound once: psycopg reads a query of more than 4,096 letters anew every time.
_call, _facility = calls.alias("l"), facilities.alias("f")
_phone, _person = phones.alias("h"), persons.alias("p")
_asked = select(
    bindparam("number", type_=calls.c.number.type).label("n"),
    bindparam("now", type_=calls.c.offhook_at.type).label("t"),
).subquery("q")
_NUMBER, _NOW = _asked.c.n, _asked.c.t
_SCOPE = (_call.c.facility_id, _call.c.person_id)
_FACTS_BUT_MONEY = (
    select(
        _facility.c.id.label("facility_id"),
        _facility.c.name,
        _facility.c.facility_type,
        _facility.c.adp,
        _facility.c.state,
        _facility.c.timezone,
        _facility.c.exchange,
        _facility.c.longest_call_seconds,
        _facility.c.records,
        _facility.c.overlay_seconds,
        _facility.c.daily_minutes,
        _facility.c.holds_whole_call,
        _phone.c.active,
        _person.c.id.label("person_id"),
        _person.c.name.label("person_name"),
        _person.c.name_clip,
        _person.c.status,
        (_person.c.facility_id == _facility.c.id).label("same_facility"),
        blocked_by(_NUMBER, *_SCOPE, _NOW).label("block_cause"),
        is_privileged(_NUMBER, *_SCOPE, _NOW).label("privileged"),
        bulk.of_call(_call.c.facility_id, _NOW).label("bulk_lists"),
        pan.unless_allowed(_NUMBER, _call.c.person_id, _call.c.facility_id, _NOW).label(
            "entries_unless_allowed"
        ),
        controls.of_call(
            {
                Layer.FACILITY: [_call.c.facility_id],
                Layer.UNIT: [_phone.c.unit_id, _person.c.unit_id],
                Layer.PHONE: [_call.c.phone_id],
                Layer.PERSON: [_call.c.person_id],
                Layer.NUMBER: [_NUMBER],
            },
            _NOW,
        ).label("controls"),
        deckstore.IN_FORCE.label("price_versions"),
    )
    .select_from(_call)
    .join(_facility, _facility.c.id == _call.c.facility_id)
    .join(_phone, _phone.c.id == _call.c.phone_id)
    .join(_person, _person.c.id == _call.c.person_id)
    .join(_asked, true())
    .where(_call.c.id == bindparam("call"))
    .with_for_update(of=_person, key_share=True)
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
        BY_PERSON, BY_PERSON.c.person_id == _call.c.person_id
    ),
}
"""By who pays: the number's account, or the person's own. Whoever refers to the person's row isn't
kept waiting by its lock."""
