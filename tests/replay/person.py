"""Somebody with a telephone: what they hear, and what they press then."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

HANG_UP = "!"
WAIT = "w"
"""Press nothing until the question is over."""

Respond = Callable[[str], str]
"""What is pressed when this sound begins: keys, ``HANG_UP`` and ``WAIT`` among them."""


class Person:
    """``heard`` is every sound that began, in order. Who has nothing left to press is silent."""

    def __init__(self, respond: Respond) -> None:
        self.heard: list[str] = []
        self._respond = respond
        self._keys: deque[str] = deque()

    def hear(self, sound: str) -> None:
        """A sound begins."""
        self.heard.append(sound)
        self._keys += self._respond(sound)

    def hangs_up(self) -> bool:
        """Whether the next thing this person does is to hang up."""
        return bool(self._keys) and self._keys[0] == HANG_UP

    def presses(self, keys: str) -> str:
        """The next key, if it is one of these."""
        return self._keys.popleft() if self._keys and self._keys[0] in keys else ""

    def waits(self) -> None:
        """A question ends in silence."""
        self.presses(WAIT)


def answering(answers: Mapping[str, str]) -> Respond:
    """Keys by sound. Several answers, parted by blanks, are given in turn; the last one again."""
    turns = {sound: deque(keys.split(" ")) for sound, keys in answers.items()}

    def respond(sound: str) -> str:
        turn = turns.get(sound, deque([""]))
        return turn.popleft() if len(turn) > 1 else turn[0]

    return respond


def typing(keys: str) -> Respond:
    """These keys one after the other, each as soon as any is taken."""
    left = [keys]
    return lambda sound: left.pop() if left else ""
