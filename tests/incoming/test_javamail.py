"""JavaMail's names for an account's settings: what each means, and which mean nothing here."""

from __future__ import annotations

from typing import Any

import pytest

from imapgate.incoming.account import PROTOCOLS
from imapgate.incoming.settings.flat import BLANK
from imapgate.incoming.settings.javamail import understood
from imapgate.incoming.settings.properties import read
from imapgate.servers.server import Secrets


def look(
    text: str, named: dict[str, Any] | None = None, account: dict[str, Any] | None = None
) -> tuple[dict[str, Any], Secrets, list[str]]:
    found, faults = read(text.encode(), {"PASSWORD": "sesame"})
    told = understood(found, named or {}, account or {}, faults)
    return dict(told.values), told.secrets, [f"{one.line}: {one.text}" for one in faults]


def values(
    text: str, named: dict[str, Any] | None = None, account: dict[str, Any] | None = None
) -> dict[str, Any]:
    """All of a file without faults."""
    found, _, faults = look(text, named, account)
    assert faults == []
    return found


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_administrators_have_at_hand(protocol: str) -> None:
    """A file as it stands in an application server, of each protocol."""
    clear = not protocol.endswith("s")
    text = f"""
# Support
mail.store.protocol={protocol}
mail.{protocol}.host=mail.acme.example
mail.{protocol}.port=1{"143" if clear else "993"}
mail.{protocol}.user=support@acme.example
mail.{protocol}.password=${{{{PASSWORD}}}}
mail.{protocol}.timeout=20000
mail.{protocol}.connectiontimeout=45000
mail.{protocol}.ssl.protocols=TLSv1.2 TLSv1.3
mail.{protocol}.ssl.checkserveridentity=true
mail.{protocol}.auth.mechanisms=PLAIN
mail.{protocol}.auth.ntlm.disable=true
mail.{protocol}.auth.login.disable=false
mail.debug=false
""" + (f"mail.{protocol}.starttls.enable=true\n" if clear else "")
    found, secrets, faults = look(text)
    assert faults == []
    assert found == {
        "protocol": protocol,
        "host": "mail.acme.example",
        "port": 1143 if clear else 1993,
        "user": "support@acme.example",
        "timeout": 45.0,
        "lowest_tls": "1.2",
        "mechanism": "PLAIN",
        "authentication": "password",
        "debug": False,
    } | ({"security": "starttls"} if clear else {})
    assert secrets == Secrets(password="sesame")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("mail.imap.starttls.required=true", {"security": "starttls"}),
        (
            "mail.imap.starttls.required=true\nmail.imap.starttls.enable=false",
            {"security": "starttls"},
        ),
        ("mail.imap.starttls.enable=false", {"security": "none"}),
        ("mail.imap.ssl.enable=true", {"protocol": "imaps"}),
        ("mail.pop3.ssl.enable=true", {"protocol": "pop3s"}),
        ("mail.imaps.ssl.enable=true", {}),
        ("mail.imap.ssl.enable=false", {}),
        ("mail.imaps.ssl.protocols=TLSv1.2", {"lowest_tls": "1.2"}),
        ("mail.imaps.ssl.protocols=TLSv1.3", {"lowest_tls": "1.3"}),
        ("mail.imaps.ssl.protocols=tlsv1.3,TLSv1.2", {"lowest_tls": "1.2"}),
        ("mail.imaps.ssl.trust=*", {"verify": False}),
        (
            "mail.imaps.host=A.example\nmail.imaps.ssl.trust=b.example a.example",
            {"host": "A.example", "verify": False},
        ),
        ("mail.imaps.host=a.example\nmail.imaps.ssl.trust=b.example", {"host": "a.example"}),
        (
            "mail.imaps.auth.mechanisms=XOAUTH2",
            {"mechanism": "XOAUTH2", "authentication": "oauth"},
        ),
        ("mail.imaps.auth.xoauth2.disable=false", {}),
        ("mail.host=a.example\nmail.user=u\nmail.debug=true",
         {"host": "a.example", "user": "u", "debug": True}),
        ("mail.imap.host=i\nmail.host=h", {"host": "i"}),
        ("mail.store.protocol=imaps\nmail.imaps.host=s\nmail.imap.host=i",
         {"protocol": "imaps", "host": "s"}),
        ("host=own\nmail.imaps.host=s", {"host": "own"}),
        ("mail.imaps.host=s\nhost=own", {"host": "own"}),
        ("protocol=pop3s\nmail.pop3.port=7", {"protocol": "pop3s", "port": 7}),
        (
            "interval=2m\nafter-reading=move\nmove_to=Done\nuse-linked-user=yes\nretries=default",
            {"interval": 120, "after_reading": "move", "move_to": "Done", "use_linked_user": True,
             "retries": None},
        ),
        ("plus=a@x.example, b@x.example\napprove=ja,passt",
         {"plus": ["a@x.example", "b@x.example"], "approve": ["ja", "passt"]}),
    ],
)  # fmt: skip
def test_what_a_name_means(text: str, wanted: dict[str, Any]) -> None:
    """JavaMail's, and the options' own; the more special one wins."""
    assert values(text) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mail.imap.hots=x", '1: there is no setting "mail.imap.hots" (is "mail.imap.host"'
         " meant?)"),
        ("\nmail.transport.protocol=smtp", '2: there is no setting "mail.transport.protocol" (is'
         ' "mail.store.protocol" meant?)'),
        ("intervall=5m", '1: there is no setting "intervall" (is "interval" meant?)'),
        ("kind=archive", '1: there is no setting "kind"'),
        ("mail.imaps.port=993;", '1: The port is 1 to 65535, not "993;"'),
        ("mail.imaps.port=70000", '1: The port is 1 to 65535, not "70000"'),
        ("mail.imaps.host=imap.example.net:993", "1: \"imap.example.net:993\" is no host name: the "
         "name alone, as in imap.example.net, without port or protocol"),
        ('mail.imaps.user="joe"', '1: a stray " around the value'),
        ("mail.imaps.timeout=20s", '1: a time-out is in milliseconds, not "20s"'),
        ("mail.imaps.timeout=10", '1: The time-out is 1 to 600 seconds, not "0.01"'),
        ("mail.imap.starttls.enable=ja", '1: this is true or false, not "ja"'),
        ("mail.imaps.ssl.enable=false", "1: imaps is always encrypted: take imap"),
        ("mail.imaps.ssl.protocols=TLSv1 TLSv1.2",
         "1: TLSv1 isn't offered: 1.2 is the lowest TLS version"),
        ("mail.imaps.ssl.protocols=SSLv3", "1: SSLv3 isn't offered: 1.2 is the lowest TLS version"),
        ("mail.imaps.ssl.protocols=DTLS", '1: "DTLS" are no TLS versions (TLSv1.2 TLSv1.3)'),
        ("mail.imaps.ssl.protocols=", '1: "" are no TLS versions (TLSv1.2 TLSv1.3)'),
        ("mail.imaps.ssl.checkserveridentity=false",
         "1: the server's name is always checked with its certificate: leave it out"),
        ("mail.imaps.auth.mechanisms=PLAIN LOGIN",
         "1: name one mechanism, or leave it out: then the best that is offered is taken"),
        ("mail.imaps.auth.mechanisms=NTLM", "1: The mechanism is one of SCRAM-SHA-256, CRAM-MD5, "
         'PLAIN, LOGIN, APOP, OAUTHBEARER, XOAUTH2, not "NTLM"'),
        ("mail.imaps.auth.plain.disable=true",
         "1: PLAIN can't be switched off by itself: name the mechanism to use with "
         "auth.mechanisms"),
        ("protocol=imaps\nmail.pop3.host=x",
         '2: "mail.pop3.host" is for pop3, but the account is of imaps'),
        ("mail.imap.host=x\nmail.pop3.host=y", "2: names of imap and pop3: say which one with "
         'mail.store.protocol'),
        ("mail.store.protocol=http",
         '1: The protocol is one of imap, imaps, pop3, pop3s, not "http"'),
        ("ca=/etc/ssl/own.pem", "1: an authority's file is named with --ca"),
        ("verify=perhaps", '1: The certificate validation is on or off, not "perhaps"'),
    ],
)  # fmt: skip
def test_what_means_nothing_is_named(text: str, said: str) -> None:
    """By its line, with what to do where that is known."""
    assert said in look(text)[2]


