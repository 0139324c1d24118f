"""A person's own list: asked for, approved, learned; never more than its places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection

from blocklists import pan_orders
from blocklists.allowing import allow, allowed, disallow
from blocklists.faults import CantBe, NotThere
from blocklists.lists import NumberError
from blocklists.pan import DEFAULT_MAXIMUM, PanStanding, learn, standing
from store.database import Database
from store.tables import controls
from tests.builders import FACILITY, MORNING, NUMBER, OTHER_PERSON, PERSON, at_once, build_jail

BY = ("M. Okafor", MORNING)
LINES = [f"+121255501{n:02}" for n in range(30)]


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def state(connection: Connection, number: str = NUMBER, person: str = PERSON) -> PanStanding:
    return standing(connection, person, FACILITY, number, MORNING)


def limit(
    connection: Connection, maximum: int, layer: str = "person", subject: str = PERSON
) -> None:
    value = {"mode": "allow_list", "max": maximum}
    row = {"layer": layer, "subject": subject, "kind": "pan", "value": value, "note": ""}
    connection.execute(controls.insert(), {**row, "actor": "test", "at": MORNING})


def test_a_number_is_asked_for_and_approved(database: Database) -> None:
    with database.begin() as connection:
        entry = pan_orders.request(connection, PERSON, "(212) 555-0101", *BY, "mother")
        assert pan_orders.request(connection, PERSON, NUMBER, *BY) == entry, "it isn't asked twice"
        assert state(connection) == PanStanding(allowed=False, entries=0)
        assert [row.id for row in pan_orders.requested(connection, FACILITY)] == [entry]
        for _ in range(2):
            assert pan_orders.approve(connection, PERSON, entry, *BY).state == "approved"
        assert state(connection) == PanStanding(allowed=True, entries=1)
        assert not state(connection, person=OTHER_PERSON).allowed
        assert pan_orders.requested(connection, FACILITY) == []
        pan_orders.remove(connection, PERSON, entry, *BY)
        assert state(connection) == PanStanding(allowed=False, entries=0)
        again = pan_orders.add(connection, PERSON, NUMBER, *BY)
        rows = pan_orders.entries(connection, PERSON)
    assert [(row.id, row.state) for row in rows] == [(entry, "removed"), (again, "approved")]


def test_what_was_refused_needs_a_new_request(database: Database) -> None:
    with database.begin() as connection:
        entry = pan_orders.request(connection, PERSON, NUMBER, *BY)
        assert pan_orders.refuse(connection, PERSON, entry, *BY).state == "refused"
        with pytest.raises(CantBe, match="is refused"):
            pan_orders.approve(connection, PERSON, entry, *BY)
        with pytest.raises(NotThere):
            pan_orders.approve(connection, OTHER_PERSON, entry, *BY)
        assert pan_orders.request(connection, PERSON, NUMBER, *BY) != entry


@pytest.mark.parametrize("number", ["911", "8005550100", "+44 20 7946 0000", "+1212*", ""])
def test_only_single_dialable_numbers_come_onto_a_list(database: Database, number: str) -> None:
    with database.begin() as connection, pytest.raises(NumberError):
        pan_orders.request(connection, PERSON, number, *BY)


def test_an_unknown_person_has_no_list(database: Database) -> None:
    with database.begin() as connection, pytest.raises(NumberError, match="no person"):
        pan_orders.add(connection, "777", NUMBER, *BY)


def test_a_full_list_takes_no_more(database: Database) -> None:
    with database.begin() as connection:
        limit(connection, 2)
        limit(connection, 5, "facility", FACILITY)
        limit(connection, 1, subject=OTHER_PERSON)
        assert pan_orders.maximum_of(connection, PERSON, MORNING) == 2
        for number in LINES[:2]:
            pan_orders.add(connection, PERSON, number, *BY)
        with pytest.raises(CantBe, match="2 of 2 places"):
            pan_orders.add(connection, PERSON, LINES[2], *BY)


def test_without_a_rule_a_list_has_twenty_places(database: Database) -> None:
    with database.begin() as connection:
        assert pan_orders.maximum_of(connection, PERSON, MORNING) == DEFAULT_MAXIMUM == 20


def test_what_expires_gives_up_its_place(database: Database) -> None:
    later = MORNING + timedelta(days=1)
    with database.begin() as connection:
        limit(connection, 1)
        first = pan_orders.add(connection, PERSON, NUMBER, *BY, expires_at=later)
        assert state(connection).allowed
        assert standing(connection, PERSON, FACILITY, NUMBER, later) == PanStanding(False, 0)
        second = pan_orders.add(connection, PERSON, NUMBER, "x", later)
        states = [(row.id, row.state) for row in pan_orders.entries(connection, PERSON)]
    assert states == [(first, "removed"), (second, "approved")]


@pytest.mark.parametrize("facility", [None, FACILITY])
def test_what_everybody_may_call_takes_no_place(database: Database, facility: str | None) -> None:
    with database.begin() as connection:
        entry = allow(connection, "(212) 555-????", *BY, facility)
        assert allow(connection, "+1212555*", *BY, facility) == entry, "not twice"
        assert state(connection) == PanStanding(allowed=True, entries=0)
        elsewhere = standing(connection, PERSON, "elsewhere", NUMBER, MORNING)
        assert elsewhere.allowed is (facility is None)
        assert not learn(connection, PERSON, NUMBER, 5, MORNING), "it needs no place"
        if facility is None:
            with pytest.raises(NotThere):
                disallow(connection, entry, *BY, FACILITY)
        disallow(connection, entry, *BY)
        assert not state(connection).allowed
        assert allowed(connection, MORNING, FACILITY) == []


def test_calls_fill_a_list_that_learns(database: Database) -> None:
    with database.begin() as connection:
        asked = pan_orders.request(connection, PERSON, LINES[0], *BY)
        assert [learn(connection, PERSON, number, 2, MORNING) for number in LINES[:3]] == [
            True,
            True,
            False,
        ]
        assert not learn(connection, PERSON, LINES[1], 5, MORNING), "it is there"
        rows = pan_orders.entries(connection, PERSON)
    assert [(row.number, row.learned) for row in rows] == [(LINES[0], True), (LINES[1], True)]
    assert rows[0].id == asked


@pytest.mark.parametrize(
    "put",
    [
        lambda connection, number: learn(connection, PERSON, number, 3, MORNING),
        lambda connection, number: pan_orders.add(connection, PERSON, number, *BY),
    ],
    ids=["learned", "added"],
)
def test_two_at_once_never_take_one_last_place(
    database: Database, put: Callable[[Connection, str], object]
) -> None:
    with database.begin() as connection:
        limit(connection, 3)
        for number in LINES[:2]:
            pan_orders.add(connection, PERSON, number, *BY)

    def one_more(worker: int) -> bool:
        try:
            with database.begin() as connection:
                return bool(put(connection, LINES[2 + worker]))
        except NumberError:
            return False

    done = at_once(4, one_more)
    with database.begin() as connection:
        assert state(connection).entries == 3
    assert sum(done) == 1


class Lists(RuleBasedStateMachine):
    """Two people's lists beside a plain model of them."""

    database: Database
    MAXIMUM = 3

    def __init__(self) -> None:
        super().__init__()
        self.outer = self.database.engine.connect()
        self.model: dict[str, dict[str, str]] = {PERSON: {}, OTHER_PERSON: {}}
        limit(self.outer, self.MAXIMUM)
        limit(self.outer, self.MAXIMUM, subject=OTHER_PERSON)

    people = st.sampled_from([PERSON, OTHER_PERSON])
    lines = st.sampled_from(LINES[:5])

    def full(self, person: str) -> bool:
        return list(self.model[person].values()).count("approved") >= self.MAXIMUM

    @rule(person=people, number=lines)
    def ask(self, person: str, number: str) -> None:
        pan_orders.request(self.outer, person, number, *BY)
        self.model[person].setdefault(number, "requested")

    @rule(person=people, number=lines)
    def learn(self, person: str, number: str) -> None:
        new = self.model[person].get(number) != "approved" and not self.full(person)
        assert learn(self.outer, person, number, self.MAXIMUM, MORNING) is new
        if new:
            self.model[person][number] = "approved"

    @rule(person=people, number=lines, act=st.sampled_from(["approve", "refuse", "remove"]))
    def decide(self, person: str, number: str, act: str) -> None:
        rows = [
            row
            for row in pan_orders.entries(self.outer, person)
            if row.number == number and row.state in ("requested", "approved")
        ]
        before = self.model[person].get(number)
        assert [row.state for row in rows] == ([before] if before else [])
        if not rows:
            return
        wrong = (act == "refuse" and before == "approved") or (
            act == "approve" and before == "requested" and self.full(person)
        )
        deciding = getattr(pan_orders, act)
        if wrong:
            with pytest.raises(CantBe):
                deciding(self.outer, person, rows[0].id, *BY)
        else:
            deciding(self.outer, person, rows[0].id, *BY)
            self.model[person][number] = "approved"
            if act != "approve":
                del self.model[person][number]

    @invariant()
    def the_lists_are_the_models(self) -> None:
        for person, numbers in self.model.items():
            entries = list(numbers.values()).count("approved")
            for number in LINES[:5]:
                found = state(self.outer, number, person)
                assert found == PanStanding(numbers.get(number) == "approved", entries)

    def teardown(self) -> None:
        self.outer.rollback()
        self.outer.close()


def test_any_order_of_orders(database: Database) -> None:
    machine = type("These", (Lists,), {"database": database})
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=15))
