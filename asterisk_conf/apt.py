"""What the host's apt says about where Debian packages come from."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.errors import AsteriskError

ETC = Path("/etc/apt")
_SIDE_SUITES = ("-security", "-updates", "-backports", "-debug", "-proposed-updates", "/updates")


@dataclass(frozen=True)
class Mirror:
    """A Debian archive: its address, and the keyring the host trusts it by (when it says one)."""

    uri: str
    keyring: Path | None = None


@dataclass(frozen=True)
class _Source:
    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""


def debian_mirror(etc: Path = ETC) -> Mirror:
    """Find the host's mirror of Debian itself: an archive with a release's main component.

    Raises :class:`AsteriskError` when no such source is configured.
    """
    for source in _sources(etc):
        if _is_debian_main(source):
            keyring = Path(source.signed_by) if source.signed_by.startswith("/") else None
            return Mirror(source.uri, keyring)
    raise AsteriskError(
        f"no Debian mirror among the package sources in {etc}: put an asterisk 22 on the PATH, "
        "or add a source for Debian's main archive"
    )


def valid_until_option() -> str | None:
    """Give the host's own Check-Valid-Until setting as an apt option, when it has one.

    A mirror that stands still has release files past their date; the host then says so.
    """
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    for line in dump.stdout.splitlines():
        if line.startswith("Acquire::Check-Valid-Until "):
            return line.rstrip(";")
    return None


def _is_debian_main(source: _Source) -> bool:
    release = any(not suite.endswith(_SIDE_SUITES) for suite in source.suites)
    path = source.uri.rstrip("/").rsplit("/", 1)[-1]
    return release and "main" in source.components and path.startswith("debian")


def _sources(etc: Path) -> Iterator[_Source]:
    folder = etc / "sources.list.d"
    for file in [etc / "sources.list", *sorted(folder.glob("*"))]:
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        if file.suffix == ".sources":
            yield from _deb822(text)
        elif file.suffix == ".list":
            yield from _one_line(text)


def _one_line(text: str) -> Iterator[_Source]:
    for line in text.splitlines():
        kind, _, rest = line.split("#")[0].strip().partition(" ")
        if kind != "deb":
            continue
        options, rest = _options(rest.strip())
        uri, *words = [*rest.split(), ""]
        words = words[:-1]
        if uri and words:
            yield _Source(uri, (words[0],), tuple(words[1:]), options.get("signed-by", ""))


def _options(rest: str) -> tuple[dict[str, str], str]:
    if not rest.startswith("["):
        return {}, rest
    inside, _, after = rest[1:].partition("]")
    pairs = (word.partition("=") for word in inside.split())
    return {name.lower(): value for name, _, value in pairs}, after


def _deb822(text: str) -> Iterator[_Source]:
    for stanza in _stanzas(text):
        if "deb" not in stanza.get("types", "").split() or stanza.get("enabled") == "no":
            continue
        for uri in stanza.get("uris", "").split():
            yield _Source(
                uri,
                tuple(stanza.get("suites", "").split()),
                tuple(stanza.get("components", "").split()),
                stanza.get("signed-by", ""),
            )


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    stanza: dict[str, str] = {}
    name = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if stanza:
                yield stanza
            stanza = {}
        elif line[0] in " \t":
            stanza[name] += " " + line.strip()
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            stanza[name] = value.strip()
