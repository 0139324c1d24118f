"""Two real Asterisks side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.errors import AsteriskError
from asterisk_conf.install import Installation
from asterisk_conf.instance import Instance
from asterisk_conf.lines import Phone
from asterisk_conf.render import Kind
from store.settings import Settings
from tests.asterisk_conf.stage import free_ports


def test_two_side_by_side(installation: Installation, tmp_path: Path) -> None:
    ports = free_ports()
    settings = Settings(state_dir=tmp_path, asterisk=ports)
    pair = [Instance(installation, settings, kind) for kind in Kind]
    try:
        for instance in pair:
            assert not instance.status().running
            assert instance.live_channels() == set()
            instance.up()
            status = instance.status()
            assert status.running
            assert (status.version[:3], status.channels) == ("22.", 0)
        platform, exchange = pair
        assert platform.directory == settings.asterisk_dir
        platform.phones = (Phone("late", "x"),)
        platform.up()
        assert "late" in platform.cli("pjsip show endpoints")
        with pytest.raises(AsteriskError, match="Asterisk"):
            platform.cli("no such command", timeout=0)
        recording = platform.directory / "spool/monitor/kept.raw"
        recording.write_bytes(b"evidence")
        platform.down()
        assert not platform.is_running()
        assert exchange.is_running()
        assert recording.exists()
        platform.down()
        platform.remove()
        assert not platform.directory.exists()
    finally:
        for instance in pair:
            instance.remove()


def test_a_taken_port_is_said(installation: Installation, tmp_path: Path) -> None:
    ports = free_ports()
    first = Instance(installation, Settings(state_dir=tmp_path / "a", asterisk=ports))
    second = Instance(installation, replace(first.settings, state_dir=tmp_path / "b"))
    try:
        first.up()
        with pytest.raises(AsteriskError, match="port"):
            second.up()
        assert not second.is_running()
    finally:
        first.remove()
        second.remove()
