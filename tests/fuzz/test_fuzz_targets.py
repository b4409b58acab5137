"""What fuzzing holds against imapgate holds for its seeds, and a target sees what is broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import seeds
import targets


@pytest.mark.parametrize("name", targets.TARGETS)
def test_a_target_holds_for_its_seeds(name: str) -> None:
    given = seeds.of(name)
    assert given
    for octets in given:
        targets.TARGETS[name](octets)


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("grammar", "imapgate.wire.cursor.Cursor.fail"),
        ("message", "imapgate.folders.structure.render_envelope"),
        ("mailbox", "imapgate.wire.utf7.encode"),
        ("undone", "imapgate.folders.binary._window"),
        ("text", "imapgate.mime.quotes.own_text"),
        ("sets", "imapgate.wire.numbers.NumberSet.among_uids"),
        ("markup", "imapgate.mime.html.without_tags"),
        ("receiver", "imapgate.session.receiver.Receiver.close"),
    ],
)
def test_a_target_sees_what_is_broken(
    name: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would find a function that answers nonsense."""
    monkeypatch.setattr(broken, lambda *_, **__: b"(nonsense")

    def run() -> None:
        for octets in seeds.of(name):
            targets.TARGETS[name](octets)

    with pytest.raises(Exception):  # noqa: B017  # whatever the nonsense leads to
        run()
