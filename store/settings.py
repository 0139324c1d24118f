"""The platform's settings: one TOML file, read once, passed on as a value.

Everything an operator may change stands here with its default. Facts about a facility (its
name, its longest call, whether it records) are data and live in the database instead.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

SETTINGS_VARIABLE = "PARLOIR_SETTINGS"
ACCEPT_KEYS = ("", "1", "4", "5", "6", "8")
MAIL_SECURITY = ("starttls", "tls", "none")
DEFAULT_FILE = Path("/etc/parloir/parloir.toml")


class SettingsError(Exception):
    """The settings can't be used; the message says what and how to mend it."""


@dataclass(frozen=True)
class AsteriskSettings:
    """Where Asterisk listens and where calls leave. Ports are UDP, but for AMI's (TCP, loopback).

    A leg from which no sound has come for ``media_seconds`` is hung up. ``tls_port`` (TCP): for the
    phones and trunks that are on TLS; 0: there are none. ``registered_number`` (ten digits): calls
    that a trunk brings to it are from lawyers, who hear whether their number is registered; empty:
    there is none.
    """

    bind: str = "127.0.0.1"
    sip_port: int = 5060
    ami_port: int = 5038
    rtp_start: int = 10000
    rtp_end: int = 19999
    trunk_host: str = "127.0.0.1"
    trunk_port: int = 5080
    caller_id: str = "5550199"
    media_seconds: int = 30
    tls_port: int = 0
    registered_number: str = ""


@dataclass(frozen=True)
class AgiSettings:
    """Where the FastAGI server listens (TCP)."""

    host: str = "127.0.0.1"
    port: int = 4573


@dataclass(frozen=True)
class ApiSettings:
    """Where the HTTP API listens (TCP)."""

    host: str = "127.0.0.1"
    port: int = 8573


@dataclass(frozen=True)
class CallSettings:
    """How a call goes. Times in seconds. An empty second accept key means that there is none.

    ``listen_for_machines``: whether a call that isn't privileged is listened to for a fax or a
    voicemail until it is accepted. A call's money is held for ``first_slice_seconds`` of talk,
    then for ``slice_seconds`` more at a time, each ``renew_early_seconds`` before the last ends.
    A number whose calls are billed by its carrier spends no more than ``collect_cents_90_days``
    in any 90 days, nor than ``collect_cents_a_day`` and ``collect_calls_a_day`` in any 24 hours.
    """

    ring_seconds: int = 30
    accept_seconds: int = 60
    warning_seconds: int = 60
    accept_key: str = "1"
    second_accept_key: str = "5"
    listen_for_machines: bool = True
    first_slice_seconds: int = 60
    slice_seconds: int = 30
    renew_early_seconds: int = 8
    collect_cents_90_days: int = 150_00
    collect_cents_a_day: int = 60_00
    collect_calls_a_day: int = 10

    def __post_init__(self) -> None:
        for key in (self.accept_key, self.second_accept_key):
            if key not in ACCEPT_KEYS or not self.accept_key:
                raise ValueError(f"call.accept_key can't be {key!r}: 0, 2, 3, 7 and 9 are taken")
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name.endswith("_seconds") and value < 1:
                raise ValueError(f"call.{one.name} must be at least 1")
        shortest = min(self.first_slice_seconds, self.slice_seconds)
        if self.renew_early_seconds >= shortest:
            raise ValueError("call.renew_early_seconds must be shorter than a slice")


@dataclass(frozen=True)
class BillingSettings:
    """Direct bill. In days: an invoice is due so long after it was issued, a reminder goes out so
    long before that, and calls stop so long after it.
    """

    due_days: int = 20
    remind_days: int = 5
    grace_days: int = 10

    def __post_init__(self) -> None:
        for one in fields(self):
            if getattr(self, one.name) < 1:
                raise ValueError(f"billing.{one.name} must be at least 1")
        if self.remind_days >= self.due_days:
            raise ValueError("billing.remind_days must be fewer than billing.due_days")


@dataclass(frozen=True)
class PaymentSettings:
    """Card payments. ``api_base`` is where the gateway's API answers; empty: the real one."""

    api_base: str = ""


@dataclass(frozen=True)
class MailSettings:
    """The server that e-mail is handed to (SMTP). No ``host``: no e-mail is sent.

    ``security``: ``starttls``, ``tls`` (from the first byte on), or ``none``. ``user``: the login,
    with the password in :attr:`Settings.mail_secret_file`; empty: none. ``sender``: the address
    that e-mail comes from, where answers go.
    """

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    sender: str = ""

    def __post_init__(self) -> None:
        if self.security not in MAIL_SECURITY:
            known = ", ".join(MAIL_SECURITY)
            raise ValueError(f"mail.security can't be {self.security!r}, only {known}")
        if not self.user.isascii():
            raise ValueError("mail.user must be ASCII")
        if self.user and self.security == "none":
            raise ValueError("mail.user needs starttls or tls: the password would go in the clear")
        if not (self.host or self.sender):
            return
        if not re.fullmatch(r"[!-?A-~]+@[0-9A-Za-z.-]+", self.sender):
            raise ValueError(f"mail.sender must be an e-mail address, not {self.sender!r}")


