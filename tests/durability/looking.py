"""What mail clients see after a restart."""

from __future__ import annotations

from imap import Client
from ledger import GROUPS, PERSONAL, Found
from stored import Rows


def fetched(port: int, rows: Rows) -> Found:
    """All messages of all folders, as FETCH gives them; rows: what was just looked at."""
    messages = {}
    for user in ("alice", "bob", "carol"):
        client = Client(port, user, f"look{user}")
        try:
            places = [(user, name) for name in PERSONAL]
            if user == "alice":
                places += GROUPS
            for place in places:
                found, head = client.fetch(place[1])
                assert len(found) == head["EXISTS"], f"{place}: EXISTS {head['EXISTS']}"
                assert head["UIDNEXT"] == rows.heads[place]["UIDNEXT"], place
                assert head["UIDVALIDITY"] == rows.heads[place]["UIDVALIDITY"], place
                messages[place] = found
        finally:
            client.close()
    return Found(messages, rows.heads)
