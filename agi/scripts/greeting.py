"""What the called party is told: who calls, what can be pressed, what it costs."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.products import ProductId
from agi.line import Line
from calls.answering import Answered
from ivr_prompts.saying import Digits, Duration, Money, Rate, Sentence
from rating.engine import charge

BILLS: Mapping[str, Sentence] = {
    ProductId.DIRECT_BILL: Sentence("charged-to-monthly-bill"),
    ProductId.TRADITIONAL_COLLECT: Sentence("charged-to-phone-bill"),
}


def introduction(line: Line, call: Answered) -> tuple[Sentence, ...]:
    """Provider, caller, facility; recorded or not; how long, where it is less than a minute."""
    told = [_intro(line, call)]
    told.append(Sentence("called-recorded" if call.recorded else "called-not-recorded"))
    if call.needs_no_key:
        told.append(Sentence("called-connected-now"))
    elif call.affordable_seconds <= line.context.settings.call.warning_seconds:
        told.append(Sentence("under-a-minute", left=Duration(call.affordable_seconds)))
    return tuple(told)


def _intro(line: Line, call: Answered) -> Sentence:
    decision, provider = call.decision, line.context.settings.provider_name
    written = line.named(decision["person_name"], Sentence("a-person-in-custody"))
    return Sentence(
        "called-intro",
        provider=line.named(provider, Sentence("a-phone-service")),
        caller=line.recorded_name(decision.get("name_clip")) or written,
        facility=line.named(decision["facility_name"], Sentence("a-correctional-facility")),
    )


def choices(accept: str, second: str) -> Sentence:
    """The keys there are."""
    if not second:
        return Sentence("called-menu", accept=Digits(accept))
    return Sentence("called-menu-two-keys", accept=Digits(accept), second=Digits(second))


def price(call: Answered) -> tuple[Sentence, ...]:
    """The price in full: a minute, the longest the call can last, what that would cost, and
    whose bill it will be on."""
    terms, longest = call.terms, Duration(call.affordable_seconds)
    if terms.free:
        return (Sentence("called-free", longest=longest),)
    if call.product == ProductId.INMATE_DEBIT:
        return (Sentence("called-price-caller-pays", longest=longest),)
    cost = Sentence(
        "called-price-plus-taxes" if terms.taxed else "called-price",
        rate=Rate(terms.base_e4 + terms.additive_e4),
        longest=longest,
        total=Money(charge(terms, call.affordable_seconds).total_cents),
    )
    bill = BILLS.get(call.product or "")
    return (cost, bill) if bill else (cost,)
