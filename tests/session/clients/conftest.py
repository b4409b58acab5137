"""A desk at which a client is set up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk_mails import lay_out
from transcript import Stage
from world import World


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    """See desk_mails.lay_out."""
    made = Stage(world)
    lay_out(made)
    yield made
    made.close()
