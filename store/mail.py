"""Handing e-mail over to the operator's server: SMTP, by the standard library."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Final

from store.settings import MailSettings, Settings, SettingsError

# Of the connection, and of each answer.
TIMEOUT_S: Final = 30
# "Service not available": the server closes the connection.
_CLOSING: Final = 421
_LONGEST_FAULT: Final = 200


class MailDown(Exception):
    """The server can't be used now: it is away, or it wants nothing from us."""


class Refused(Exception):
    """This e-mail isn't taken; ``for_good``: nor will it ever be at this address."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        super().__init__(why)
        self.for_good = for_good


class MailServer:
    """A server that we are logged in at."""

    def __init__(self, smtp: smtplib.SMTP, sender: str) -> None:
        self._smtp = smtp
        self._sender = sender

    def send(self, message: EmailMessage, address: str) -> None:
        """Hand one e-mail over, to one address. Raises :class:`Refused`, :class:`MailDown`."""
        try:
            self._smtp.send_message(message, self._sender, [address])
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(*error.recipients[address]) from None
        except smtplib.SMTPSenderRefused as error:
            raise MailDown(_said(error.smtp_code, error.smtp_error)) from None
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError:
            why = "the mail server takes no address with letters beyond ASCII"
            raise Refused(why, for_good=True) from None
        except OSError as error:
            raise MailDown(_line(str(error))) from None


@contextmanager
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """The server of ``settings.mail``, which has a host.

    Raises :class:`MailDown`, and :class:`SettingsError` when the password isn't there.
    """
    password = _password(settings) if settings.mail.user else ""
    try:
        smtp = _connected(settings.mail, password)
    except (OSError, UnicodeError) as error:
        raise MailDown(_line(str(error))) from None
    try:
        yield MailServer(smtp, settings.mail.sender)
    finally:
        _leave(smtp)


def _connected(mail: MailSettings, password: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if mail.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.host, mail.port, timeout=TIMEOUT_S, context=context
        )
    else:
        smtp = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT_S)
    try:
        if mail.security == "starttls":
            smtp.starttls(context=context)
        if mail.user:
            smtp.login(mail.user, password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _leave(smtp: smtplib.SMTP) -> None:
    """Whatever becomes of the good-bye: what was taken over is taken over."""
    try:
        smtp.quit()
    except OSError:
        smtp.close()


def _password(settings: Settings) -> str:
    try:
        return settings.mail_secret_file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"no password for the mail server: {error}") from None


def _refused(code: int, answer: bytes | str) -> Refused | MailDown:
    """What an answer means. 5.7.x is about us, such as relaying: another day it may be mended."""
    said = _said(code, answer)
    if code == _CLOSING:
        return MailDown(said)
    return Refused(said, for_good=code >= 500 and not said.startswith(f"{code} 5.7."))


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return _line(f"{code} {text}")


def _line(text: str) -> str:
    """A server may answer anything: one line of it that can be shown."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:_LONGEST_FAULT]
