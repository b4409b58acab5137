"""What a command does per folder or per message happens off the reactor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from transcript import Stage

from imapgate.folders import names


class Hops:
    """Knows whether work runs in a hop."""

    def __init__(self, stage: Stage) -> None:
        self.inside = False
        self._call = stage.server.call
        stage.server.call = self.call

    def call(self, work: Callable[[], Any]) -> Any:
        def inside() -> Any:
            self.inside = True
            try:
                return work()
            finally:
                self.inside = False

        return self._call(inside)

    def only_inside(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """work, which fails on the reactor."""

        def checked(*arguments: Any) -> Any:
            assert self.inside, "on the reactor"
            return work(*arguments)

        return checked


@pytest.fixture
def hops(stage: Stage) -> Hops:
    stage.client("alice")
    return Hops(stage)


@pytest.mark.parametrize("command", ["LIST", "LSUB"])
def test_names_are_held_against_a_pattern_off_the_reactor(
    stage: Stage, hops: Hops, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """A thousand folders and a nasty pattern delay nobody else."""
    monkeypatch.setattr(names, "matches", hops.only_inside(names.matches))
    stage.run(rf"""
        C: a {command} "" Tra%
        S: * {command} ...
        S: * {command} ...
        S: a OK ...
    """)


def test_lsub_asks_about_each_parent_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many subscriptions below one another cost no more than there are folders."""
    asked: list[str] = []
    matches = names.matches

    def counted(name: str, reference: str, pattern: str) -> bool:
        asked.append(name)
        return matches(name, reference, pattern)

    monkeypatch.setattr(names, "matches", counted)
    stage.run("""
        C: a LSUB "" x%
        S: a OK ...
    """)
    # Once as a folder, once as a parent, not once for each of its children.
    assert Counter(asked)["Trackers"] == 2
