"""The CRM that the tests of activities work on."""

from __future__ import annotations

import crm as crm_module
import pytest

from storage import Database


@pytest.fixture
def crm(db: Database) -> crm_module.Crm:
    """A small segment in a fresh database."""
    return crm_module.make(db)
