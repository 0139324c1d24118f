"""Prices in words and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parloir.money import dollars
from rating import money
from rating.rerate import Report
from rating.terms import Charge, Quote


def quote_json(terms: Quote, charged: Charge) -> dict[str, Any]:
    """A price as plain values; amounts are decimal strings in dollars."""
    base, additive, *taxes = charged.lines
    return {
        "base": money.dollars(base.cents),
        "additive": money.dollars(additive.cents),
        "taxes": [
            {
                "code": tax.code,
                "jurisdiction": tax.jurisdiction,
                "authority": tax.authority,
                "rate_ppm": tax.rate_ppm,
                "amount": money.dollars(line.cents),
            }
            for tax, line in zip(terms.taxes, taxes, strict=True)
        ],
        "total": money.dollars(charged.total_cents),
        "seconds": charged.seconds,
        "jurisdiction": terms.jurisdiction,
        "tier": terms.tier,
        "cap_per_minute": None if terms.cap_e4 is None else money.dollars_per_minute(terms.cap_e4),
        "rule": terms.rule,
        "base_per_minute": money.dollars_per_minute(terms.base_e4),
        "additive_per_minute": money.dollars_per_minute(terms.additive_e4),
        "deck": terms.deck,
        "exchanges": terms.exchanges,
        "caps": terms.caps,
        "code": terms.code,
    }


def explain(terms: Quote, charged: Charge) -> str:
    """A price line by line, as a person reads it."""
    return "\n".join(f"{name:12} {value}" for name, value in _facts(terms, charged))


def _facts(terms: Quote, charged: Charge) -> Iterator[tuple[str, str]]:
    cap = "none" if terms.cap_e4 is None else f"${money.dollars_per_minute(terms.cap_e4)} a minute"
    yield "call", f"{terms.jurisdiction} {terms.medium}, {charged.seconds} s, at {terms.at}"
    yield "tier", terms.tier or "-"
    yield "cap", cap
    yield "rule", terms.rule
    yield "base rate", f"${money.dollars_per_minute(terms.base_e4)} a minute"
    for part in terms.later:
        if part.first_second < charged.seconds:
            rate = money.dollars_per_minute(part.base_e4)
            yield "", f"${rate} a minute from second {part.first_second}: {part.rule}"
    yield "additive", f"${money.dollars_per_minute(terms.additive_e4)} a minute"
    for line in charged.lines:
        yield f"  {line.kind}", dollars(line.cents)
    yield "total", dollars(charged.total_cents)
    loaded = f"deck {terms.deck or 'none'}, exchanges {terms.exchanges or 'none'}"
    yield "versions", f"{loaded}, caps {terms.caps}, rules {terms.code}"


def report_lines(report: Report) -> Iterator[str]:
    """The outcome of a re-rate, with the accounts that paid too much."""
    yield f"calls        {report.calls} ({report.refused} have no rate by these prices)"
    yield f"charged      {dollars(report.charged_cents)}"
    yield f"re-rated     {dollars(report.rerated_cents)}"
    over = sum(refund.cents for refund in report.refunds.values())
    yield f"overcharged  {dollars(over)} on {len(report.refunds)} accounts"
    for account, refund in sorted(report.refunds.items()):
        yield f"  {account or '-'}  {dollars(refund.cents)} on {refund.calls} calls"
