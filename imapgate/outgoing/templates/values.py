"""What templates are given: the values of each, what they mean, and samples by which templates are
checked. This is the one place where they are described; `template show` prints it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

LONGEST_TEXT = 20_000
"""Characters of one value; what is more is left out."""
MOST_ITEMS = 200
"""Of one list; what is more is left out."""
DEEPEST = 6
"""Dicts and lists in each other."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Value:
    """name: with dots, of what a person writes into a template. sample: as it may be; a list's
    items too. may_lack: it may be None, False or an empty list or text; else it is always there."""

    name: str
    meaning: str
    sample: Any
    may_lack: bool = False


_ACTIVITY = (
    Value("activity.number", "the activity's number", "10000042"),
    Value("activity.name", "its name", "Gadget does not boot"),
    Value("activity.description", "its description", "It stays dark.", may_lack=True),
    Value("activity.type", "its type", "Bug"),
    Value("activity.state", "its state now", "In Progress"),
    Value("activity.percent_complete", "how far it is, 0 to 100", 20),
    Value("activity.priority", "low, normal, high, urgent or immediate", "normal"),
    Value("activity.groups", "a list: names of its groups", ["Support"], may_lack=True),
    Value("activity.created", "when it was made", "2026-11-21 09:15 UTC"),
    Value("activity.assigned_to", "who it is assigned to, by name", "alice", may_lack=True),
)
_LINK = Value(
    "link",
    "a web address of the activity (of whoever the mail is from, a notification: to)",
    "https://crm.example.org/10000042",
    may_lack=True,
)
_SEGMENT = Value("segment", "the segment's name", "Standard")

OF_CASES = (
    *_ACTIVITY,
    Value("contact.name", "who the mail is to, by name", "Erika Example", may_lack=True),
    Value("contact.address", "who the mail is to, the address", "erika@example.net"),
    Value("sender.name", "who it is from, by name", "Alice Miller", may_lack=True),
    Value("sender.address", "who it is from, the address", "support@example.org"),
    Value("user", "who writes it or took the transition, by name", "alice", may_lack=True),
    Value("transition", "which transition sends it", "Complete", may_lack=True),
    Value("subject", "the subject of the mail that is answered", "Gadget", may_lack=True),
    _LINK,
    _SEGMENT,
)
"""Of mails about an activity: `activity mail`, and templates that transitions send."""

