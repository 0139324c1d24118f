"""What must always hold of the carriers' billing; each finding is one line."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, case, func, select

from accounts.chart import CARRIERS
from billing.carriers.pack_rows import OUT
from billing.carriers.responses import OPEN_CENTS
from store.tables import emi_packs, emi_records, postings


def carriers_owe_what_is_open(connection: Connection) -> Iterator[str]:
    """What the books say the carriers owe is what is open of the records they were sent."""
    booked = connection.execute(
        select(-func.coalesce(func.sum(postings.c.cents), 0)).where(
            postings.c.account_id == CARRIERS
        )
    ).scalar_one()
    still_open = connection.execute(select(func.coalesce(func.sum(OPEN_CENTS), 0))).scalar_one()
    if booked != still_open:
        yield f"the carriers owe {booked} cents, but {still_open} of their records are open"


def packs_have_their_totals(connection: Connection) -> Iterator[str]:
    """Every pack has the records and the cents that its header says; numbers leave no gap."""
    sums = select(
        emi_packs.c.number,
        emi_packs.c.records,
        emi_packs.c.cents,
        func.count(emi_records.c.serial).label("found"),
        func.coalesce(func.sum(emi_records.c.cents), 0).label("found_cents"),
    ).outerjoin(emi_records, emi_records.c.pack_id == emi_packs.c.id)
    out = sums.where(emi_packs.c.direction == OUT).group_by(emi_packs.c.id)
    for row in connection.execute(out.order_by(emi_packs.c.number)):
        if (row.records, row.cents) != (row.found, row.found_cents):
            yield (
                f"pack {row.number} has {row.found} records over {row.found_cents} cents, "
                f"not {row.records} over {row.cents}"
            )
    numbers = select(
        emi_packs.c.direction,
        func.max(emi_packs.c.number).label("last"),
        func.count(case((emi_packs.c.number > 0, 1))).label("packs"),
    ).group_by(emi_packs.c.direction)
    for direction, last, packs in connection.execute(numbers):
        if last != packs:
            yield f"the last pack {direction} is number {last}, but there are {packs}"
