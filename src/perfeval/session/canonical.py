"""One byte string for equal content (RFC 8785 canonical JSON), and its SHA-256."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import rfc8785


def canonical(data: Any) -> bytes:
    """Return the RFC 8785 canonical JSON of plain data: one byte string for equal content."""
    return rfc8785.dumps(data)


def digest(data: Any) -> str:
    """Return the SHA-256 of the canonical JSON, in hexadecimal."""
    return sha256(canonical(data)).hexdigest()
