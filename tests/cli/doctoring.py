"""What tests of `imapgate doctor` do with it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

from command import Command

HELD = (
    "UPDATE folder SET (messages, octets) = (SELECT count(*), coalesce(sum(size), 0) FROM entry"
    " WHERE folder_id = folder.id)"
)
"""After entries were changed by hand: folders know how much stands in them."""


def sql(command: Command, *statements: str) -> None:
    with closing(sqlite3.connect(command.data / "imapgate.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def look(command: Command, *words: str) -> dict[str, dict[str, Any]]:
    """Every check by its name."""
    result = command.run("doctor", "--json", *words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    told = json.loads(result.stdout)
    found = {one["name"]: one for one in told["checks"]}
    problems = [name for name, one in found.items() if one["state"] == "problem"]
    assert told["healthy"] is (not problems)
    assert result.exit_code == (1 if problems else 0)
    return found


def broken(command: Command, *words: str) -> dict[str, list[str]]:
    """What the checks that aren't ok found."""
    return {
        name: one["found"] for name, one in look(command, *words).items() if one["state"] != "ok"
    }
