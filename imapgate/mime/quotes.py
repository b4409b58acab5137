"""Where the reply ends and the quoted mail begins."""

from __future__ import annotations


def own_text(body: str) -> str:
    """The body up to the quoted reply; the whole body if nothing would be left (DESIGN rule 10)."""
    raise NotImplementedError
