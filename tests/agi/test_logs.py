"""Log lines carry the id of their call."""

from __future__ import annotations

import contextvars
import io
import logging
from collections.abc import Iterator

import pytest

from agi import logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logs.set_up(stream)
    yield stream
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)


def _of_one_call(call_id: str, text: str) -> None:
    logs.bind(call_id)
    logging.getLogger("elsewhere").info("said %s", text)


def test_lines_of_two_calls_are_told_apart(lines: io.StringIO) -> None:
    for call_id in ("C1", "C2"):
        contextvars.copy_context().run(_of_one_call, call_id, "hello")
    logging.getLogger("server").info("no call")
    first, second, third = lines.getvalue().splitlines()
    assert first.endswith(" INFO C1 elsewhere: said hello")
    assert second.endswith(" INFO C2 elsewhere: said hello")
    assert third.endswith(" INFO - server: no call")


def test_no_text_passes_for_a_line_of_another_call(lines: io.StringIO) -> None:
    contextvars.copy_context().run(_of_one_call, "C1", "x\n2026 INFO C2 server: forged")
    assert all(" INFO C1 elsewhere: " in line for line in lines.getvalue().splitlines())


def test_a_traceback_is_found_by_its_call(lines: io.StringIO) -> None:
    logs_of = contextvars.copy_context()
    logs_of.run(logs.bind, "C1")
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        logs_of.run(logging.getLogger("script").exception, "failed")
    written = lines.getvalue().splitlines()
    assert all(" ERROR C1 script: " in line for line in written)
    assert written[-1].endswith("RuntimeError: boom")
