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
    Reason.BLOCKED: Sentence("refused-blocked"),
    Reason.PERSON_NOT_ALLOWED: Sentence("refused-person"),
    Reason.PHONE_OFF: Sentence("refused-phone"),
    Reason.NO_ACCOUNT: Sentence("refused-no-account"),
    Reason.NOT_ENOUGH_MONEY: Sentence("refused-not-enough-money"),
    Reason.NO_RATE: Sentence("refused-no-rate"),
}
