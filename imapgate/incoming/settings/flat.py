"""An account's settings by their names: as the command line, the settings history and the database
have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imapgate.incoming.account import PORTS, Account, Approving, Filing, Place, Reading
from imapgate.servers.server import Login, OAuth, Tls

Settings = Mapping[str, Any]
"""Name (as on the command line, with `_`) -> value, as JSON takes it."""

COLUMNS = ("active", "creator", "logging_user")
"""Stand in the account's row by themselves."""
FOR_ALL = ("after_reading", "move_to", "interval", "retries", "debug")
"""Those that a segment has defaults for."""
OAUTH = ("authority", "client_id", "scope", "grant")
"""Go with authentication oauth."""
APPROVING = ("reply_to", "approve", "reject")
"""Go with kind approvals."""


def settings_of(account: Account) -> dict[str, Any]:
    """All of them, but for name and kind, in the order in which people read them."""
    place, tls, login = account.place, account.place.tls, account.place.login
    oauth = login.oauth or OAuth("", "", "")
    reading, filing, approving = account.reading, account.filing, account.approving
    return {
        "label": account.label,
        "active": account.active,
        "protocol": place.protocol,
        "host": place.host,
        "port": place.port,
        "security": "starttls" if tls.starttls else "none",
        "folder": place.folder,
        "timeout": place.timeout,
        "lowest_tls": tls.lowest,
        "verify": tls.verify,
        "ca": tls.ca,
        "pin": tls.pinned,
        "authentication": login.authentication,
        "user": login.user,
        "mechanism": login.mechanism,
        "authority": oauth.authority,
        "client_id": oauth.client_id,
        "scope": oauth.scope,
        "grant": oauth.grant,
        "after_reading": reading.afterwards,
        "move_to": reading.move_to,
        "interval": reading.interval,
        "retries": reading.retries,
        "debug": reading.debug,
        "per_round": reading.per_round,
        "creator": filing.creator,
        "logging_user": filing.logging_user,
        "use_linked_user": filing.use_linked_user,
        "unknown_sender": filing.unknown_sender,
        "stranger": filing.stranger,
        "hourly": filing.hourly,
        "plus": list(filing.plus),
        "reply_to": approving.reply_to,
        "approve": list(approving.approve),
        "reject": list(approving.reject),
    }


BLANK = settings_of(
    Account(0, 0, "", "", "mailbox", True, Place("imaps", "", PORTS["imaps"])),
)
"""What counts where nothing was said."""


def built(account_id: int, segment_id: int, name: str, kind: str, settings: Settings) -> Account:
    """The account that has these; what they lack is as in BLANK."""
    of = {**BLANK, **settings}
    oauth = None
    if of["authentication"] == "oauth":
        oauth = OAuth(of["authority"], of["client_id"], of["scope"], of["grant"])
    return Account(
        account_id,
        segment_id,
        name,
        of["label"],
        kind,
        of["active"],
        Place(
            of["protocol"],
            of["host"],
            of["port"],
            of["folder"],
            Tls(of["security"] == "starttls", of["lowest_tls"], of["verify"], of["ca"], of["pin"]),
            Login(of["authentication"], of["user"], of["mechanism"], oauth),
            of["timeout"],
        ),
        Reading(
            of["after_reading"],
            of["move_to"],
            of["interval"],
            of["retries"],
            of["debug"],
            of["per_round"],
        ),
        Filing(
            of["creator"],
            of["logging_user"],
            of["use_linked_user"],
            of["unknown_sender"],
            of["stranger"],
            of["hourly"],
            tuple(of["plus"]),
        ),
        Approving(of["reply_to"], tuple(of["approve"]), tuple(of["reject"])),
    )
