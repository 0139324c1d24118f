"""What the database keeps instead of a PIN.

A PIN of four digits can be tried out whatever the hash, so it is kept as an HMAC under a key
outside the database.
"""

from __future__ import annotations

import hashlib
import hmac
import re

PIN = re.compile(r"[0-9]{4,6}")


def pin_hash(key: bytes, person_id: str, pin: str) -> str:
    """What the database keeps instead of the PIN."""
    return hmac.new(key, f"{person_id}:{pin}".encode(), hashlib.sha256).hexdigest()
