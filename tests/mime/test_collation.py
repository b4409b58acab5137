"""i;unicode-casemap (RFC 5051)."""

from __future__ import annotations

import pytest

from imapgate.mime.collation import casemap


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("hello 42", "HELLO 42"),
        ("Ünter", "U\u0308NTER"),
        ("U\u0308nter", "U\u0308NTER"),
        # RFC 5051 2: U+01C4 becomes U+01C5, which is D, z and a caron.
        ("\u01c4", "Dz\u030c"),
        ("\u01c6", "Dz\u030c"),
        # What has no simple title case stays as it is.
        ("straße", "STRAßE"),
        ("ﬁn", "fiN"),
        ("ΣΊΣΥΦΟΣ", "ΣΙ\u0301ΣΥΦΟΣ"),
        ("Σίσυφος", "ΣΙ\u0301ΣΥΦΟΣ"),
        ("①", "1"),
        ("", ""),
    ],
)
def test_prepared(text: str, prepared: str) -> None:
    assert casemap(text) == prepared


def test_letters_with_marks_stand_beside_those_without() -> None:
    """By code points, an umlaut would come behind z."""
    names = ["zoo", "Öl", "oben", "ohne", "ZZ", "", "Ober"]
    assert sorted(names, key=casemap) == ["", "oben", "Ober", "ohne", "Öl", "zoo", "ZZ"]
