"""`imapgate init` and `imapgate serve` as the README sets it up for real."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from running import HOST, start

from imapgate.cli.main import imapgate


def test_what_init_and_the_next_commands_make_is_served(tmp_path: Path) -> None:
    """init, group, creator, member, serve: a mail is dropped, by the ports that serve tells."""
    data = tmp_path / "data"

    def run(*words: str) -> None:
        environ = {"IMAPGATE_PASSWORD": "anna's own"}
        done = CliRunner().invoke(imapgate, ["--data", str(data), *words], env=environ)
        assert done.exit_code == 0, done.output

    run("init", "--segment", "Acme", "--admin", "anna")
    (data / "imapgate.toml").write_text("[limits]\nmessage = 1000\n")
    run("group", "add", "tracker", "Support")
    run("creator", "add", "Support E-Mails", "--type", "E-Mail", "--group", "Support")
    running = start(data, "serve")
    try:
        assert running.told.startswith(f"Listening on {HOST}: port {running.port} ")
        run("member", "set", "Support", "anna", "manager")
        client = running.imap("anna@acme", "anna's own")
        assert client.append("Trackers/Support", "", "", b"Subject: a\r\n\r\nb\r\n")[0] == "OK"
        status, answer = client.append("Trackers/Support", "", "", b"x" * 1001)
        assert (status, b"[TOOBIG]" in answer[0]) == ("NO", True)
        client.logout()
        rows = running.json("activity", "list")
        assert [(row["number"], row["name"]) for row in rows] == [(10000001, "a")]
    finally:
        code, log = running.stop()
    assert code == 0, log
    assert "Traceback" not in log
    assert "anna's own" not in log
