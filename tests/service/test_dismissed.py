"""An account that the command line closes, in another process, is out at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import Running

COMMANDS = {
    "Your account has been closed.": ("user", "disable", "alice@Standard"),
    "Your password has been changed": ("user", "passwd", "alice@Standard"),
    "The selected folder is gone": ("member", "remove", "Support", "alice@Standard"),
}


@pytest.mark.parametrize("why", COMMANDS)
def test_the_server_speaks_first(demo: Running, why: str, tmp_path: Path) -> None:
    """A session that says nothing and one in IDLE hear BYE without a word of their own; bob's
    goes on."""
    secret = tmp_path / "password"
    secret.write_text("another one\n")
    idle, silent, bob = demo.imap(), demo.imap(), demo.imap("bob@Standard")
    for client in (idle, silent, bob):
        assert client.select("Trackers/Support")[0] == "OK"
    idle.send(b"i IDLE\r\n")
    assert idle.readline().startswith(b"+")
    rest = ("--password-file", str(secret)) if "passwd" in COMMANDS[why] else ()
    demo.command(*COMMANDS[why], *rest)
    for client in (idle, silent):
        assert client.readline().startswith(b"* BYE " + why.encode())
        assert client.readline() == b""
        client.shutdown()
    assert bob.noop()[0] == "OK"
    bob.logout()
