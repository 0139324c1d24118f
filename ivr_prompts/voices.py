"""The voices: programs that turn words into sound files, each run as a separate program.

Piper is under the GPL, so its code never comes into this process; a voice takes seconds to load,
so one run of it speaks a whole batch.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ivr_prompts.catalogue import Voice

# No random variation: the same words give the same sound, so a rebuilt clip can be compared. A
# tenth slower than the voice's own pace, for numbers on a bad line.
_PIPER_OPTIONS = (
    *("--noise-scale", "0", "--noise-w-scale", "0"),
    *("--length-scale", "1.1", "--sentence-silence", "0.25"),
)
_ESPEAK_OPTIONS = ("-s", "150", "-g", "2")


class BuildError(Exception):
    """The prompts can't be built; the message is one line that says what to install or mend."""


def settings(voice: Voice) -> str:
    """Everything besides the words that decides how a clip sounds. Raises :class:`BuildError`."""
    if voice.engine == "espeak":
        return f"espeak {voice.name} {' '.join(_ESPEAK_OPTIONS)}"
    model = _piper_model(voice.name)
    packages = f"{_version('piper-tts')} {voice.name} {model.name} {model.stat().st_size}"
    return f"piper {packages} {' '.join(_PIPER_OPTIONS)}"


def speak(voice: Voice, texts: Sequence[str], folder: Path) -> Iterator[Path]:
    """Speak each text, one line each, into a file below ``folder``: yields the files in order.

    Words go to the voice as they are. Do not add a comma or a full stop to single words: a speech
    recogniser then took piper's *eight* for *eighteen* and *two* for *and*; without, none.

    Raises :class:`BuildError` when the voice is missing or gives up.
    """
    if voice.engine == "espeak":
        return _espeak(voice.name, texts, folder)
    return _piper(_piper_model(voice.name), texts, folder)


def need_program(name: str, package: str) -> str:
    """The program's path. Raises :class:`BuildError` that names the Debian package."""
    path = shutil.which(name)
    if path is None:
        raise BuildError(f"{name} is missing: apt-get install {package}")
    return path


def _piper(model: Path, texts: Sequence[str], folder: Path) -> Iterator[Path]:
    lines = folder / "lines.txt"
    lines.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    command = [sys.executable, "-m", "piper", "-m", str(model), "-i", str(lines)]
    command += ["-d", str(folder), *_PIPER_OPTIONS]
    run = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    line = ""
    with run:
        try:
            for line in run.stderr or ():
                _, found, path = line.rstrip("\n").partition("Wrote ")
                if found:
                    yield Path(path)
        except BaseException:
            run.kill()
            raise
    if run.returncode:
        raise BuildError(f"piper stopped: {line.strip()}")


def _piper_model(package: str) -> Path:
    voice = find_spec(package)
    if find_spec("piper") is None or voice is None or voice.origin is None:
        raise BuildError(
            f"piper-tts or {package.replace('_', '-')} is missing: pip install 'parloir[prompts]'"
        )
    models = sorted(Path(voice.origin).parent.glob("data/*.onnx"))
    if not models:
        raise BuildError(
            f"the package {package.replace('_', '-')} holds no voice: install it again"
        )
    return models[0]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        raise BuildError(f"{package} is missing: pip install 'parloir[prompts]'") from None


def _espeak(name: str, texts: Sequence[str], folder: Path) -> Iterator[Path]:
    program = need_program("espeak-ng", "espeak-ng")
    _refuse_unknown_voice(program, name)
    for place, text in enumerate(texts):
        target = folder / f"{place}.wav"
        command = [program, "-v", name, *_ESPEAK_OPTIONS, "--stdin", "-w", str(target)]
        run = subprocess.run(command, input=text, capture_output=True, text=True)
        if run.returncode or not target.is_file():
            raise BuildError(f"espeak-ng can't say {text!r}: {run.stderr.strip()}")
        yield target


def _refuse_unknown_voice(program: str, name: str) -> None:
    # Asked for a voice that it hasn't, espeak-ng speaks English and reports success.
    run = subprocess.run([program, "--voices"], capture_output=True, text=True)
    if name not in {line.split()[1] for line in run.stdout.splitlines() if line.strip()}:
        raise BuildError(f"espeak-ng has no voice {name}: espeak-ng --voices lists them")
