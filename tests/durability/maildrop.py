"""A mailbox in a directory, which outlives whoever reads it: each message a file, named by its UID
(IMAP) or UIDL (POP3).

    waiting/7    what is in the mailbox        done/7    what was moved
    seen/7       empty: it was marked          validity  the UIDVALIDITY; empty: POP3
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imapgate.incoming.source import Position, TooLarge, Waiting


@dataclass(frozen=True, slots=True)
class Maildrop:
    """path: the directory."""

    path: Path

    @classmethod
    def make(cls, path: Path, validity: int | None) -> Maildrop:
        for name in ("waiting", "seen", "done"):
            (path / name).mkdir(parents=True)
        (path / "validity").write_text("" if validity is None else str(validity))
        return cls(path)

    @property
    def validity(self) -> int | None:
        text = (self.path / "validity").read_text()
        return int(text) if text else None

    def key(self, name: str) -> str:
        return name if self.validity is None else f"{self.validity}.{name}"

    def names(self) -> list[str]:
        """Oldest first."""
        return sorted((one.name for one in (self.path / "waiting").iterdir()), key=int)

    def put(self, name: str, content: bytes, at: int) -> None:
        """at: INTERNALDATE, in seconds since 1970."""
        file = self.path / "waiting" / name
        file.write_bytes(content)
        os.utime(file, (at, at))

    def came_at(self, name: str) -> int:
        return int((self.path / "waiting" / name).stat().st_mtime)

    def contents(self) -> list[bytes]:
        """All that is on this side, moved or not."""
        return [
            one.read_bytes()
            for place in ("waiting", "done")
            for one in (self.path / place).iterdir()
        ]

    def is_seen(self, name: str) -> bool:
        return (self.path / "seen" / name).exists()

    def renew(self, first: int) -> None:
        """Another UIDVALIDITY, other UIDs, from `first` on; marks stay."""
        assert self.validity is not None
        moves = [(name, str(first + n)) for n, name in enumerate(self.names())]
        for place in ("waiting", "seen"):
            for old, new in moves:
                file = self.path / place / old
                if file.exists():
                    file.rename(self.path / place / f"{new}.new")
            for file in (self.path / place).iterdir():
                if file.suffix == ".new":
                    file.rename(file.with_suffix(""))
                elif place == "seen":
                    file.unlink()
        (self.path / "validity").write_text(str(self.validity + 1))


class MaildropSource:
    """See imapgate.incoming.source.Source. tick: called between any two steps."""

    warnings: Sequence[str] = ()

    def __init__(self, box: Maildrop, tick: Callable[[], None]) -> None:
        self._box = box
        self._tick = tick

    def waiting(self, position: Position) -> list[Waiting]:
        self._tick()
        box = self._box
        known = position.get("validity") == box.validity and "next" in position
        first = int(position["next"]) if known else None
        return [
            Waiting(box.key(name), 0, None if box.validity is None else box.came_at(name))
            for name in box.names()
            if box.validity is None
            or not box.is_seen(name)
            or (first is not None and int(name) >= first)
        ]

    def read(self, key: str, most: int) -> bytes:
        self._tick()
        name = self._name(key)
        try:
            content = (self._box.path / "waiting" / name).read_bytes()
        except FileNotFoundError:
            raise KeyError(key) from None
        if len(content) > most:
            raise TooLarge(len(content))
        self._tick()
        return content

    def settle(self, keys: Collection[str], afterwards: str, move_to: str | None) -> None:
        for key in keys:
            self._tick()
            name = self._name(key)
            file = self._box.path / "waiting" / name
            if not file.exists():
                continue
            if afterwards == "keep":
                (self._box.path / "seen" / name).touch()
            elif afterwards == "move":
                file.rename(self._box.path / "done" / f"{key}")
            else:
                file.unlink()
        self._tick()

    def position(self, whole: bool = True) -> dict[str, Any]:
        names = self._box.names()
        if not whole:
            return {"validity": self._box.validity, "next": int(names[0])}
        return {"validity": self._box.validity, "next": int(names[-1]) + 1 if names else 1}

    def count(self) -> int:
        return len(self._box.names())

    def newest(self) -> Waiting | None:
        return None

    def wait(self, seconds: float) -> bool:
        return False

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        self._tick()

    def _name(self, key: str) -> str:
        """`/` is no file's name: of another UIDVALIDITY nothing is found."""
        if self._box.validity is None:
            return key
        validity, _, name = key.partition(".")
        return name if validity == str(self._box.validity) else "none"
