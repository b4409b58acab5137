"""Mozilla's file: what its readers demand, and nothing about anybody."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from imapgate.client_setup.account import ADDRESS, account
from imapgate.client_setup.autoconfig import autoconfig, for_everybody
from imapgate.settings import Outgoing, Settings


def _texts(content: bytes, path: str) -> dict[str, str]:
    found = ElementTree.fromstring(content).find(path)
    assert found is not None
    return {one.tag: one.text or "" for one in found if isinstance(one.tag, str)}


def test_the_file_names_both_servers_with_the_client_s_placeholders(far: Settings) -> None:
    """In the words of config-v1.1."""
    content = for_everybody(far)
    root = ElementTree.fromstring(content)
    provider = root.find("emailProvider")
    assert (root.tag, root.get("version")) == ("clientConfig", "1.1")
    assert provider is not None
    assert (provider.get("id"), provider.findtext("domain")) == ("%EMAILDOMAIN%", "%EMAILDOMAIN%")
    assert [(one.tag, one.get("type")) for one in provider][-2:] == [
        ("incomingServer", "imap"),
        ("outgoingServer", "smtp"),
    ]
    assert _texts(content, "emailProvider/incomingServer") == {
        "hostname": "imap.acme.example",
        "port": "993",
        "socketType": "SSL",
        "authentication": "password-cleartext",
        "username": "%EMAILADDRESS%",
    }
    assert _texts(content, "emailProvider/outgoingServer") == {
        "hostname": "smtp.acme.example",
        "port": "587",
        "socketType": "STARTTLS",
        "authentication": "password-cleartext",
        "username": "%EMAILADDRESS%",
    }


def test_without_an_smtp_server_the_client_s_own_sends(near: Settings) -> None:
    """Thunderbird refuses a file without one."""
    content = for_everybody(near)
    assert _texts(content, "emailProvider/incomingServer")["socketType"] == "plain"
    outgoing = _texts(content, "emailProvider/outgoingServer")
    assert outgoing["useGlobalPreferredServer"] == "true"
    assert outgoing["hostname"] == "smtp.%EMAILDOMAIN%"


def test_a_server_without_sign_in_gets_no_name(near: Settings) -> None:
    chosen = replace(near, outgoing=Outgoing("relay.acme.example", 25, "none", "none"))
    assert _texts(for_everybody(chosen), "emailProvider/outgoingServer") == {
        "hostname": "relay.acme.example",
        "port": "25",
        "socketType": "plain",
        "authentication": "none",
    }


def test_a_login_that_is_no_address_stands_in_the_file_of_its_user(near: Settings) -> None:
    """Escaped, whatever it is called."""
    content = autoconfig(account(near, ADDRESS, ADDRESS, "a<b>&c@Büro"))
    assert _texts(content, "emailProvider/incomingServer")["username"] == "a<b>&c@Büro"
