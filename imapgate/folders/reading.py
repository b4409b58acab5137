"""FETCH: ready-made bytes from storage, in batches (rule 18)."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders import binary, fetch_items, flag_names
from imapgate.folders.binary import AS_IT_STANDS, Form, Stored
from imapgate.folders.binary import Vanished as Vanished
from imapgate.folders.listing import check_seen
from imapgate.folders.sections import Piece, Sections, cut, header_only, total
from imapgate.folders.tree import Folder
from imapgate.mime.transfer import Octets
from imapgate.wire.commands import BinaryItem, BodyItem, FetchItem, Item, Section
from imapgate.wire.responses import literal_head
from storage import Tx, messages, runs
from storage import reading as rows

BATCH = 128 * 1024
"""Octets after which a batch ends."""
SMALL = 64 * 1024
"""Octets; a message up to this size is read whole, with its neighbours in one query."""
COPIED = 1024 * 1024
"""Octets of bodies that wait for being sent: a client may ask for a part under a thousand names."""
_FEWEST, _MOST = 16, 1000
"""Messages whose rows one query reads."""

_WHOLE = Section()

_log = logging.getLogger(__name__)

_Stream = tuple[int, int, int]
"""A message's octets [start, end) that are still to be read: (stored message, start, end)."""
_WORK = BATCH // 8
"""Of a batch, what one step of undoing an encoding counts at least: it takes some milliseconds."""


@dataclass(frozen=True, slots=True)
class _Decoding:
    """An item that comes in steps of binary.told. stored: what it reads, if not octets at hand."""

    steps: Iterator[bytes]
    stored: Stored | None


_Part = bytes | _Stream | _Decoding
"""Of a response."""


class _Message:
    """One message of a batch: what its row gives. row None: nothing is known of it any more."""

    __slots__ = ("flags", "number", "own_modseq", "row", "sections", "uid")

    def __init__(
        self, number: int, uid: int, row: rows.Row | None, flags: bytes = b"", own_modseq: int = 0
    ) -> None:
        self.number = number
        self.uid = uid
        self.row = row
        self.flags = flags
        self.own_modseq = own_modseq
        self.sections: Sections | None = None


