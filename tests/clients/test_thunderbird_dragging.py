"""Real Thunderbird: mails dragged into groups, between them and out of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from demo_server import Demo, mail
from thunderbird import Thunderbird

pytestmark = pytest.mark.client("thunderbird", "Xvfb")

SUPPORT, SALES = "Trackers/Support", "Trackers/Sales"
QUESTION = "Question about the gadget"
ORDER = "Grüße aus Köln, with attachments"


def without_own(message: bytes) -> bytes:
    """Without the lines that Thunderbird puts before a mail of its Local Folders."""
    lines = message.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"X-Mozilla-"))


def files(root: Path, *messages: bytes) -> list[str]:
    paths = [root / f"mail-{n}.eml" for n in range(len(messages))]
    for path, message in zip(paths, messages, strict=True):
        path.write_bytes(message)
    return [str(path) for path in paths]


def test_thunderbird_drags_mails_in_from_its_local_folders(
    thunderbird: Thunderbird, demo: Demo, tmp_path: Path
) -> None:
    """Copied ones stay, moved ones go, a second drag of the same mail makes no second activity."""
    mails = [mail(21, "One"), mail(22, "Two, [#10000001]"), mail(23, "Three")]
    thunderbird.keep(files(tmp_path, *mails), "Desk")
    three = ["One", "Two, [#10000001]", "Three"]
    assert thunderbird.drag("local:Desk", three[:2], SALES, "copy") == "copy"
    thunderbird.until("has_all", SALES, three[:2])
    assert sorted(thunderbird.subjects("local:Desk")) == sorted(three)
    assert thunderbird.drag("local:Desk", three, SALES, "move") == "move"
    thunderbird.until("has_all", SALES, three)
    thunderbird.until("is_empty", "local:Desk")
    stored = demo.arrived(SALES, 3)
    assert [without_own(one) for one in stored.values()] == mails
    shown = demo.activity_of("client-22@example.net")
    assert [link["number"] for link in shown["links"]] == [10000001]
    assert shown["groups"] == ["Sales"]
    assert sorted(thunderbird.open_folder(SALES)) == sorted(three)
    thunderbird.picture("thunderbird-dragged-in")


def test_thunderbird_drags_a_file_of_the_desktop_in(
    thunderbird: Thunderbird, demo: Demo, tmp_path: Path
) -> None:
    """An .eml file comes as it is, to the octet."""
    message = mail(24, "From the desktop", body="Line\r\nFrom here on\r\n")
    (path,) = files(tmp_path, message)
    thunderbird.open_folder(SALES)
    assert thunderbird.drag_file(path, SALES) == "copy"
    thunderbird.until("has_all", SALES, ["From the desktop"])
    assert list(demo.arrived(SALES, 1).values()) == [message]
    assert Path(path).exists()


def test_thunderbird_drags_between_folders_and_out(thunderbird: Thunderbird, demo: Demo) -> None:
    """Into a group, on to another one, to Trash, and out to Thunderbird's own folders."""
    before = demo.messages("Try me")
    thunderbird.open_folder(SALES)
    thunderbird.open_folder(SUPPORT)
    assert thunderbird.drag("Try me", [QUESTION, ORDER], SUPPORT, "move") == "move"
    thunderbird.until("has_all", SUPPORT, [QUESTION, ORDER])
    thunderbird.until("lacks", "Try me", QUESTION)
    inside = demo.arrived(SUPPORT, 8)
    assert [inside[7], inside[8]] == [before[1], before[3]]
    number = demo.activity_of("question@example.net")["number"]

    assert thunderbird.drag(SUPPORT, [QUESTION], SALES, "copy") == "copy"
    thunderbird.until("has_all", SALES, [QUESTION])
    demo.arrived(SALES, 1)
    assert sorted(demo.activity(number)["groups"]) == ["Sales", "Support"]
    thunderbird.open_folder(SALES)
    thunderbird.picture("thunderbird-dragged-between")
    assert thunderbird.drag(SUPPORT, [ORDER], SALES, "move") == "move"
    thunderbird.until("has_all", SALES, [ORDER])
    demo.arrived(SALES, 2)
    order = demo.activity_of("attachments@example.net")
    assert order["groups"] == ["Sales"]

    thunderbird.open_folder(SALES)
    thunderbird.select([QUESTION])
    thunderbird.command("cmd_deleteMessage")
    thunderbird.until("lacks", SALES, QUESTION)
    demo.arrived("Trash", 1)
    assert thunderbird.open_folder("Trash") == [QUESTION]
    assert demo.activity(number)["groups"] == ["Support"], "the activity stays"

    for effect in ("copy", "move"):
        assert thunderbird.drag(SALES, [ORDER], "local:Desk", effect) == effect
        thunderbird.until("has_all", "local:Desk", [ORDER])
    thunderbird.until("lacks", SALES, ORDER)
    assert len(thunderbird.subjects("local:Desk")) == 2
    client = demo.imap()
    client.select(f'"{SALES}"', readonly=True)
    end = time.monotonic() + 30
    while client.uid("SEARCH", "UNDELETED")[1] != [b""]:
        assert time.monotonic() < end, "what was moved out is still there"
        time.sleep(0.1)
    client.logout()
