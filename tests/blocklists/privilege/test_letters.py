"""Whatever is on file, an e-mail has one receiver and the headers that were meant."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blocklists.privilege.attorneys import Attorney, fault
from blocklists.privilege.letters import Letter, NoticeKind, email_of
from store.mail import Refused
from tests.builders import MORNING

HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"),
    *("Content-Type", "Content-Transfer-Encoding", "Content-Language"),
]
SENDER = "privilege@parloir.example"
nasty = st.text(st.sampled_from('ab@.,;:<>()[]"\\ \r\n\t\0é漢\u2028=?'), max_size=30)
anything = st.one_of(st.text(max_size=200), nasty)


def letter(
    name: str = "Ada Okafor",
    email: str = "ada@example.org",
    language: str = "en",
    kind: NoticeKind = NoticeKind.RECORDED,
    subject: str = "2560V6A69Z",
) -> Letter:
    return Letter(name, email, language, kind, subject, MORNING, f"{name} {kind} {subject}")


def arrived(sent: EmailMessage) -> EmailMessage:
    """As a mail program reads it that took it from the wire."""
    return message_from_bytes(sent.as_bytes(policy=policy.SMTP), policy=policy.default)


@given(anything, st.one_of(anything, st.emails()), anything, anything)
@example("Ada\r\nBcc: eve@example.org", "ada@example.org", "Elm\nX-Evil: 1", "x\r\n\r\nbody")
@example("Ada", "ada@example.org>, <eve@example.org", "Elm", "x")
@example("Ada", "ada@example.org\nBcc: eve@example.org", "Elm", "x")
@example("Ada", "eve@example.org,ada@example.org", "Elm", "x")
@example("=?utf-8?q?=0D=0ABcc=3A_eve=40example=2Eorg?=", "ada@example.org", "Elm", "x")
@example("Ada", "ada@example.org", "=?utf-8?q?=0D=0ABcc=3A_eve=40example=2Eorg?=", "x")
@example("Ada", "ada@example.org", "==??utf-8?q?=0D=0ABcc=3A_eve=40example=2Eorg?=", "x")
@example('"; eve@example.org', "ada@example.org", 'Elm" <eve@example.org>', "x")
def test_nothing_on_file_adds_a_header_or_a_receiver(
    name: str, email: str, provider: str, subject: str
) -> None:
    try:
        made = email_of(letter(name, email, subject=subject), provider, SENDER, MORNING)
    except Refused:
        return
    read = arrived(made) if email.isascii() else made
    assert sorted(read.keys()) == sorted(HEADERS)
    assert [one.addr_spec for one in read["To"].addresses] == [email]
    assert [one.addr_spec for one in read["From"].addresses] == [SENDER]
    assert read["Subject"] == "A call to your registered number was recorded"


@given(st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=120), st.emails())
def test_who_could_be_added_can_be_written_to(name: str, email: str) -> None:
    if fault(Attorney("okafor", name, email=email)) is not None:
        return
    read = arrived(email_of(letter(name, email), "Elm", SENDER, MORNING))
    assert [one.addr_spec for one in read["To"].addresses] == [email]
    assert " ".join(name.split()) in read.get_content()


@pytest.mark.parametrize(
    ("language", "kind", "title", "said"),
    [
        ("en", NoticeKind.RECORDED, "A call to your", "(call 2560V6A69Z, November 2, 2026)"),
        (
            "en",
            NoticeKind.EXPIRES,
            "Your registration ends",
            "(entry 2560V6A69Z, November 2, 2026)",
        ),
        ("es", NoticeKind.RECORDED, "Se grabó una", "(llamada 2560V6A69Z, 2 de noviembre de 2026)"),
        ("es", NoticeKind.EXPIRES, "Su registro", "(entrada 2560V6A69Z, 2 de noviembre de 2026)"),
        ("fr", NoticeKind.RECORDED, "A call to your", "November 2, 2026"),
    ],
)
def test_both_languages_say_what_happened(
    language: str, kind: NoticeKind, title: str, said: str
) -> None:
    read = arrived(
        email_of(letter("Sofía 漢", "s@example.org", language, kind), "Elm", SENDER, MORNING)
    )
    body = read.get_content()
    assert read["Subject"].startswith(title)
    assert said in body
    assert "Sofía 漢" in body
    assert body.rstrip().endswith("Elm")


def test_the_same_notice_has_the_same_id_whenever_it_is_sent() -> None:
    def message_id(at: datetime, subject: str = "2560V6A69Z") -> str:
        return str(email_of(letter(subject=subject), "Elm", SENDER, at)["Message-ID"])

    later = MORNING.replace(year=2027)
    assert message_id(MORNING) == message_id(later) != message_id(MORNING, "2560V6A69Y")
