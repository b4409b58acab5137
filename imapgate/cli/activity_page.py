"""One activity as a page for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from imapgate.cli.output import clean, console
from imapgate.outgoing.telling import NOTE as SENT_MAIL

_LABELS = {
    "state": "state",
    "percent_complete": "percent complete",
    "priority": "priority",
    "groups": "groups",
    "reporting_contact": "reported by",
    "assigned_to": "assigned to",
    "created_by": "made by",
    "created_at": "made at",
    "actual_start": "started",
    "actual_end": "ended",
    "sent_at": "sent",
    "direction": "direction",
    "automatic": "written by a machine",
    "gateway": "gateway",
    "message_id": "Message-ID",
    "sha256": "SHA-256",
}


def print_activity(shown: dict[str, Any]) -> None:
    """shown: as `activities.show.show_activity` gives it. What is empty is left out; of the notes
    those on mails that were sent are shown."""
    out = console()
    out.print(Text(clean(f"#{shown['number']} {shown['name']}"), style="bold"))
    out.print(Text(clean(f"{shown['class']} ({shown['type']})")))
    table = Table.grid(padding=(0, 2))
    for label, value in _lines(shown):
        table.add_row(Text(label, style="dim"), Text(clean(value), overflow="fold"))
    out.print(table)
    for title, text in _texts(shown):
        if text:
            out.print()
            out.print(Text(clean(title), style="bold"))
            out.print(Text(clean(text.rstrip()), overflow="fold"))


def _lines(shown: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for key, label in _LABELS.items():
        value = shown[key]
        if key == "groups":
            value = ", ".join(value)
        if value not in (None, ""):
            yield label, value
    for one in shown["recipients"]:
        yield one["kind"], f"{one['address']} ({one['contact']})"
    for one in shown["address_groups"]:
        yield one["kind"], f"{one['name']} (address group)"
    for one in shown["links"]:
        yield "link", f"{one['kind']} #{one['number']}"
    for one in shown["media"]:
        yield "media", f"{one['name']} ({one['content_type']}, {one['size']} octets)"


def _texts(shown: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if shown["description"] != shown["name"]:
        yield "Description", shown["description"]
    yield "Detailed description", shown["detailed_description"]
    yield "Text", shown["body"] or ""
    for one in shown["notes"]:
        if one["title"].startswith(SENT_MAIL):
            yield one["title"], one["text"]
    for one in shown["follow_ups"]:
        origin = f" from #{one['from_activity']}" if one["from_activity"] else ""
        head = f"Follow-up {one['at']} by {one['author'] or 'nobody'}{origin}: {one['title']}"
        yield head, one["text"] or "-"
