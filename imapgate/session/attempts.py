"""Slows down whoever tries passwords: attempts on one login from one address come one by one."""

from __future__ import annotations

from collections import OrderedDict

REMEMBERED = 10_000
"""Pairs of login and address; the oldest goes first."""
FORGOTTEN_AFTER = 15 * 60.0
"""Seconds without a failure."""
LONGEST_PAUSE = 30.0
"""Seconds: a row of attempts holds up the right password no longer than this after they end."""
LONGEST_LOGIN = 200
"""Characters of a login that count."""


class Attempts:
    """Failed sign-ins by login and address (DESIGN rule 22), over all sessions of the process."""

    def __init__(self, delay: float) -> None:
        """delay: seconds between two attempts on a login that has failed."""
        self._delay = delay
        self._free_at: OrderedDict[tuple[str, str], float] = OrderedDict()

    def pause(self, login: str, address: str, now: float) -> float | None:
        """Seconds to wait before this attempt is looked at; its place in the row is taken.

        0.0 where nothing failed lately: nobody who knows the password is made to wait. None: the
        row is too long, and no place was taken.
        """
        self._forget(now)
        key = _key(login, address)
        free_at = self._free_at.get(key)
        if free_at is None:
            return 0.0
        begin = max(now, free_at)
        if begin - now > LONGEST_PAUSE:
            return None
        self._free_at[key] = begin + self._delay
        return begin - now

    def failed(self, login: str, address: str, now: float) -> None:
        key = _key(login, address)
        self._free_at[key] = max(self._free_at.get(key, 0.0), now + self._delay)
        self._free_at.move_to_end(key)
        while len(self._free_at) > REMEMBERED:
            self._free_at.popitem(last=False)

    def succeeded(self, login: str, address: str) -> None:
        self._free_at.pop(_key(login, address), None)

    def _forget(self, now: float) -> None:
        while self._free_at:
            key, free_at = next(iter(self._free_at.items()))
            if free_at + FORGOTTEN_AFTER > now:
                return
            del self._free_at[key]


def _key(login: str, address: str) -> tuple[str, str]:
    return login.casefold()[:LONGEST_LOGIN], address
