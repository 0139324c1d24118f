"""Notices to lawyers go through a real mail server: each once, and none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from blocklists.privilege import attorneys, entries, notices, registry, sending
from blocklists.privilege.attorneys import Attorney
from blocklists.privilege.notices import Notice
from blocklists.privilege.registry import Entry
from blocklists.privilege.sending import MOST_ATTEMPTS, Sent, send_due
from store.database import Database
from store.mail import MailDown
from store.settings import MailSettings, Settings, SettingsError
from store.types import now
from tests.blocklists.privilege.post import (
    PASSWORD,
    Office,
    certified,
    free_port,
    logins,
    post_office,
    told,
)
from tests.builders import MORNING, NUMBER, at_once, build_jail

HOUR = timedelta(hours=1)
SENDER = "privilege@parloir.example"


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


@pytest.fixture
def post() -> Iterator[tuple[Office, int]]:
    with post_office() as (office, port):
        yield office, port


@pytest.fixture
def office(post: tuple[Office, int]) -> Office:
    return post[0]


@pytest.fixture
def settings(post: tuple[Office, int], tmp_path: Path) -> Settings:
    return plain(tmp_path, post[1])


def plain(directory: Path, port: int) -> Settings:
    mail = MailSettings("127.0.0.1", port, "none", sender=SENDER)
    return Settings(directory, provider_name="Elm Phones", mail=mail)


def left(database: Database) -> list[Notice]:
    with database.begin() as connection:
        return notices.listed(connection)


def later(hours: float) -> sending.Clock:
    return lambda: now() + hours * HOUR


def test_a_notice_is_sent_once(database: Database, office: Office, settings: Settings) -> None:
    call_id = told(database)
    assert send_due(database, settings) == Sent(1, 0, 0, 0, 0)
    assert send_due(database, settings, later(99)) == Sent(0, 0, 0, 0, 0)
    ((address, message),) = office.taken
    assert address == "okafor@example.org"
    assert message["To"] == "okafor@example.org"
    assert message["From"] == f"Elm Phones <{SENDER}>"
    body = message.get_content()
    assert body.startswith("Dear Ada Okafor,")
    assert f"call {call_id}, November 2, 2026" in body
    for secret in ("Alex", "Rivera", "100001", NUMBER, NUMBER.removeprefix("+1")):
        assert secret not in message.as_string(), "who called whom is nobody's business"


def test_a_server_that_is_away_keeps_everything(database: Database, settings: Settings) -> None:
    nobody = plain(settings.state_dir, free_port())
    assert send_due(database, nobody) == Sent(0, 0, 0, 0, 0), "with nothing to send nobody asks"
    told(database)
    for _ in range(MOST_ATTEMPTS + 1):
        with pytest.raises(MailDown, match="1 notices wait"):
            send_due(database, nobody)
    assert send_due(database, settings).sent == 1


@pytest.mark.parametrize(
    "answer", ["421 4.3.2 not now", "550 5.7.1 relaying denied", "451 4.7.1 x"]
)
def test_what_may_be_mended_is_tried_again(
    database: Database, office: Office, settings: Settings, answer: str
) -> None:
    told(database)
    office.answers["okafor@example.org"] = answer
    if answer.startswith("421"):
        with pytest.raises(MailDown, match="not now; 1 notices wait"):
            send_due(database, settings)
    else:
        assert send_due(database, settings) == Sent(0, 1, 0, 1, 0)
        assert send_due(database, settings) == Sent(0, 0, 0, 1, 0), "not at once"
    assert answer in left(database)[0].fault
    office.answers.clear()
    assert send_due(database, settings, later(2)) == Sent(1, 0, 0, 0, 0)


def test_one_bad_address_stops_no_other(
    database: Database, office: Office, settings: Settings
) -> None:
    for lawyer in ("okafor", "lim"):
        told(database, lawyer)
    office.answers["okafor@example.org"] = "550 5.1.1 no such\x07 user"
    assert send_due(database, settings) == Sent(1, 0, 1, 0, 1)
    assert send_due(database, settings, later(99)) == Sent(0, 0, 0, 0, 1), "never again there"
    (notice,) = left(database)
    assert notice.by_letter.startswith("okafor@example.org refused: 550 5.1.1 no such")
    assert notice.by_letter.isprintable()
    told(database, "okafor", "ada@example.org")
    assert send_due(database, settings) == Sent(2, 0, 0, 0, 0), "another address is another matter"
    assert [address for address, _ in office.taken] == ["lim@example.org", *["ada@example.org"] * 2]


def test_what_is_put_off_is_given_up_in_the_end(
    database: Database, office: Office, settings: Settings
) -> None:
    told(database)
    office.after_data = "452 4.2.2 mailbox full"
    for attempt in range(1, MOST_ATTEMPTS):
        assert send_due(database, settings, later(2 * attempt)).put_off == 1
    assert send_due(database, settings, later(99)) == Sent(0, 0, 1, 0, 1)
    assert "mailbox full" in left(database)[0].by_letter


def test_without_an_address_it_is_for_a_letter(
    database: Database, office: Office, settings: Settings
) -> None:
    told(database, email="")
    assert send_due(database, settings) == Sent(0, 0, 0, 0, 1)
    (notice,) = left(database)
    assert notice.by_letter == "no e-mail address on file"
    with database.begin() as connection:
        notices.note_sent(connection, notice.id, now())
    assert left(database) == []


def test_without_a_server_nothing_is_sent(database: Database, tmp_path: Path) -> None:
    told(database)
    assert send_due(database, Settings(tmp_path)) == Sent(0, 0, 0, 1, 0)


def test_who_dies_after_sending_sends_again_what_folds(
    database: Database,
    office: Office,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told(database)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(notices, "note_sent", dies)
        with pytest.raises(KeyboardInterrupt):
            send_due(database, settings)
    assert send_due(database, settings) == Sent(0, 0, 0, 1, 0), "somebody may still be at it"
    assert send_due(database, settings, later(1)) == Sent(1, 0, 0, 0, 0)
    (_, first), (_, second) = office.taken
    assert first["Message-ID"] == second["Message-ID"]


def test_every_notice_has_an_id_of_its_own(
    database: Database, office: Office, settings: Settings
) -> None:
    for lawyer in ("okafor", "lim", "okafor"):
        told(database, lawyer)
    assert send_due(database, settings).sent == 3
    assert len({message["Message-ID"] for _, message in office.taken}) == 3


def test_runs_at_once_send_each_once(
    database: Database, office: Office, settings: Settings
) -> None:
    wanted = {f"lawyer{n}@example.org" for n in range(10)}
    for address in wanted:
        told(database, address.partition("@")[0])
    sent = at_once(3, lambda _: send_due(database, settings).sent)
    assert sum(sent) == len(office.taken) == 10
    assert {address for address, _ in office.taken} == wanted
    assert left(database) == []


def test_what_another_run_is_at_is_left_to_it(
    database: Database, office: Office, settings: Settings
) -> None:
    for lawyer in ("okafor", "lim", "soto"):
        told(database, lawyer)
    asked, other = count(), []

    def clock() -> datetime:
        # The third time the first notice is claimed and not yet handed over.
        if next(asked) == 2:
            other.append(send_due(database, settings))
        return now()

    assert send_due(database, settings, clock) == Sent(1, 0, 0, 0, 0)
    assert other == [Sent(2, 0, 0, 1, 0)]
    senders = [address.partition("@")[0] for address, _ in office.taken]
    assert senders == ["lim", "soto", "okafor"]


def test_the_one_that_loses_the_server_comes_last(
    database: Database, office: Office, settings: Settings
) -> None:
    for lawyer in ("okafor", "lim"):
        told(database, lawyer)
    office.answers["okafor@example.org"] = "421 4.3.0 not that one"
    with pytest.raises(MailDown):
        send_due(database, settings)
    assert office.taken == []
    with pytest.raises(MailDown):
        send_due(database, settings)
    assert [address for address, _ in office.taken] == ["lim@example.org"]


def test_an_entry_that_was_renewed_does_not_end_soon(
    database: Database, office: Office, settings: Settings
) -> None:
    with database.begin() as connection:
        attorneys.add(
            connection,
            Attorney("lim", "Sofía Lim", email="lim@example.org", language="es"),
            "desk",
            MORNING,
        )
        for number, day in (("6145550113", 10), ("6145550114", 20)):
            ends = now() + timedelta(days=day)
            entry = Entry(number, "letter", attorney_id="lim", expires_at=ends)
            registry.register(connection, entry, "desk", now())
        assert notices.tell_expiring(connection, now()) == 2
        first = entries.listed(connection, now(), number="6145550113")[0]
        registry.lift(connection, first.id, "desk", now())
    assert send_due(database, settings) == Sent(1, 0, 0, 0, 0)
    ((_, message),) = office.taken
    assert message["To"] == "lim@example.org"
    assert message["Subject"] == "Su registro termina pronto"
    assert message["Content-Language"] == "es"
    assert "Sofía Lim" in message.get_content()
    assert "Renuévelo a tiempo" in message.get_content()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_is_encrypted_and_logs_in(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    context = certified(tmp_path)
    told(database)
    starts = {"tls_context": context, "require_starttls": True, "auth_required": True}
    # The server counts only STARTTLS as encrypted when it asks for a login.
    begins = {"ssl_context": context, "auth_require_tls": False}
    options = starts if security == "starttls" else begins
    with post_office(authenticator=logins("us"), **options) as (office, port):
        mail = MailSettings("127.0.0.1", port, security, "us", SENDER)
        settings = Settings(tmp_path, mail=mail)
        with pytest.raises(SettingsError, match=r"no password .*mail\.secret"):
            send_due(database, settings)
        (tmp_path / "mail.secret").write_text("wrong\n")
        with pytest.raises(MailDown, match="1 notices wait"):
            send_due(database, settings)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        with pytest.raises(MailDown, match=r"535.*1 notices wait"):
            send_due(database, settings)
        (tmp_path / "mail.secret").write_text(f"{PASSWORD}\n")
        assert send_due(database, settings) == Sent(1, 0, 0, 0, 0)
        assert office.encrypted == [True]


def test_a_server_that_can_not_encrypt_gets_nothing(
    database: Database, post: tuple[Office, int], tmp_path: Path
) -> None:
    told(database)
    settings = Settings(tmp_path, mail=MailSettings("127.0.0.1", post[1], sender=SENDER))
    with pytest.raises(MailDown, match="STARTTLS"):
        send_due(database, settings)
    assert post[0].taken == []
