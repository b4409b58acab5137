"""NOTIFY (RFC 5465)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from imapgate.wire.commands.command import Command
from imapgate.wire.commands.fetch import FetchItem


class Event(enum.Enum):
    """What may be asked for, under its name (RFC 5465 5). AnnotationChange isn't among them: it
    belongs to ANNOTATE."""

    MESSAGE_NEW = "MessageNew"
    MESSAGE_EXPUNGE = "MessageExpunge"
    FLAG_CHANGE = "FlagChange"
    MAILBOX_NAME = "MailboxName"
    SUBSCRIPTION_CHANGE = "SubscriptionChange"
    MAILBOX_METADATA_CHANGE = "MailboxMetadataChange"
    SERVER_METADATA_CHANGE = "ServerMetadataChange"


MESSAGE_EVENTS = frozenset((Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE, Event.FLAG_CHANGE))


@dataclass(frozen=True, slots=True)
class SelectedEvents:
    """Of whatever mailbox is selected. events: message events only; none of them: NONE. delayed:
    SELECTED-DELAYED, no EXPUNGE between commands. items: to be fetched of new messages."""

    events: frozenset[Event]
    delayed: bool
    items: tuple[FetchItem, ...] = ()


@dataclass(frozen=True, slots=True)
class MailboxEvents:
    """Of mailboxes that aren't selected. which: INBOXES, PERSONAL, SUBSCRIBED, SUBTREE or
    MAILBOXES; names: of the latter two. events: none of them: NONE."""

    which: bytes
    names: tuple[str, ...]
    events: frozenset[Event]


@dataclass(frozen=True, slots=True)
class Notify(Command):
    """selected: None where it isn't named, which is the same as NONE (RFC 5465 3.1). status: STATUS
    of the watched mailboxes is wanted now. unknown: an event was asked for that nobody here can
    tell of."""

    selected: SelectedEvents | None
    others: tuple[MailboxEvents, ...]
    status: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class NotifyNone(Command):
    pass
