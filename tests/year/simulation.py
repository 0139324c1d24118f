"""A year, day by day, on a clock that nobody waits for: 2025, from one seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from sqlalchemy import func, select

from accounts import direct_bill, inactivity, periods, refunds
from accounts.months import month_of
from billing import dunning
from parloir.check import findings_by_rule
from store.database import Database
from store.settings import Settings
from store.tables import accounts, notices
from tests.year.bank import Bank
from tests.year.clearing import ClearingHouse
from tests.year.day import Day
from tests.year.nightly import Nightly, digest
from tests.year.office import Office
from tests.year.place import Holding, Place, build, load_prices, open_some
from tests.year.talking import Talking

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365
PRICE_CHANGE = datetime(2025, 7, 1, tzinfo=UTC)
WHOLE = 2000
CALLS_A_DAY = 14
# Who falls silent, and when.
SILENT, SILENT_FROM = 0.12, 75


@dataclass(frozen=True)
class Told:
    """What the year came to: counts by name, and the digest of its books."""

    counts: Counter[str]
    digest: str


class Year:
    """``size`` accounts; as many calls and payments as belong to them."""

    def __init__(self, database: Database, settings: Settings, seed: int, size: int) -> None:
        self._database = database
        self._settings = settings
        self._chance = Random(seed)
        self._scale = size / WHOLE
        self._talking = Talking()
        self._office = Office(Bank(seed), self._scale)
        self._clearing = ClearingHouse()
        self._nightly = Nightly()
        self._place = Place([])
        self._size = size
        self._counts: Counter[str] = Counter()

    def live(self, days: int = DAYS) -> Told:
        """All of it, checked each night."""
        for number in range(days):
            with self._database.begin() as connection:
                day = Day(connection, FIRST + timedelta(days=number), self._chance)
                self._a_day(day, number)
                self._nightly.check(connection)
        with self._database.begin() as connection:
            return Told(self._told(Day(connection, FIRST, self._chance)), digest(connection))

    def _a_day(self, day: Day, number: int) -> None:
        if number == 0:
            self._place = build(day, self._size)
        elif day.date.day == 1:
            self._new_month(day)
        open_some(day, self._place, number)
        active = self._active(number)
        self._office.a_day(day, self._place, active)
        callers = day.some(active, CALLS_A_DAY * self._scale)
        self._talking.a_day(day, callers, decided=0.1)
        self._clearing.a_day(day, number)
        self._after_hours(day)

    def _active(self, number: int) -> list[Holding]:
        if number < SILENT_FROM:
            return list(self._place.open)
        return [one for one in self._place.open if one.rank >= SILENT]

    def _after_hours(self, day: Day) -> None:
        """As ``parloir daily``: invoices, inactivity, refunds."""
        late = day.hour(23)
        dunned = dunning.run(day.connection, late)
        self._counts["suspended"] += dunned.suspended
        self._counts["lifted at night"] += dunned.lifted
        ran = inactivity.run(day.connection, late)
        self._counts["contacted"] += ran.contacted
        self._counts["refunded unasked"] += ran.refunded
        sent = refunds.send_due(day, self._office.bank, late)
        self._counts["sent back"] += sent.done
        self._counts["unanswered"] += sent.unanswered

    def _new_month(self, day: Day) -> None:
        month = month_of(day.date - timedelta(days=1))
        assert periods.close(day, month, "clerk", day.hour(0.1)).month == month
        self._counts["statements"] += self._nightly.check_statements(day.connection, month)
        self._office.bill(day, month)
        if day.date == PRICE_CHANGE:
            load_prices(day, "summer", date(2025, 7, 1), "0.05")
        self._counts["limits raised"] += len(
            direct_bill.raise_limits(day.connection, "clerk", day.hour(3))
        )
        if day.date.month % 3 == 1:
            self._office.give_up(day, self._clearing.owed)
            self._clearing.owed.clear()
        broken = {name: found for name, found in findings_by_rule(self._settings, day) if found}
        assert broken == {}

    def _told(self, day: Day) -> Counter[str]:
        status = select(accounts.c.status, func.count()).group_by(accounts.c.status)
        told = select(notices.c.kind, func.count()).group_by(notices.c.kind)
        for query in (status, told):
            self._counts.update({row[0]: row[1] for row in day.connection.execute(query)})
        self._counts.update(self._office.did)
        self._counts.update(
            {f"carriers {one.value}": cents for one, cents in self._clearing.cents.items()}
        )
        counts = {"calls": self._talking.made, "refused": self._talking.refused}
        self._counts.update(counts | {"entries": self._nightly.entries})
        self._counts["packs"] = self._clearing.packs
        return self._counts
