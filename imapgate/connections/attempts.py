"""Slows down whoever tries passwords: on one login from one address, and from an address at all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from imapgate.connections import addresses
from imapgate.folders import sign_in

K = TypeVar("K", bound=Hashable)

REMEMBERED = 10_000
"""Pairs of login and address, and addresses; the oldest goes first."""
FORGOTTEN_AFTER = 15 * 60.0
"""Seconds without a failure."""
LONGEST_PAUSE = 30.0
"""Seconds: a row of attempts holds up the right password no longer than this after they end."""
LONGEST_LOGIN = 200
"""Characters of a login that count."""
FASTER = 20
"""So many times shorter is the delay between attempts of one address on different logins: with as
many sessions as an address may have, nobody behind it waits for LONGEST_PAUSE."""
PATIENCE = 20
"""Failures of an address before its attempts on other logins are slowed: many people may be behind
it, and each may have forgotten a password."""


class Attempts:
    """Failed sign-ins over all sessions of the process (docs/rules.md 22).

    Nobody is slowed down by failures from elsewhere: whoever tries a user's login from another
    address holds up themselves alone.
    """

    def __init__(self, delay: float) -> None:
        """delay: seconds between two attempts on a login that has failed."""
        self._logins: _Rows[tuple[str, str]] = _Rows(delay, 1)
        self._addresses: _Rows[str] = _Rows(delay / FASTER, PATIENCE)

    def pause(self, login: str, address: str, now: float) -> float | None:
        """Seconds to wait before this attempt is looked at; its place in the rows is taken.

        0.0 where nothing failed lately: nobody who knows the password is made to wait. None: a row
        is too long, and no place was taken in it.
        """
        on_login = self._logins.pause(_key(login, address), now)
        if on_login is None:
            return None
        from_address = self._addresses.pause(addresses.network(address), now)
        return None if from_address is None else max(on_login, from_address)

    def failed(self, login: str, address: str, now: float) -> None:
        self._logins.failed(_key(login, address), now)
        self._addresses.failed(addresses.network(address), now)

    def succeeded(self, login: str, address: str) -> None:
        """What the address did to other logins isn't forgotten."""
        self._logins.forget(_key(login, address))


@dataclass(slots=True)
class _Row:
    """free_at: when the next attempt may be looked at."""

    failures: int
    free_at: float


class _Rows(Generic[K]):
    """What failed by key; attempts on one that failed often enough come one by one."""

    def __init__(self, delay: float, patience: int) -> None:
        """patience: failures from which on attempts are delayed."""
        self._delay = delay
        self._patience = patience
        self._rows: OrderedDict[K, _Row] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def pause(self, key: K, now: float) -> float | None:
        self._forget_old(now)
        row = self._rows.get(key)
        if row is None or row.failures < self._patience:
            return 0.0
        begin = max(now, row.free_at)
        if begin - now > LONGEST_PAUSE:
            return None
        row.free_at = begin + self._delay
        return begin - now

    def failed(self, key: K, now: float) -> None:
        row = self._rows.setdefault(key, _Row(0, 0.0))
        row.failures += 1
        row.free_at = max(row.free_at, now + self._delay)
        self._rows.move_to_end(key)
        while len(self._rows) > REMEMBERED:
            self._rows.popitem(last=False)

    def forget(self, key: K) -> None:
        self._rows.pop(key, None)

    def _forget_old(self, now: float) -> None:
        while self._rows:
            key, row = next(iter(self._rows.items()))
            if row.free_at + FORGOTTEN_AFTER > now:
                return
            del self._rows[key]


def _key(login: str, address: str) -> tuple[str, str]:
    return sign_in.key(login[:LONGEST_LOGIN])[:LONGEST_LOGIN], addresses.network(address)
