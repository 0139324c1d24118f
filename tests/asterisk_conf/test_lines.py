"""Hotlines that need nobody, trunks that are down or full, devices that are none of ours."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.hotline_reports import HotlineReport, spooled
from asterisk_conf.install import Installation
from asterisk_conf.instance import Instance
from asterisk_conf.lines import Hotline, Trunk
from asterisk_conf.lines import Phone as Line
from asterisk_conf.render import Kind
from parloir import line_test
from phones.events import PhoneError
from phones.phone import Phone
from store.settings import AgiSettings, Settings
from tests.asterisk_conf.scene import Call, says, settle
from tests.asterisk_conf.scripted import Session
from tests.asterisk_conf.stage import (
    HOME,
    INMATE,
    NEIGHBOUR,
    Stage,
    free_port,
    free_ports,
    write_sounds,
)

SECOND, FAR, SECURE, JAIL = "phone-2", "phone-far", "phone-tls", "millbrook"
OF_FACILITY = "5550177"


@pytest.fixture(scope="module")
def stage(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """As everybody's, but for its trunks: one is dead, one takes one call, one takes any."""
    asterisk = replace(free_ports(), rtp_start=25000, rtp_end=27999)
    asterisk = replace(asterisk, tls_port=free_port(socket.SOCK_STREAM))
    agi = AgiSettings(port=free_port(socket.SOCK_STREAM))
    settings = Settings(state_dir=tmp_path_factory.mktemp("lines"), asterisk=asterisk, agi=agi)
    _certify(settings.tls_dir)
    known = ("127.0.0.1", asterisk.trunk_port)
    trunks = [
        Trunk("dead", "127.0.0.1", free_port()),
        Trunk("main", *known, username=asterisk.caller_id, capacity=1),
        Trunk("spare", *known, username=asterisk.caller_id),
    ]
    phones = [
        Line(INMATE, "one", JAIL, caller_id=OF_FACILITY),
        Line(SECOND, "one", JAIL),
        Line(FAR, "one", JAIL, addresses="192.0.2.0/24"),
        Line(SECURE, "one", "riverside", "tls", True),
    ]
    hotlines = [Hotline(JAIL, "711", NEIGHBOUR)]
    platform = Instance(installation, settings, Kind.PLATFORM, phones, trunks, hotlines)
    lines = [Line(HOME, "two"), Line(NEIGHBOUR, "three")]
    exchange = Instance(installation, settings, Kind.EXCHANGE, lines)
    try:
        exchange.up()
        platform.up()
        _wait_asked(platform, f"127.0.0.1:{asterisk.trunk_port}")
        yield Stage(platform, exchange, write_sounds(platform.sounds_dir), settings.agi.port)
    finally:
        platform.remove()
        exchange.remove()


@pytest.fixture
def second(stage: Stage, tmp_path: Path) -> Iterator[Phone]:
    """Another phone of the jail."""
    with _inmate(stage, tmp_path, SECOND) as phone:
        phone.register()
        yield phone


def _inmate(stage: Stage, folder: Path, name: str, password: str = "one") -> Phone:
    registrar = f"127.0.0.1:{stage.platform.settings.asterisk.sip_port}"
    return Phone(name, folder / name, password=password, registrar=registrar)


def _secure(stage: Stage, folder: Path, *, tls: bool = True, srtp: bool = True) -> Phone:
    ports = stage.platform.settings.asterisk
    registrar = f"127.0.0.1:{ports.tls_port if tls else ports.sip_port}"
    own = folder / SECURE
    return Phone(SECURE, own, password="one", registrar=registrar, tls=tls, srtp=srtp)


def _certify(folder: Path) -> None:
    """A certificate that vouches for itself."""
    folder.mkdir()
    key, made = (str(folder / name) for name in ("key.pem", "certificate.pem"))
    words = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=parloir -keyout {key} -out {made}"
    subprocess.run(["openssl", *words.split()], check=True, capture_output=True)


def _wait_asked(platform: Instance, alive: str) -> None:
    """Until Asterisk knows which of the trunks live."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        told = platform.cli("pjsip show contacts")
        living = [line for line in told.splitlines() if alive in line]
        if "Unavail" in told and living and all(" Avail" in line for line in living):
            return
        time.sleep(0.2)
    pytest.fail(f"the trunks aren't known: {told}")


def reports(stage: Stage) -> list[HotlineReport]:
    """What was written of the hotlines' calls, taken away."""
    found = spooled(stage.platform.directory)
    for path in found:
        path.unlink()
    return list(found.values())


