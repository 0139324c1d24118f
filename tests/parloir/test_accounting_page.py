"""The bookkeeper's page against the code: its chart, its kinds, its examples run."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import select

from accounts.chart import CASH, CUSTOMERS, HOUSE
from accounts.ledger import Entry, Kind, Posting, open_books
from calls import renewal, talking
from calls.answering import answered
from calls.decision import authorize
from calls.sweep import sweep
from parloir.common import Platform
from parloir.main import main
from store.database import Database
from store.settings import CallSettings
from store.tables import entries, postings
from tests.accounts.year import paid_in, posted
from tests.builders import (
    ACCOUNT,
    DIALLED,
    MORNING,
    accept,
    balance,
    build_jail,
    identified_call,
    open_account,
    seconds,
)
from tests.test_docs import ROOT, rows

PAGE = "docs/accounting.md"
EXAMPLE = re.compile(r"^ *```\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
CLOSED = re.compile(r"(closed) \d{4}-\d\d-\d\d \d\d:\d\d")


def test_the_chart_is_the_codes() -> None:
    chart = [
        (gl.number, name, gl.name, gl.type, gl.side)
        for name, gl in [*HOUSE.items(), *CUSTOMERS.items()]
    ]
    assert [tuple(row) for row in rows(PAGE, "gl")] == chart


def test_every_kind_is_told() -> None:
    assert [row[0] for row in rows(PAGE, "kind")] == [kind.value for kind in Kind]


def october(database: Database) -> None:
    """The month that the page closes."""

    def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
        return datetime(2026, 10, day, hour, minute, second, tzinfo=UTC)

    open_books(database)
    open_account(database, ACCOUNT, cents=0)
    lines = (
        Posting(ACCOUNT, -318),
        Posting("house.revenue.base", 240),
        Posting("house.revenue.additive", 60),
        Posting("house.taxes", 18),
    )
    card = (Posting(CASH, -2500), Posting(ACCOUNT, 2500))
    posted(
        database,
        Entry("deposit:card-7731", Kind.DEPOSIT, "web", at(5, 9, 12), card),
        Entry("call:SAMPLE:0", Kind.CALL, "call", at(6, 18, 3, 20), lines, "SAMPLE"),
    )
    check = paid_in("deposit:check-104", ACCOUNT, 4000, at(20, 14, 30))
    posted(database, Entry(check.key, check.kind, "lobby", check.at, check.lines))


def test_the_month_end_is_as_shown(database: Database, database_url: str, tmp_path: Path) -> None:
    october(database)
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database_url}"\n')
    platform = Platform(file)
    shown = []
    for block in EXAMPLE.findall((ROOT / PAGE).read_text(encoding="utf-8")):
        for example in re.split(r"^ *\$ parloir ", block, flags=re.MULTILINE)[1:]:
            line, _, wanted = example.partition("\n")
            name, *words = shlex.split(line)
            result = CliRunner().invoke(main.commands[name], words, obj=platform)
            said = result.stdout + result.stderr
            plain = [
                CLOSED.sub(r"\1", one).strip()
                for one in (said, re.sub(r"^ {3}", "", wanted, flags=re.MULTILINE))
            ]
            assert plain[0] == plain[1], line
            shown.append(name)
    platform.database.engine.dispose()
    assert len(shown) == 8


def test_the_call_is_worked_through_as_it_goes(database: Database) -> None:
    build_jail(database, cents=500, whole=False)
    told = [(row[2].replace("`", ""), row[3], row[4]) for row in rows(PAGE, "moment")]
    found = []

    def note(key: str = "nothing", cents: int = 0) -> None:
        money = balance(database)
        posted_now = f"{key} {cents / 100:.2f}" if cents else key
        found.append(
            (posted_now, f"{money.balance_cents / 100:.2f}", f"{money.held_cents / 100:.2f}")
        )

    call_id = identified_call(database)
    authorize(database, call_id, DIALLED, MORNING, settings=CallSettings())
    note()
    answered(database, call_id, "called", MORNING, MORNING)
    accept(database, call_id, MORNING)
    note()
    for number, (second, until) in enumerate(((57, 95), (87, 125))):
        assert renewal.renew_due(database, CallSettings(), MORNING + seconds(second - 1)) == []
        [grant] = renewal.renew_due(database, CallSettings(), MORNING + seconds(second))
        assert grant.live.paid_seconds == until
        note(f"call:…:{number}", cents_of(database, f"call:{call_id}:{number}"))
    talking.seen(database, [call_id], MORNING + seconds(107))
    note()
    assert sweep(database, [], lambda _: 104_000, MORNING + seconds(900)) == [call_id]
    last, drop = (cents_of(database, key) for key in (f"call:{call_id}:2", f"drop:{call_id}"))
    assert balance(database).balance_cents == 485 - last + drop
    found += [(f"call:…:2 {last / 100:.2f}", "4.81", "0.00")]
    note("drop:…", drop)
    assert found == told


def cents_of(database: Database, key: str) -> int:
    """What an entry has moved on the customer's account."""
    moved = (
        select(postings.c.cents)
        .join(entries, entries.c.id == postings.c.entry_id)
        .where(entries.c.key == key, postings.c.account_id == ACCOUNT)
    )
    with database.begin() as connection:
        cents: int = connection.execute(moved).scalar_one()
    return abs(cents)
