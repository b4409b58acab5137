"""What arrives and is held, counted over a whole process."""

from __future__ import annotations


class Budget:
    """Octets that all that arrives may hold at a time, in memory and in temporary files."""

    def __init__(self, octets: int) -> None:
        self._left = octets

    @property
    def left(self) -> int:
        return self._left

    def take(self, octets: int) -> bool:
        """False: there isn't that much left, and nothing was taken."""
        if octets > self._left:
            return False
        self._left -= octets
        return True

    def give_back(self, octets: int) -> None:
        self._left += octets
