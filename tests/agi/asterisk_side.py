"""How Asterisk reads a command: its splitting rules, written down for the proofs."""

from __future__ import annotations


def words_of(line: bytes) -> list[str]:
    """Split one command: blanks and tabs part, quotes group, a backslash frees the next."""
    words: list[str] = []
    inside = quoted = escaped = False
    for character in line.decode("utf-8").removesuffix("\n"):
        blank = character in " \t" and not quoted and not escaped
        if blank:
            inside = False
            continue
        if not inside:
            words.append("")
            inside = True
        if character == '"' and not escaped:
            quoted = not quoted
        elif character == "\\" and not escaped:
            escaped = True
            continue
        else:
            words[-1] += character
        escaped = False
    assert not quoted, line
    return words
