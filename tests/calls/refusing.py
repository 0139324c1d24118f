"""Refusals as they are heard: what the line says for each reason, its code, and the CDR.

A test that hears refusals is marked with their reasons: ``@hears(Reason.EMERGENCY)``. The fixture
``cast`` compares the mark with what was heard; ``test_every_reason``, all marks with all reasons.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from calls.reasons import Reason
from ivr_prompts.saying import Digits, Sentence
from tests.calls.scene import Scene

hears = pytest.mark.hears

SENTENCES: Mapping[Reason, str] = {
    Reason.EMERGENCY: "refused-emergency",
    Reason.SHORT_CODE: "refused-short-code",
    Reason.OPERATOR: "refused-operator",
    Reason.CARRIER_ACCESS: "refused-carrier-access",
    Reason.TOLL_FREE: "refused-toll-free",
    Reason.PREMIUM: "refused-premium",
    Reason.DIRECTORY: "refused-directory",
    Reason.INTERNATIONAL: "refused-international",
    Reason.INVALID: "refused-invalid",
    Reason.BLOCKED_FACILITY: "refused-blocked-facility",
    Reason.BLOCKED_COURT: "refused-blocked",
    Reason.BLOCKED_SECURITY: "refused-blocked",
    Reason.BLOCKED_PROVIDER: "refused-blocked-provider",
    Reason.BLOCKED_CALLED_PARTY: "refused-blocked-called-party",
    Reason.BLOCKED_VELOCITY: "refused-blocked-velocity",
    Reason.NOT_ON_LIST: "refused-not-on-list",
    Reason.LIST_FULL: "refused-list-full",
    Reason.PERSON_NOT_ALLOWED: "refused-person",
    Reason.PHONE_OFF: "refused-phone",
    Reason.NO_TIME_LEFT: "refused-no-time-left",
    Reason.OUTSIDE_HOURS: "refused-outside-hours",
    Reason.TOO_MANY_CALLS: "refused-too-many-calls",
    Reason.TOO_SOON: "refused-too-soon",
    Reason.ANOTHER_CALL: "refused-another-call",
    Reason.TOO_MANY_ATTEMPTS: "refused-too-many-attempts",
    Reason.CALLS_OFF: "refused-calls-off",
    Reason.NO_ACCOUNT: "refused-no-account",
    Reason.NOT_ENOUGH_MONEY: "refused-not-enough-money",
    Reason.NO_RATE: "refused-no-rate",
    Reason.NO_DEBIT_ACCOUNT: "refused-no-debit-account",
    Reason.DEBIT_EMPTY: "refused-debit-empty",
    Reason.ACCOUNT_SUSPENDED: "refused-account-suspended",
    Reason.BILL_OVERDUE: "refused-bill-overdue",
    Reason.CREDIT_LIMIT: "refused-credit-limit",
    Reason.COLLECT_LIMIT: "refused-collect-limit",
    Reason.TOO_MANY_COLLECT_CALLS: "refused-collect-calls",
    Reason.DEBIT_SUSPENDED: "refused-debit-suspended",
}


def hears_why(scene: Scene, reason: Reason) -> None:
    """The reason is heard with its code, and stands on the CDR of a call that never rang."""
    scene.hears_next(scene.alex, SENTENCES[reason])
    scene.told(scene.alex, Sentence("reference-code", code=Digits(str(reason.code))))
    scene.refusals.add(reason)
    record = scene.record()
    assert (record.cause, record.refusal_code) == ("refused", reason.code)
    assert record.charged_cents == 0
    assert "ringing" not in record.states
    rang = [event.at for event in scene.sam.events if event.name == "incoming"]
    assert not [at for at in rang if at >= record.started_at]


def refused(scene: Scene, reason: Reason) -> None:
    """The reason is heard, and that another number may be tried; Alex hangs up."""
    hears_why(scene, reason)
    scene.begins_next(scene.alex, "next-call-other")
    scene.alex.hangup()


def another(scene: Scene) -> None:
    """Alex wants another number, and is asked for it long enough for staff to order something."""
    scene.key_at_next(scene.alex, "next-call-other", "2")


def refused_again(scene: Scene, reason: Reason, dialled: str | None = None) -> None:
    """The number that is asked for, by default Sam's, is refused."""
    scene.enter(dialled)
    hears_why(scene, reason)


def ask(scene: Scene, kind: str, value: str, layer: str = "person", subject: str = "") -> None:
    """Staff set a control: by default, one of Alex's own."""
    why = ("--by", "sergeant", "--note", "house rules")
    scene.order("policy", "set", layer, subject or scene.person, kind, value, *why)
