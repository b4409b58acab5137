"""Which settings of an account go together, and which need a warning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from imapgate.activities.names import Mistake
from imapgate.incoming.account import IMAP_MECHANISMS, POP3_MECHANISMS, PORTS, Account, Reading
from imapgate.incoming.settings.flat import APPROVING, BLANK, OAUTH, Settings
from imapgate.incoming.settings.values import is_loopback
from imapgate.mime.replies import word
from imapgate.servers.server import OAUTH_MECHANISMS, Secrets

_CERTIFICATE = ("verify", "ca", "pin")
_IN_CLEAR = ("imap", "pop3")


def changed(before: Settings, wanted: Settings) -> dict[str, Any]:
    """What the settings are once those in wanted are changed: what hangs on them and isn't named
    follows (the port a new protocol's, say)."""
    now = {**before, **wanted}

    def follow(*names: str) -> None:
        now.update({name: BLANK[name] for name in names if name not in wanted})

    if "port" not in wanted and before["port"] == PORTS[before["protocol"]]:
        now["port"] = PORTS[now["protocol"]]
    if now["protocol"] not in _IN_CLEAR:
        follow("security")
    elif now["security"] == "none":
        follow(*_CERTIFICATE)
    if now["protocol"].startswith("pop3"):
        follow("folder")
    if now["authentication"] != before["authentication"]:
        follow("mechanism")
    if now["authentication"] != "oauth":
        follow(*OAUTH)
    if now["authentication"] == "none":
        follow("user")
    if now["after_reading"] != "move":
        follow("move_to")
    return now


def check(kind: str, now: Settings) -> None:
    """Raises Mistake for what doesn't fit together. Each value by itself: values.checked."""
    for look in _LOOKS:
        look(kind, now)


def check_move(now: Settings) -> None:
    """Also for a segment's defaults."""
    if now["after_reading"] == "move" and not now["move_to"]:
        raise Mistake("Say which folder the mails are moved to.")
    if now["after_reading"] != "move" and now["move_to"]:
        raise Mistake("A folder to move to goes with moving after reading.")


def check_secrets(now: Settings, secrets: Secrets) -> None:
    """Raises Mistake where one is missing without which nobody can log in."""
    if not suffice(now, secrets):
        if now["authentication"] == "password":
            raise Mistake("The account needs a password.")
        raise Mistake("The grant client_credentials needs a client secret.")


def suffice(now: Settings, secrets: Secrets) -> bool:
    """Whether they are all that has to be given; a refresh token comes by itself."""
    if now["authentication"] == "password":
        return secrets.password is not None
    if now["authentication"] == "oauth" and now["grant"] == "client_credentials":
        return secrets.client_secret is not None
    return True


def belonging(now: Settings, secrets: Secrets) -> Secrets:
    """Those that the account's way of authentication uses."""
    if now["authentication"] == "password":
        return Secrets(password=secrets.password)
    if now["authentication"] != "oauth":
        return Secrets()
    refresh = secrets.refresh_token if now["grant"] == "refresh_token" else None
    return Secrets(client_secret=secrets.client_secret, refresh_token=refresh)


def warnings(account: Account, reading: Reading) -> Iterator[str]:
    """A sentence for each danger. reading: as it is in effect (defaults.effective)."""
    place = account.place
    encrypted = place.protocol not in _IN_CLEAR or place.tls.starttls
    if encrypted and not place.tls.verify:
        yield (
            "The server's certificate is not checked: whoever is on the way can read the password "
            "and every mail."
        )
    if not encrypted and not is_loopback(place.host):
        yield "Nothing is encrypted: whoever is on the way can read the password and every mail."
    if account.kind == "approvals":
        yield (
            f"The folder {place.folder} is emptied: every mail in it is taken for a reply to a "
            "request for approval and deleted there. Nobody else may use it."
        )
    elif reading.afterwards == "delete":
        yield (
            "Every mail is deleted in the mailbox once it is taken in: it must be a mailbox for "
            "this alone, which nobody else reads."
        )


def _connection(_kind: str, now: Settings) -> None:
    protocol = now["protocol"]
    if not now["host"]:
        raise Mistake("Say where the mailbox is: the host is missing.")
    if protocol not in _IN_CLEAR and now["security"] == "starttls":
        raise Mistake(
            f"STARTTLS goes with {protocol[:-1]}: {protocol} is encrypted from the first octet."
        )
    if protocol.startswith("pop3") and now["folder"] != "INBOX":
        raise Mistake("POP3 knows no folder but INBOX: leave the folder out, or use IMAP.")
    if not _encrypted(now):
        for name, what in zip(
            _CERTIFICATE,
            ("certificate validation", "an authority", "a pinned certificate"),
            strict=True,
        ):
            if now[name] != BLANK[name]:
                raise Mistake(
                    f"Without TLS there is no certificate, so {what} can't be set: use "
                    f"{protocol}s or STARTTLS."
                )
    if not now["verify"] and (now["ca"] or now["pin"]):
        raise Mistake(
            "An authority or a pinned certificate is of no use while certificates aren't validated."
        )


def _login(_kind: str, now: Settings) -> None:
    known: tuple[str, ...]
    how, user, mechanism = now["authentication"], now["user"], now["mechanism"]
    if how == "none" and (user or mechanism):
        raise Mistake("Without authentication there is neither user nor mechanism.")
    if how != "none" and not user:
        raise Mistake("Say who logs in: the user is missing.")
    if how != "oauth":
        if any(now[name] != BLANK[name] for name in OAUTH):
            raise Mistake("Authority, client id, scope and grant go with authentication oauth.")
        known = POP3_MECHANISMS if now["protocol"].startswith("pop3") else IMAP_MECHANISMS
    else:
        if not _encrypted(now):
            raise Mistake("OAuth goes with TLS only: use imaps, pop3s or STARTTLS.")
        if not now["authority"] or not now["client_id"]:
            raise Mistake("OAuth needs an authority and a client id.")
        known = OAUTH_MECHANISMS
    if mechanism and mechanism not in known:
        raise Mistake(
            f"The mechanism {mechanism} doesn't go with {now['protocol']} and authentication "
            f"{how}: {', '.join(known)}."
        )


def _reading(kind: str, now: Settings) -> None:
    if now["after_reading"] == "move" and now["protocol"].startswith("pop3"):
        raise Mistake("POP3 can't move a mail: keep or delete it after reading.")
    check_move(now)
    if now["move_to"] and _folder_key(now["move_to"]) == _folder_key(now["folder"]):
        raise Mistake(f'The mails are in "{now["folder"]}" already: move them to another folder.')
    if kind == "approvals" and now["after_reading"] not in (None, "delete"):
        raise Mistake("An approvals account empties its folder: after reading, mails are deleted.")


def _filing(kind: str, now: Settings) -> None:
    if kind == "archive" and not now["creator"]:
        raise Mistake("An archive needs a creator: all its mails go into the tracker of that one.")
    if kind != "approvals" and any(now[name] != BLANK[name] for name in APPROVING):
        raise Mistake("A reply address and approve or reject words go with kind approvals.")
    if not now["approve"] or not now["reject"]:
        raise Mistake("There must be a word to approve and one to reject.")
    for one in (*now["approve"], *now["reject"]):
        if not word(one):
            raise Mistake(f'"{one}" is no word that a line can be: no letters, or too many.')
    both = {word(one) for one in now["approve"]} & {word(one) for one in now["reject"]}
    if both:
        raise Mistake(f'"{min(both)}" can\'t both approve and reject.')


_LOOKS: tuple[Callable[[str, Settings], None], ...] = (_connection, _login, _reading, _filing)


def _encrypted(now: Settings) -> bool:
    return now["protocol"] not in _IN_CLEAR or now["security"] == "starttls"


def _folder_key(name: str) -> str:
    """INBOX is one in any case, other names aren't (RFC 3501 5.1)."""
    return "INBOX" if name.upper() == "INBOX" else name
