"""Each workaround, on and off; docs/clients.md lists them. And what is taken without a switch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from desk_mails import DROPPED
from transcript import Stage
from world import World

from imapgate.workarounds import Workarounds

PAGE = Path(__file__).parents[3] / "docs" / "clients.md"

DIALOGUES = {
    "changed_since_zero": (
        "C: a UID FETCH * (FLAGS) (CHANGEDSINCE 0)",
        "S: * OK [HIGHESTMODSEQ ...\nS: * ... FETCH (... MODSEQ (...))\nS: a OK ...",
        "S: a BAD Expected ... from 1 to 9223372036854775807 at character 37",
    ),
    "special_use_in_lsub": (
        'C: a LSUB "" "Trash"',
        'S: * LSUB (\\HasNoChildren \\Trash) "/" Trash\nS: a OK ...',
        'S: * LSUB (\\HasNoChildren) "/" Trash\nS: a OK ...',
    ),
    "namespaces_without_separator": (
        "C: a NAMESPACE",
        'S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")...\nS: a OK ...',
        'S: * NAMESPACE (("" "/")) NIL (("Trackers/" "/")...\nS: a OK ...',
    ),
    "dates_from_1982": (
        "C: a FETCH * INTERNALDATE",
        'S: * ... FETCH (INTERNALDATE "13-Aug-1982 02:00:00 +0200")\nS: a OK ...',
        'S: * ... FETCH (INTERNALDATE " 1-Jan-1970 10:00:00 +0200")\nS: a OK ...',
    ),
}
"""What is asked, and the answer with it and without it."""


@contextmanager
def _staged(world: World, workarounds: Workarounds) -> Iterator[Stage]:
    """alice has selected Junk, whose last mail is of 1970."""
    stage = Stage(world, workarounds=workarounds)
    stage.run(
        """
        C: m APPEND Junk "01-Jan-1970 10:00:00 +0200" {#mail+}
        C: #mail
        S: m OK ...
        C: m SELECT Junk
        S: ~
        S: m OK ...
    """,
        mail=DROPPED,
    )
    yield stage
    stage.close()


@pytest.mark.parametrize("name", [one.name for one in fields(Workarounds)])
def test_with_it_and_without_it(world: World, name: str) -> None:
    """Each alone: the others stay as they are."""
    asked, bent, plain = DIALOGUES[name]
    for on, answer in ((False, plain), (True, bent)):
        with _staged(world, Workarounds(**{name: on})) as stage:
            stage.run(f"{asked}\n{answer}")


def test_all_are_on() -> None:
    assert {getattr(Workarounds(), one.name) for one in fields(Workarounds)} == {True}


def test_the_page_lists_each() -> None:
    """In the same order."""
    rows = re.findall(r"(?m)^\| `(\w+)` \| [\w, ]+ \| \S", PAGE.read_text(encoding="utf-8"))
    assert rows == [one.name for one in fields(Workarounds)]


def test_what_is_written_oddly_is_taken(stage: Stage) -> None:
    """Lower case, blanks, a `/` at the end, UTF-8, no parentheses; IDLE without a folder."""
    stage.run(
        r"""
        S: * OK ...
        C: a login  alice@Standard  demo
        S: a OK ...
        C: b idle
        S: + ...
        C: done
        S: b OK ...
        C: c status "Trackers/Support/" (messages)
        S: * STATUS Trackers/Support/ (MESSAGES 1)
        S: c OK ...
        C: d select "Trackers/Büro & Ablage"
        S: ~
        S: d OK ...
        C: e uid fetch 1:* (flags)
        S: e OK ...
        C: f  select  inbox
        S: ~
        S: f OK ...
        C: g store 3 +flags \Seen \Flagged
        S: * 3 FETCH (FLAGS (\Flagged \Seen \Recent))
        S: g OK ...
        C: h fetch 3 rfc822.header
        S: ~
        S: h OK ...
        C: i uid fetch 3 fast
        S: * 3 FETCH (UID 3 FLAGS (\Flagged \Seen \Recent) INTERNALDATE ... RFC822.SIZE 165)
        S: i OK ...
    """
    )
