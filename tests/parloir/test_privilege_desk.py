"""The desk of privilege: lawyers, their numbers, the sweep, the notices, a call cut off."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from sqlalchemy import select

from cdr import recordings
from store.database import Database
from store.tables import quarantines
from store.types import now
from tests.blocklists.privilege.post import post_office, told
from tests.builders import NUMBER, accepted_call, call_row, talked
from tests.parloir.test_desk import Desk, desk, said

__all__ = ["desk"]
PROOF = ("--proof", "letter of 2026-11-02", "--by", "bar desk")
OFFICE = """id,name,bar_state,bar_number,email,language,number,kind,expires,proof
okafor,Ada Okafor,OH,0099001,ada@example.org,en,212-555-0101,,,letter
lim,Sofía Lim,OH,0099002,,es,(614) 555-0113,public_defender,2099-12-31,letter
"""


def test_a_lawyer_and_a_number(desk: Desk) -> None:
    about = ("--name", "Ada Okafor", "--bar-state", "OH", "--bar-number", "0099001")
    assert "okafor is kept" in said(desk("attorney", "add", "okafor", *about))
    assert "known so already" in said(desk("attorney", "add", "okafor", *about))
    assert "Ada Okafor, no office, OH 0099001" in said(desk("attorney", "list"))
    whose = ("--attorney", "okafor", "--until", "2099-12-31")
    told = said(desk("privilege", "add", "(212) 555-0101", *PROOF, *whose))
    assert f"{NUMBER}  attorney, okafor, everywhere, by bar desk" in told
    assert told.removeprefix("registered: ") == said(desk("privilege", "list", NUMBER))
    entry = said(desk("privilege", "list")).split()[0]
    assert "lifted" in said(desk("privilege", "lift", entry, "--by", "bar desk"))
    assert said(desk("privilege", "list")) == ""
    assert "lifted" in said(desk("privilege", "list", "--all", "--attorney", "okafor"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "911", *PROOF), "no number that can be called"),
        (("add", NUMBER, "--proof", " "), "proof is missing"),
        (("add", NUMBER, *PROOF, "--attorney", "x"), "no attorney 'x'"),
        (("lift", "99"), "no entry 99"),
        (("sent", "99"), "no notice 99"),
    ],
)
def test_what_is_refused_is_one_plain_line(desk: Desk, words: tuple[str, ...], why: str) -> None:
    result = desk("privilege", *words)
    assert result.exit_code == 1
    assert why in result.output
    assert result.output.count("\n") == 1


def test_an_office(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "office.csv"
    file.write_text(OFFICE)
    words = ("import", str(file), "--office", "Legal Aid")
    assert "2 attorneys new or changed, 2 numbers registered, 0" in said(desk("attorney", *words))
    assert "0 attorneys new or changed, 0 numbers registered, 2" in said(desk("attorney", *words))
    file.write_text(OFFICE.replace("212-555", "211-555"))
    result = desk("attorney", *words)
    assert result.exit_code == 1
    assert "nothing was taken from the file: line 2:" in result.output


def test_the_sweep_and_what_comes_of_it(desk: Desk, database: Database, tmp_path: Path) -> None:
    call_id = talked(database, 1)
    raw = tmp_path / f"{call_id}.raw"
    raw.write_bytes(struct.pack("<hh", 1, 2) * 8000)
    recordings.seal(database, raw, tmp_path / "recordings")
    said(desk("attorney", "add", "okafor", "--name", "Ada Okafor", "--language", "es"))
    said(desk("privilege", "add", NUMBER, *PROOF, "--attorney", "okafor"))
    assert said(desk("privilege", "sweep", "--dry-run")).splitlines() == [
        f"{call_id} would be set aside",
        "1 recordings would be set aside",
    ]
    found = desk("daily").output
    assert "privilege   1 recordings, 1 quarantined, 0 failed, 1 notices" in found
    assert "0 set aside, 0 notices" in said(desk("privilege", "sweep"))
    assert call_id in said(desk("privilege", "quarantined"))
    notice = said(desk("privilege", "notices"))
    assert "to be sent, to Ada Okafor" in notice
    said(desk("privilege", "sent", notice.split()[0]))
    assert said(desk("privilege", "notices")) == ""
    assert "in quarantine" in said(desk("cdr", "show", call_id))
    assert "BROKEN" not in desk("check").output
    with database.begin() as connection:
        (row,) = connection.execute(select(quarantines)).all()
    Path(row.path).unlink()
    assert "BROKEN quarantine" in desk("check").output


def test_without_a_mail_server_all_is_listed(desk: Desk, database: Database) -> None:
    told(database, "okafor")
    told(database, "lim", "")
    refused = desk("privilege", "send")
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "no mail server is set (mail.host)" in refused.output
    line = "notices     0 sent, 0 put_off, 0 refused, 1 waiting, 1 by_letter"
    assert line in said(desk("daily"))
    listed = said(desk("privilege", "notices"))
    assert "to Ada Okafor <okafor@example.org>: A recording" in listed
    assert "to Ada Okafor by letter (no e-mail address on file): A recording" in listed


def test_lawyers_are_written_to(desk: Desk, database: Database, tmp_path: Path) -> None:
    told(database, "okafor")
    with post_office() as (office, port):
        with (tmp_path / "parloir.toml").open("a") as file:
            file.write(f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n')
            file.write('sender = "privilege@parloir.example"\n')
        office.answers["okafor@example.org"] = "450 4.2.1 later"
        assert "0 sent, 1 put off, 0 refused, 1 waiting, 0" in said(desk("privilege", "send"))
        assert "(not yet: 450 4.2.1 later): A" in said(desk("privilege", "notices"))
        office.answers.clear()
        told(database, "lim")
        assert "notices     1 sent, 0 put_off, 0 refused, 1 waiting" in said(desk("daily"))
    told(database, "soto")
    away = desk("daily")
    assert away.exit_code == 1
    assert "privilege   0 recordings, 0 quarantined, 0 failed, 0 notices" in away.output
    # The one that is put off waits, too.
    assert "notices     the mail server says: " in away.output
    assert "; 2 notices wait" in away.output
    assert away.output.splitlines()[-1] == "Error: not done: notices"
    assert "2 notices wait" in desk("privilege", "send").output
    assert f"sent {now():%Y-%m-%d}, to Ada Okafor" in said(desk("privilege", "notices", "--all"))


def test_a_call_is_cut_off(desk: Desk, database: Database) -> None:
    call_id = accepted_call(database, now())
    words = ("cut-off", call_id.lower(), "--note", "threats", "--by", "sergeant")
    assert "is being cut off" in said(desk("call", *words))
    assert call_row(database, call_id).outcome == "cut_off"
    assert "cut_off by sergeant: threats" in said(desk("call", "show", call_id))
    result = desk("call", "cut-off", "NOTHING", "--note", "x")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
