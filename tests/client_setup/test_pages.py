"""docs/clients/*.md go through the dialogs as `imapgate client-setup` does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from imapgate.cli.client_setup_dialogs import DIALOGS
from imapgate.client_setup.account import account
from imapgate.settings import Settings

PAGES = Path(__file__).parents[2] / "docs" / "clients"
FILES = {"thunderbird": "thunderbird.md", "outlook": "outlook.md", "apple": "apple.md"}


@pytest.mark.parametrize("client", list(FILES))
def test_the_page_names_what_the_dialog_asks(near: Settings, client: str) -> None:
    """Every label, the server's address and its port; the way that leads there."""
    page = (PAGES / FILES[client]).read_text(encoding="utf-8").casefold().replace("-", "")
    shown = DIALOGS[client](account(near, "Alice", "alice@example.org", "alice@Standard"))
    for step in shown:
        for label, _ in step.asked:
            assert label.casefold().replace("-", "") in page, label
    for word in (near.host, str(near.port), f"client-setup {client} alice".replace("-", "")):
        assert word in page
    first = shown[0].where.partition(",")[0].casefold()
    for name in first.split(" > "):
        assert name in page, name


@pytest.mark.parametrize("client", list(FILES))
def test_the_page_names_the_port_for_other_machines(far: Settings, client: str) -> None:
    page = (PAGES / FILES[client]).read_text(encoding="utf-8")
    port = str(Settings(far.data).tls_port)
    assert port in page
    told = account(replace(far, tls_port=int(port)), "Alice", "a@example.org", "a@example.org")
    assert port in str(DIALOGS[client](told))
