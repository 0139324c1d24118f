"""What a lawyer is told, in words, and as an e-mail.

It names the call and its day, or the entry and its end; never a person in custody, nor a number,
nor anything of a talk: e-mail is read on its way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum, unique

from babel.dates import format_date

from store.mail import Refused


@unique
class NoticeKind(StrEnum):
    """What happened."""

    RECORDED = "recorded"
    EXPIRES = "expires"


@dataclass(frozen=True)
class Letter:
    """What is to be said to whom. ``day``: of the call, or the last one of the entry."""

    name: str
    email: str
    language: str
    kind: NoticeKind
    subject: str
    day: datetime | None
    key: str

    @property
    def text(self) -> str:
        """What happened, in the lawyer's language."""
        return _words(self).text[self.kind].format(self.subject, _day(self))


@dataclass(frozen=True)
class _Words:
    title: Mapping[NoticeKind, str]
    text: Mapping[NoticeKind, str]
    greeting: str
    closing: str
    unknown_day: str


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        title={
            NoticeKind.RECORDED: "A call to your registered number was recorded",
            NoticeKind.EXPIRES: "Your registration ends soon",
        },
        text={
            NoticeKind.RECORDED: "A recording of a call to your registered number was found (call "
            "{0}, {1}). It is locked away: nobody can listen to it, and nothing of it was deleted.",
            NoticeKind.EXPIRES: "Your registration ends soon (entry {0}, {1}). Renew it in time: "
            "calls after its end may be recorded.",
        },
        greeting="Dear {0},",
        closing="If you have questions, please answer this e-mail.",
        unknown_day="day unknown",
    ),
    "es": _Words(
        title={
            NoticeKind.RECORDED: "Se grabó una llamada a su número registrado",
            NoticeKind.EXPIRES: "Su registro termina pronto",
        },
        text={
            NoticeKind.RECORDED: "Se encontró la grabación de una llamada a su número registrado "
            "(llamada {0}, {1}). Está bajo llave: nadie puede oírla, y no se borró nada.",
            NoticeKind.EXPIRES: "Su registro termina pronto (entrada {0}, {1}). Renuévelo a "
            "tiempo: las llamadas posteriores podrían grabarse.",
        },
        greeting="Estimado/a {0}:",
        closing="Si tiene preguntas, responda a este correo.",
        unknown_day="día desconocido",
    ),
}


def email_of(letter: Letter, provider: str, sender: str, at: datetime) -> EmailMessage:
    """The letter as an e-mail of ``provider``, who writes from the address ``sender``.

    Its Message-ID is made from the notice alone: one that is sent twice is shown once by most
    mail programs. Raises :class:`store.mail.Refused`
    when what is on file is no address.
    """
    words = _words(letter)
    message = EmailMessage()
    message["From"] = _address(provider, sender)
    # The address alone: a name is said in the text, where it can break nothing.
    message["To"] = _address("", letter.email)
    message["Subject"] = words.title[letter.kind]
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{_digest(letter.key)}@{sender.rpartition('@')[2]}>"
    # No machine that is out of office has to answer (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    greeting = words.greeting.format(_plain(letter.name))
    paragraphs = (greeting, letter.text, words.closing, _plain(provider))
    message.set_content("\n\n".join(paragraphs) + "\n", cte="quoted-printable")
    # After the content, which clears what is said of it.
    message["Content-Language"] = _language(letter)
    return message


def _address(name: str, address: str) -> Address:
    """Nothing on file gets past the one address that it is: it is parsed as RFC 5322 has it."""
    try:
        found = Address(display_name=_plain(name), addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:
        raise Refused(f"{address!r} is no e-mail address: {error}", for_good=True) from None
    if found.addr_spec != address or not address.isprintable():
        raise Refused(f"{address!r} is no plain e-mail address", for_good=True)
    return found


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def _language(letter: Letter) -> str:
    return letter.language if letter.language in _WORDS else "en"


def _words(letter: Letter) -> _Words:
    return _WORDS[_language(letter)]


def _day(letter: Letter) -> str:
    if letter.day is None:
        return _words(letter).unknown_day
    return format_date(letter.day, "long", locale=_language(letter))


def _plain(text: str) -> str:
    """One line, whatever is on file, and no encoded word, in which a line's end may hide."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.replace("=?", "= ?").split())
