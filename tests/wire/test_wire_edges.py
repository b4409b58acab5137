"""What a client may not make long."""

from __future__ import annotations

import pytest

from imapgate.wire.cursor import BadCommand, GrammarLimits
from imapgate.wire.grammar import parse
from imapgate.wire.numbers import read_set


@pytest.mark.parametrize("command", ["LIST", "LSUB"])
def test_a_reference_is_no_longer_than_a_folders_name(command: str) -> None:
    """It is held against every folder's name, as the pattern is."""
    limits = GrammarLimits(folder_name=10)
    parse([f'a {command} "{"x" * 10}" "*"'.encode()], limits)
    with pytest.raises(BadCommand, match="a reference of at most 10 characters at character 8"):
        parse([f'a {command} "{"x" * 11}" "*"'.encode()], limits)


@pytest.mark.parametrize("written", [b"1", b"*", b"2:1,3", b"1:*", b"5,4:6", b"9", b"1:2,2:3,5:*"])
@pytest.mark.parametrize("count", [0, 1, 3, 6])
def test_uids_at_positions_are_those_of_the_positions(written: bytes, count: int) -> None:
    """The quick way and the plain one."""
    numbers, uids = read_set(written, 10), [10 * at for at in range(1, count + 1)]
    positions = numbers.positions(count)
    expected = None if positions is None else [uids[at - 1] for at in positions]
    assert numbers.at_positions(uids) == expected
