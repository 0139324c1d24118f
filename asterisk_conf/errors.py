"""The one error of this room."""

from __future__ import annotations


class AsteriskError(Exception):
    """Asterisk can't be had, set up or asked; the message says why and how to mend it."""
