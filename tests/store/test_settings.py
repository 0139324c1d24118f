"""The settings file: what it may say, and what is said when it can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.settings import SETTINGS_VARIABLE, SettingsError, load


def written(directory: Path, text: str) -> Path:
    path = directory / "parloir.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_enough(tmp_path: Path) -> None:
    settings = load(written(tmp_path, ""))
    assert settings.state_dir == tmp_path
    assert settings.database_url == f"sqlite:///{tmp_path}/parloir.db"
    assert settings.pin_key_file.parent == settings.recordings_dir.parent == tmp_path


def test_what_is_set_is_used(tmp_path: Path) -> None:
    text = 'database = "postgresql+psycopg:///calls"\nstudio_dir = "/studio"\n[agi]\nport = 4999\n'
    settings = load(written(tmp_path, text))
    assert settings.database_url == "postgresql+psycopg:///calls"
    assert settings.studio_dir == Path("/studio")
    assert (settings.agi.port, settings.agi.host) == (4999, "127.0.0.1")


def test_the_variable_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS_VARIABLE, str(written(tmp_path, 'provider_name = "Elm"')))
    assert load().provider_name == "Elm"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('colour = "red"', "unknown setting colour"),
        ('[call]\nring = "x"', "unknown setting call.ring"),
        ('[call]\nring_seconds = "30"', "call.ring_seconds must be a number"),
        ("[call]\nring_seconds = true", "call.ring_seconds must be a number"),
        ("[call]\naccept_key = 1", "call.accept_key must be text"),
        ("agi = 4573", "agi must be"),
        ("state_dir = 7", "state_dir must be a path"),
        ('[mail]\nsecurity = "ssl"', "mail.security can't be 'ssl', only starttls, tls, none"),
        ('[mail]\nuser = "us"\nsecurity = "none"', "the password would go in the clear"),
        ('[mail]\nuser = "ús"', "mail.user must be ASCII"),
        ('[mail]\nhost = "mx.example"', "mail.sender must be an e-mail address, not ''"),
        ('[mail]\nsender = "a@b\\nX: y"', "mail.sender must be an e-mail address"),
        ("= nonsense", "Invalid statement"),
        ("provider_name = 'Elm", "Expected"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError, match=complaint) as raised:
        load(path)
    assert str(path) in str(raised.value)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="parloir init"):
        load(tmp_path / "parloir.toml")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "parloir.toml"
    path.write_bytes(b"provider_name = '\xff'")
    with pytest.raises(SettingsError, match="decode"):
        load(path)


def test_a_directory_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="directory"):
        load(tmp_path)
