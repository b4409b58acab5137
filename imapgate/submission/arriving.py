"""A mail on its way in from a client: held within the process's budget, or not at all."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from imapgate.connections.budget import Budget
from imapgate.folders import incidents
from imapgate.folders.octets import Octets
from imapgate.limits import Limits
from imapgate.mime.index import Content
from imapgate.submission.replies import Reply
from imapgate.submission.session import BUSY, STRAY, too_large


class Arriving:
    """`add` its pieces; then `refusal`, and `content` where there is none; `free` it in any
    case, or use it as a context manager. In memory up to 1 MiB, then in a temporary file."""

    def __init__(self, limits: Limits, budget: Budget) -> None:
        self._limits = limits
        self._budget = budget
        self._taken = 0
        self._octets: Octets | None = Octets(limits.message)
        self._is_refused = False

    @property
    def is_hopeless(self) -> bool:
        """More came than is read of what can't be taken."""
        octets = self._octets
        return (
            octets is not None and octets.size > self._limits.message + self._limits.literal_drain
        )

    def add(self, piece: bytes) -> None:
        """Of what can't be held only the count is kept."""
        assert self._octets is not None
        fits = not self._is_refused and self._octets.size + len(piece) <= self._octets.most
        if fits and self._budget.take(len(piece)):
            self._taken += len(piece)
        elif fits:
            self._refuse()
        try:
            self._octets.add(piece)
        except OSError as error:
            incidents.report(error, "holding a mail that is submitted")
            self._refuse()
        if self._octets.size > self._octets.most:
            self._give_back()

    def refusal(self, is_stray: bool) -> Reply | None:
        """What speaks against the mail, now that it is whole. is_stray: framing.Framing's."""
        assert self._octets is not None
        if self._octets.size > self._limits.message:
            return too_large(self._limits.message)
        if self._is_refused:
            return BUSY
        return STRAY if is_stray else None

    def content(self) -> Content:
        """Raises OSError."""
        assert self._octets is not None
        return self._octets.content()

    def free(self) -> None:
        """Idempotent."""
        octets, self._octets = self._octets, None
        if octets is not None:
            octets.__exit__(None, None, None)
        self._give_back()

    def _refuse(self) -> None:
        """Nothing of it is kept any more."""
        assert self._octets is not None
        self._is_refused = True
        size = self._octets.size
        self._octets.__exit__(None, None, None)
        self._octets = Octets(-1)
        self._octets.size = size
        self._give_back()

    def _give_back(self) -> None:
        taken, self._taken = self._taken, 0
        self._budget.give_back(taken)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.free()
