"""Whatever the OpenAPI document allows to be sent, or doesn't: never a server error."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import Phase, given, settings
from hypothesis.strategies import sampled_from
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from accounts.products import Party
from store.database import Database
from tests.api.desk import BULK_LIST, BY_PRODUCT, FIRST, LIVE, STAFF, Desk, Till, opened_desk
from tests.builders import FACILITY, PERSON

ACCOUNTS = sampled_from([*BY_PRODUCT.values(), "nobody"])
EXAMPLES = 5


def test_nothing_breaks(postgres_database: Database, worker_till: Till) -> None:
    with opened_desk(postgres_database, worker_till) as desk:
        desk.ring()
        desk.tell_a_lawyer()
        # The accounts that are asked about live on: what closes one comes last.
        document = schemathesis.openapi.from_asgi("/openapi.json", desk.client.app)
        every: list[Any] = [one.ok() for one in document.get_all_operations()]  # type: ignore[union-attr]
        for operation in sorted(every, key=lambda one: one.path.endswith("/closing")):
            for mode in _modes(operation):
                _ask(desk, operation, mode)


def _modes(operation: Any) -> list[GenerationMode]:
    """Sound requests, and unsound ones where a request carries anything."""
    carries = [*operation.iter_parameters(), *operation.body]
    return [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if carries else [])]


def _ask(desk: Desk, operation: Any, mode: GenerationMode) -> None:
    headers = {"Authorization": f"Bearer {desk.token(Party.STAFF)}", "X-Reason": "trying"}

    @settings(max_examples=EXAMPLES, phases=(Phase.explicit, Phase.generate), database=None)
    @given(case=operation.as_strategy(generation_mode=mode), account=ACCOUNTS)
    def ask(case: Any, account: str) -> None:
        if mode is GenerationMode.POSITIVE:
            known: dict[str, object] = {
                "account_id": account,
                "facility_id": FACILITY,
                "person_id": PERSON,
            }
            known |= {"staff_id": STAFF, "entry": FIRST, "name": BULK_LIST, "call_id": LIVE}
            case.path_parameters |= {
                name: known[name] for name in known & case.path_parameters.keys()
            }
        # Not all that is sound by its form is good: a number may be one that is never dialled.
        sound = mode is GenerationMode.POSITIVE or not _unsound(case)
        form = [negative_data_rejection] if sound else []
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance, *form])

    ask()


def _unsound(case: Any) -> bool:
    """Whether anything is that is sent: the headers are our own."""
    return any(
        one.mode is GenerationMode.NEGATIVE
        for where, one in case.meta.components.items()
        if where is not ParameterLocation.HEADER
    )
