"""What happened to activities is carried out after the commit: mail is made of them, people are
told."""

from __future__ import annotations

from storage import Database


def carry_out(db: Database, most: int = 100) -> int:
    """Takes the oldest events (storage.events), at most `most`, in order, and carries each out; how
    many are gone. One that fails is noted on its activity and reported, and never stops the others.
    Raises Unavailable.

    Still missing: all of it."""
    raise NotImplementedError
