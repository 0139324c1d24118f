"""The chart of accounts: every account of the general ledger, in one place.

The house's accounts carry their own postings. Customers' money is a liability, one account of
the general ledger a product; the ledger here keeps it customer by customer below that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class GlAccount:
    """An account of the general ledger. ``side`` is where it grows: debit or credit."""

    number: str
    name: str
    type: Literal["asset", "liability", "revenue", "expense"]
    side: Literal["debit", "credit"]


CASH, CREDITS = "house.cash", "house.credits"
TAXES = "house.taxes"
BASE, ADDITIVE = "house.revenue.base", "house.revenue.additive"
ADJUSTMENTS, WRITE_OFFS = "house.adjustments", "house.write_offs"
GATEWAY, GATEWAY_FEES = "house.gateway", "house.gateway_fees"
CARRIERS = "house.receivable.carriers"
REFUNDS_PAYABLE, UNCLAIMED = "house.refunds_payable", "house.unclaimed"
CHARGEBACKS = "house.chargebacks"
HOUSE: Mapping[str, GlAccount] = {
    CASH: GlAccount("1000", "Money that came in", "asset", "debit"),
    GATEWAY: GlAccount("1010", "Money at the payment gateway", "asset", "debit"),
    CARRIERS: GlAccount("1300", "Collect calls given to the carriers to bill", "asset", "debit"),
    TAXES: GlAccount("2200", "Taxes and fees to be remitted", "liability", "credit"),
    REFUNDS_PAYABLE: GlAccount(
        "2300", "Refunds promised and not yet paid out", "liability", "credit"
    ),
    UNCLAIMED: GlAccount(
        "2310", "Unclaimed property, to be remitted to the states", "liability", "credit"
    ),
    BASE: GlAccount("4000", "Call revenue, the rate itself", "revenue", "credit"),
    ADDITIVE: GlAccount("4010", "Call revenue, the facility's additive", "revenue", "credit"),
    # A reduction of revenue: it grows on the debit side.
    CREDITS: GlAccount("4900", "Calls credited to those who paid", "revenue", "debit"),
    ADJUSTMENTS: GlAccount("5100", "Corrections by staff", "expense", "debit"),
    WRITE_OFFS: GlAccount("5200", "Balances owed and given up", "expense", "debit"),
    CHARGEBACKS: GlAccount("5300", "Charge-backs that no balance covered", "expense", "debit"),
    GATEWAY_FEES: GlAccount("5400", "Fees of the payment gateway", "expense", "debit"),
}
CUSTOMERS: Mapping[str, GlAccount] = {
    "prepaid_collect": GlAccount("2100", "Prepaid collect balances", "liability", "credit"),
    "inmate_debit": GlAccount("2110", "Inmate debit balances", "liability", "credit"),
    # What these owe grows on the debit side, though a posting here is still positive to them.
    "direct_bill": GlAccount("1200", "Direct bill, owed by customers", "asset", "debit"),
    "traditional_collect": GlAccount("1210", "Collect calls not yet billed", "asset", "debit"),
}
"""By product of the account."""


def gl_account(account_id: str, product: str) -> GlAccount:
    """Where an account's postings stand in the general ledger."""
    return HOUSE[account_id] if account_id in HOUSE else CUSTOMERS[product]
