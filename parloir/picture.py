"""``make docs``: the life of a call as a page of the docs, made from the table of states."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click

from agi.scripts.told import called_hears, caller_hears
from calls.states import EXITS, FOLLOWS, Cause, State
from ivr_prompts.catalogue import Catalogue, load
from ivr_prompts.saying import Sentence, text

HEADING = """# The life of a call

Made by `make docs` from the table of states (`calls/states.py`) and the table of what is told
(`agi/scripts/told.py`): don't edit it by hand. A state's time of entry stands on the CDR. Every
state but `ended` may end the call; the causes are those of the CDR. Whoever has hung up, or whose
line is dead, hears nothing any more. A PIN that is locked has a sentence of its own, with the time.
"""
REASON = "the reason, with its code"
Tells = Callable[[State, Cause], Sentence | None]


def page() -> str:
    """The life of a call as Markdown: states, exits, and what each party hears."""
    return "\n".join(_page(load("en"))) + "\n"


def _page(words: Catalogue) -> Iterator[str]:
    yield HEADING
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.OFFHOOK}"
    for state, following in FOLLOWS.items():
        yield from (f"    {state} --> {one}" for one in State if one in following)
    yield f"    {State.ENDED} --> [*]"
    yield "```"
    for state in State:
        if EXITS[state]:
            yield from _exits(state, words)


def _exits(state: State, words: Catalogue) -> Iterator[str]:
    yield f"\n## {state}\n"
    yield "| ends by | the caller hears | the called party hears |"
    yield "|---|---|---|"
    for cause in Cause:
        if cause in EXITS[state]:
            hears = (_said(tells, state, cause, words) for tells in (caller_hears, called_hears))
            yield f"| `{cause}` | {' | '.join(hears)} |"


def _said(tells: Tells, state: State, cause: Cause, words: Catalogue) -> str:
    if cause is Cause.REFUSED and tells is caller_hears:
        return REASON
    sentence = tells(state, cause)
    return f"“{text(words, sentence)}”" if sentence else ""


if __name__ == "__main__":
    click.echo(page(), nl=False)
