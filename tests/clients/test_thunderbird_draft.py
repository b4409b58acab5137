"""Real Thunderbird: a draft that `imapgate activity mail` wrote opens in the composer."""

from __future__ import annotations

import pytest
from demo_server import Demo
from thunderbird import Thunderbird

pytestmark = pytest.mark.client("thunderbird", "Xvfb")


def test_thunderbird_opens_a_draft_from_a_case(thunderbird: Thunderbird, demo: Demo) -> None:
    """To whom it is, as whom, about what, with its text and its thread: only to be finished."""
    told = demo.command("activity", "mail", "10000001", "--template", "reply", "--user", "alice")
    assert "in Drafts of alice" in told, told
    (subject,) = thunderbird.open_folder("Drafts")
    thunderbird.select([subject])
    shown = thunderbird.edit_draft()
    thunderbird.close_composer()
    assert shown["isDraft"]
    assert shown["isHtml"]
    assert shown["from"] == "alice@example.org"
    assert shown["subject"] == subject
    assert "#10000001" in subject
    assert shown["to"] == ["Erika Example <erika@example.net>"]
    assert shown["text"].startswith("Hello Erika Example,\n\nthank you for your message about")
    linked = [
        one["number"]
        for one in demo.activities()
        if one["class"] == "E-Mail" and "[#10000001]" in one["name"]
    ]
    message_id = demo.activity(linked[-1])["message_id"]
    assert shown["references"].split()[-1] == f"<{message_id}>"
