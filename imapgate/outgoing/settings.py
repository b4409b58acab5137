"""What is set for a whole segment's mail that goes out: known keys, their checks, their history.

A new setting is a line of SETTINGS, which `imapgate outgoing` lists. What is set for one mailer is
in `mailer_settings`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from imapgate.activities.addressing import checked_gateway
from imapgate.activities.approvals import DAYS as APPROVAL_DAYS
from imapgate.activities.approvals import USUAL_DAYS
from imapgate.activities.names import Mistake
from storage import Tx, outgoing_settings, settings_history

SUBJECT = "outgoing"
"""In the settings history."""

MAIL_FORMAT = "mail-format"
OWN_FORMATS = "own-formats"
TEMPLATES_PER_HOUR = "templates-per-hour"
GATEWAY = "gateway"
NOTIFY_AFTER = "notify-after"
NOTIFY_PER_HOUR = "notify-per-hour"

FORMATS = ("plain", "html")
_SWITCH = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """default: what counts where nothing is set. read: a person's text as the value that is kept
    (JSON-able, of default's type); raises Mistake. takes: what may be said, for people."""

    key: str
    default: Any
    read: Callable[[str], Any]
    takes: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Value:
    """is_set: somebody said so; else it is the setting's default."""

    setting: Setting
    value: Any
    is_set: bool


def whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number from least to most."""

    def read(text: str) -> int:
        kept = text.strip()
        if not (kept.isascii() and kept.isdigit() and len(kept) <= 18):
            raise Mistake(f"It is a whole number from {least} to {most}.")
        if not least <= int(kept) <= most:
            raise Mistake(f"It is a whole number from {least} to {most}.")
        return int(kept)

    return read


def choice(*words: str) -> Callable[[str], str]:
    """Reads one of these words, case ignored."""

    def read(text: str) -> str:
        kept = text.strip().casefold()
        if kept not in words:
            raise Mistake(f"It is one of {', '.join(words)}.")
        return kept

    return read


def switch(text: str) -> bool:
    """Reads yes or no (on, off, true, false)."""
    kept = _SWITCH.get(text.strip().casefold())
    if kept is None:
        raise Mistake("It is yes or no.")
    return kept


SETTINGS = {
    one.key: one
    for one in (
        Setting(
            MAIL_FORMAT,
            "html",
            choice(*FORMATS),
            "plain or html",
            "Whether mails that the system writes have HTML beside their text.",
        ),
        Setting(
            OWN_FORMATS,
            True,
            switch,
            "yes or no",
            "Whether a user's or a contact's own mail format counts before mail-format.",
        ),
        Setting(
            TEMPLATES_PER_HOUR,
            5,
            whole(1, 1000),
            "1 to 1000",
            "Mails by templates that transitions send to one address in an hour, at most.",
        ),
        Setting(
            APPROVAL_DAYS,
            USUAL_DAYS,
            whole(1, 365),
            "1 to 365",
            "Days for which replies to a request for approval decide.",
        ),
        Setting(
            GATEWAY,
            "",
            lambda text: checked_gateway(text) or "",
            "an e-mail address, or empty for none",
            "At its domain phone numbers become addresses, where an activity names no gateway.",
        ),
        Setting(
            NOTIFY_AFTER,
            120,
            whole(0, 86_400),
            "0 to 86400",
            "Seconds in which what happens to an activity is gathered into one notice.",
        ),
        Setting(
            NOTIFY_PER_HOUR,
            20,
            whole(1, 1000),
            "1 to 1000",
            "Notices to one user in an hour, at most; then one digest.",
        ),
    )
}
"""By key, in the order in which they are listed."""


def value_of(tx: Tx, segment_id: int, key: str) -> Any:
    """What counts. key: of SETTINGS."""
    setting = SETTINGS[key]
    found = outgoing_settings.value(tx, segment_id, key)
    return setting.default if found is None else found


def list_values(tx: Tx, segment_id: int) -> list[Value]:
    """All, in the order of SETTINGS."""
    found = outgoing_settings.of_segment(tx, segment_id)
    return [
        Value(one, found.get(one.key, one.default), one.key in found) for one in SETTINGS.values()
    ]


def change(tx: Tx, segment_id: int, key: str, text: str, who: str, reason: str = "") -> Value:
    """What counts now; it stands in the settings history. text: as a person writes it. Raises
    Mistake."""
    setting = _known(key)
    try:
        value = setting.read(text)
    except Mistake as mistake:
        raise Mistake(f"{key} can't be set to that. {mistake}") from None
    before = value_of(tx, segment_id, key)
    outgoing_settings.put(tx, segment_id, key, value)
    _record(tx, segment_id, key, before, value, who, reason)
    return Value(setting, value, True)


def reset(tx: Tx, segment_id: int, key: str, who: str, reason: str = "") -> Value:
    """As if nobody had ever set it. Raises Mistake."""
    setting = _known(key)
    before = value_of(tx, segment_id, key)
    outgoing_settings.remove(tx, segment_id, key)
    _record(tx, segment_id, key, before, setting.default, who, reason)
    return Value(setting, setting.default, False)


def _known(key: str) -> Setting:
    if key not in SETTINGS:
        raise Mistake(f'There is no setting "{key}" (there is {", ".join(SETTINGS)}).')
    return SETTINGS[key]


def _record(
    tx: Tx, segment_id: int, key: str, before: Any, now: Any, who: str, reason: str
) -> None:
    changes = settings_history.differences({key: before}, {key: now})
    if changes:
        settings_history.record(tx, segment_id, who, SUBJECT, changes, reason)
