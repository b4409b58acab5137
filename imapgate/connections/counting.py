"""How many sessions there are: in all, from one address (of IPv6 a /64), of one user."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from imapgate.connections import addresses

K = TypeVar("K")


class Sessions:
    """Counts; whoever was let in gives the place back."""

    def __init__(self, most: int, per_address: int, per_user: int) -> None:
        self._most = most
        self._per_address = per_address
        self._per_user = per_user
        self._addresses: Counter[str] = Counter()
        self._users: Counter[int] = Counter()
        self._all = 0

    @property
    def count(self) -> int:
        return self._all

    def open(self, address: str) -> str | None:
        """Takes a place for a connection; None, or the reason why there is none."""
        if self._all >= self._most:
            return "There are too many sessions just now. Try again later."
        network = addresses.network(address)
        if self._addresses[network] >= self._per_address:
            return "There are too many sessions from your address."
        self._all += 1
        self._addresses[network] += 1
        return None

    def close(self, address: str) -> None:
        """Gives back what `open` took."""
        self._all -= 1
        _less(self._addresses, addresses.network(address))

    def sign_in(self, person_id: int) -> bool:
        """Takes one of the user's places; False if all are taken."""
        if self._users[person_id] >= self._per_user:
            return False
        self._users[person_id] += 1
        return True

    def sign_out(self, person_id: int) -> None:
        """Gives back what `sign_in` took."""
        _less(self._users, person_id)


def _less(counter: Counter[K], key: K) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
