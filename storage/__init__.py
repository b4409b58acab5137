"""Rows and transactions; no rules. The only room that knows which database stands below."""

from storage.engine import Database, Tx

__all__ = ["Database", "Tx"]
