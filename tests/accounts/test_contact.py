"""How a holder is reached: changed, noted without the values, refused."""

from __future__ import annotations

import pytest

from accounts import contact, life
from accounts.ledger import LedgerError
from accounts.opening import NewAccount
from accounts.products import ProductId
from store.database import Database
from tests.builders import MORNING

RIVERA = NewAccount("rivera", ProductId.PREPAID_COLLECT, "Sam Rivera", ("+12125550101",))


def test_a_contact_is_changed_once_and_its_values_are_not_kept(database: Database) -> None:
    new = {"email": "sam@example.com", "language": "es"}
    with database.begin() as connection:
        life.open_account(connection, RIVERA, "test", MORNING)
        assert contact.change(connection, "rivera", new, "Sam", MORNING)
        assert not contact.change(connection, "rivera", new, "Sam", MORNING)
        found = life.find(connection, "rivera")
        assert found is not None
        assert (found.email, found.language, found.address) == ("sam@example.com", "es", None)
        last = life.orders(connection, "rivera")[-1]
        assert (last.kind, last.actor, last.note) == ("contact", "Sam", "email, language")


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"holder": "Kim"}, "no part holder"),
        ({"language": "fr"}, "no language 'fr'"),
        ({"language": None}, "no language None"),
    ],
)
def test_what_is_no_contact(database: Database, parts: dict[str, str | None], why: str) -> None:
    with database.begin() as connection:
        life.open_account(connection, RIVERA, "test", MORNING)
        with pytest.raises(LedgerError, match=why):
            contact.change(connection, "rivera", parts, "Sam", MORNING)


def test_a_closed_account_is_left_alone(database: Database) -> None:
    with database.begin() as connection:
        life.open_account(connection, RIVERA, "test", MORNING)
        life.close(connection, "rivera", "requested", "Sam", MORNING)
        with pytest.raises(LedgerError, match="account rivera is closed"):
            contact.change(connection, "rivera", {"email": None}, "Sam", MORNING)
