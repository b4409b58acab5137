"""Apple's profile: what the format demands, the same whenever it is made, and no secret."""

from __future__ import annotations

import plistlib
from dataclasses import replace
from typing import Any

from imapgate.client_setup.account import ADDRESS, account
from imapgate.client_setup.mobileconfig import mobileconfig
from imapgate.settings import Outgoing, Settings

ALICE = "alice@acme.example"
AUTHORITY = b"\x30\x03abc"


def _profile(settings: Settings, address: str = ALICE, authority: bytes | None = AUTHORITY) -> Any:
    login = "alice@Standard" if address == ADDRESS else address
    told = account(settings, "Alice", address, login)
    assert told.outgoing is not None
    return plistlib.loads(mobileconfig(told, told.outgoing, authority))


def test_the_profile_holds_the_account_and_the_authority(far: Settings) -> None:
    """com.apple.mail.managed and com.apple.security.root."""
    profile = _profile(far)
    mail, root = profile["PayloadContent"]
    assert profile["PayloadType"] == "Configuration"
    assert mail["PayloadType"] == "com.apple.mail.managed"
    assert (mail["EmailAccountType"], mail["EmailAddress"]) == ("EmailTypeIMAP", ALICE)
    assert mail["EmailAccountName"] == "Alice"
    assert {key: mail[key] for key in mail if key.startswith("Incoming")} == {
        "IncomingMailServerHostName": "imap.acme.example",
        "IncomingMailServerPortNumber": 993,
        "IncomingMailServerUseSSL": True,
        "IncomingMailServerAuthentication": "EmailAuthPassword",
        "IncomingMailServerUsername": ALICE,
    }
    assert {key: mail[key] for key in mail if key.startswith("OutgoingMail")} == {
        "OutgoingMailServerHostName": "smtp.acme.example",
        "OutgoingMailServerPortNumber": 587,
        "OutgoingMailServerUseSSL": True,
        "OutgoingMailServerAuthentication": "EmailAuthPassword",
        "OutgoingMailServerUsername": ALICE,
    }
    assert root["PayloadType"] == "com.apple.security.root"
    assert root["PayloadContent"] == AUTHORITY
    for payload in (profile, mail, root):
        assert payload["PayloadVersion"] == 1
        assert payload["PayloadIdentifier"]
    assert "IncomingPassword" not in mail
    assert "OutgoingPassword" not in mail


def test_each_payload_has_a_uuid_of_its_own_that_stays(far: Settings) -> None:
    """A device then replaces what it has, also where a port or an authority changed."""

    def uuids(settings: Settings, address: str = ALICE) -> list[str]:
        profile = _profile(settings, address)
        return [one["PayloadUUID"] for one in (profile, *profile["PayloadContent"])]

    first = uuids(far)
    assert len(set(first)) == 3
    assert uuids(replace(far, tls_port=1993)) == first
    assert not set(uuids(far, "bob@acme.example")) & set(first)


def test_what_isn_t_known_is_left_for_the_device_to_ask(near: Settings) -> None:
    """An address, a sign-in; without an authority of ours there is nothing to trust."""
    chosen = replace(near, outgoing=Outgoing("relay.acme.example", 25, "none", "address"))
    (mail,) = _profile(chosen, ADDRESS, None)["PayloadContent"]
    assert "EmailAddress" not in mail
    assert mail["IncomingMailServerUsername"] == "alice@Standard"
    assert mail["IncomingMailServerUseSSL"] is False
    assert mail["OutgoingMailServerAuthentication"] == "EmailAuthPassword"
    assert "OutgoingMailServerUsername" not in mail
    none = replace(near, outgoing=Outgoing("relay.acme.example", 25, "none", "none"))
    (mail,) = _profile(none, ALICE, None)["PayloadContent"]
    assert mail["OutgoingMailServerAuthentication"] == "EmailAuthNone"


def test_where_mail_is_submitted_one_password_is_asked_for(far: Settings) -> None:
    """imapgate's own; another server's is another."""
    submitting = replace(far, outgoing=Outgoing(), submission_tls_port=465)
    for settings, same in ((submitting, True), (far, False)):
        shown = account(settings, "Alice", ALICE, ALICE)
        assert shown.outgoing is not None
        mail, *_ = plistlib.loads(mobileconfig(shown, shown.outgoing, None))["PayloadContent"]
        assert mail["OutgoingPasswordSameAsIncomingPassword"] is same
        if same:
            assert mail["OutgoingMailServerPortNumber"] == 465
            assert mail["OutgoingMailServerUsername"] == ALICE
