"""What counts for accounts that don't say otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from accounting import Office

from imapgate.activities.names import Mistake
from imapgate.incoming import accounts
from imapgate.incoming.account import Reading
from imapgate.incoming.settings.flat import FOR_ALL

DEFAULT = Reading("keep", None, 300, 3, False)


@pytest.mark.parametrize(
    ("kind", "wanted", "defaults", "effective"),
    [
        ("mailbox", {}, {}, DEFAULT),
        ("mailbox", {"protocol": "pop3s"}, {}, Reading("delete", None, 300, 3, False)),
        ("mailbox", {}, {"after_reading": "delete"}, Reading("delete", None, 300, 3, False)),
        (
            "mailbox",
            {},
            {"after_reading": "move", "move_to": "Done"},
            Reading("move", "Done", 300, 3, False),
        ),
        (
            "mailbox",
            {"protocol": "pop3s"},
            {"after_reading": "move", "move_to": "Done"},
            Reading("delete", None, 300, 3, False),
        ),
        (
            "mailbox",
            {"protocol": "pop3s"},
            {"after_reading": "keep"},
            Reading("keep", None, 300, 3, False),
        ),
        (
            "mailbox",
            {"after_reading": "keep"},
            {"after_reading": "move", "move_to": "Done"},
            DEFAULT,
        ),
        (
            "mailbox",
            {"interval": 60, "retries": 0, "debug": False, "per_round": 5},
            {"interval": 20, "retries": 9, "debug": True},
            Reading("keep", None, 60, 0, False, 5),
        ),
        (
            "mailbox",
            {},
            {"interval": 20, "retries": 0, "debug": True},
            Reading("keep", None, 20, 0, True),
        ),
        ("approvals", {}, {"after_reading": "keep"}, Reading("delete", None, 300, 3, False)),
    ],
)
def test_how_it_is_read_where_it_says_nothing(
    office: Office, kind: str, wanted: Any, defaults: Any, effective: Reading
) -> None:
    """Its own word, else the segment's, else the usual; no None is left."""
    made = office.add(kind=kind, **wanted)
    office.default(**defaults)
    assert office.world.db.read(lambda tx: accounts.effective(tx, made)) == effective


def test_defaults_are_the_segment_s_own_and_checked(office: Office) -> None:
    """None takes one back."""
    assert office.default(interval=60, after_reading="move", move_to="Done")["interval"] == 60
    assert office.default(after_reading="keep")["move_to"] is None
    assert office.default(interval=None) == {
        **dict.fromkeys(FOR_ALL),
        "after_reading": "keep",
    }
    for wanted, said in (
        ({"after_reading": "move"}, "Say which folder"),
        ({"move_to": "Done"}, "goes with moving"),
        ({"interval": 1}, "The interval is 10"),
    ):
        with pytest.raises(Mistake, match=said):
            office.default(**wanted)
