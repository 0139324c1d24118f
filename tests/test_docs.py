"""The documentation against the code: its tables, its links, its commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import get_type_hints

import click
import pytest

from agi.scripts.refusals import REFUSALS
from calls.reasons import Reason
from calls.states import Cause
from ivr_prompts.catalogue import load_all
from ivr_prompts.saying import text
from parloir import picture
from parloir.main import main
from store.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md"))
    if not path.parent.name.startswith(".")
)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$|^((?: {4}.*\n)+)|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
# Only where it begins a line or stands alone, after a prompt, a path or a unit's key.
COMMAND = re.compile(r"(?:^|\$ |[/=]|\.venv/bin/)parloir((?: [^\s#&→]+)+)", re.MULTILINE)
MAKE = re.compile(r"(?:^|\$ |&& )make ([a-z]+)", re.MULTILINE)
AMOUNT = re.compile(r"-\d+\.\d\d")
NO_DEFAULT = "the file's own directory"


def code(page: str) -> Iterator[str]:
    """The code blocks and code words of a page, drawings left out."""
    for kind, fenced, indented, inline in BLOCK.findall(page):
        if kind != "mermaid":
            yield re.sub(r"^ {4}", "", fenced or indented or inline, flags=re.MULTILINE)


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table whose first head cell is ``heading``."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip().strip("`") for cell in line.strip("|").split(" | ")])
    return [[cell.strip(" |`") for cell in row] for row in table]


def settings(kind: type, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every setting with its default as a person would write it."""
    hints = get_type_hints(kind)
    for one in fields(kind):
        inner = hints[one.name]
        if is_dataclass(inner) and isinstance(inner, type):
            yield from settings(inner, f"{prefix}{one.name}.")
        else:
            default = NO_DEFAULT if one.default is MISSING else one.default
            yield f"{prefix}{one.name}", str(default or "")


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def fault(words: list[str]) -> str | None:
    """Why these words after ``parloir`` are no command line, or None."""
    command: click.Command = main
    while words:
        word = words.pop(0)
        if word.startswith("-") and not AMOUNT.fullmatch(word):
            options = {
                name: one for one in command.params for name in (*one.opts, *one.secondary_opts)
            }
            if word not in options and word not in ("-h", "--help"):
                return f"{command.name} has no option {word}"
            if command is main and word == "--settings":
                words.pop(0)
        elif isinstance(command, click.Group):
            if word not in command.commands:
                return f"{command.name} has no command {word}"
            command = command.commands[word]
    return None


def test_the_operators_are_told_every_setting_and_its_default() -> None:
    told = {row[0]: row[1] for row in rows("docs/operators.md", "setting")}
    known = dict(settings(Settings))
    assert told.keys() == known.keys()
    for name, default in known.items():
        assert told[name] == default if default else told[name].startswith(("empty", "none")), name


def test_the_staff_are_told_every_refusal_as_it_is_said() -> None:
    told = {row[0]: row[1] for row in rows("docs/facility-staff.md", "code")}
    catalogue = load_all()["en"]
    assert told == {str(one.code): text(catalogue, REFUSALS[one]) for one in Reason}


def test_the_staff_are_told_every_cause_of_an_end() -> None:
    told = [row[0] for row in rows("docs/facility-staff.md", "cause of the end")]
    assert told == [cause.value for cause in Cause]


def test_the_picture_of_a_calls_life_is_the_codes() -> None:
    assert (ROOT / "docs/call-states.md").read_text(encoding="utf-8") == picture.page()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in headings(target)):
            dead.append(f"{path}#{anchor}")
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    every = "\n".join(code(page.read_text(encoding="utf-8")))
    lines = [line.strip() for line in COMMAND.findall(every)]
    assert [f"parloir {line}: {why}" for line in lines if (why := fault(line.split()))] == []
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall(every)) <= targets


def test_commands_are_looked_for() -> None:
    page = "Say `parloir cdr list --limit 3`.\n\n    $ parloir nonsense\n    make tea\n"
    every = "\n".join(code(page))
    assert COMMAND.findall(every) == [" cdr list --limit 3", " nonsense"]
    assert MAKE.findall(every) == ["tea"]
    assert fault(["cdr", "list", "--limit", "3"]) is None
    assert fault(["--settings", "x", "cdr", "list", "--depth", "3"]) == "list has no option --depth"
    assert fault(["nonsense"]) == "main has no command nonsense"
