"""What is rendered, and what is refused before it could be written."""

from __future__ import annotations

import re
import string
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_conf.errors import AsteriskError
from asterisk_conf.lines import Hotline, Phone, Trunk
from asterisk_conf.render import Kind, render
from asterisk_conf.variables import CALL_PLAN, LISTEN
from store.settings import AsteriskSettings, Settings

SETTINGS = Settings(state_dir=Path("/nowhere"))
INSIDE = PurePosixPath("/srv/parloir/x")
SECRET = "s3cret"


def rendered(
    kind: Kind = Kind.PLATFORM, settings: Settings = SETTINGS, phones: tuple[Phone, ...] = ()
) -> dict[str, str]:
    return render(kind, settings, phones, INSIDE, SECRET)


def test_each_kind_has_its_own_dialplan() -> None:
    assert "agi://127.0.0.1:4573/caller" in rendered()["caller.conf"]
    assert "agi:" not in rendered(Kind.EXCHANGE)["extensions.conf"]
    assert "stand-in" in rendered(Kind.EXCHANGE)["extensions.conf"]


def test_the_platform_listens_where_it_is_told_and_its_trunk_leads_to_the_exchange() -> None:
    settings = replace(SETTINGS, asterisk=AsteriskSettings(sip_port=5070, trunk_port=5090))
    platform, exchange = (rendered(kind, settings)["pjsip.conf"] for kind in Kind)
    assert "bind=127.0.0.1:5070" in platform
    assert "contact=sip:127.0.0.1:5090" in platform
    assert "bind=127.0.0.1:5090" in exchange


def test_a_phone_has_endpoint_address_and_password() -> None:
    text = rendered(phones=(Phone("wing-a_1", "s3cret"),))["pjsip.conf"]
    assert text.count("[wing-a_1]") == 3
    assert "set_var=PHONE=wing-a_1" in text
    assert "password=s3cret" in text


@pytest.mark.parametrize("kind", list(Kind))
def test_nobody_unknown_is_let_in(kind: Kind) -> None:
    files = rendered(kind, phones=(Phone("5550101", "x"),))
    assert "anonymous" not in files["pjsip.conf"]
    assert "noload => res_pjsip_endpoint_identifier_anonymous.so" in files["modules.conf"]
    assert "live_dangerously = no" in files["asterisk.conf"]


def test_the_manager_answers_this_machine_alone_and_may_little() -> None:
    settings = replace(SETTINGS, asterisk=AsteriskSettings(bind="0.0.0.0", ami_port=5100))
    lines = rendered(settings=settings)["manager.conf"].splitlines()
    assert {"bindaddr=127.0.0.1", "port=5100", f"secret={SECRET}"} <= set(lines)
    assert {"read=none", "write=call,originate,reporting"} <= set(lines)
    assert [line for line in lines if line.startswith("[")] == ["[general]", "[parloir]"]
    (disabled,) = [line for line in lines if line.startswith("disabledevents=")]
    assert {"DTMFBegin", "DTMFEnd"} <= set(disabled.partition("=")[2].split(","))
    assert "enabled=no" in rendered(Kind.EXCHANGE)["manager.conf"].splitlines()


@pytest.mark.parametrize("bad", ["", "a\nwrite=all", "a;b", "a b"])
def test_a_hostile_manager_password_is_refused_and_not_repeated(bad: str) -> None:
    with pytest.raises(AsteriskError) as refused:
        render(Kind.PLATFORM, SETTINGS, (), INSIDE, bad)
    assert not bad or bad not in str(refused.value)


def dialplan() -> list[str]:
    """The dialplan's lines, its files one after the other."""
    files = rendered()
    names = re.findall("#include (.*)", files["extensions.conf"])
    text = "\n".join(files[name] for name in ("extensions.conf", *names))
    return [line for line in text.splitlines() if not line.startswith(";")]


def test_only_a_join_reaches_the_bridge() -> None:
    assert sum(",Bridge(" in line for line in dialplan()) == 1
    dials = [line for line in dialplan() if ",Dial(" in line]
    # The others are a hotline's, whose number only the rendering knows, and staff's own tests.
    assert [re.sub(r".*,(r)", r"\1", line) for line in dials] == [
        "rG(legs^s^1)iI)",
        "riIA(hotline-called))",
        "riIU(linetest-answered))",
    ]


