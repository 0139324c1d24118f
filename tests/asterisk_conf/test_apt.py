"""Finding the host's Debian mirror in whatever form its sources are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_conf.apt import Mirror, debian_mirror
from asterisk_conf.errors import AsteriskError

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEB822 = f"""\
# the comment
Types: deb deb-src
# another
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: {KEYRING}

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
"""


def etc(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return folder


def test_deb822(tmp_path: Path) -> None:
    found = debian_mirror(etc(tmp_path, "sources.list.d/debian.sources", DEB822))
    assert found == Mirror("http://mirror.example/debian", Path(KEYRING))


@pytest.mark.parametrize(
    ("line", "keyring"),
    [
        ("deb http://mirror.example/debian trixie main", None),
        ("deb http://mirror.example/debian/ trixie main contrib # ours", None),
        (f"deb [arch=amd64 signed-by={KEYRING}] http://mirror.example/debian trixie main", KEYRING),
    ],
)
def test_one_line(tmp_path: Path, line: str, keyring: str | None) -> None:
    others = "# deb http://no.example/debian x main\ndeb-src http://no.example/debian x main"
    text = f"{others}\n{line}\n"
    found = debian_mirror(etc(tmp_path, "sources.list", text))
    assert found.uri.startswith("http://mirror.example/debian")
    assert found.keyring == (Path(keyring) if keyring else None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "deb http://mirror.example/debian-security bookworm-security main\n",
        "deb http://mirror.example/debian bookworm-updates main\n",
        "deb https://tool.example/apt tool main\n",
        "deb http://mirror.example/ubuntu noble main\n",
        "deb\ndeb [x\ndeb http://mirror.example/debian\n",
    ],
)
def test_no_debian_archive(tmp_path: Path, text: str) -> None:
    with pytest.raises(AsteriskError, match="no Debian mirror"):
        debian_mirror(etc(tmp_path, "sources.list", text))


def test_a_source_that_is_switched_off(tmp_path: Path) -> None:
    text = DEB822.replace("Types: deb deb-src", "Enabled: no\nTypes: deb")
    with pytest.raises(AsteriskError):
        debian_mirror(etc(tmp_path, "sources.list.d/debian.sources", text))
