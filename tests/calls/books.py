"""What the books say of one test's calls: rows, CDRs, journals, money, and what staff order."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from accounts import debit, prepaid
from agi.context import Context
from agi.sweeping import sweep_once
from calls import journal
from cdr import records
from ivr_prompts.catalogue import load_all
from parloir.check import findings_by_rule
from parloir.stack import Stack
from store.tables import calls
from store.types import AnyRow

SETTLE_SECONDS = 10.0
DEPOSIT_CENTS = 2500
Found = TypeVar("Found")


class Books:
    """The calls of one phone and one person; ``account`` pays for the number that is called."""

    def __init__(self, stack: Stack, phone_id: str, person: str, account: str) -> None:
        self.stack = stack
        self.phone_id = phone_id
        self.person = person
        self.account = account

    def call(self) -> AnyRow:
        """The call's row."""
        with self.stack.database.begin() as connection:
            return connection.execute(
                calls.select()
                .where(calls.c.phone_id == self.phone_id)
                .order_by(calls.c.offhook_at.desc())
                .limit(1)
            ).one()

    def record(self) -> AnyRow:
        """The call's CDR, once it is written."""
        call_id = self.call().id
        return wait_for(lambda: self._record(call_id), f"CDR of call {call_id}")

    def records(self) -> list[AnyRow]:
        """The CDRs of all calls from Alex's phone, in their order, once the last is written."""
        self.record()
        ids = select(calls.c.id).where(calls.c.phone_id == self.phone_id)
        with self.stack.database.begin() as connection:
            found = connection.execute(ids.order_by(calls.c.offhook_at)).scalars().all()
        return [row for row in map(self._record, found) if row]

    def sealed(self) -> AnyRow:
        """The call's CDR, once its recording is sealed."""
        call_id = self.call().id

        def with_recording() -> AnyRow | None:
            record = self._record(call_id)
            return record if record and record.recording_path else None

        return wait_for(with_recording, f"recording of call {call_id}")

    def pressed(self) -> list[str]:
        """The keys in the call's journal."""
        return self.noted("pressed")

    def played(self) -> list[str]:
        """The sentences in the call's journal."""
        return " ".join(self.noted("played")).split()

    def noted(self, kind: str) -> list[str]:
        """What the call's journal has of one kind."""
        call_id = self.call().id
        with self.stack.database.begin() as connection:
            events = journal.read(connection, call_id)
        return [event.detail for event in events if event.kind == kind]

    def open_own(self, cents: int) -> str:
        """Open an account of Alex's own, with money on it; the account."""
        account = f"OWN-{self.person}"
        debit.open_account(self.stack.database, account, self.person, "Alex Rivers")
        with self.stack.database.begin() as connection:
            prepaid.deposit(connection, account, cents, account, "test")
        return account

    def order(self, *words: str) -> str:
        """What a command of ``parloir`` prints."""
        command = [sys.executable, "-m", "parloir", "--settings", str(self.stack.settings_file)]
        done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def balance(self, account: str = "") -> prepaid.Balance:
        """The money of an account: the one that pays for Sam's number, or this one."""
        with self.stack.database.begin() as connection:
            found = prepaid.find(connection, account or self.account)
        assert found is not None
        return found

    def nothing_charged(self) -> bool:
        """Whether the account has all its money, and none of it is held."""
        balance = self.balance()
        return balance.balance_cents == DEPOSIT_CENTS and balance.held_cents == 0

    def audio(self) -> list[Path]:
        """Every file of this call's audio, wherever it may be."""
        call_id, settings = self.call().id, self.stack.settings
        places = (settings.asterisk_dir / "spool", settings.recordings_dir)
        return [path for place in places for path in place.rglob(f"*{call_id}*.[rw]a[wv]")]

    def log(self) -> str:
        """What the AGI server has logged so far."""
        return (self.stack.settings.state_dir / "agi.log").read_text()

    def broken(self) -> list[str]:
        """What ``parloir check`` finds."""
        rules = findings_by_rule(self.stack.settings, self.stack.database)
        return [finding for _, findings in rules for finding in findings]

    def sweep(self) -> list[str]:
        """What ``parloir sweep`` does."""
        stack = self.stack
        context = Context(
            stack.settings,
            stack.database,
            stack.database,
            load_all(),
            stack.settings.pin_key_file.read_bytes(),
        )
        return sweep_once(context, stack.asterisk)

    def _record(self, call_id: str) -> AnyRow | None:
        with self.stack.database.begin() as connection:
            return records.find(connection, call_id)


def wait_for(look: Callable[[], Found | None], what: str, seconds: float = SETTLE_SECONDS) -> Found:
    """What ``look`` finds, as soon as it does: the database tells nobody of its changes."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise AssertionError(f"no {what} within {seconds:g} s")
        time.sleep(0.05)
    return found
