"""An account's settings by their names: as the command line, the settings history and the database
have them."""

from __future__ import annotations

from typing import Any

from imapgate.incoming.account import PORTS, Account, Approving, Filing, Place, Reading
from imapgate.servers.settings.flat import (
    Settings,
    login_of,
    login_settings,
    tls_of,
    tls_settings,
)

COLUMNS = ("active", "creator", "logging_user")
"""Stand in the account's row by themselves."""
FOR_ALL = ("after_reading", "move_to", "interval", "retries", "debug")
"""Those that a segment has defaults for."""
APPROVING = ("reply_to", "approve", "reject")
"""Go with kind approvals."""


def settings_of(account: Account) -> dict[str, Any]:
    """All of them, but for name and kind, in the order in which people read them."""
    place = account.place
    reading, filing, approving = account.reading, account.filing, account.approving
    return {
        "label": account.label,
        "active": account.active,
        "protocol": place.protocol,
        "host": place.host,
        "port": place.port,
        "security": "starttls" if place.tls.starttls else "none",
        "folder": place.folder,
        "timeout": place.timeout,
        **tls_settings(place.tls),
        **login_settings(place.login),
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
            tls_of(of),
            login_of(of),
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