@dataclass(frozen=True)
class Settings:
    """All settings. ``state_dir`` holds everything that changes while the platform runs.

    ``language`` is the one that every leg starts in; ``help_number`` what called parties are
    told to call (digits; empty: the facility).
    """

    state_dir: Path
    provider_name: str = "Parloir"
    language: str = "en"
    help_number: str = ""
    database: str = ""
    redis: str = ""
    studio_dir: Path | None = None
    asterisk: AsteriskSettings = field(default_factory=AsteriskSettings)
    agi: AgiSettings = field(default_factory=AgiSettings)
    api: ApiSettings = field(default_factory=ApiSettings)
    call: CallSettings = field(default_factory=CallSettings)
    payments: PaymentSettings = field(default_factory=PaymentSettings)
    billing: BillingSettings = field(default_factory=BillingSettings)
    mail: MailSettings = field(default_factory=MailSettings)

    def __post_init__(self) -> None:
        if self.help_number and not re.fullmatch(r"[0-9]{3,15}", self.help_number):
            raise ValueError(f"help_number is spoken: digits only, not {self.help_number!r}")

    @property
    def database_url(self) -> str:
        """The SQLAlchemy address: the one that is set, else SQLite in the state directory."""
        return self.database or f"sqlite:///{self.state_dir / 'parloir.db'}"

    @property
    def redis_url(self) -> str:
        """Where Redis listens: the address that is set, else a socket in the state directory."""
        return self.redis or f"unix://{self.redis_dir / 'redis.sock'}"

    @property
    def redis_dir(self) -> Path:
        """The private Redis: its socket and its log."""
        return self.state_dir / "redis"

    @property
    def asterisk_dir(self) -> Path:
        """What Asterisk reads and writes (a link into the private root where there is one)."""
        return self.state_dir / "asterisk"

    @property
    def tls_dir(self) -> Path:
        """SIP over TLS: ``certificate.pem``, ``key.pem``; ``ca.pem`` vouches for trunks."""
        return self.state_dir / "tls"

    @property
    def recordings_dir(self) -> Path:
        """Sealed recordings, by day."""
        return self.state_dir / "recordings"

    @property
    def lists_dir(self) -> Path:
        """Blocked lists of millions of numbers, a file each."""
        return self.state_dir / "lists"

    @property
    def pin_key_file(self) -> Path:
        """The key that PINs are hashed under: outside the database on purpose."""
        return self.state_dir / "pin.key"

    @property
    def ami_secret_file(self) -> Path:
        """The password by which the monitor talks to Asterisk."""
        return self.state_dir / "ami.secret"

    @property
    def stripe_secret_file(self) -> Path:
        """The key by which we speak to Stripe."""
        return self.state_dir / "stripe.secret"

    @property
    def stripe_webhook_secret_file(self) -> Path:
        """The key by which Stripe signs what it tells us."""
        return self.state_dir / "stripe-webhook.secret"

    @property
    def mail_secret_file(self) -> Path:
        """The password that :attr:`MailSettings.user` logs in with."""
        return self.state_dir / "mail.secret"


def chosen_file(path: Path | None = None) -> Path:
    """Where the settings are read from: ``path``, else ``$PARLOIR_SETTINGS``, else /etc."""
    return path or Path(os.environ.get(SETTINGS_VARIABLE, DEFAULT_FILE))


def load(path: Path | None = None) -> Settings:
    """Read the settings file: ``path``, else ``$PARLOIR_SETTINGS``, else /etc/parloir.

    Raises :class:`SettingsError` when the file is missing, isn't TOML, or names an unknown key.
    """
    chosen = chosen_file(path)
    try:
        table = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f"no settings at {chosen}: write them with 'parloir init DIRECTORY', "
            f"or name the file with --settings or ${SETTINGS_VARIABLE}"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{chosen}: {error}") from None
    table.setdefault("state_dir", str(chosen.resolve().parent))
    try:
        settings: Settings = _fill(Settings, table, "")
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{chosen}: {error}") from None
    return settings


def _fill(kind: type[Any], table: Mapping[str, Any], prefix: str) -> Any:
    types = get_type_hints(kind)
    known = {one.name for one in fields(kind)}
    if unknown := sorted(set(table) - known):
        raise ValueError(
            f"unknown setting {prefix}{unknown[0]} (known: {', '.join(sorted(known))})"
        )
    return kind(
        **{name: _value(types[name], value, prefix + name) for name, value in table.items()}
    )


def _value(kind: Any, value: Any, name: str) -> Any:
    if is_dataclass(kind) and isinstance(value, dict):
        return _fill(kind, value, f"{name}.")  # type: ignore[arg-type]
    if kind in (Path, Path | None):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a path in quotes")
        return Path(value)
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise TypeError(f"{name} must be {_KINDS.get(kind, 'a table')}")
    return value


_KINDS: Mapping[type, str] = {bool: "true or false", int: "a number", str: "text in quotes"}
