"""What is shown of a server that is tried step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from imapgate.servers.server import ServerError, Step

OK, WARNING, FAILED, NOT_TRIED = "ok", "warning", "failed", "not tried"


@dataclass(frozen=True, slots=True)
class Result:
    """step: as in ServerError, or one of the caller's. state: one of the four. technical: what the
    server or the system said; hint: what to do."""

    step: str
    state: str
    text: str = ""
    technical: str = ""
    hint: str = ""


def tried(steps: Sequence[str], results: Callable[[], Iterator[Result]]) -> Iterator[Result]:
    """Each step as soon as it is done; after one that failed (results raises ServerError) the
    others are NOT_TRIED. steps: in the order in which they are tried."""
    left = list(steps)
    try:
        for result in results():
            if result.step in left:
                left.remove(result.step)
            yield result
    except ServerError as error:
        step = error.step if error.step in left else (left or [error.step])[0]
        if step in left:
            left.remove(step)
        yield Result(step, FAILED, error.text, error.technical, error.hint)
    for step in left:
        yield Result(step, NOT_TRIED)


def result_of(step: Step) -> Result:
    """Of a step that went well."""
    return Result(step.name, WARNING if step.warning else OK, step.text, step.warning)
