"""What a client may not make long."""

from __future__ import annotations

import pytest

from imapgate.wire.cursor import BadCommand, GrammarLimits
from imapgate.wire.grammar import parse


@pytest.mark.parametrize("command", ["LIST", "LSUB"])
def test_a_reference_is_no_longer_than_a_folders_name(command: str) -> None:
    """It is held against every folder's name, as the pattern is."""
    limits = GrammarLimits(folder_name=10)
    parse([f'a {command} "{"x" * 10}" "*"'.encode()], limits)
    with pytest.raises(BadCommand, match="a reference of at most 10 characters at character 8"):
        parse([f'a {command} "{"x" * 11}" "*"'.encode()], limits)
