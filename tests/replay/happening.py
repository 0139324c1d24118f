"""How a replayed call goes, as far as it isn't up to the scripts, and what can be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.replay.line import Fault, Leg

if TYPE_CHECKING:
    from tests.replay.dialplan import Dialplan

Act = Fault | bytes | Callable[["Dialplan"], None]
Place = tuple[str, int]
"""A script (``ended`` with its leg: ``ended caller``) and a command of it, from 0."""


@dataclass
class Happening:
    """``at`` says what happens instead of the answer to a command of a script (a fault, or these
    bytes) or before it (anything else). ``header`` stands in the opening of every session.
    """

    dial: str = "ANSWER"
    cause: str = "17"
    """Q.850, of a dial that nobody answers."""
    early_ms: str = ""
    ring_ms: int = 4000
    talk_ms: int = 61_500
    ended_by: str = "called"
    """Who ends the talk: ``caller``, ``called``, or whose sound is lost: ``lost caller``,
    ``lost called``. A talk that is long enough is ended by the limit."""
    renews: bool = True
    """Whether the monitor is there, which renews a talk's money."""
    bridges: bool = True
    over_first: bool = False
    """Whether the caller is told of the called leg's end before that is reported."""
    redirect_lag: int = 0
    """How many commands a script still gets through when the other leg's end sends its leg on."""
    machine: str = ""
    """What Asterisk takes the called party for: ``MACHINE``, ``HUMAN``."""
    fax: int | None = None
    """After how many commands of the called party's menu a fax's tone is heard."""
    speaks: bool = True
    """Whether the caller says anything when a name is asked for."""
    most_calls: int = 3
    """With the next one the caller hangs up while it rings."""
    at: Mapping[Place, Act] = field(default_factory=dict)
    server_up: bool = True
    header: bytes = b""


@dataclass
class Outcome:
    """What can be said of an off-hook when it is over."""

    caller: Leg
    called: Leg
    called_legs: list[Leg] = field(default_factory=list)
    commands: dict[str, list[list[str]]] = field(default_factory=dict)
    finished: dict[str, bool] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def call_ids(self) -> list[str]:
        """The calls in their order."""
        return self.caller.call_ids

    @property
    def call_id(self) -> str:
        """The last call's id, empty when none ever came to be."""
        return self.call_ids[-1] if self.call_ids else ""

    @property
    def was_called(self) -> bool:
        """Whether anybody answered."""
        return bool(self.called_legs)
