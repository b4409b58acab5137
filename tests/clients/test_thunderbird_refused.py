"""Real Thunderbird: where nothing can be dropped, and what a refused drop looks like."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from demo_server import Demo, mail
from test_thunderbird_dragging import QUESTION, files, without_own
from thunderbird import Thunderbird

pytestmark = pytest.mark.client("thunderbird", "Xvfb")

ACCOUNT = "alice@example.org"
SALES = "Trackers/Sales"


def said(folder: str, sentence: str) -> set[str]:
    """Thunderbird's dialog around a sentence of the server: it names the folder where one is open
    on that connection."""
    by = f"did not succeed. The mail server for account {ACCOUNT} responded: {sentence}"
    return {f"The current operation on '{folder}' {by}", f"The current command {by}"}


def test_thunderbird_drops_nothing_where_nothing_may_be_dropped(thunderbird: Thunderbird) -> None:
    """The pointer says no over a group without e-mail creator, and over Recovered Messages."""
    for name in ("Trackers/Archive", "Recovered Messages"):
        assert thunderbird.drag("Try me", [QUESTION], name, "move") == "none", name
    assert QUESTION in thunderbird.open_folder("Try me")
    assert thunderbird.drag("Try me", [QUESTION], SALES, "move") == "move"
    thunderbird.until("has_all", SALES, [QUESTION])


def test_thunderbird_tells_why_a_drop_is_refused(
    thunderbird: Thunderbird, demo: Demo, tmp_path: Path
) -> None:
    """One dialog, word for word; the mail is where it was and a copy in Recovered Messages."""
    message = mail(41, "For nobody")
    thunderbird.keep(files(tmp_path, message), "Desk")
    thunderbird.open_folder(SALES)
    demo.command("creator", "remove", "Sales E-Mails")
    # Thunderbird asks for rights once: to it, Sales still takes mail.
    assert thunderbird.drag("local:Desk", ["For nobody"], SALES, "move") == "move"
    assert thunderbird.dialog() in said(
        "Sales",
        '[CANNOT] Not filed: group "Sales" has no e-mail creator. Your mail stays where it was; '
        "a copy is in Recovered Messages.",
    )
    thunderbird.picture("thunderbird-refused")
    thunderbird.press_ok()
    assert thunderbird.subjects("local:Desk") == ["For nobody"]
    assert demo.messages(SALES) == {}
    assert [without_own(one) for one in demo.messages("Recovered Messages").values()] == [message]
    assert thunderbird.open_folder("Recovered Messages") == ["For nobody"]
    thunderbird.select(["For nobody"])
    thunderbird.picture("thunderbird-recovered")


def test_thunderbird_puts_a_mail_back_whose_move_is_refused(
    thunderbird: Thunderbird, demo: Demo, tmp_path: Path
) -> None:
    """It is gone from the view at first, and comes back, mostly with the dialog: none is shown
    where Thunderbird moves it while it asks for news. Of a heading it asks no rights, since that is
    the name of a namespace."""
    refused = "MOVE of 1 by alice@Standard: refused [CANNOT]"
    demo.command("creator", "remove", "Sales E-Mails")
    for n, name, cause in (
        (1, SALES, 'group "Sales" has no e-mail creator'),
        (2, "Trackers", '"Trackers" is a heading that takes no mail'),
    ):
        assert thunderbird.drag("Try me", [QUESTION], name, "move") == "move"
        wait_for_line(tmp_path / "server.log", refused, n)
        if (shown := thunderbird.dialog_if_any()) is not None:
            sentence = f"[CANNOT] Not filed: {cause}. Your mail stays where it was."
            assert shown in said("Try me", sentence)
            thunderbird.press_ok()
        assert QUESTION in thunderbird.open_folder("Try me"), "it comes back"
    assert len(demo.messages("Try me")) == 4
    assert demo.messages("Recovered Messages") == {}


def wait_for_line(log: Path, line: str, times: int) -> None:
    end = time.monotonic() + 60
    while log.read_text().count(line) < times:
        assert time.monotonic() < end, f"{log} hasn't {line!r} {times} times"
        time.sleep(0.1)


def test_thunderbird_stops_at_the_refused_one_of_several(
    thunderbird: Thunderbird, demo: Demo, tmp_path: Path
) -> None:
    """Of three moved mails the second is refused: the first is filed, the others stay."""
    wrong = mail(52, "> @Nobody  #GadgetASupport  wrong").replace(
        b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" + mail(53, "Inside"),
    )
    thunderbird.keep(files(tmp_path, mail(51, "First"), wrong, mail(54, "Third")), "Desk")
    thunderbird.open_folder(SALES)
    all_three = ["First", "> @Nobody  #GadgetASupport  wrong", "Third"]
    assert thunderbird.drag("local:Desk", all_three, SALES, "move") == "move"
    assert thunderbird.dialog() in said(
        "Sales",
        '[CANNOT] Not filed: there is no creator "Nobody". Your mail stays where it was; '
        "a copy is in Recovered Messages.",
    )
    thunderbird.press_ok()
    assert sorted(thunderbird.subjects("local:Desk")) == sorted(all_three[1:])
    assert [without_own(one) for one in demo.messages(SALES).values()] == [mail(51, "First")]
    (kept,) = demo.messages("Recovered Messages").values()
    assert without_own(kept) == wrong
