"""What all commands have in common."""

from __future__ import annotations

import mmap
from dataclasses import dataclass

Content = bytes | mmap.mmap
"""The octets of a literal."""


@dataclass(frozen=True, slots=True)
class Command:
    """Base of all commands; the tag travels beside it."""
