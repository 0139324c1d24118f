"""The gateway interface on Stripe's official library: PaymentIntents, refunds, its own books."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import stripe

from accounts.payments.gateway import (
    CURRENCY,
    GatewayDown,
    GatewayError,
    GatewayEvent,
    GatewayPayment,
    GatewayRefund,
    GatewayTransaction,
    PaymentStatus,
    RefundStatus,
    WebhookRefused,
)
from accounts.payments.stripe_words import (
    PAYMENT_STATUS,
    REFUND_STATUS,
    event_of,
    transaction_of,
)
from store.settings import Settings, SettingsError

# A webhook that was signed longer ago than this is refused: it may be a replay.
TOLERANCE_S: Final = 300
TIMEOUT_S: Final = 30
RETRIES: Final = 2


class StripeGateway:
    """Stripe. ``api_base`` is where its API answers; empty: the real one."""

    name = "stripe"

    def __init__(
        self, secret: str, webhook_secret: str, api_base: str = "", retries: int = RETRIES
    ) -> None:
        self._webhook_secret = webhook_secret
        self._client = stripe.StripeClient(
            secret,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        )

    @classmethod
    def of(cls, settings: Settings) -> StripeGateway:
        """By the settings; raises :class:`SettingsError` when a secret isn't there."""
        files = (settings.stripe_secret_file, settings.stripe_webhook_secret_file)
        try:
            secret, webhook = (file.read_text(encoding="ascii").strip() for file in files)
        except (OSError, UnicodeDecodeError) as error:
            why = f"no secrets of Stripe: {error}; docs/payments.md says what to put there"
            raise SettingsError(why) from None
        return cls(secret, webhook, api_base=settings.payments.api_base)

    def create(self, cents: int, our_id: str) -> GatewayPayment:
        """Ask for a card payment; the payer's browser confirms it with the client secret."""
        with _one_line():
            made = self._client.v1.payment_intents.create(
                params={
                    "amount": cents,
                    "currency": CURRENCY,
                    "allowed_payment_method_types": ["card"],
                    "metadata": {"payment": our_id},
                },
                options={"idempotency_key": our_id},
            )
        return _payment(made)

    def fetch(self, gateway_id: str) -> GatewayPayment:
        """A payment as it is now."""
        with _one_line():
            return _payment(self._client.v1.payment_intents.retrieve(gateway_id))

    def refund(self, gateway_id: str, cents: int, key: str) -> GatewayRefund:
        """Give back a part of a payment, or all of it."""
        with _one_line():
            made = self._client.v1.refunds.create(
                params={
                    "payment_intent": gateway_id,
                    "amount": cents,
                    "metadata": {"refund": key},
                },
                options={"idempotency_key": key},
            )
        return _refund(made)

    def fetch_refund(self, gateway_id: str) -> GatewayRefund:
        """A refund as it is now."""
        with _one_line():
            return _refund(self._client.v1.refunds.retrieve(gateway_id))

    def transactions(self, since: datetime, until: datetime) -> Iterator[GatewayTransaction]:
        """Stripe's balance transactions, page by page."""
        first, last = int(since.timestamp()), int(until.timestamp())
        with _one_line():
            page = self._client.v1.balance_transactions.list(
                params={
                    "created": {"gte": first, "lt": last},
                    "limit": 100,
                    "expand": ["data.source"],
                }
            )
            for one in page.auto_paging_iter():
                yield transaction_of(one.to_dict())

    def verify_webhook(self, payload: bytes, signature: str) -> GatewayEvent:
        """Stripe's own check of signature and age."""
        try:
            told = self._client.construct_event(
                payload, signature, self._webhook_secret, TOLERANCE_S
            )
            return event_of(told.to_dict())
        except stripe.SignatureVerificationError as error:
            why = str(error).splitlines()[0]
            raise WebhookRefused(f"this webhook isn't from Stripe, or is too old: {why}") from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise WebhookRefused("this webhook is no event of Stripe") from None


def _payment(made: stripe.PaymentIntent) -> GatewayPayment:
    status: PaymentStatus = PAYMENT_STATUS.get(made.status, "created")
    return GatewayPayment(made.id, made.amount, made.currency, status, made.client_secret or "")


def _refund(made: stripe.Refund) -> GatewayRefund:
    status: RefundStatus = REFUND_STATUS.get(made.status or "", "pending")
    failure = getattr(made, "failure_reason", None)
    return GatewayRefund(made.id, made.amount, status, failure or "")


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise GatewayDown(f"Stripe doesn't answer: {_plain(error)}; try again") from None
    except stripe.StripeError as error:
        raise GatewayError(f"Stripe refuses: {_plain(error)}") from None


def _plain(error: stripe.StripeError) -> str:
    return " ".join((error.user_message or str(error)).split())[:200]
