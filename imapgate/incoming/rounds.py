"""One round of one account: what is new in the mailbox is taken, filed, and marked, moved or
deleted there, in this order, so that nothing is ever gone from both sides.

A message is known by its key. Its bytes are compared only where a key can't be trusted: for what an
earlier round took and didn't come to settle (a POP3 server may give a UIDL anew, RFC 1939 7), and
under a new UIDVALIDITY (RFC 3501 2.3.1.1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from imapgate.folders import incidents
from imapgate.incoming import filing, queue
from imapgate.incoming.account import PORTS, Account, Place, Reading
from imapgate.incoming.queue import Fetched, Origin
from imapgate.incoming.source import Position, Source, TooLarge, Unreadable, Waiting
from imapgate.limits import Limits
from imapgate.mime.index import Content
from imapgate.servers.server import ServerError
from storage import Database, Tx, accounts, incoming
from storage.engine import Unavailable
from storage.incoming import IncomingRow

TOGETHER = 16
"""Messages that one transaction takes, of OCTETS altogether."""
OCTETS = 1024 * 1024
GONE = "The message is gone from its mailbox: it was never read."
LOOKED = 500
"""Messages whose keys are looked for at a time."""


@dataclass(slots=True)
class Round:
    """What a round came to. took, filed, failed, held: messages; more: there are others, which the
    next round takes, at once."""

    took: int = 0
    filed: int = 0
    failed: int = 0
    held: int = 0
    more: bool = False

    def came(self, came: filing.Came) -> None:
        if came.state == incoming.FILED:
            self.filed += 1
        elif came.state == incoming.FAILED:
            self.failed += 1
        elif came.state == incoming.HELD:
            self.held += 1


@dataclass(slots=True)
class _Plan:
    """new: to be read, since nothing of them was taken yet. again: settled, and there all the same.
    whole: nothing waits beyond these. validity: the folder's UIDVALIDITY, if anything waits there
    (IMAP)."""

    new: list[Waiting] = field(default_factory=list)
    again: list[tuple[Waiting, IncomingRow]] = field(default_factory=list)
    whole: bool = True
    validity: str | None = None


def origin_of(account: Account) -> Origin:
    """The account's mailbox. Another host, user or folder is another mailbox, and so is another
    port that isn't the protocol's own; TLS or not is the same."""
    return Origin(
        account.segment_id,
        f"account {account.id} {mailbox(account.place)}",
        account.id,
        settles=True,
    )


def mailbox(place: Place) -> str:
    """`imap://user@host/folder`, `pop3://user@host:1100`."""
    family = place.protocol.removesuffix("s")
    port = "" if place.port in PORTS.values() else f":{place.port}"
    folder = f"/{place.folder}" if family == "imap" else ""
    return f"{family}://{place.login.user}@{place.host.lower()}{port}{folder}"


def run_round(
    db: Database,
    account: Account,
    reading: Reading,
    source: Source,
    limits: Limits,
    stopping: Callable[[], bool] = lambda: False,
) -> Round:
    """reading: with the defaults filled in. stopping: asked between messages; what was taken by
    then is filed and settled.

    Raises ServerError and Unavailable: what was taken stays in the queue, what wasn't settled is
    settled by the next round.
    """
    return _Running(db, account, reading, source, limits, stopping, origin_of(account)).run()


@dataclass(slots=True)
class _Running:
    """A round under way. settling: key -> row, to be settled at the end. gone: rows that wait for
    nothing any more, if no message with their bytes turns up."""

    db: Database
    account: Account
    reading: Reading
    source: Source
    limits: Limits
    stopping: Callable[[], bool]
    origin: Origin
    round: Round = field(default_factory=Round)
    settling: dict[str, int] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)

    def run(self) -> Round:
        unsettled, unread = self.db.read(self._left)
        plan = self._look(unread)
        if not plan.whole:
            # Somebody may read, in webmail, what this round has no room for.
            rest = self.source.position(whole=False)
            self.db.write(lambda tx: self._note(tx, rest))
        of_before = [one for one in unsettled if self._is_of_before(one, plan)]
        left = [one for one in unsettled if one not in of_before]
        self._take(chain(self._left_over(left), self._new(plan.new), self._again(plan.again)))
        self._settle()
        if self.stopping():
            return self.round
        some_left = self.reading.afterwards != "keep" and len(left) > self.reading.per_round
        # Where nothing went on, the next round would do no better at once.
        went_on = bool(self.settling or self.gone or self.round.failed)
        self.round.more = went_on and (some_left or not plan.whole)
        if plan.whole:
            position = self.source.position()
            self.db.write(lambda tx: self._end(tx, of_before, position))
        return self.round

    def _left(self, tx: Tx) -> tuple[list[IncomingRow], list[IncomingRow]]:
        segment_id, name = self.origin.segment_id, self.origin.name
        return incoming.unsettled(tx, segment_id, name), incoming.unread(tx, segment_id, name)

    def _position(self, tx: Tx) -> Position:
        """Of another mailbox it means nothing."""
        kept = accounts.state(tx, self.account.id).position
        at: Position = kept["at"] if kept.get("of") == self.origin.name else {}
        return at

    def _end(self, tx: Tx, of_before: Sequence[IncomingRow], position: Position) -> None:
        """What no message turned up for under the new UIDVALIDITY is gone."""
        incoming.settle(tx, [one.id for one in of_before])
        incoming.leave(tx, self.account.id, self.origin.name)
        at = {"of": self.origin.name, "at": dict(position)}
        accounts.set_position(tx, self.account.id, at)

    def _note(self, tx: Tx, position: Position) -> None:
        kept = accounts.state(tx, self.account.id).position
        at = {**kept, "of": self.origin.name, "at": dict(position)}
        accounts.set_position(tx, self.account.id, at)

    def _look(self, unread: Sequence[IncomingRow]) -> _Plan:
        plan = _Plan([_waiting(one) for one in unread[: self.reading.per_round]])
        chosen = {one.key for one in plan.new}
        waiting = iter(self.source.waiting(self.db.read(self._position)))
        while some := list(islice(waiting, LOOKED)):
            known = self._known(some)
            plan.validity = self._validity(some[0].key)
            for one in some:
                row = known.get(one.key)
                if row is None and one.key not in chosen:
                    if len(chosen) >= self.reading.per_round:
                        plan.whole = False
                        return plan
                    plan.new.append(one)
                    chosen.add(one.key)
                elif row is not None and self._ought_to_be_gone(row):
                    plan.again.append((one, row))
            del plan.again[self.reading.per_round :]
        return plan

    def _is_of_before(self, row: IncomingRow, plan: _Plan) -> bool:
        """Its key is of another UIDVALIDITY, and means nothing any more."""
        return plan.validity not in (None, self._validity(row.origin_key))

    def _known(self, some: Sequence[Waiting]) -> dict[str, IncomingRow]:
        keys = [one.key for one in some]
        return self.db.read(
            lambda tx: incoming.by_keys(tx, self.origin.segment_id, self.origin.name, keys)
        )

    def _ought_to_be_gone(self, row: IncomingRow) -> bool:
        taken = row.settled and row.sha256 is not None
        return taken and self.reading.afterwards != "keep"

    def _left_over(self, unsettled: Sequence[IncomingRow]) -> Iterator[Fetched]:
        """What an earlier round took and didn't come to settle. What is only to be marked is
        marked; else it is looked whether its key still means the same message."""
        if self.reading.afterwards == "keep":
            self.settling.update((_key(one), one.id) for one in unsettled)
            return
        for row in unsettled[: self.reading.per_round]:
            if self.stopping():
                return
            yield from self._compared(Waiting(_key(row), row.size), row)

    def _again(self, again: Sequence[tuple[Waiting, IncomingRow]]) -> Iterator[Fetched]:
        for one, row in again:
            if self.stopping():
                return
            yield from self._compared(one, row)

    def _compared(self, one: Waiting, row: IncomingRow) -> Iterator[Fetched]:
        """Nothing, if the row's message still stands under its key: it is settled then. Else the
        other message that has its key now."""
        try:
            content = self.source.read(one.key, self.limits.message)
        except KeyError:
            self.gone.append(row.id)
            return
        except (TooLarge, Unreadable):
            return
        if _sha256(content) == row.sha256:
            self.settling[one.key] = row.id
        else:
            yield Fetched(one.key, content, one.internal_at, one.internal_zone, after=row.id)

    def _new(self, new: Sequence[Waiting]) -> Iterator[Fetched]:
        for one in new:
            if self.stopping():
                return
            if one.size > self.limits.message:
                self._refuse_large(one, one.size)
                continue
            try:
                content = self.source.read(one.key, self.limits.message)
            except KeyError:
                self._not_there(one.key)
            except TooLarge as error:
                self._refuse_large(one, error.size)
            except Unreadable as error:
                self._refuse_unread(one, error.text)
            except ServerError as error:
                self._broke(one, error)
                raise
            else:
                yield Fetched(one.key, content, one.internal_at, one.internal_zone)

    def _broke(self, one: Waiting, error: ServerError) -> None:
        """The connection broke over this message. If it does so again, the next rounds go on
        without it: there are servers that fall over a damaged one each time."""

        def work(tx: Tx) -> bool:
            kept = dict(accounts.state(tx, self.account.id).position)
            known = incoming.by_keys(tx, self.origin.segment_id, self.origin.name, [one.key])
            again = kept.pop("broke", None) == one.key or one.key in known
            if not again:
                kept["broke"] = one.key
            accounts.set_position(tx, self.account.id, kept)
            return again

        if not self.stopping() and self.db.write(work):
            self._refuse_unread(one, f"The connection breaks over it: {error.text}")

    def _not_there(self, key: str) -> None:
        """What could not be read before and is gone by now would else be asked for each time."""

        def work(tx: Tx) -> IncomingRow | None:
            rows = incoming.by_keys(tx, self.origin.segment_id, self.origin.name, [key])
            row = rows.get(key)
            if row is not None and row.is_unread:
                incoming.change(tx, row.id, next_at=None, text=GONE)
            return row

        row = self.db.write(work)
        if row is not None:
            self.gone.append(row.id)

    def _refuse_large(self, one: Waiting, size: int) -> None:
        text = (
            f"The message has {size:,} octets, more than the {self.limits.message:,} that are "
            "taken; it stays in its mailbox."
        )
        queue.refuse(self.db, self.origin, one, size, queue.TOO_LARGE, text, retries=0)
        self.round.failed += 1

    def _refuse_unread(self, one: Waiting, cause: str) -> None:
        text = f"{cause} The message stays in its mailbox."
        retries = self.reading.retries or 0
        queue.refuse(self.db, self.origin, one, one.size, queue.UNREADABLE, text, retries)
        self.round.failed += 1

    def _take(self, found: Iterable[Fetched]) -> None:
        """In batches; what had come when the connection broke is taken too."""
        batch: list[Fetched] = []
        octets = 0
        try:
            for one in found:
                batch.append(one)
                octets += len(one.content)
                if len(batch) == TOGETHER or octets >= OCTETS:
                    together, batch, octets = batch, [], 0
                    self._take_together(together)
        except ServerError:
            self._take_together(batch)
            raise
        self._take_together(batch)

    def _take_together(self, batch: Sequence[Fetched]) -> None:
        if not batch:
            return
        try:
            taken = queue.take(self.db, self.origin, batch, self.limits, self._same)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            # Whatever is wrong with one message, those behind it come in.
            if len(batch) == 1:
                (one,) = batch
                size = len(one.content)
                alone = Waiting(str(one.key), size, one.internal_at, one.internal_zone)
                self._refuse_unread(alone, _why_not(error))
                return
            for each in batch:
                self._take_together([each])
            return
        for one, row in zip(batch, taken, strict=True):
            assert one.key is not None
            self.settling[one.key] = row.row_id
            if row.is_new:
                self.round.took += 1
                self.round.came(filing.file_one(self.db, row.row_id, self.limits, row.prepared))

    def _same(self, row: IncomingRow, fetched: Fetched) -> bool:
        """Under a new UIDVALIDITY, what may still be there is known by its bytes and its
        INTERNALDATE: an equal mail may have come since."""
        validity = self._validity(row.origin_key)
        if validity in (None, self._validity(fetched.key)):
            return False
        stayed = not row.settled or self.reading.afterwards == "keep"
        return stayed and row.internal_at == fetched.internal_at

    def _validity(self, key: str | None) -> str | None:
        """None: POP3 has none."""
        if key is None or self.account.place.protocol.startswith("pop3"):
            return None
        return key.partition(".")[0]

    def _settle(self) -> None:
        """The database is asked for before the mailbox is touched: it may be away by now."""
        if self.gone:
            self.db.write(lambda tx: incoming.settle(tx, self.gone))
        if not self.settling:
            return
        assert self.reading.afterwards is not None
        self.db.read(lambda tx: tx.now)
        self.source.settle(list(self.settling), self.reading.afterwards, self.reading.move_to)
        self.db.write(lambda tx: incoming.settle(tx, list(self.settling.values())))


def _waiting(row: IncomingRow) -> Waiting:
    """Its size is asked for anew: the limit may be another one by now."""
    return Waiting(_key(row), 0, row.internal_at, row.internal_zone)


def _key(row: IncomingRow) -> str:
    assert row.origin_key is not None
    return row.origin_key


def _why_not(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"It can't be unpacked: {error.strerror}."
    incident = incidents.report(error, "taking a message that came in")
    return f"An error of ours, incident {incident}."


def _sha256(content: Content) -> bytes:
    with memoryview(content) as view:
        return hashlib.sha256(view).digest()
