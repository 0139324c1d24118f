"""The number that a lawyer calls from the own line, to hear whether that line is registered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr_prompts.saying import Digits, Sentence
from phones.phone import Phone
from tests.calls.conftest import REGISTERED_NUMBER
from tests.calls.scene import Scene, vocabulary

LAWYER = "6145550111"
DIGITS = Digits(LAWYER)


@contextmanager
def asking(scene: Scene, shown: str, folder: Path) -> Iterator[Phone]:
    """A line outside that shows this number, in a call to the registry."""
    sip = scene.stack.settings.asterisk
    registrar = f"{sip.bind}:{sip.sip_port}"
    with Phone(shown, folder, registrar=registrar, vocabulary=vocabulary(scene.sounds)) as phone:
        scene.languages[shown] = "en"
        phone.call(REGISTERED_NUMBER)
        phone.wait_connected()
        yield phone
        phone.hangup()


def test_whoever_asks_hears_of_the_own_number(scene: Scene, tmp_path: Path) -> None:
    with asking(scene, LAWYER, tmp_path / "first") as phone:
        scene.told(phone, Sentence("registered-not", number=DIGITS))
        phone.press("9")
        scene.languages[LAWYER] = "es"
        scene.told(phone, Sentence("registered-not", number=DIGITS))
    scene.order("privilege", "add", LAWYER, "--proof", "letter", "--facility", "quiet")
    with asking(scene, f"1{LAWYER}", tmp_path / "second") as phone:
        scene.told(phone, Sentence("registered-partly", number=DIGITS))
    scene.order("privilege", "add", LAWYER, "--proof", "letter")
    with asking(scene, f"+1{LAWYER}", tmp_path / "third") as phone:
        scene.told(phone, Sentence("registered-everywhere", number=DIGITS))
        phone.press("0")
        scene.told(phone, Sentence("registered-everywhere", number=DIGITS))
    with asking(scene, "anonymous", tmp_path / "fourth") as phone:
        scene.told(phone, Sentence("registered-hidden"))
    scene.lift()
    scene.begins(scene.alex, "enter-id")
    scene.alex.hangup()
