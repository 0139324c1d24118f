"""What the line says for each reason of a refusal."""

from __future__ import annotations

from collections.abc import Mapping

from calls.reasons import Reason
from ivr_prompts.saying import Sentence

REFUSALS: Mapping[Reason, Sentence] = {
    Reason.EMERGENCY: Sentence("refused-emergency"),
    Reason.SHORT_CODE: Sentence("refused-short-code"),
    Reason.OPERATOR: Sentence("refused-operator"),
    Reason.CARRIER_ACCESS: Sentence("refused-carrier-access"),
    Reason.TOLL_FREE: Sentence("refused-toll-free"),
    Reason.PREMIUM: Sentence("refused-premium"),
    Reason.DIRECTORY: Sentence("refused-directory"),
    Reason.INTERNATIONAL: Sentence("refused-international"),
    Reason.INVALID: Sentence("refused-invalid"),
    Reason.BLOCKED_COURT: Sentence("refused-blocked"),
    Reason.BLOCKED_SECURITY: Sentence("refused-blocked"),
    Reason.BLOCKED_FACILITY: Sentence("refused-blocked-facility"),
    Reason.BLOCKED_PROVIDER: Sentence("refused-blocked-provider"),
    Reason.BLOCKED_CALLED_PARTY: Sentence("refused-blocked-called-party"),
    Reason.BLOCKED_VELOCITY: Sentence("refused-blocked-velocity"),
    Reason.NOT_ON_LIST: Sentence("refused-not-on-list"),
    Reason.LIST_FULL: Sentence("refused-list-full"),
    Reason.PERSON_NOT_ALLOWED: Sentence("refused-person"),
    Reason.PHONE_OFF: Sentence("refused-phone"),
    Reason.NO_TIME_LEFT: Sentence("refused-no-time-left"),
    Reason.OUTSIDE_HOURS: Sentence("refused-outside-hours"),
    Reason.TOO_MANY_CALLS: Sentence("refused-too-many-calls"),
    Reason.TOO_SOON: Sentence("refused-too-soon"),
    Reason.ANOTHER_CALL: Sentence("refused-another-call"),
    Reason.TOO_MANY_ATTEMPTS: Sentence("refused-too-many-attempts"),
    Reason.CALLS_OFF: Sentence("refused-calls-off"),
    Reason.NO_ACCOUNT: Sentence("refused-no-account"),
    Reason.NOT_ENOUGH_MONEY: Sentence("refused-not-enough-money"),
    Reason.NO_DEBIT_ACCOUNT: Sentence("refused-no-debit-account"),
    Reason.DEBIT_EMPTY: Sentence("refused-debit-empty"),
    Reason.ACCOUNT_SUSPENDED: Sentence("refused-account-suspended"),
    Reason.DEBIT_SUSPENDED: Sentence("refused-debit-suspended"),
    Reason.BILL_OVERDUE: Sentence("refused-bill-overdue"),
    Reason.CREDIT_LIMIT: Sentence("refused-credit-limit"),
    Reason.COLLECT_LIMIT: Sentence("refused-collect-limit"),
    Reason.TOO_MANY_COLLECT_CALLS: Sentence("refused-collect-calls"),
    Reason.NO_RATE: Sentence("refused-no-rate"),
}
