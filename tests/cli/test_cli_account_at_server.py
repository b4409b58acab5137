"""Accounts as administrators set them up, at a real Dovecot: what was set is what is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import Command
from desk import mail
from dovecot import HOST, Dovecot, Mailbox


@pytest.mark.parametrize("protocol", ["imap", "imaps", "pop3", "pop3s"])
def test_a_file_of_an_application_server_leads_into_the_mailbox(
    acme: Command,
    dovecot: Dovecot,
    mailbox: Mailbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    protocol: str,
) -> None:
    """JavaMail's names, the password by the environment, the authority by its file."""
    mailbox.deliver(mail("Hello", 1))
    monkeypatch.setenv("MAIL_PASSWORD", mailbox.password)
    file, authority = tmp_path / "mail.properties", tmp_path / "authority.pem"
    authority.write_text(dovecot.authority)
    lines = [
        f"mail.store.protocol={protocol}",
        f"mail.{protocol}.host={HOST}",
        f"mail.{protocol}.port={dovecot.port(protocol)}",
        f"mail.{protocol}.user={mailbox.user}",
        f"mail.{protocol}.password=${{{{MAIL_PASSWORD}}}}",
        f"mail.{protocol}.ssl.protocols=TLSv1.3",
        f"mail.{protocol}.connectiontimeout=10000",
    ]
    if not protocol.endswith("s"):
        lines.append(f"mail.{protocol}.starttls.required=true")
    file.write_text("\n".join(lines))
    words = ("--properties", str(file), "--ca", str(authority))
    added = acme.run("account", "add", "support", *words, password=None)
    assert added.exit_code == 0, added.output
    steps = acme.json("account", "test", "support")["steps"]
    states = {one["step"]: one["state"] for one in steps}
    assert set(states.values()) == {"ok"}, steps
    assert "TLSv1.3" in next(one["text"] for one in steps if one["step"] == "tls")


def test_another_password_or_authority_leads_nowhere_until_it_is_mended(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox, tmp_path: Path
) -> None:
    """Each failed step has its name; `edit` mends it, and nothing else of the account changes."""
    authority, password = tmp_path / "authority.pem", tmp_path / "password.txt"
    authority.write_text(dovecot.authority)
    password.write_text(f"{mailbox.password}\n")
    here = ("--host", HOST, "--port", str(dovecot.port("imaps")), "--user", mailbox.user)
    acme.ok("account", "add", "support", *here)

    def failed_step() -> str | None:
        steps = json.loads(acme.run("account", "test", "support", "--json").stdout)["steps"]
        return next((one["step"] for one in steps if one["state"] == "failed"), None)

    assert failed_step() == "tls"
    acme.ok("account", "edit", "support", "--ca", str(authority))
    assert failed_step() == "login"
    acme.ok("account", "edit", "support", "--password-file", str(password))
    assert failed_step() is None
    acme.ok("account", "edit", "support", "--folder", "Nowhere")
    assert failed_step() == "folder"
    acme.ok("account", "edit", "support", "--folder", "INBOX", "--mechanism", "scram-sha-256")
    assert failed_step() is None