def test_only_a_plan_that_allows_it_reaches_the_listener() -> None:
    starts = [line for line in dialplan() if "machines,start" in line]
    assert len(starts) == 1
    assert f'GosubIf($["${{{LISTEN}}}" = "yes"]?machines,start,1)' in starts[0]
    # The other one only whispers (W), the overlay and the warning.
    spies = [line for line in dialplan() if "ChanSpy(" in line]
    assert [line.partition(",ChanSpy")[2] for line in spies] == [
        "(${SPIED},quoES)",
        "(${SIDE},quWES)",
    ]


def test_every_script_finds_the_plan_emptied() -> None:
    lines = dialplan()
    scripts = [number for number, line in enumerate(lines) if ",AGI(" in line]
    assert len(scripts) == 7
    assert all(lines[number - 1].endswith(f"Set({CALL_PLAN}=)") for number in scripts)


def test_no_log_level_writes_digits() -> None:
    text = rendered()["logger.conf"]
    levels = text.partition("messages.log => ")[2].strip().split(",")
    assert set(levels) <= {"notice", "warning", "error", "security"}


HOSTILE = st.text(max_size=40).filter(lambda text: not text.isalnum() or not text.isascii())


@given(HOSTILE.filter(lambda text: not set(text) <= set(f"{string.ascii_letters}0123456789_-")))
def test_a_hostile_phone_id_is_refused(name: str) -> None:
    with pytest.raises(AsteriskError):
        rendered(phones=(Phone(name, "x"),))


@given(st.sampled_from("\n\r;[] \t\"'\\\0,${}é"), st.text(max_size=5), st.text(max_size=5))
def test_a_hostile_password_is_refused_and_not_repeated(bad: str, before: str, after: str) -> None:
    password = before + bad + after
    with pytest.raises(AsteriskError) as refused:
        rendered(phones=(Phone("phone-1", password),))
    assert f"{password!r}" not in str(refused.value)


@pytest.mark.parametrize(
    "bad",
    [
        AsteriskSettings(caller_id="555\n[evil]"),
        AsteriskSettings(caller_id='5550199"'),
        AsteriskSettings(caller_id=""),
        AsteriskSettings(trunk_host="host;x"),
        AsteriskSettings(trunk_host="a\nb"),
        AsteriskSettings(bind="not an address"),
        AsteriskSettings(sip_port=0),
        AsteriskSettings(trunk_port=70000),
        AsteriskSettings(ami_port=0),
        AsteriskSettings(rtp_start=9, rtp_end=10),
        AsteriskSettings(rtp_start=3000, rtp_end=2000),
    ],
)
def test_bad_settings_are_refused(bad: AsteriskSettings) -> None:
    with pytest.raises(AsteriskError):
        rendered(settings=replace(SETTINGS, asterisk=bad))


@pytest.mark.parametrize("name", ["trunk", "line", SETTINGS.asterisk.caller_id])
def test_a_taken_name_is_refused(name: str) -> None:
    with pytest.raises(AsteriskError, match="taken"):
        rendered(phones=(Phone(name, "x"),))


def test_two_phones_of_one_name_are_refused() -> None:
    with pytest.raises(AsteriskError, match="taken"):
        rendered(phones=(Phone("a", "x"), Phone("a", "y")))


def test_a_line_of_the_exchange_is_a_number() -> None:
    with pytest.raises(AsteriskError, match="telephone number"):
        rendered(Kind.EXCHANGE, phones=(Phone("wing-a", "x"),))


def test_a_directory_that_would_break_a_line_is_refused() -> None:
    with pytest.raises(AsteriskError):
        render(Kind.PLATFORM, SETTINGS, (), PurePosixPath("/srv/a;b\nc"), SECRET)


def test_bound_to_every_address_the_audio_takes_its_own() -> None:
    settings = replace(SETTINGS, asterisk=AsteriskSettings(bind="0.0.0.0"))
    assert "media_address" not in rendered(settings=settings)["pjsip.conf"]
    assert "media_address=127.0.0.1" in rendered()["pjsip.conf"]


SECURE_SETTINGS = replace(SETTINGS, asterisk=AsteriskSettings(tls_port=5061))


