"""An APPEND whose bytes arrived: filed, or kept where nothing is lost (rules 3, 17)."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from imapgate.activities.people import Person
from imapgate.folders import appending, incidents, records, refusals, replacing
from imapgate.folders.appending import Arrival, Incoming
from imapgate.folders.refusals import Refused
from imapgate.folders.replacing import Old
from imapgate.folders.spool import Spool
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.limits import Limits
from storage import Database, Tx
from storage.engine import Unavailable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """name: of the folder. client: name and version from ID, for the record. spool: None where
    there is none. replaces: the message whose place this one takes (REPLACE), None for APPEND.
    came_at: seconds since 1970.

    Its methods open their own transactions: the messages are read before, the writer files them.
    """

    db: Database
    person: Person
    name: str
    arrivals: Sequence[Arrival]
    client: str
    limits: Limits
    spool: Spool | None = None
    replaces: Old | None = None
    came_at: int = field(default_factory=lambda: int(time.time()))

    def append(self) -> Verdict:
        """What is refused stands in Recovered Messages when this returns (rule 3), or if the
        database takes nothing, in the spool (rule 17); but for a message larger than
        limits.message, or if there is no room [OVERQUOTA]. A message of no octets cancels the
        command (RFC 3502): nothing is kept.
        """
        if not self.arrivals or any(not one.content for one in self.arrivals):
            return Verdict(Outcome.REFUSED, "Cancelled: nothing was stored.")
        incoming = None
        try:
            incoming = ready = appending.prepare(self.arrivals, self.limits)
            if self.replaces is not None and self.spool is not None:
                self.spool.refusals.settle(self.db, self.person.id)
            return self.db.write(lambda tx: self._land(tx, ready))
        except Refused as why:
            refused = why
        except Unavailable as away:
            _log.warning("an APPEND can't be filed: %s", away)
            return self._spooled(refusals.away())
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            refused = refusals.incident(error, self.word)
        return self._spooled(refused) if incoming is None else self._kept(incoming, refused)

    @property
    def word(self) -> str:
        """The command."""
        return "APPEND" if self.replaces is None else replacing.WORD

    def _land(self, tx: Tx, incoming: Sequence[Incoming]) -> Verdict:
        old = self.replaces
        if old is None:
            return appending.append(tx, self.person, self.name, incoming, self.client, self.limits)
        return replacing.append(tx, self.person, self.name, incoming, self.client, self.limits, old)

    def cut_short(self, code: str, cause: str) -> Verdict:
        """Of a MULTIAPPEND that is refused before its next message comes: what had arrived is kept
        as with `append`, and the answer doesn't promise a copy of the rest.

        cause: a clause without full stop.
        """
        try:
            incoming = appending.prepare(self.arrivals, self.limits)
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            return self._spooled(refusals.incident(error, "APPEND"), whole=False)
        rest = [appending.NOT_UPLOADED]
        return self._kept([*incoming, *rest], Refused(code, cause), whole=False)

    def not_understood(self, cause: str) -> Verdict:
        """An APPEND with a syntax error, whose messages arrived all the same: they are kept as with
        `append`.

        cause: what is wrong, without full stop.
        """
        try:
            incoming = appending.prepare(self.arrivals, self.limits)
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            return self._spooled(refusals.incident(error, "APPEND"))
        return self._kept(incoming, refusals.not_understood(cause))

    def _kept(self, incoming: Sequence[Incoming], refused: Refused, whole: bool = True) -> Verdict:
        """In Recovered Messages; where that fails, in the spool. whole: nothing is missing."""
        try:
            return self.db.write(
                lambda tx: appending.keep_refused(
                    tx,
                    self.person,
                    self.name,
                    incoming,
                    self.client,
                    self.limits,
                    refused,
                    self.word,
                )
            )
        except Unavailable as away:
            _log.warning("what was refused can't be kept in the database: %s", away)
            return self._spooled(refused, whole)
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, f"keeping what was refused [{refused.code}]")
            return self._spooled(refused, whole)

    def _spooled(self, refused: Refused, whole: bool = True) -> Verdict:
        """In the spool; where that fails too, the answer says that nothing was kept."""
        away = refused.code == "UNAVAILABLE"
        text = refused.text(refusals.IN_SPOOL if whole else refusals.NO_COPY)
        if not self._keep(refused, text):
            text = refused.text(refusals.NO_COPY_LATER if away else refusals.NO_COPY)
            self._record_unkept(text, refused.code, len(self.arrivals) + (not whole))
        return Verdict(Outcome.LATER if away else Outcome.REFUSED, text, refused.code)

    def _record_unkept(self, text: str, code: str, count: int) -> None:
        """So many messages that could be neither filed nor kept leave a record (rule 6)."""
        try:
            self.db.write(
                lambda tx: records.not_taken(
                    tx, self.person, self.name, self.client, text, code, count
                )
            )
        except Unavailable:
            _log.warning("an APPEND is on no record: the database is away")
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, f"recording what was refused [{code}]")

    def _keep(self, refused: Refused, text: str) -> bool:
        if self.spool is None or not self.arrivals:
            return False
        if any(len(one.content) > self.limits.message for one in self.arrivals):
            return False
        try:
            return self.spool.keep(
                self.person,
                self.name,
                self.arrivals,
                self.client,
                refused.code,
                text,
                self.came_at,
            )
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, "keeping in the spool")
            return False
