"""A moment as people write it: `2026-11-21`, `2026-11-21 14:30`, or an age such as `2h`, `3d`."""

from __future__ import annotations

import re
import time as clock
from datetime import datetime, time
from typing import Any

import click

_AGE = re.compile(r"([0-9]{1,6})\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class When(click.ParamType[int]):
    """Seconds since 1970 UTC. Without a zone the time is this machine's; a date alone is its first
    second, or with end_of_day its last."""

    name = "when"

    def __init__(self, *, end_of_day: bool = False) -> None:
        self._end_of_day = end_of_day

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip()
        age = _AGE.fullmatch(text)
        if age is not None:
            seconds = int(age[1]) * _SECONDS[age[2]]
            return int(clock.time()) - seconds
        try:
            moment = datetime.fromisoformat(text)
            if self._end_of_day and _DATE.fullmatch(text):
                moment = datetime.combine(moment, time(23, 59, 59))
            return int(moment.timestamp())
        except (ValueError, OverflowError, OSError):
            self.fail(
                f"{text!r} is no time: write a date (2026-11-21), a date and time "
                "(2026-11-21 14:30) or an age (30m, 2h, 3d, 1w).",
                param,
                ctx,
            )
