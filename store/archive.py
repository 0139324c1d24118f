"""A backup's archive: a tar of files, closed by a manifest with the SHA-256 of each.

The manifest comes last, with a hash of its own: a file that was cut off has none.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

MANIFEST, SEAL = "manifest.json", "manifest.sha256"
FORMAT = "parloir-backup-1"
_UNREADABLE = (tarfile.TarError, OSError, EOFError, ValueError, KeyError, TypeError, AttributeError)


class ArchiveError(Exception):
    """The archive can't be written or believed; the message says why."""


def write(file: Path, members: Mapping[str, Path], about: Mapping[str, Any]) -> None:
    """Write an archive that only its owner may read; there is a whole one or none.

    Raises :class:`ArchiveError` when the file is there already or can't be written.
    """
    if file.exists():
        raise ArchiveError(f"{file} is there already: a backup is never overwritten")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
            _write(raw, members, about)
            os.fsync(raw.fileno())
        part.rename(file)
    except OSError as error:
        raise ArchiveError(f"{file} can't be written: {error}") from None
    finally:
        part.unlink(missing_ok=True)


def extract(file: Path, into: Path) -> dict[str, Any]:
    """Take an archive's files out into a directory; the manifest.

    Raises :class:`ArchiveError` unless every file is there as it was put in, and nothing else.
    """
    try:
        with tarfile.open(file, "r:") as tar:
            hashes = {member.name: _take(tar, member, into) for member in tar}
        text = (into / MANIFEST).read_bytes()
        sealed = (into / SEAL).read_text(encoding="ascii") == hashlib.sha256(text).hexdigest()
        manifest = cast(dict[str, Any], json.loads(text))
        whole = hashes == manifest["files"] | {one: hashes[one] for one in (MANIFEST, SEAL)}
    except FileNotFoundError as error:
        missing = "there is no such file" if error.filename == str(file) else "it is cut off"
        raise ArchiveError(f"{file} is no whole backup: {missing}") from None
    except _UNREADABLE as error:
        raise ArchiveError(f"{file} is no whole backup: {error}") from None
    if not sealed or not whole:
        raise ArchiveError(f"{file} is damaged: a file in it isn't the one that was put in")
    if manifest.get("format") != FORMAT:
        raise ArchiveError(f"{file} is a backup of an unknown format: {manifest.get('format')}")
    return manifest


def _write(raw: IO[bytes], members: Mapping[str, Path], about: Mapping[str, Any]) -> None:
    with tarfile.open(fileobj=raw, mode="w") as tar:
        files = {name: _add(tar, name, path) for name, path in members.items()}
        manifest = json.dumps({"format": FORMAT, **about, "files": files}, indent=1).encode()
        _add_bytes(tar, MANIFEST, manifest)
        _add_bytes(tar, SEAL, hashlib.sha256(manifest).hexdigest().encode())


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    with path.open("rb") as content:
        hashed = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        tar.addfile(_member(name, os.fstat(content.fileno()).st_size), content)
    return hashed


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    tar.addfile(_member(name, len(content)), io.BytesIO(content))


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> str:
    name = PurePosixPath(member.name)
    content = tar.extractfile(member) if member.isreg() else None
    if content is None or name.is_absolute() or ".." in name.parts:
        raise ValueError("it has something else than plain files in it")
    target = into / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        shutil.copyfileobj(content, copy)
    with target.open("rb") as copy:
        return hashlib.file_digest(copy, "sha256").hexdigest()
