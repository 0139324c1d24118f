"""A check of the scripts against the catalogues: no sentence is named that can't be said.

Scripts write ``Sentence("called-menu", accept=...)`` with the id (or ``"one" if so else "other"``)
and the slots spelled out, so that they can be found by reading the source, without running a call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ivr_prompts.catalogue import Catalogue

SPOKEN_BY_DIALPLAN = frozenset(
    {
        *("sorry", "one-minute-left", "caller-hung-up", "caller-left", "time-is-over", "overlay"),
        "call-ended-by-order",
        *("hotline-offer", "hotline-connecting", "hotline-called", "hotline-failed", "line-test"),
    }
)
"""Sentences that the dialplan plays by itself, by the name of their one sound file."""

OFFERS = frozenset({"language-offer", "language-offer-pound"})
"""Sentences that are said to those who hear another language, as one sound file each."""


class UnreadableSentenceError(Exception):
    """A script builds a sentence from values that only a running call knows."""


@dataclass(frozen=True)
class Named:
    """One ``Sentence(...)`` in a script."""

    file: Path
    line: int
    id: str
    slots: frozenset[str]


def named_prompts(paths: Iterable[Path]) -> list[Named]:
    """Every sentence named in the Python files and below the folders ``paths``.

    Raises :class:`UnreadableSentenceError` where an id isn't a literal or slots are unpacked.
    """
    files = sorted(file for path in paths for file in _python_files(path))
    return [named for file in files for named in _named_in(file)]


def faults(named: Iterable[Named], catalogue: Catalogue) -> list[str]:
    """What can't be said in the catalogue's language, one line each, with file and line."""
    return [
        f"{one.file}:{one.line}: {why}"
        for one in named
        if (why := _fault(one, catalogue)) is not None
    ]


def unused(named: Iterable[Named], catalogue: Catalogue) -> list[str]:
    """The catalogue's sentences that neither a script nor the dialplan says."""
    used = {one.id for one in named} | SPOKEN_BY_DIALPLAN | OFFERS
    return sorted(set(catalogue.sentences) - used)


def _python_files(path: Path) -> Iterator[Path]:
    return path.rglob("*.py") if path.is_dir() else iter([path])


def _named_in(file: Path) -> Iterator[Named]:
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node.func) == "Sentence":
            yield from _named(file, node)


def _called(function: ast.expr) -> str | None:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else None


def _named(file: Path, call: ast.Call) -> list[Named]:
    slots = frozenset(keyword.arg for keyword in call.keywords if keyword.arg is not None)
    ids = _ids(call.args[0]) if len(call.args) == 1 else []
    if not ids or len(slots) != len(call.keywords):
        raise UnreadableSentenceError(
            f"{file}:{call.lineno}: write the sentence's id and slots out: they must be checked"
        )
    return [Named(file, call.lineno, sentence_id, slots) for sentence_id in ids]


def _ids(written: ast.expr) -> list[str]:
    """The literal ids that an expression may be; empty when only a running call knows."""
    match written:
        case ast.Constant(value=str(sentence_id)):
            return [sentence_id]
        case ast.IfExp(body=body, orelse=orelse):
            either = _ids(body), _ids(orelse)
            return [*either[0], *either[1]] if all(either) else []
    return []


def _fault(one: Named, catalogue: Catalogue) -> str | None:
    template = catalogue.sentences.get(one.id)
    if template is None:
        return f"{one.id} is not in the {catalogue.language} catalogue"
    if one.slots != template.slots.keys():
        return f"{one.id} has the slots {', '.join(sorted(template.slots)) or 'none'}"
    return None