_OF = {
    "notification": (
        Value("recipient", "who is told, by name", "alice"),
        Value("activity.number", "the activity's number", "10000042", may_lack=True),
        Value("activity.name", "its name", "Gadget does not boot", may_lack=True),
        Value("activity.type", "its type", "Bug", may_lack=True),
        Value("activity.state", "its state now", "In Progress", may_lack=True),
        Value("activity.priority", "low, normal, high, urgent or immediate", "high", may_lack=True),
        Value("activity.groups", "a list: names of its groups", ["Support"], may_lack=True),
        Value("activity.assigned_to", "who it is assigned to, by name", "alice", may_lack=True),
        Value(
            "changes",
            "a list of what happened: each with at (when), who (may lack), what, text (may lack)",
            [
                {"at": "2026-11-21 09:15 UTC", "who": "bob", "what": "Follow-up", "text": "Done."},
                {"at": "2026-11-21 09:16 UTC", "who": None, "what": "State: Open", "text": None},
            ],
        ),
        Value("omitted", "how many more changes there were", 3, may_lack=True),
        _LINK,
        _SEGMENT,
    ),
    "approval-request": (
        *_ACTIVITY,
        Value("approver", "who is asked", "boss@example.org", may_lack=True),
        Value("asked_by", "who wants the transition taken", "alice", may_lack=True),
        Value("transition", "which transition is to be approved", "Close"),
        Value("to_state", "the state that approving leads to", "Closed"),
        Value("rejected_by", "the transition that a rejection takes", "Reopen", may_lack=True),
        Value("rejected_state", "the state that rejecting leads to", "In Progress", may_lack=True),
        Value("approve", "a list: words that approve", ["yes", "ok"]),
        Value("reject", "a list: words that reject", ["no"]),
        Value(
            "follow_ups",
            "a list, the newest last: each with at, who (may lack), title, text",
            [{"at": "2026-11-20 16:00 UTC", "who": "bob", "title": "Note", "text": "It is cold."}],
            may_lack=True,
        ),
        Value("omitted", "how many older follow-ups there are", 2, may_lack=True),
        Value("expires", "until when an answer counts", "2026-12-05 09:15 UTC", may_lack=True),
        _LINK,
        _SEGMENT,
    ),
    "failure": (
        Value("recipient", "who is told, by name", "alice", may_lack=True),
        Value("subject", "the subject of the mail that failed", "Gadget", may_lack=True),
        Value("title", "what happened, in a few words", "Mail could not be delivered"),
        Value("what", "what happened, a sentence", "Your mail was not delivered to:"),
        Value("mail", "the mail's number in the outbox", "7", may_lack=True),
        Value(
            "advice",
            "what to do, in lines",
            "Once it is mended, an administrator sends it again:\n  imapgate outbox retry 7",
            may_lack=True,
        ),
        Value(
            "failed",
            "a list: each with address, and text (what the server said)",
            [{"address": "erika@example.net", "text": "550 5.1.1 No such user"}],
        ),
        Value("omitted", "how many more recipients there are", 3, may_lack=True),
        Value("activity.number", "the activity's number", "10000042", may_lack=True),
        Value("activity.name", "its name", "Gadget does not boot", may_lack=True),
        _SEGMENT,
    ),
    "test": (
        Value("mailer", "the mailer's name", "Relay"),
        Value("server", "where it hands mail over", "mail.example.org:587"),
        Value("at", "when the mail was written", "2026-11-21 09:15 UTC"),
        Value("segment", "the segment's name", "Standard", may_lack=True),
    ),
}
OF: Mapping[str, tuple[Value, ...]] = MappingProxyType(_OF)
"""By the name of a template that comes with the program; all others have OF_CASES."""


def values_of(name: str) -> tuple[Value, ...]:
    """Those that a template of that name is given."""
    return OF.get(name, OF_CASES)


def samples(name: str, lacking: bool = False) -> dict[str, Any]:
    """Values to check a template of that name by. lacking: everything that may lack does."""
    found: dict[str, Any] = {}
    for one in values_of(name):
        sample = one.sample
        if lacking and one.may_lack:
            sample = [] if isinstance(sample, list) else None
        _put(found, one.name, sample)
    return found


def completed(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as a template of that name takes them: plain, cut, with None for what may lack and
    does. Raises ValueError where one lacks that may not, TypeError for what isn't plain."""
    found = {key: plain(value) for key, value in values.items()}
    for one in values_of(name):
        *above, last = one.name.split(".")
        place = found
        for step in above:
            if place.get(step) is None:
                place[step] = {}
            place = place[step]
        if place.get(last) in (None, []):
            if not one.may_lack:
                raise ValueError(f"template {name} lacks the value {one.name}")
            place[last] = [] if isinstance(one.sample, list) else None
    return found


def plain(value: Any, depth: int = 0) -> Any:
    """Texts (without control characters, at most LONGEST_TEXT), whole numbers, True, False, None,
    and dicts and lists of these. Raises TypeError for anything else."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _shown(value)
    if depth < DEEPEST and isinstance(value, Mapping):
        return {_shown(str(key)): plain(one, depth + 1) for key, one in value.items()}
    if depth < DEEPEST and isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain(one, depth + 1) for one in value[:MOST_ITEMS]]
    raise TypeError(f"a template can't be given a {type(value).__name__}")


def moment(at: int) -> str:
    """at: seconds since 1970. As people read it, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _shown(text: str) -> str:
    """Without what isn't shown or turns the text around: control characters, lone surrogates,
    embeddings and overrides of writing direction; the ends of lines and tabs stay."""
    kept = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 3] + "..."
    return _UNSEEN.sub(" ", kept.replace("\r\n", "\n").replace("\r", "\n"))


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    *above, last = name.split(".")
    for step in above:
        found = found.setdefault(step, {})
    found[last] = value