def lines_rendered(
    phone: Phone, trunks: list[Trunk] | None = None, hotlines: tuple[Hotline, ...] = ()
) -> dict[str, str]:
    secure = (SECURE_SETTINGS, (phone,), INSIDE, SECRET)
    return render(Kind.PLATFORM, *secure, trunks, hotlines)


def test_a_phones_trunks_are_its_facilitys_and_everybodys() -> None:
    trunks = [
        Trunk("main", "sip.example", 5060, capacity=30),
        Trunk("theirs", "sip.example", 5061, facility="riverside"),
        Trunk("spare", "sip.example", 5062, facility="millbrook"),
    ]
    text = lines_rendered(Phone("a", "x", "millbrook"), trunks)["pjsip.conf"]
    assert "set_var=TRUNKS=trunk.main:30&trunk.spare:0\n" in text
    assert "set_var=TRUNKS=\n" in lines_rendered(Phone("a", "x"), [])["pjsip.conf"]
    assert "set_var=TRUNKS=trunk.own:0\n" in lines_rendered(Phone("a", "x"))["pjsip.conf"]


def test_a_phone_may_be_held_to_addresses_tls_and_srtp() -> None:
    text = lines_rendered(
        Phone("a", "x", "", "tls", True, "g722", "10.1.0.0/24,10.2.0.3", "5550177")
    )["pjsip.conf"]
    _, _, endpoint = text.partition("[a](phone)")
    told = endpoint.partition("[a]\n")[0].split()
    assert {"transport=tls", "media_encryption=sdes", "allow=g722", "set_var=SECURE=yes"} <= {*told}
    assert {"deny=0.0.0.0/0.0.0.0", "permit=10.1.0.0/24", "permit=10.2.0.3/32"} <= {*told}
    assert "set_var=CALLER_NUMBER=5550177" in told
    assert "bind=127.0.0.1:5061" in text


def test_hotlines_are_their_facilitys() -> None:
    hotlines = (Hotline("millbrook", "711", "12025550143"),)
    files = lines_rendered(Phone("a", "x", "millbrook"), hotlines=hotlines)
    assert "exten => 711,1,Set(HOTLINE=711)" in files["hotlines.conf"]
    assert "context=phones.millbrook" in files["pjsip.conf"]
    other = lines_rendered(Phone("a", "x", "riverside"), hotlines=hotlines)
    assert "phones.millbrook" not in other["pjsip.conf"]


@pytest.mark.parametrize(
    "bad",
    [
        Phone("a", "x", "a b"),
        Phone("a", "x", transport="ws"),
        Phone("a", "x", encrypts=True),
        Phone("a", "x", codecs="ulaw,all"),
        Phone("a", "x", codecs="ulaw\nallow=all"),
        Phone("a", "x", addresses="0.0.0.0/0\npermit=x"),
        Phone("a", "x", caller_id="5550177\n[evil]"),
    ],
)
def test_a_hostile_phone_is_refused(bad: Phone) -> None:
    with pytest.raises(AsteriskError):
        lines_rendered(bad)


@pytest.mark.parametrize(
    "bad",
    [
        Trunk("a.b", "host", 5060),
        Trunk("a", "host;x", 5060),
        Trunk("a", "host", 0),
        Trunk("a", "host", 5060, username="x\ny"),
        Trunk("a", "host", 5060, username="x", password="a;b"),
        Trunk("a", "host", 5060, encrypts=True),
    ],
)
def test_a_hostile_trunk_is_refused(bad: Trunk) -> None:
    with pytest.raises(AsteriskError):
        lines_rendered(Phone("a", "x"), [bad])


@pytest.mark.parametrize(
    "bad",
    [
        Hotline("a b", "711", "12025550143"),
        Hotline("millbrook", "_X.", "12025550143"),
        Hotline("millbrook", "711", "1&PJSIP/x"),
    ],
)
def test_a_hostile_hotline_is_refused(bad: Hotline) -> None:
    with pytest.raises(AsteriskError):
        lines_rendered(Phone("a", "x", "millbrook"), hotlines=(bad,))


def test_tls_without_a_port_is_refused() -> None:
    with pytest.raises(AsteriskError, match="tls_port"):
        rendered(phones=(Phone("a", "x", transport="tls"),))
