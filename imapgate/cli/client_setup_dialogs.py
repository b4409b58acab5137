"""What each mail client's dialog asks for a new account, in its order and its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imapgate.client_setup.account import ADDRESS, Account, MailServer

PASSWORD = "your imapgate password"  # noqa: S105  # a sentence, no password
_ASKED = "your e-mail address"


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a dialog. where: how one gets there. asked: (label, value) in order."""

    where: str
    asked: tuple[tuple[str, str], ...]


def thunderbird(account: Account) -> tuple[Step, ...]:
    """Thunderbird's Account Hub (version 153)."""
    words = ("None", "STARTTLS", "SSL/TLS")
    return (
        Step(
            "Account Settings > Add Account > Mail Account",
            (("Full name", account.name), ("Email address", _address(account))),
        ),
        Step(
            "Manual configuration: incoming server settings",
            (("Protocol", "IMAP"), *_thunderbird_server(account.incoming, words)),
        ),
        Step(
            "Continue: outgoing server settings",
            (("Server", "the one that you have"),)
            if account.outgoing is None
            else _thunderbird_server(account.outgoing, words),
        ),
        Step(
            "Test, Continue (or Advanced config, if the outgoing server can't be reached)",
            (("Password", PASSWORD),),
        ),
    )


def _thunderbird_server(
    server: MailServer, words: tuple[str, str, str]
) -> tuple[tuple[str, str], ...]:
    method = "No Authentication" if server.login is None else "Normal password"
    asked = [
        ("Hostname", server.host),
        ("Port", str(server.port)),
        ("Connection security", _security(server, words)),
        ("Authentication method", method),
    ]
    if server.login is not None:
        asked.append(("Username", _login(server)))
    return tuple(asked)


def outlook(account: Account) -> tuple[Step, ...]:
    """Classic Outlook for Windows; it signs in with the e-mail address unless it is told another
    name afterwards."""
    words = ("None", "STARTTLS", "SSL/TLS")
    steps = [
        Step(
            'File > Add Account > Advanced options, tick "Let me set up my account manually"',
            (("Email address", _address(account)), ("Account type", "IMAP")),
        ),
        Step("Incoming mail", _outlook_server(account.incoming, words)),
        Step(
            "Outgoing mail",
            (("Server", "your usual SMTP server"),)
            if account.outgoing is None
            else _outlook_server(account.outgoing, words),
        ),
        Step("Next", (("Password", PASSWORD),)),
    ]
    if account.incoming.login != account.address:
        name = ("User Name", _login(account.incoming))
        steps.append(Step("After the first attempt failed: Change account settings", (name,)))
    return tuple(steps)


def _outlook_server(server: MailServer, words: tuple[str, str, str]) -> tuple[tuple[str, str], ...]:
    return (
        ("Server", server.host),
        ("Port", str(server.port)),
        ("Encryption method", _security(server, words)),
        ("Require logon using Secure Password Authentication", "no"),
    )


def apple(account: Account) -> tuple[Step, ...]:
    """Apple Mail on macOS."""
    incoming, outgoing = account.incoming, account.outgoing
    return (
        Step(
            "Mail > Add Account > Other Mail Account",
            (("Name", account.name), ("Email Address", _address(account)), ("Password", PASSWORD)),
        ),
        Step(
            "Sign In, which can't find the server by itself, then",
            (
                ("User Name", _login(incoming)),
                ("Account Type", "IMAP"),
                ("Incoming Mail Server", incoming.host),
                (
                    "Outgoing Mail Server",
                    "your usual SMTP server" if outgoing is None else outgoing.host,
                ),
            ),
        ),
        Step(
            'Mail > Settings > Accounts > Server Settings, untick "Automatically manage '
            'connection settings" under Incoming',
            (("Port", str(incoming.port)), *_apple_server(incoming)),
        ),
        *(
            ()
            if outgoing is None
            else (
                Step(
                    "The same under Outgoing",
                    (
                        *(() if outgoing.login is None else (("User Name", _login(outgoing)),)),
                        ("Port", str(outgoing.port)),
                        *_apple_server(outgoing),
                    ),
                ),
            )
        ),
    )


def _apple_server(server: MailServer) -> tuple[tuple[str, str], ...]:
    return (
        ("Use TLS/SSL", "no" if server.security == "none" else "yes"),
        ("Authentication", "None" if server.login is None else "Password"),
    )


def other(account: Account) -> tuple[Step, ...]:
    """K-9, FairEmail and whatever else asks: the values under their usual names."""
    words = ("none", "STARTTLS", "SSL/TLS")
    return (
        Step(
            "Account",
            (("Name", account.name), ("E-mail address", _address(account)), ("Password", PASSWORD)),
        ),
        Step("Incoming mail: IMAP", _other_server(account.incoming, words)),
        Step(
            "Outgoing mail: SMTP",
            (("Server", "the one that you have"),)
            if account.outgoing is None
            else _other_server(account.outgoing, words),
        ),
    )


def _other_server(server: MailServer, words: tuple[str, str, str]) -> tuple[tuple[str, str], ...]:
    return (
        ("Server", server.host),
        ("Port", str(server.port)),
        ("Security", _security(server, words)),
        ("User name", "no sign-in" if server.login is None else _login(server)),
    )


def _security(server: MailServer, words: tuple[str, str, str]) -> str:
    """words: the client's for no encryption, STARTTLS and TLS."""
    return dict(zip(("none", "starttls", "tls"), words, strict=True))[server.security]


def _address(account: Account) -> str:
    return _ASKED if account.address == ADDRESS else account.address


def _login(server: MailServer) -> str:
    assert server.login is not None
    return _ASKED if "%" in server.login else server.login


DIALOGS: dict[str, Callable[[Account], tuple[Step, ...]]] = {
    "thunderbird": thunderbird,
    "outlook": outlook,
    "apple": apple,
    "other": other,
}
