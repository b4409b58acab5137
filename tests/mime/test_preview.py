"""The preview of a mail (RFC 8970)."""

from __future__ import annotations

import pytest

from imapgate.mime.preview import LONGEST, preview


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello,\n\n  how\tare you?\n", "Hello, how are you?"),
        ("", ""),
        (" \n\t\n", ""),
        ("a\x00b\x1b[31mc\x85d", "a b [31mc d"),
        ("Thanks!\n\nOn 1 May 2025 Ann <ann@example.org> wrote:\n> when?\n> where?\n", "Thanks!"),
        ("> when?\nAt noon.\n> where?\nHere.\n", "At noon. Here."),
        ("> only\n> quoted\n", "> only > quoted"),
        ("Grüße\u00a0aus Köln", "Grüße aus Köln"),
    ],
)
def test_shown(text: str, shown: str) -> None:
    assert preview(text) == shown


def test_it_is_bounded() -> None:
    assert preview("x" * 1_000_000) == "x" * LONGEST
    assert preview("word " * 300_000).endswith("word")
    assert len(preview("\U0001f600 " * 1_000)) <= LONGEST
