"""Where activities stand on the web: what may be set, and what comes of it."""

from __future__ import annotations

import pytest

from imapgate.activities.names import Mistake
from imapgate.activities.web_addresses import LONGEST, address, checked


@pytest.mark.parametrize(
    "pattern",
    [
        "https://crm.example.org/activity/{number}",
        "http://localhost:8080/?a={number}&b={number}",
        "https://{number}.example.org/",
        "  https://crm.example.org/größe/{number}  ",
    ],
)
def test_what_may_be_set(pattern: str) -> None:
    assert checked(pattern) == pattern.strip()


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "crm.example.org/{number}",
        "https://crm.example.org/",
        "javascript:alert({number})",
        "ftp://crm.example.org/{number}",
        "https:///{number}",
        "https://[/{number}",
        "https://a:b/{number}",
        "https://bank.example@evil.example/{number}",
        "https://crm.example.org/{number}/{name}",
        'https://crm.example.org/"{number}',
        "https://crm.example.org/<{number}",
        "https://crm.example.org/ {number}",
        "https://crm.example.org/\\{number}",
        "https://crm.example.org/\r\nBcc: x@example.org\r\n{number}",
        "https://crm.example.org/\t{number}",
        "https://crm.example.org/\0{number}",
        "https://crm.example.org/\ud800{number}",
        "https://crm.example.org/\u202e{number}",
        "https://crm.example.org/{number}" + "a" * LONGEST,
    ],
)
def test_what_may_not(pattern: str) -> None:
    """Nothing that leads elsewhere than it says, or ends the address where it is written."""
    with pytest.raises(Mistake):
        checked(pattern)


def test_an_address() -> None:
    """The number stands wherever the pattern says."""
    assert address("http://a.example/{number}?of={number}", 7) == "http://a.example/7?of=7"
