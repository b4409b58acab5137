"""Which command is allowed when, what runs it, and which capabilities it brings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from imapgate.session.state import NOT_SIGNED_IN, SELECTED, Reply, State, bad
from imapgate.wire.commands import Command

if TYPE_CHECKING:
    from imapgate.session.session import Session

C = TypeVar("C", bound=Command)


@dataclass(frozen=True, slots=True)
class Extensions:
    """What CAPABILITY and ENABLE know. capabilities: for after sign-in. enables: what ENABLE takes
    (RFC 5161), and what else it enables, in capitals."""

    capabilities: tuple[str, ...]
    enables: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A command that works. capabilities: what CAPABILITY says of it after sign-in."""

    kind: type[Command]
    run: Callable[[Session, Any], Awaitable[Reply]]
    states: frozenset[State]
    capabilities: tuple[str, ...] = ()

    def refusal(self, state: State) -> Reply | None:
        """BAD in a wrong state (RFC 3501 3), None in a right one."""
        if state in self.states:
            return None
        if self.states == NOT_SIGNED_IN:
            return bad("You have signed in already.")
        if state is State.NOT_AUTHENTICATED:
            return bad("Sign in first.")
        if self.states == SELECTED:
            return bad("Select a folder first.")
        return bad("The session is over.")


def offer(
    kind: type[C],
    run: Callable[[Session, C], Awaitable[Reply]],
    states: frozenset[State],
    *capabilities: str,
) -> Offer:
    """An Offer whose handler fits its command."""
    return Offer(kind, run, states, capabilities)