def reached(call: Call, neighbour: Phone) -> HotlineReport:
    """The hotline rings, is told who calls, both talk; nothing is recorded."""
    neighbour.wait_incoming()
    neighbour.answer()
    neighbour.wait_heard(call.stage.clips["hotline-called"])
    time.sleep(0.5)
    assert not list((call.stage.platform.directory / "spool/monitor").iterdir())
    neighbour.hangup()
    call.inmate.wait_disconnected()
    settle(call)
    (report,) = reports(call.stage)
    assert (report.phone, report.code, report.number) == (INMATE, "711", NEIGHBOUR)
    assert report.status == "ANSWER"
    assert report.talk_ms is not None
    return report


def test_a_hotline_is_dialled_with_everything_dead(call: Call, neighbour: Phone) -> None:
    call.server.kill()
    call.inmate.call("711")
    call.inmate.wait_connected()
    call.inmate.wait_heard(call.stage.clips["hotline-connecting"])
    assert reached(call, neighbour).trunk == "main"


def test_a_hotline_is_offered_after_the_apology(call: Call, neighbour: Phone) -> None:
    call.server.kill()
    call.begin()
    call.inmate.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_begun(call.stage.clips["hotline-offer"])
    call.inmate.press("711#")
    call.inmate.wait_heard(call.stage.clips["hotline-connecting"])
    reached(call, neighbour)


def test_a_wrong_code_after_the_apology_reaches_nobody(call: Call, neighbour: Phone) -> None:
    call.server.kill()
    call.begin()
    call.inmate.wait_begun(call.stage.clips["hotline-offer"], timeout=15)
    call.inmate.press(f"{HOME}"[:4] + "#")
    call.inmate.wait_disconnected()
    assert reports(call.stage) == []
    assert not [event for event in neighbour.events if event.name == "incoming"]


def test_a_script_sends_to_a_hotline(call: Call, neighbour: Phone) -> None:
    call.scripts["caller"] = call.opens("hotline,711")
    call.begin()
    call.inmate.wait_heard(call.stage.clips["hotline-connecting"])
    reached(call, neighbour)
    # The script has ended its call: nothing tells of it again.
    assert "ended" not in call.visited()


def test_a_hotline_that_nobody_reaches_is_said(call: Call, neighbour: Phone) -> None:
    call.inmate.call("711")
    neighbour.wait_incoming()
    neighbour.answer(486)
    call.inmate.wait_heard(call.stage.clips["hotline-failed"])
    call.inmate.wait_disconnected()
    settle(call)
    (report,) = reports(call.stage)
    assert (report.status, report.talk_ms) == ("BUSY", None)


def test_the_dead_trunk_is_passed_over_and_the_facilitys_number_is_seen(call: Call) -> None:
    call.begin()
    assert OF_FACILITY in call.home.wait_incoming().caller
    call.home.answer()
    assert call.server.wait_visit("called").arguments[2] == "main"
    call.home.hangup()
    call.inmate.wait_disconnected()


