"""The staff's desk for numbers: blocks, allowed lists, personal lists, files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from calls.decision import authorize
from calls.reasons import Reason
from store.database import Database
from store.tables import bulk_lists
from store.types import now
from tests.builders import DIALLED, FACILITY, NUMBER, PERSON, identified_call
from tests.parloir.test_desk import Desk, desk, said

BY = ("--by", "warden")
__all__ = ["desk"]


def decided(database: Database, dialled: str = DIALLED) -> Reason | None:
    return authorize(database, identified_call(database, now()), dialled, now()).reason


def named(output: str) -> str:
    """The id that a command has given."""
    found = re.search(r"(?:block|entry) (\d+)", output)
    assert found is not None
    return found[1]


def test_a_court_order_needs_its_note_and_end(database: Database, desk: Desk) -> None:
    order = ("number", "block", "(212) 555-01??", "--cause", "court", "--person", PERSON, *BY)
    assert "needs a note" in desk(*order).output
    assert "the day it ends" in desk(*order, "--note", "order 17").output
    block = named(said(desk(*order, "--note", "order 17", "--until", "2099-01-31")))
    assert decided(database) is Reason.BLOCKED_COURT
    for fact in ("+121255501*", "until 2099-01-31 23:59", "order 17", "the court's own order"):
        assert fact in said(desk("number", "list", NUMBER))
    assert "is lifted" in said(desk("number", "lift", block, *BY))
    assert "before, by warden" in said(desk("number", "lift", block, "--by", "another"))
    assert "by warden" in said(desk("number", "history", NUMBER))
    assert decided(database) is None
    assert "no block 0 here" in desk("number", "lift", "0", *BY).output


def test_a_file_is_blocked_whole(database: Database, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    block = ("number", "import", str(file), "--facility", FACILITY, *BY)
    assert "can't be read" in desk(*block).output
    file.write_text(f"{DIALLED}\n911\nx\n")
    refused = desk(*block)
    assert refused.exit_code == 1
    assert "line 2: '911'" in refused.output
    assert "line 3: 'x'" in refused.output
    assert decided(database) is None
    file.write_text(f"{DIALLED}\n(212) 555-0101\n+1213*\n")
    assert "2 numbers in the file, 1 lines say one again; 2 of" in said(desk(*block))
    assert "0 of them" in said(desk(*block))
    assert decided(database) is Reason.BLOCKED_FACILITY


def test_a_list_of_millions_blocks(database: Database, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("212-555-0101\n")
    load = ("number", "bulk", "load", str(file), "--name", "watch", "--cause", "provider", *BY)
    assert "1 numbers of watch are blocked everywhere" in said(desk(*load))
    assert decided(database) is Reason.BLOCKED_PROVIDER
    assert "watch: 1 numbers, provider" in said(desk("number", "bulk", "list"))
    lift = ("number", "bulk", "lift", "--name", "watch", *BY)
    assert "blocked no more" in said(desk(*lift))
    assert "no list 'watch'" in desk(*lift).output
    assert decided(database) is None


def test_a_list_that_is_lost_lets_nothing_through(
    database: Database, desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "list.txt"
    file.write_text("212-555-0155\n")
    said(desk("number", "bulk", "load", str(file), "--name", "watch", *BY))
    with database.begin() as connection:
        lost = bulk_lists.update().values(file=str(tmp_path / "nowhere"))
        connection.execute(lost)
    with pytest.raises(Exception, match="load it again"):
        decided(database)
    said(desk("number", "bulk", "load", str(file), "--name", "watch", *BY))
    assert decided(database) is None


def test_a_person_calls_from_the_own_list_only(database: Database, desk: Desk) -> None:
    rule = ("policy", "set", "facility", FACILITY, "pan", "allow_list 1", "--note", "house")
    said(desk(*rule, *BY))
    assert decided(database) is Reason.NOT_ON_LIST
    request = desk("pan", "request", PERSON, DIALLED, "--relationship", "mother", *BY)
    entry = named(said(request))
    assert "(mother)" in said(desk("pan", "waiting", FACILITY))
    assert decided(database) is Reason.NOT_ON_LIST, "it is only asked for"
    said(desk("pan", "approve", PERSON, entry, *BY))
    assert decided(database) is None
    assert "1 of 1 places" in desk("pan", "add", PERSON, "2125550177", *BY).output
    said(desk("pan", "remove", PERSON, entry, *BY))
    assert decided(database) is Reason.NOT_ON_LIST
    listed = said(desk("pan", "list", PERSON))
    assert "removed" in listed
    assert "at most 1 numbers" in listed
    said(desk("number", "allow", "+1212*", "--facility", FACILITY, *BY))
    assert decided(database) is None
    assert "+1212*" in said(desk("number", "allowed", "--facility", FACILITY))


def test_a_block_is_stronger_than_every_list(database: Database, desk: Desk) -> None:
    said(desk("pan", "add", PERSON, DIALLED, *BY))
    said(desk("number", "allow", DIALLED, *BY))
    said(desk("number", "block", "+1212*", "--facility", FACILITY, *BY))
    assert decided(database) is Reason.BLOCKED_FACILITY


def test_lists_of_an_earlier_system(database: Database, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "pan.csv"
    file.write_text(f"{PERSON},2125550101,mother\n777,2125550102\n")
    assert "line 2: there is no person '777'" in desk("pan", "import", str(file), *BY).output
    file.write_text(f"{PERSON},2125550101,mother\n")
    assert "1 of them are newly on the lists" in said(desk("pan", "import", str(file), *BY))
    entry = said(desk("pan", "list", PERSON)).split()[0]
    refuse = desk("pan", "refuse", PERSON, entry, *BY)
    assert "it can't be refused now" in refuse.output
