"""The staff's desk: people, their PINs and names, own accounts, blocks, credits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from calls.blocking import BlockScope, called_party_blocks
from calls.credits import ask
from calls.people import Person, identify, keep_name
from parloir.common import Platform
from parloir.main import main
from store.database import Database
from store.tables import facilities
from store.types import now
from tests.builders import (
    ACCOUNT,
    DEBIT,
    FACILITY,
    KEY,
    MORNING,
    NUMBER,
    OTHER_PERSON,
    PERSON,
    PIN,
    answered_call,
    balance,
    build_jail,
    cdr_of,
    identified_call,
    talked,
)

Desk = Callable[..., Result]
WHY = ("--by", "sergeant", "--note", "came to the desk")


@pytest.fixture
def desk(database: Database, database_url: str, tmp_path: Path) -> Iterator[Desk]:
    build_jail(database)
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database_url}"\n')
    (tmp_path / "pin.key").write_bytes(KEY)
    platform = Platform(file)

    def run(command: str, *words: str, keyed: str = "") -> Result:
        return CliRunner().invoke(main.commands[command], words, input=keyed, obj=platform)

    yield run
    platform.database.engine.dispose()


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def found(database: Database, person: str, pin: str) -> Person:
    call_id = identified_call(database, person=OTHER_PERSON)
    person_found = identify(database, KEY, call_id, person, pin, now())
    assert isinstance(person_found, Person)
    return person_found


@pytest.mark.parametrize(("more", "must_choose"), [((), True), (("--chosen",), False)])
def test_a_pin_from_staff_is_for_the_first_use(
    database: Database, desk: Desk, more: tuple[str, ...], must_choose: bool
) -> None:
    add = ("person", "add", "7305", "--facility", FACILITY, "--name", "Robin Vale", *more)
    said(desk(*add, keyed="4711\n"))
    assert found(database, "7305", "4711").must_choose_pin is must_choose


def test_staff_unlock_and_give_a_new_pin(database: Database, desk: Desk) -> None:
    said(desk("person", "unlock", PERSON, *WHY))
    said(desk("person", "pin", PERSON, *WHY, keyed="4711\n"))
    assert found(database, PERSON, "4711").must_choose_pin
    kept = said(desk("person", "orders", PERSON))
    assert ["unlock" in kept, "new_first_pin" in kept, "4711" in kept] == [True, True, False]
    assert kept.count("sergeant") == kept.count("came to the desk") == 2


@pytest.mark.parametrize("order", [("unlock",), ("name", "show"), ("name", "reset")])
def test_an_order_has_a_reason_and_a_person(desk: Desk, order: tuple[str, ...]) -> None:
    assert "Missing option '--note'" in desk("person", *order, PERSON).output
    refused = desk("person", *order, "404", "--note", "x")
    assert (refused.exit_code, "no person '404'" in refused.output) == (1, True)


def test_a_name_is_heard_and_reset(database: Database, desk: Desk, tmp_path: Path) -> None:
    assert "recorded no name" in said(desk("person", "name", "show", PERSON, *WHY))
    keep_name(database, PERSON, "100001-ABC", MORNING)
    file = str(tmp_path / "asterisk" / "sounds" / "names" / "100001-ABC.wav")
    assert said(desk("person", "name", "show", PERSON, *WHY)).strip() == file
    assert file in said(desk("person", "name", "reset", PERSON, *WHY))
    assert found(database, PERSON, PIN).name_clip is None
    kept = said(desk("person", "orders", PERSON))
    assert kept.count("name_heard") == 2


def test_a_facilitys_terms_are_changed(database: Database, desk: Desk) -> None:
    def terms() -> tuple[object, ...]:
        with database.begin() as connection:
            row = connection.execute(facilities.select()).one()
        return row.records_name, row.overlay_seconds, row.daily_minutes

    assert terms() == (False, 0, None)
    said(desk("facility", "set", FACILITY, "--record-names", "--daily-minutes", "60"))
    assert terms() == (True, 0, 60)
    said(desk("facility", "set", FACILITY, "--overlay-seconds", "120", "--daily-minutes", "0"))
    assert terms() == (True, 120, None)
    for words, why in (
        ((FACILITY,), "say what is to change"),
        ((FACILITY, "--overlay-seconds", "1"), "every 10 seconds at most"),
        ((FACILITY, "--overlay-seconds", "-30"), "every 10 seconds at most"),
        ((FACILITY, "--daily-minutes", "-1"), "at least a minute"),
        (("nowhere", "--daily-minutes", "5"), "no facility 'nowhere'"),
    ):
        assert why in desk("facility", "set", *words).output
    assert terms() == (True, 120, None)


def test_a_facility_is_added_with_its_terms(database: Database, desk: Desk) -> None:
    told = ("--name", "Elm", "--adp", "10", "--state", "OH", "--timezone", "America/New_York")
    more = ("--record-names", "--overlay-seconds", "60", "--daily-minutes", "30")
    said(desk("facility", "add", "elm", *told, *more))
    with database.begin() as connection:
        row = connection.execute(facilities.select().where(facilities.c.id == "elm")).one()
    assert (row.records_name, row.overlay_seconds, row.daily_minutes) == (True, 60, 30)


def test_an_own_account_is_opened_and_filled(database: Database, desk: Desk) -> None:
    opening = ("account", "open-debit", DEBIT, "--person", PERSON, "--holder", "Alex Rivera")
    said(desk(*opening))
    assert "balance $12.50" in said(desk("account", "deposit", DEBIT, "12.50"))
    assert balance(database, DEBIT).balance_cents == 1250
    assert "exists already" in desk(*opening).output
    assert "Alex Rivera" in said(desk("account", "show", DEBIT))


def test_a_called_partys_block_is_seen_and_lifted(database: Database, desk: Desk) -> None:
    call_id = answered_call(database)
    called_party_blocks(database, call_id, BlockScope.PERSON, MORNING)
    said(
        desk(
            "number",
            "block",
            "+12125550177",
            "--cause",
            "security",
            "--note",
            "case 17",
            "--by",
            "clerk",
        )
    )
    every, one = said(desk("number", "list")), said(desk("number", "list", "2125550101"))
    assert every.count("\n") == 2
    assert one in every
    for fact in (NUMBER, "called_party", f"call {call_id}", f"for person {PERSON}", "way out:"):
        assert fact in one
    assert "0 blocks" in said(desk("number", "unblock", NUMBER, "--by", "clerk"))
    lift = ("number", "unblock", NUMBER, "--person", PERSON, "--by", "clerk")
    assert "0 blocks" in said(desk(*lift)), "it isn't the facility's"
    assert "1 blocks" in said(desk(*lift, "--cause", "called_party"))
    assert said(desk("number", "list", NUMBER)) == ""


def test_a_credit_is_granted_or_refused(database: Database, desk: Desk) -> None:
    first, second = talked(database, 60), talked(database, 60)
    for call_id in (first, second):
        assert ask(database, call_id, MORNING)
    listed = said(desk("credit", "list"))
    assert [line.split()[0] for line in listed.splitlines()] == sorted([first, second])
    assert ACCOUNT in listed
    charged = cdr_of(database, first).charged_cents
    amount = f"0.{charged:02}"
    assert "was charged" in desk("credit", "grant", first, "5", *WHY).output
    said(desk("credit", "grant", first.lower(), amount, *WHY))
    said(desk("credit", "refuse", second, *WHY))
    assert said(desk("credit", "list")) == ""
    assert "no open request" in desk("credit", "grant", first, amount, *WHY).output
    assert balance(database).balance_cents == 2000 - charged


def test_check_knows_the_new_rules(desk: Desk) -> None:
    told = said(desk("check"))
    assert "BROKEN" not in told
    for rule in ("last state may", "one person's", "credited was granted", "own account pays"):
        assert rule in told
