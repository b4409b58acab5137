"""What an activity's message says, in plain text and in HTML."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
import world
from desk import Desk, mail
from rendering_board import Board

from imapgate.activities import segment_settings
from imapgate.folders.rendering.moments import moment
from storage import Database, links
from storage.links import FollowUpRow

TEXT = """\
#{number} Gadget does not boot
https://crm.example.org/activity/{number}

State:        New, 20 percent complete
Assigned to:  bob <bob@example.org>
Reported by:  Erika <erika@example.com>
Priority:     high
Type:         Bug (Incident)
Groups:       Support
Created:      {now} by alice
Changed:      {now}
Due:          2027-01-15 08:00 UTC

Description

    It stays dark.

      - board: ok

Details

    Serial number 7.

Follow-ups, the newest first

  {now}, bob: Called back
    She tries again.

    See https://example.org/a?b=1&c=2.

  {now}, Erika: Re: #{number} (from #{mail})
    Good morning.

Linked activities

  #{other} Spare parts (New)
    https://crm.example.org/activity/{other}

Linked e-mails

  #{mail} Re: #{number}
    Erika, 2025-01-06 10:00 UTC
    https://crm.example.org/activity/{mail}
"""


@pytest.fixture
def board(db: Database) -> Board:
    return Board(world.build(db))


@pytest.fixture
def filled(board: Board) -> dict[str, Any]:
    """Numbers of an incident with everything, of what it is linked to and of its mail; now."""
    here = board.world
    Desk(here, here.alice).append("Trackers/Support", mail(n="before"))
    number = board.new(
        description="It stays dark.\r\n\r\n  - board: ok\n",
        detailed_description="Serial number 7.",
        contact="erika@example.com",
    )
    other = board.new("Spare parts")
    Desk(here, here.alice).append("Trackers/Support", mail(f"Re: #{number}", "after"))
    board.follow_up(number, "Called back", "She tries again.\n\nSee https://example.org/a?b=1&c=2.")
    board.link(other, number)
    board.put_into(number, "VIP customers")

    def set_up(tx: Any) -> int:
        url = "https://crm.example.org/activity/{number}"
        segment_settings.edit_segment(tx, "Standard", "tests", activity_url=url)
        return int(tx.now)

    now = here.db.write(set_up)
    board.change(
        number, percent_complete=20, priority=3, assigned_to_id=here.bob.id, due_at=1_800_000_000
    )
    return {"number": number, "other": other, "mail": other + 1, "now": now}


def test_as_text(board: Board, filled: dict[str, Any]) -> None:
    """As a good ticket mail."""
    now = filled["now"]
    # It may have been made just before the minute was over.
    told = board.text(filled["number"]).replace(_minute(now - 60), _minute(now))
    assert told == TEXT.format(**{**filled, "now": _minute(now)})


def test_what_html_says_is_what_the_text_says(board: Board, filled: dict[str, Any]) -> None:
    """Every word of the text but for addresses that are links there stands in the HTML, too."""
    page = _Page()
    page.feed(board.html(filled["number"]))
    shown = " ".join(page.words)
    for line in board.text(filled["number"]).splitlines():
        for word in line.replace(":  ", "  ").removesuffix(":").split():
            bare = word.strip(",:().")
            assert bare in shown or bare in page.links, word


def test_html_needs_nothing_from_elsewhere(board: Board, filled: dict[str, Any]) -> None:
    """No pictures, scripts, forms or style sheets; a heading, facts in a table with headers of
    rows, light and dark as the client is."""
    page = _Page()
    page.feed(board.html(filled["number"]))
    tags = {tag for tag, _ in page.tags}
    assert tags <= {
        "a", "bdi", "body", "br", "div", "h1", "h2", "h3", "head", "html", "li", "meta", "p",
        "span", "table", "td", "th", "title", "tr", "ul",
    }  # fmt: skip
    assert ("meta", {"name": "color-scheme", "content": "light dark"}) in page.tags
    styles = " ".join(given["style"] for _, given in page.tags if "style" in given)
    assert "url" not in styles
    assert "background" not in styles
    assert ("html", {"lang": "en"}) in page.tags
    assert all(given.get("scope") == "row" for tag, given in page.tags if tag == "th")


def test_numbers_are_links_where_there_is_a_web_address(
    board: Board, filled: dict[str, Any]
) -> None:
    """And only there."""
    page = _Page()
    page.feed(board.html(filled["number"]))
    wanted = {
        f"https://crm.example.org/activity/{filled[one]}" for one in ("number", "other", "mail")
    }
    assert set(page.links) == {*wanted, "https://example.org/a?b=1&c=2"}
    board.world.db.write(
        lambda tx: segment_settings.edit_segment(tx, "Standard", "tests", activity_url="")
    )
    page = _Page()
    page.feed(board.html(filled["number"]))
    assert page.links == ["https://example.org/a?b=1&c=2"]


def test_nothing_is_said_of_what_there_is_not(board: Board) -> None:
    """No empty headings."""
    number = board.new()
    for found in (board.text(number), board.html(number)):
        for title in ("Description", "Details", "Follow-ups", "Linked", "Attachments", "Due"):
            assert title not in found
    assert "Assigned to:  nobody\n" in board.text(number)


@pytest.mark.parametrize(
    ("title", "transition", "told"),
    [
        ("Called back", "Add Note", "Called back (Add Note)"),
        ("Add Note", "Add Note", "Add Note"),
        ("", "Add Note", "Add Note"),
        ("Called back", None, "Called back"),
        ("", None, "Follow-up"),
    ],
)
def test_transitions_of_follow_ups(
    board: Board, title: str, transition: str | None, told: str
) -> None:
    """Named beside the title, once."""
    number = board.new()
    activity_id = board.id(number)
    new = FollowUpRow(transition, title, "", None, None, None, 1_800_000_000)
    board.world.db.write(lambda tx: links.add_follow_up(tx, activity_id, new))
    assert f"\n  2027-01-15 08:00 UTC: {told}\n" in board.text(number)
    page = _Page()
    page.feed(board.html(number))
    assert f" {told} 2027-01-15 08:00 UTC" in " ".join(page.words).replace("( ", "(").replace(
        " )", ")"
    )


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (0, "1970-01-01 00:00 UTC"),
        (1_800_000_000, "2027-01-15 08:00 UTC"),
        (None, ""),
        (10**15, ""),
        (-(10**15), ""),
    ],
)
def test_moments(at: int | None, told: str) -> None:
    """A mail's Date may name a year that no calendar has."""
    assert moment(at) == told


def _minute(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if "href" in given:
            self.links.append(given["href"])

    def handle_data(self, data: str) -> None:
        self.words += data.split()