def test_a_trunk_that_refuses_leaves_the_call_to_the_next(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    call.home.answer(503)
    call.home.wait_incoming()
    call.home.answer()
    assert call.server.wait_visit("called").arguments[2] == "spare"
    assert "unanswered" not in call.visited()
    call.home.hangup()
    call.inmate.wait_disconnected()


def test_a_called_party_that_refuses_is_asked_once(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    call.home.answer(486)
    visit = call.server.wait_visit("unanswered")
    assert (visit.arguments[8], visit.arguments[10]) == ("BUSY", "main")
    call.inmate.wait_disconnected()
    assert len([event for event in call.home.events if event.name == "incoming"]) == 1


def test_a_full_trunk_leaves_the_call_to_the_next(
    call: Call, second: Phone, neighbour: Phone
) -> None:
    call.answer_at(says("join,60000,0,no,0,60000"))
    call.server.wait_visit("called")
    call.scripts["caller"] = call.opens(f"dial,{NEIGHBOUR},10,no", call.second)
    second.call("anything")
    neighbour.wait_incoming()
    neighbour.answer()
    assert call.server.wait_visit("called", times=2).arguments[2] == "spare"
    neighbour.hangup()
    call.home.hangup()
    settle(call)
    call.server.kill()
    second.hangup()
    call.inmate.hangup()
    settle(call)
    # Nothing is left behind: the trunk has room again.
    assert "trunk.main" not in call.stage.platform.cli("group show channels")


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_does_nothing(call: Call, tmp_path: Path, password: str) -> None:
    with _inmate(call.stage, tmp_path, SECOND, password) as phone:
        with pytest.raises(PhoneError, match="registration failed"):
            phone.register()
        for dialled in ("anything", "711"):
            phone.call(dialled)
            assert phone.wait_disconnected(15).code in (401, 403)
    assert call.visited() == []
    assert reports(call.stage) == []


@pytest.mark.parametrize("name", ["stranger", "trunk.main", "trunk", "own"])
def test_a_device_that_is_not_listed_does_nothing(call: Call, tmp_path: Path, name: str) -> None:
    with _inmate(call.stage, tmp_path, name) as phone:
        with pytest.raises(PhoneError, match="registration failed"):
            phone.register()
        for dialled in ("anything", "711", HOME):
            phone.call(dialled)
            assert phone.wait_disconnected(15).code in (401, 403, 404)
    assert call.visited() == []
    assert reports(call.stage) == []


def test_a_phone_at_another_address_does_nothing(call: Call, tmp_path: Path) -> None:
    with _inmate(call.stage, tmp_path, FAR) as phone:
        with pytest.raises(PhoneError, match="registration failed"):
            phone.register()
        for dialled in ("anything", "711"):
            phone.call(dialled)
            assert phone.wait_disconnected(15).code in (401, 403)
    assert call.visited() == []


def test_a_phone_on_tls_calls_with_encrypted_sound(call: Call, tmp_path: Path) -> None:
    kept: list[str] = []

    def script(session: Session) -> None:
        session.command(f"SET VARIABLE __CALL_ID {call.id}")
        kept.extend(session.get(f"CHANNEL({one})") for one in ("pjsip,secure", "rtp,secure"))
        session.plan(f"dial,{HOME},10,no")

    call.scripts["caller"] = script
    call.scripts["called"] = says("join,60000,0,no,0,60000")
    with _secure(call.stage, tmp_path) as phone:
        phone.register()
        phone.call("anything")
        phone.wait_connected()
        call.answer()
        phone.play(call.stage.platform.sounds_dir / "en/overlay.wav")
        call.home.wait_heard(call.stage.clips["overlay"])
        call.home.play(call.stage.platform.sounds_dir / "en/overlay.wav")
        phone.wait_heard(call.stage.clips["overlay"])
        phone.hangup()
    assert kept == ["1", "1"]


@pytest.mark.parametrize(("tls", "srtp"), [(True, False), (False, True), (False, False)])
def test_a_phone_that_must_encrypt_does_nothing_without(
    call: Call, tmp_path: Path, tls: bool, srtp: bool
) -> None:
    with _secure(call.stage, tmp_path, tls=tls, srtp=srtp) as phone:
        phone.call("anything")
        assert phone.wait_disconnected(15).code >= 400
    assert call.visited() == []


def test_a_phone_is_tried(call: Call) -> None:
    settings = call.stage.platform.settings
    with ThreadPoolExecutor() as beside:
        tried = beside.submit(line_test.ring_phone, settings, INMATE)
        call.inmate.wait_incoming()
        call.inmate.answer()
        call.inmate.wait_heard(call.stage.clips["line-test"])
        told = f"phone {INMATE}: answered; codec ulaw, signalling in the clear, sound in the clear"
        assert tried.result() == told
    call.inmate.wait_disconnected()
    assert "can't be reached" in line_test.ring_phone(settings, SECOND)
    assert call.visited() == []


def test_a_trunk_is_tried(call: Call) -> None:
    settings = call.stage.platform.settings
    with ThreadPoolExecutor() as beside:
        tried = beside.submit(line_test.call_by_trunk, settings, "spare", HOME)
        call.home.wait_incoming()
        call.home.answer(486)
        assert tried.result() == f"{HOME} by trunk spare: it is busy (SIP 486)"
    assert "can't be reached" in line_test.call_by_trunk(settings, "dead", HOME)
    assert not list((call.stage.platform.directory / "spool/test").iterdir())


def test_a_change_is_taken_and_a_talk_goes_on(call: Call, tmp_path: Path) -> None:
    platform = call.stage.platform
    before = platform.phones
    call.answer_at(says("join,60000,0,no,0,60000"))
    call.server.wait_visit("called")
    assert not platform.follow()
    platform.phones = (*before, Line("late", "one", JAIL, "tcp"))
    assert platform.follow()
    try:
        with _inmate(call.stage, tmp_path, "late") as phone:
            phone.register()
        assert "tcp" in platform.cli("pjsip show transports")
        call.home.play(platform.sounds_dir / "en/overlay.wav")
        call.inmate.wait_heard(call.stage.clips["overlay"])
        assert "ended" not in call.visited()
    finally:
        platform.phones = before
        assert platform.follow()
        call.home.hangup()
    with _inmate(call.stage, tmp_path, "late") as phone, pytest.raises(PhoneError):
        phone.register()
    call.inmate.wait_disconnected()
