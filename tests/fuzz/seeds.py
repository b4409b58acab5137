"""What fuzzing begins with: the messages and dialogues of the other tests."""

from __future__ import annotations

import re
from pathlib import Path

from corpus import MESSAGES

LONGEST = 4096
"""Octets of one input."""

TESTS = Path(__file__).parent.parent
_COMMAND = re.compile(r"C: (\w+ [A-Za-z].*)")
_KINDS = {"search": "SEARCH ", "fetch": "FETCH ", "mailbox": "SELECT "}


def commands() -> list[bytes]:
    """Every line that a client says in the tests' dialogues, each once."""
    found = {
        line.encode()
        for file in sorted((TESTS / "session").glob("*.py"))
        for line in _COMMAND.findall(file.read_text(encoding="utf-8"))
    }
    return sorted(found)


def of(target: str) -> list[bytes]:
    """For a target of targets.py; the options that framing and receiver take come first."""
    if target in ("framing", "receiver"):
        return [b"\x03" + bytes([at % 8]) + line + b"\r\n" for at, line in enumerate(commands())]
    if target == "session":
        return [bytes([8 + at % 120]) + line + b"\r\n" for at, line in enumerate(commands())]
    if target == "grammar":
        return commands()
    if target == "mask":
        secret = [
            b"a LOGIN zqxzqx zqxzqx",
            b"TEXT zqxzqx",
            b"OR KEYWORD b TO zqxzqx HEADER x zqxzqx",
        ]
        return [*commands(), *secret]
    if target in _KINDS:
        kind = _KINDS[target]
        return [
            arguments.encode()
            for line in map(bytes.decode, commands())
            if (arguments := line.partition(kind)[2])
        ]
    if target == "undone":
        encoded = b"Content-Transfer-Encoding: base64\n\nR3LDvMOfZQAB\n"
        return [b"\x02\x03" + one for one in (*MESSAGES.values(), encoded)]
    if target == "sets":
        return [b"1:*", b"1,2:4,*", b"7:3", b"*:1,2"]
    if target == "markup":
        return [one for one in MESSAGES.values() if b"html" in one.lower()]
    return list(MESSAGES.values())
