"""NOTIFY (RFC 5465 8)."""

from __future__ import annotations

import re
from collections.abc import Callable

from imapgate.wire.commands import (
    MESSAGE_EVENTS,
    Command,
    Event,
    FetchItem,
    MailboxEvents,
    Notify,
    NotifyNone,
    SelectedEvents,
)
from imapgate.wire.cursor import MAILBOX, Cursor
from imapgate.wire.fetch_grammar import fetch_items

_NONE = re.compile(rb"NONE(?= *\Z)", re.IGNORECASE)
_SET = re.compile(rb"SET(?= )", re.IGNORECASE)
_STATUS = re.compile(rb"STATUS(?= )", re.IGNORECASE)
_NO_EVENTS = re.compile(rb"NONE(?=\))", re.IGNORECASE)
_EVENTS = {event.value.upper().encode("ascii"): event for event in Event}
_SELECTED = (b"SELECTED", b"SELECTED-DELAYED")
_UNNAMED = (b"INBOXES", b"PERSONAL", b"SUBSCRIBED")
_NAMED = (b"SUBTREE", b"MAILBOXES")


def notify(cursor: Cursor) -> Notify | NotifyNone:
    """`NONE`, or `SET`, perhaps `STATUS`, and groups of events."""
    cursor.blank("SET or NONE")
    if cursor.match(_NONE) is not None:
        return NotifyNone()
    cursor.take(_SET, "SET or NONE")
    cursor.blank("STATUS or (")
    status = cursor.match(_STATUS) is not None
    if status:
        cursor.blank("(")
    groups = _Groups(cursor)
    groups.group()
    while not cursor.at_end():
        cursor.blank("(")
        groups.group()
    return Notify(groups.selected, tuple(groups.others), status, groups.unknown)


class _Groups:
    """The groups of one command; names and groups are counted together."""

    def __init__(self, cursor: Cursor) -> None:
        self.selected: SelectedEvents | None = None
        self.others: list[MailboxEvents] = []
        self.unknown = False
        self._cursor = cursor
        self._count = 0

    def group(self) -> None:
        cursor = self._cursor
        start = cursor.place
        self._one_more()
        cursor.expect(b"(", "( and mailboxes")
        which = cursor.atom("mailboxes").upper()
        if which in _SELECTED:
            if self.selected is not None:
                raise cursor.fail("SELECTED only once", start)
            self.selected = self._selected(which)
        elif which in _UNNAMED:
            self.others.append(MailboxEvents(which, (), self._events()))
        elif which in _NAMED:
            self.others.append(MailboxEvents(which, self._names(), self._events()))
        else:
            raise cursor.fail("known mailboxes such as SELECTED or PERSONAL", start)
        cursor.expect(b")", ")")

    def _selected(self, which: bytes) -> SelectedEvents:
        start = self._cursor.place
        items: list[FetchItem] = []
        events = self._events(items)
        if not events <= MESSAGE_EVENTS:
            raise self._cursor.fail("events of messages for what is selected", start)
        return SelectedEvents(events, which == b"SELECTED-DELAYED", tuple(dict.fromkeys(items)))

    def _names(self) -> tuple[str, ...]:
        cursor = self._cursor
        cursor.blank(MAILBOX)
        if not cursor.sees(b"("):
            return (self._name(),)
        start = cursor.place
        names = cursor.parenthesised(self._name, "mailbox names")
        if not names:
            raise cursor.fail(MAILBOX, start)
        return names

    def _name(self) -> str:
        self._one_more()
        return self._cursor.mailbox()

    def _events(self, items: list[FetchItem] | None = None) -> frozenset[Event]:
        """items: takes what is to be fetched of new messages; None: that can't be asked here."""
        cursor = self._cursor
        cursor.blank("events or NONE")
        if cursor.match(_NO_EVENTS) is not None:
            return frozenset()
        start = cursor.place
        named = cursor.parenthesised(self._event_taker(items), "events")
        events = frozenset(event for event in named if event is not None)
        if not named:
            raise cursor.fail("an event", start)
        # RFC 5465 5: each of them makes sense together with the others only.
        both = {Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE}
        if events & MESSAGE_EVENTS and not both <= events:
            raise cursor.fail("MessageNew and MessageExpunge together", start)
        return events

    def _event_taker(self, items: list[FetchItem] | None) -> Callable[[], Event | None]:
        cursor = self._cursor

        def take() -> Event | None:
            event = _EVENTS.get(cursor.atom("an event").upper())
            if event is None:
                self.unknown = True
            elif event is Event.MESSAGE_NEW and items is not None and cursor.sees(b" ("):
                cursor.blank("FETCH items")
                items.extend(fetch_items(cursor))
            return event

        return take

    def _one_more(self) -> None:
        self._count += 1
        if self._count > self._cursor.limits.notify_names:
            raise self._cursor.fail(f"at most {self._cursor.limits.notify_names} mailboxes")


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"NOTIFY": notify,
}
"""What takes each command's arguments, the blank before them included."""