class FetchCursor:
    """Walks the messages of one FETCH; each `step` is one short read transaction and gives one
    batch of whole response bytes (a large body is cut anywhere between steps).

    Of messages that others expunged meanwhile, what was stored is served for a day, without shared
    flags; after that everything is empty or NIL (RFC 2180 4.1.3). A message whose bytes are no
    longer what they were is passed over where its body is asked for (rule 4), and counted.
    """

    def __init__(
        self,
        person: Person,
        folder: Folder,
        numbered: Sequence[tuple[int, int]],
        items: Sequence[FetchItem],
        recent_from: int,
        flags_changed: frozenset[int] = frozenset(),
        with_uid: bool = False,
        with_modseq: bool = False,
    ) -> None:
        """numbered: (sequence number, UID) pairs, ascending. flags_changed: UIDs that this FETCH
        made \\Seen, whose FLAGS are told along; with_modseq: and UID and MODSEQ (RFC 7162 3.2.4).
        with_uid: UID FETCH."""
        self._person = person
        self._folder = folder
        self._numbered = numbered
        self._next = 0
        self._recent_from = recent_from
        names = dict.fromkeys(item.name for item in items if isinstance(item, Item))
        self._items: list[FetchItem] = list(dict.fromkeys(items))
        if with_uid and b"UID" not in names:
            self._items.insert(0, Item(b"UID"))
        self._flags_changed = flags_changed
        told = [Item(b"FLAGS")] if flags_changed else []
        if flags_changed and with_modseq:
            told += [Item(b"UID"), Item(b"MODSEQ")]
        self._told_along = [item for item in told if item not in self._items]
        names.update((item.name, None) for item in self._told_along)
        self._needs_own = b"FLAGS" in names or b"MODSEQ" in names
        bodies = [item for item in self._items if isinstance(item, BodyItem)]
        decodes = any(isinstance(item, BinaryItem) for item in self._items)
        self._reads_body = decodes or any(not header_only(item.section) for item in bodies)
        self._from_the_start = any(
            item.section == _WHOLE and (item.partial is None or item.partial[0] == 0)
            for item in bodies
        )
        self.damaged = 0
        """Messages that were passed over so far."""
        self.unknown_encodings = 0
        """Items of BINARY that were left out so far: nobody knows how to undo the encoding."""
        self._columns = _columns(list(names), bodies, decodes)
        self._at = {name: place + 1 for place, name in enumerate(self._columns)}
        self._renders = {
            item.name: fetch_items.KINDS[item.name].render(self._at)
            for item in (*self._items, *self._told_along)
            if isinstance(item, Item)
        }
        self._pending: deque[_Part] = deque()
        self._octets_each = BATCH // 64
        self._copied = 0

    @property
    def done(self) -> bool:
        return not self._pending and self._next >= len(self._numbered)

    @property
    def between(self) -> bool:
        """What was given so far ends with a whole response: another one may stand here."""
        following = self._pending[0] if self._pending else b"* "
        return isinstance(following, bytes) and following.startswith(b"* ")

    def step(self, tx: Tx) -> list[bytes]:
        """Between BATCH and BATCH plus a chunk (storage.messages.CHUNK) where there is as much;
        less while an encoding is undone, and none while its octets are counted, but always some
        progress unless done. Raises Vanished, Invisible."""
        check_seen(tx, self._person, self._folder)
        batch: list[bytes] = []
        octets = 0
        while octets < BATCH and not self.done:
            if not self._pending:
                self._load(tx)
            while self._pending and octets < BATCH:
                works = isinstance(self._pending[0], _Decoding)
                piece = self._take(tx)
                batch.append(piece)
                octets += max(len(piece), _WORK) if works else len(piece)
        return batch

    def _take(self, tx: Tx) -> bytes:
        """The next pending octets; of a stream those of one chunk row, of a decoding what one step
        gives."""
        first = self._pending.popleft()
        if isinstance(first, bytes):
            return first
        if isinstance(first, _Decoding):
            if first.stored is not None:
                first.stored.tx = tx
            told = next(first.steps, None)
            if told is not None:
                self._pending.appendleft(first)
            return told or b""
        message_id, start, end = first
        stop = min(end, start - start % messages.CHUNK + messages.CHUNK)
        piece = messages.read_range(tx, message_id, start, stop)
        if len(piece) != stop - start:
            if messages.is_here(tx, message_id):
                raise RuntimeError(f"message {message_id} has lost octets {start} to {stop}")
            raise Vanished
        if stop < end:
            self._pending.appendleft((message_id, stop, end))
        return piece

    def _load(self, tx: Tx) -> None:
        """Renders the next messages into `_pending`."""
        count = max(_FEWEST, min(_MOST, BATCH // self._octets_each))
        found = self._messages(tx, self._numbered[self._next : self._next + count])
        contents: dict[int, bytes] = {}
        self._copied = 0
        if self._reads_body:
            found = self._affordable(found)
            contents = rows.small_messages(
                tx,
                [
                    one.row[self._at["stored_message_id"]]
                    for one in found
                    if one.row is not None and one.row[self._at["size"]] <= SMALL
                ],
            )
        octets = 0
        for one in found:
            if self._reads_body and self._is_damaged(tx, one, contents):
                self.damaged += 1
            else:
                octets += self._respond(tx, one, contents)
        self._next += len(found)
        self._octets_each = max(1, octets // len(found))

    def _is_damaged(self, tx: Tx, one: _Message, contents: dict[int, bytes]) -> bool:
        """Whether its bytes aren't what they were when it came: then nothing of it is served. Of a
        large message that is looked at where its beginning is asked for: to read all of it for each
        of its parts would take too long."""
        if one.row is None:
            return False
        message_id, size = one.row[self._at["stored_message_id"]], one.row[self._at["size"]]
        if not size:
            return False  # An empty message has no octets to be looked at.
        if size <= SMALL:
            intact = message_id in contents
        else:
            intact = not self._from_the_start or messages.is_intact(tx, message_id)
        if intact or not messages.is_here(tx, message_id):
            return False
        _log.error("message %d is damaged and not served; see imapgate doctor", message_id)
        return True

    def _messages(self, tx: Tx, wanted: Sequence[tuple[int, int]]) -> list[_Message]:
        uids = sorted(uid for _, uid in wanted)
        by_uid: dict[int, rows.Row] = {}
        if self._columns:
            found = rows.entries(tx, self._folder.id, uids, self._columns)
            by_uid.update((row[0], row) for row in found)
            missing = [uid for uid in uids if uid not in by_uid]
            gone = rows.expunged(tx, self._folder.id, missing, self._columns)
            by_uid.update((row[0], row) for row in gone)
        if not self._needs_own:
            return [_Message(number, uid, by_uid.get(uid)) for number, uid in wanted]
        own = flag_names.own_state(
            runs.load(tx, self._person.id, self._folder.id, uids[0], uids[-1])
        )
        found_here: list[_Message] = []
        for number, uid in wanted:
            row, (bits, own_modseq) = by_uid.get(uid), own(uid)
            flags = self._flags(uid, row, bits) if "flags" in self._at else b""
            found_here.append(_Message(number, uid, row, flags, own_modseq))
        return found_here

    def _flags(self, uid: int, row: rows.Row | None, own: int) -> bytes:
        shared, keywords = (
            (0, "") if row is None else (row[self._at["flags"]], row[self._at["keywords"]])
        )
        ready = flag_names.ready(shared, own, keywords)
        if uid >= self._recent_from:
            ready = b"%b %b" % (ready, flag_names.RECENT) if ready else flag_names.RECENT
        return b"FLAGS (%b)" % ready

    def _affordable(self, found: list[_Message]) -> list[_Message]:
        """As many as fit into a batch with their bodies, and at least one."""
        octets = 0
        for count, one in enumerate(found):
            octets += 0 if one.row is None else one.row[self._at["size"]]
            if octets > BATCH:
                return found[: max(1, count)]
        return found

    def _respond(self, tx: Tx, message: _Message, contents: dict[int, bytes]) -> int:
        """Appends one response to `_pending`; returns its octets, of what is yet to be decoded
        none."""
        parts: list[_Part] = []
        for item in self._items:
            if isinstance(item, Item):
                parts += (b" ", self._renders[item.name](message))
            elif isinstance(item, BodyItem):
                parts += (b" ", *self._body(item, message, contents))
            else:
                parts += self._binary(tx, item, message, contents)
        if message.uid in self._flags_changed:
            for item in self._told_along:
                parts += (b" ", self._renders[item.name](message))
        # Where nothing is left that can be told, the UID stands: the list may not be empty.
        parts = parts[1:] or [b"UID %d" % message.uid]
        parts.insert(0, b"* %d FETCH (" % message.number)
        parts.append(b")\r\n")
        octets = 0
        whole: list[bytes] = []
        for part in parts:
            if isinstance(part, bytes):
                whole.append(part)
                octets += len(part)
            else:
                self._pending.append(b"".join(whole))
                whole = []
                self._pending.append(part)
                octets += 0 if isinstance(part, _Decoding) else part[2] - part[1]
        self._pending.append(b"".join(whole))
        return octets

    def _body(
        self, item: BodyItem, message: _Message, contents: dict[int, bytes]
    ) -> list[bytes | _Stream]:
        label = item.label
        if item.partial is not None:
            label = b"%b<%d>" % (label, item.partial[0])
        row = message.row
        pieces = self._pieces(item.section, message)
        if row is None or pieces is None:
            return [label + b" NIL"]
        if item.partial is not None:
            pieces = cut(pieces, *item.partial)
        # Always a literal: some clients don't find an empty quoted string (neomutt).
        found: list[bytes | _Stream] = [label + b" " + literal_head(total(pieces))]
        message_id = row[self._at["stored_message_id"]]
        known = contents.get(message_id)
        if known is None and "header" in self._at:
            known = row[self._at["header"]]
        for piece in pieces:
            if isinstance(piece, bytes):
                found.append(piece)
            elif known is not None and piece[1] <= len(known) and self._copied < COPIED:
                found.append(known[piece[0] : piece[1]])
                self._copied += piece[1] - piece[0]
            elif piece[0] < piece[1]:
                found.append((message_id, *piece))
        return found

    def _pieces(self, section: Section, message: _Message) -> list[Piece] | None:
        row = message.row
        if row is None:
            return None
        if section == _WHOLE:
            return [(0, row[self._at["size"]])]
        return self._sections(message, row).pieces(section)

    def _sections(self, message: _Message, row: rows.Row) -> Sections:
        if message.sections is None:
            message.sections = Sections.read(row[self._at["sections"]])
        return message.sections

    def _binary(
        self, tx: Tx, item: BinaryItem, message: _Message, contents: dict[int, bytes]
    ) -> list[_Part]:
        """With the blank before it; empty if the encoding is unknown. A part that holds others, and
        the whole message, have none that could be undone."""
        row = message.row
        place = None if row is None else self._sections(message, row).place(item.path)
        if row is None or place is None:
            return [b" ", binary.nothing(item)]
        message_id = row[self._at["stored_message_id"]]
        known = contents.get(message_id)
        stored = Stored(message_id, tx) if known is None else None
        octets: Octets | None = known if known is not None else stored
        assert octets is not None
        form: Form | None = AS_IT_STANDS
        if place.leaf:
            form = binary.form(octets, place.header_start, place.body_start)
        if form is None:
            self.unknown_encodings += 1
            return []
        steps = binary.told(octets, form, place.body_start, place.end, item)
        if known is None or self._copied >= COPIED:
            return [b" ", _Decoding(steps, stored)]
        self._copied += place.end - place.body_start
        return [b" ", b"".join(steps)]


def _columns(names: Sequence[bytes], bodies: Sequence[BodyItem], decodes: bool) -> tuple[str, ...]:
    """What must be read of each message: nothing more than the items ask for."""
    wanted = fetch_items.columns(names)
    if bodies or decodes:
        wanted += ["size", "stored_message_id"]
    if decodes or any(item.section != _WHOLE for item in bodies):
        wanted.append("sections")
    if any(header_only(item.section) for item in bodies):
        wanted.append("header")
    return tuple(dict.fromkeys(wanted))
