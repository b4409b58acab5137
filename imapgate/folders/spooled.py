"""A drop that waits in the spool, and how it is written down there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

FORM = 1
"""Of the JSON; another one is left to the version that knows it."""


class Damaged(Exception):
    """What stands in the spool can't be taken in; the text says why, without what it holds."""


@dataclass(frozen=True, slots=True)
class SpooledMessage:
    """One message of an APPEND. sha256: in hex. flags: as written. internal_at: seconds since 1970
    UTC, None: as it arrived; internal_zone: minutes east."""

    sha256: str
    octets: int
    flags: tuple[str, ...]
    internal_at: int | None
    internal_zone: int


@dataclass(frozen=True, slots=True)
class Spooled:
    """All messages of one APPEND.

    token: of this drop alone, at random. order: nanoseconds since 1970 at which it arrived.
    client, code, text: who sent it and what was answered the last time. times: how often it came;
    first_at, at: the first and the last time, in seconds since 1970.
    """

    token: str
    order: int
    segment: str
    principal_id: int
    principal: str
    folder: str
    client: str
    code: str
    text: str
    first_at: int
    at: int
    times: int
    messages: tuple[SpooledMessage, ...]

    @property
    def stem(self) -> str:
        """The same for the same messages of the same person to the same folder; in front, whose."""
        same = [self.segment, self.principal, self.folder, [one.sha256 for one in self.messages]]
        named = hashlib.sha256(json.dumps(same).encode("ascii")).hexdigest()[:32]
        return f"{self.principal_id}-{named}"

    def to_json(self) -> bytes:
        return json.dumps({"form": FORM, **asdict(self)}).encode("ascii")

    @classmethod
    def from_json(cls, octets: bytes) -> Spooled:
        """Raises Damaged."""
        try:
            values = json.loads(octets)
            if values.pop("form") != FORM:
                raise Damaged("it was written by another version")
            messages = tuple(_message(one) for one in values.pop("messages"))
            found = cls(messages=messages, **values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Damaged("its description can't be read") from error
        checked((found.token, found.segment, found.principal, found.folder), str)
        checked((found.client, found.code, found.text), str)
        checked((found.order, found.principal_id, found.first_at, found.at, found.times), int)
        if not found.messages:
            raise Damaged("its description names no message")
        return found


def _message(values: dict[str, Any]) -> SpooledMessage:
    found = SpooledMessage(**{**values, "flags": tuple(values["flags"])})
    checked((found.sha256, *found.flags), str)
    checked((found.octets, found.internal_zone), int)
    if found.internal_at is not None:
        checked((found.internal_at,), int)
    return found


def checked(values: tuple[object, ...], kind: type) -> None:
    """Raises Damaged for a value of another type."""
    if not all(isinstance(one, kind) for one in values):
        raise Damaged("its description can't be read")
