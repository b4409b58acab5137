"""Which settings of an account go together, and which need a warning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from imapgate.activities.names import Mistake
from imapgate.incoming.account import IMAP_MECHANISMS, POP3_MECHANISMS, PORTS, Account, Reading
from imapgate.incoming.settings.flat import APPROVING, BLANK
from imapgate.mime.replies import word
from imapgate.servers.settings import rules
from imapgate.servers.settings.flat import CERTIFICATE, OAUTH, Settings
from imapgate.servers.settings.values import is_loopback

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
        follow(*CERTIFICATE)
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


def warnings(account: Account, reading: Reading) -> Iterator[str]:
    """A sentence for each danger. reading: as it is in effect (defaults.effective)."""
    place = account.place
    encrypted = place.protocol not in _IN_CLEAR or place.tls.starttls
    if encrypted and not place.tls.verify:
        yield rules.UNCHECKED
    if not encrypted and not is_loopback(place.host):
        yield rules.IN_CLEAR
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
    rules.check_certificate(now, _encrypted(now), f"{protocol}s or STARTTLS")


def _login(_kind: str, now: Settings) -> None:
    protocol = now["protocol"]
    mechanisms = POP3_MECHANISMS if protocol.startswith("pop3") else IMAP_MECHANISMS
    rules.check_login(now, _encrypted(now), mechanisms, protocol, "imaps, pop3s or STARTTLS")


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