def test_the_command_line_wins() -> None:
    """It says which protocol's names are read, too; only encryption is never lost unsaid."""
    named = {"protocol": "imaps", "host": "b.example"}
    text = "mail.store.protocol=imap\nmail.imaps.host=a.example\nmail.imaps.ssl.trust=b.example"
    found = values(text, named)
    assert {**found, **named} == {"protocol": "imaps", "host": "b.example", "verify": False}
    assert look("mail.imap.ssl.enable=true", {"protocol": "imap"})[2] == [
        "1: this means imaps, but the command line says imap"
    ]


def test_an_account_that_is_there_says_what_the_file_doesn_t() -> None:
    """Its protocol and host."""
    account = {**BLANK, "protocol": "pop3s", "host": "p.example"}
    assert values("mail.pop3s.port=1995", account=account) == {"port": 1995}
    assert values("mail.pop3s.ssl.trust=p.example", account=account) == {"verify": False}
    assert look("mail.imaps.port=993", account=account)[2] == [
        '1: "mail.imaps.port" is for imaps, but the account is of pop3s'
    ]


def test_every_setting_has_a_name_in_the_file() -> None:
    """But for the authority's, which is a file of its own."""
    for name in BLANK:
        faults = look(f"{name.replace('_', '-')}=x")[2]
        assert not [one for one in faults if "there is no setting" in one], name


def test_passwords_are_quoted_nowhere() -> None:
    """Whatever is wrong with their line or its neighbours."""
    found, secrets, faults = look('password="ses"ame"\nclient-secret=s2\nmail.imap.passwort=x')
    assert secrets == Secrets(password='"ses"ame"', client_secret="s2")
    assert "password" not in found
    assert [one for one in faults if "ses" in one] == []
    _, _, faults = look("password=sesame\u200b\nmail.imaps.password=sesame ")
    assert len(faults) == 2
    assert [one for one in faults if "sesame" in one] == []
