"""Settings to look at: nothing listens, nothing is read but files of the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from imapgate.settings import Outgoing, Settings


@pytest.fixture
def near(tmp_path: Path) -> Settings:
    """As it is without any settings: on this machine alone, no SMTP server named."""
    return Settings(tmp_path)


@pytest.fixture
def far(tmp_path: Path) -> Settings:
    """For a network, with an SMTP server."""
    return Settings(
        tmp_path,
        host="0.0.0.0",
        port=143,
        tls_port=993,
        names=("imap.acme.example", "10.0.0.5"),
        outgoing=Outgoing("smtp.acme.example"),
    )
