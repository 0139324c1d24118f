"""A backup's archive: whole or refused, whatever happened to it."""

from __future__ import annotations

import io
import stat
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.archive import MANIFEST, SEAL, ArchiveError, extract, write

CONTENTS = {"database": b"every call, every cent " * 40, "recordings/2026/a.wav": b"\0" * 700}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("archive")
    for name, content in CONTENTS.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    write(place / "made.tar", {name: place / name for name in CONTENTS}, {"totals": {"cdrs": 3}})
    return place / "made.tar"


def taken(content: bytes) -> dict[str, bytes]:
    """What comes out of an archive of this content."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "it.tar").write_bytes(content)
        manifest = extract(Path(place) / "it.tar", Path(place) / "out")
        assert manifest["totals"] == {"cdrs": 3}
        return {name: (Path(place) / "out" / name).read_bytes() for name in CONTENTS}


def test_what_is_put_in_comes_out(made: Path) -> None:
    assert taken(made.read_bytes()) == CONTENTS
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert not list(made.parent.glob(".*"))


@given(data=st.data())
def test_a_flipped_byte_is_found_or_does_no_harm(made: Path, data: st.DataObject) -> None:
    content = bytearray(made.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    told = ""
    try:
        assert taken(bytes(content)) == CONTENTS
    except ArchiveError as error:
        told = str(error)
    assert "\n" not in told


@given(data=st.data())
def test_a_truncated_archive_is_refused(made: Path, data: st.DataObject) -> None:
    content = made.read_bytes()
    end = content.rindex(SEAL.encode()) + 512
    with pytest.raises(ArchiveError):
        taken(content[: data.draw(st.integers(0, end))])


@given(content=st.binary(max_size=2000))
def test_a_foreign_file_is_refused(content: bytes) -> None:
    with pytest.raises(ArchiveError, match="no whole backup"):
        taken(content)


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "a/../../b"])
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    (tmp_path / "out").mkdir()
    with pytest.raises(ArchiveError, match="something else"):
        extract(tmp_path / "evil.tar", tmp_path / "out")


def test_links_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        link = tarfile.TarInfo(MANIFEST)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    with pytest.raises(ArchiveError, match="something else"):
        extract(tmp_path / "evil.tar", tmp_path / "out")


def test_no_backup_is_overwritten(made: Path) -> None:
    with pytest.raises(ArchiveError, match="already"):
        write(made, {}, {})


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="can't be written"):
        write(tmp_path / "none" / "b.tar", {}, {})


def test_a_missing_archive_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="there is no such file"):
        extract(tmp_path / "none.tar", tmp_path / "out")
