"""Real Thunderbird, whose connection is lost when the server has a mail but not yet said so."""

from __future__ import annotations

from pathlib import Path

import pytest
from demo_server import PASSWORD, Demo, mail
from relay import relaying
from test_thunderbird_dragging import SALES, files, without_own
from thunderbird import Thunderbird

pytestmark = pytest.mark.client("thunderbird", "Xvfb")


def test_thunderbird_repeats_a_drop_whose_ok_was_lost(
    new_thunderbird: Thunderbird, demo: Demo, tmp_path: Path
) -> None:
    """It sends the same APPEND again, by itself: the same UID, one activity, the source gone."""
    thunderbird = new_thunderbird
    message = mail(61, "Sent twice")
    with relaying(demo.port) as relay:
        file = tmp_path / "program" / "isp" / "example.org.xml"
        file.unlink()
        told = ("client-setup", "thunderbird", "alice", "--port", str(relay.port))
        demo.command(*told, "--output", str(file))
        thunderbird.find_account("Alice", "alice@example.org")
        thunderbird.add_account(PASSWORD)
        thunderbird.close_hub()
        thunderbird.keep(files(tmp_path, message), "Desk")
        thunderbird.open_folder(SALES)
        relay.lose = 1
        assert thunderbird.drag("local:Desk", ["Sent twice"], SALES, "move") == "move"
        thunderbird.until("is_empty", "local:Desk", seconds=60)
        assert relay.lose == 0, "an OK was lost"
        assert relay.appends == 2
        assert thunderbird.open_folder(SALES) == ["Sent twice"]
        stored = demo.messages(SALES)
        assert list(stored) == [1]
        assert without_own(stored[1]) == message
        found = [row for row in demo.activities() if row["name"] == "Sent twice"]
        assert len(found) == 1
