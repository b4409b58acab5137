"""What must hold for any octets, one function per thing that reads what strangers send.

Each takes octets and raises for what is wrong: anything but the reader's own error, a value out of
bounds, an answer that a client couldn't parse, two ways of reading that differ. `fuzz.py` drives
them by coverage, `test_fuzz_targets.py` over seeds and findings.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sexp
from sessions import session

from imapgate.activities import matching, wrapper_subject
from imapgate.activities.identity import identity
from imapgate.connections.budget import Budget
from imapgate.folders import binary, sections, structure
from imapgate.folders.ready import searchable
from imapgate.limits import Limits
from imapgate.mime import html, quotes, words
from imapgate.mime.addresses import address_list
from imapgate.mime.envelope import envelope
from imapgate.mime.index import Part, index
from imapgate.mime.mail import Mail
from imapgate.mime.parameters import type_and_parameters
from imapgate.mime.reading import decoded, read
from imapgate.session.receiver import Ending, Receiver, Refused, Text, Upload, Whole
from imapgate.wire import masking, numbers, responses, utf7
from imapgate.wire.commands import (
    Authenticate,
    BinaryItem,
    HasText,
    Login,
    Search,
    Section,
    Select,
    Sort,
    Thread,
    keys_in,
)
from imapgate.wire.framing import Framing, Line, LiteralEnd, LiteralHead, LiteralPart, Overlong
from imapgate.wire.grammar import BadCommand, GrammarLimits, Literal, Parsed, parse, peek

LINE_LIMIT = 512
SMALL = Limits(
    line=LINE_LIMIT,
    message=400,
    append_total=600,
    append_messages=3,
    literal=64,
    literals=4,
    literal_in_memory=100,
    literal_drain=2000,
    process_literals=700,
    before_login_literal=16,
)
SECRET = "zqxzqx"
"""Stands for a password and a search text; it is in the dictionary."""
GRAMMAR = GrammarLimits(nesting=20, sequence_ranges=50, search_keys=50)


def framing(octets: bytes) -> None:
    """The first octet says how large the pieces are that arrive, the second what becomes of
    literals: cut anywhere, the events are the same, and what is held is bounded."""
    if len(octets) < 2:
        return
    size, answer, stream = octets[0] + 1, octets[1], octets[2:]
    assert _events(stream, len(stream) or 1, answer) == _events(stream, size, answer)


def receiver(octets: bytes) -> None:
    """Whatever comes, the budget is whole in the end, and no command is larger than allowed."""
    if len(octets) < 2:
        return
    size, answer, stream = octets[0] + 1, octets[1], octets[2:]
    budget = Budget(SMALL.process_literals)
    one = Receiver(SMALL, budget, lambda: None, lambda: bool(answer & 1))
    ended = False
    for start in range(0, len(stream), size):
        one.feed(stream[start : start + size])
        while not ended and (received := one.next()) is not None:
            ended = isinstance(received, Ending)
            _receive(one, received, answer)
        if ended:
            break
        assert 0 <= budget.left <= SMALL.process_literals
    one.close()
    assert budget.left == SMALL.process_literals, budget.left


def grammar(octets: bytes) -> None:
    """A command or BadCommand, which says nothing of what the client wrote."""
    parts = _parts(octets)
    first = parts[0]
    assert isinstance(first, bytes)
    tag, name = peek(first)
    assert name == name.upper()
    found = _outcome(parts)
    if isinstance(found, Parsed):
        assert found.tag == tag
        repr(found)
        return
    assert found.tag == tag
    assert found.text.isascii()
    assert len(found.text) < 200, found.text
    assert responses.status(tag, b"BAD", found.text).count(b"\r\n") == 1


def search(octets: bytes) -> None:
    """As grammar, with less to find out."""
    grammar(b"a SEARCH " + octets)
    grammar(b"a UID SEARCH CHARSET UTF-8 " + octets)


def fetch(octets: bytes) -> None:
    grammar(b"a FETCH 1 " + octets)
    grammar(b"a UID FETCH 1:* (" + octets + b")")


def mask(octets: bytes) -> None:
    """A trace shows no password, nothing that is looked for, and one printable line."""
    for start in (b"", b"a SEARCH ", b"a SORT ", b"a UID THREAD ", b"a LOGIN "):
        parts = _parts(start + octets)
        tag, said = masking.command(parts, GRAMMAR)
        assert said.isprintable()
        if tag is None:
            assert len(said) < 100
            continue
        command = parse(parts, GRAMMAR).command
        if isinstance(command, Login | Authenticate):
            assert SECRET not in said
        elif isinstance(command, Search | Sort | Thread):
            texts = [one.text for one in keys_in(command.key) if isinstance(one, HasText)]
            looked_for = sum(one.count(SECRET) for one in texts)
            assert said.count(SECRET) <= octets.decode("latin-1").count(SECRET) - looked_for
    answers = masking.Answers()
    answers.tag = b"a"
    shown = list(answers.feed(octets.replace(b"\0", b"") + b"\r\n"))
    assert all(line.isprintable() for line in shown)


def mailbox(octets: bytes) -> None:
    """What is read from modified UTF-7 is written and read again as the same name; every name and
    text comes out as one line that reads as the same octets."""
    try:
        name = utf7.decode(octets)
    except ValueError:
        name = octets.decode("utf-8", "replace")
    assert utf7.decode(utf7.encode(name)) == name
    if "\0" not in name:
        read = parse(_parts(b"a SELECT " + responses.mailbox(name)), GRAMMAR).command
        assert read == Select("INBOX" if name.upper() == "INBOX" else name)
    if b"\0" not in octets:
        read = parse(_parts(b"a LOGIN x " + responses.astring(octets)), GRAMMAR).command
        assert read == Login(b"x", octets)
    said = responses.status(b"a", b"NO", f'There is no folder "{name}".', "NONEXISTENT")
    assert said.endswith(b"\r\n")
    assert not set(said[:-2]) & {0, 10, 13}
    assert said.isascii()


def sets(octets: bytes) -> None:
    """Sequence sets by a slower way."""
    try:
        found = numbers.read_set(octets, 20)
    except ValueError:
        return
    uids = [2, 3, 5, 8, 13, 21, 40]

    def named(highest: int) -> set[int]:
        ends = [sorted((a or highest, b or highest)) for a, b in found.ranges]
        return {n for low, high in ends for n in range(low, min(high, 100) + 1)}

    assert found.among_uids(uids) == [uid for uid in uids if uid in named(40)]
    beyond = any(max(one) > 7 for one in found.ranges)
    positions = found.positions(7)
    assert (positions is None) == beyond
    if positions is not None:
        assert positions == sorted(named(7))
        assert found.at_positions(uids) == [uids[n - 1] for n in positions]


def message(octets: bytes) -> None:
    """All that is made of a message when it arrives: bounded, and what a client can parse."""
    reading = read(octets)
    root = reading.root
    assert (root.header_start, root.body_end) == (0, len(octets))
    _check_part(root, 0, len(octets))
    assert Mail.from_json(reading.mail.to_json()) == reading.mail
    said = f"{reading.mail.to_json()}{reading.header_text}{reading.body_text}"
    assert "\0" not in said
    said.encode("utf-8")
    searchable(reading.body_text)
    assert len(sexp.whole(structure.render_envelope(envelope(octets, root)))) == 10
    for extended in (False, True):
        sexp.whole(structure.render_body(octets, root, extended))
    assert len(identity(octets, root.body_start)) == 32
    _check_sections(octets, root)


def undone(octets: bytes) -> None:
    """BINARY: a part decoded is what filing reads, text with CRLF, its size is told right, and a
    partial is a slice of it. The first two octets name the partial."""
    if len(octets) < 2:
        return
    partial, raw = (octets[0], octets[1] + 1), octets[2:]
    root = index(raw)
    part = root.children[0] if root.children else root
    form = binary.form(raw, part.header_start, part.body_start)
    if form is None or part.children:
        return
    content = b"".join(decoded(raw, part))
    if form.lines:
        content = re.sub(rb"(?<!\r)\n", b"\r\n", content)
    place = raw, form, part.body_start, part.body_end
    for item, value in (
        (BinaryItem((), True, b"x"), content),
        (BinaryItem((), True, b"x", partial), content[partial[0] : sum(partial)]),
    ):
        said = b"".join(binary.told(*place, item))
        label = b"x " if item.partial is None else b"x<%d> " % partial[0]
        mark = b"~" if b"\0" in value else b""
        assert said == b"%b%b{%d}\r\n%b" % (label, mark, len(value), value)
    size = b"".join(binary.told(*place, BinaryItem((), True, b"x", size=True)))
    assert size == b"x %d" % len(content)


def text(octets: bytes) -> None:
    """What is taken out of texts and header values."""
    value = octets.decode("utf-8", "replace")
    words.text(octets, 1000).encode("utf-8")
    words.decode_words(value)
    own = quotes.own_text(value)
    assert own in value
    assert own.strip() or own == value
    for address in address_list(octets):
        assert address.mailbox is None or b"\0" not in address.mailbox or b"\0" in octets
    found = type_and_parameters(octets)
    if found is not None:
        words.parameter_text(found[2], b"NAME", 255)
    matching.numbers_in(value)
    parsed = wrapper_subject.parse(value, ["support e-mails", "gadgetasupport"])
    assert parsed is None or wrapper_subject.begins_like_wrapper(value)


def markup(octets: bytes) -> None:
    """HTML is turned into text without raising, by layout and without."""
    html.charset_of(octets)
    value = octets.decode("utf-8", "replace").replace("\0", "")
    html.to_plain(value).encode("utf-8", "replace")
    assert len(html.without_tags(value)) <= 2 * len(value) + 100


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one
    for one in (
        framing,
        receiver,
        grammar,
        search,
        fetch,
        mask,
        mailbox,
        sets,
        message,
        undone,
        text,
        markup,
        session,
    )
}
LONG = 60_000


def repeated(name: str, octets: bytes) -> None:
    """The same input many times over, between what begins and ends it: what costs more than its
    length shows as time."""
    if len(octets) < 3:
        return
    begins, ends = octets[0] % len(octets), octets[1] % len(octets)
    head, piece, tail = octets[2:begins], octets[begins : begins + 24], octets[ends:]
    if piece:
        TARGETS[name](head + piece * (LONG // len(piece)) + tail)


def _events(stream: bytes, size: int, answer: int) -> list[object]:
    """The parts of a literal joined, since they come as they arrive."""
    one = Framing(LINE_LIMIT)
    found: list[object] = []
    literals = 0
    for start in range(0, len(stream), size):
        one.feed(stream[start : start + size])
        for event in one.events():
            match event:
                case LiteralHead():
                    literals += 1
                    if answer >> (literals % 8) & 1:
                        one.refuse()
                    else:
                        one.accept()
                    found.append(event)
                case LiteralPart(octets):
                    if found and isinstance(found[-1], bytearray):
                        found[-1] += octets
                    else:
                        found.append(bytearray(octets))
                case Line(octets):
                    assert len(octets) <= LINE_LIMIT
                    found.append(event)
                case LiteralEnd() | Overlong():
                    found.append(event)
        assert one.buffered <= LINE_LIMIT + 1
    return found


def _receive(one: Receiver, received: object, answer: int) -> None:
    match received:
        case Whole() as command:
            held = sum(len(p.content) for p in command.parts if isinstance(p, Literal))
            assert held <= SMALL.process_literals
            assert sum(len(p) for p in command.parts if isinstance(p, bytes)) <= LINE_LIMIT
            command.free()
        case Upload():
            if answer & 2:
                one.refuse(b"NO", "Not filed: it is a test.", "CANNOT", "it is a test")
            else:
                one.accept()
        case Refused(cut_short=Whole() as begun):
            begun.free()
        case Text() | Refused() | Ending():
            if answer & 4:
                one.take_line_mode()


def _parts(octets: bytes) -> list[bytes | Literal]:
    """The first command in the octets, with its literals as far as they came."""
    one = Framing(len(octets) + 1)
    one.feed(octets + b"\r\n")
    parts: list[bytes | Literal] = []
    literal = b""
    for event in one.events():
        match event:
            case Line(text, last):
                parts.append(text)
                if last:
                    break
            case LiteralHead():
                one.accept()
            case LiteralPart(piece):
                literal += piece
            case LiteralEnd():
                parts.append(Literal(literal))
                literal = b""
    return parts


def _outcome(parts: list[bytes | Literal]) -> Parsed | BadCommand:
    for utf8 in (True, False):
        try:
            found: Parsed | BadCommand = parse(parts, GRAMMAR, utf8)
        except BadCommand as bad:
            found = bad
    return found


def _check_part(part: Part, start: int, end: int) -> None:
    assert start <= part.header_start <= part.body_start <= part.body_end <= end
    for field in part.fields:
        assert part.header_start <= field.start <= field.end <= part.body_start
    for child in part.children:
        _check_part(child, part.body_start, part.body_end)


def _check_sections(octets: bytes, root: Part) -> None:
    kept = sections.Sections.read(sections.write(octets, root))
    whole = kept.pieces(Section())
    assert whole is not None
    assert sections.total(whole) == len(octets)
    for path in ((), (1,), (2,), (1, 1), (1, 2), (3, 1, 1)):
        for name in (b"", b"HEADER", b"TEXT", b"MIME", b"HEADER.FIELDS", b"HEADER.FIELDS.NOT"):
            if name == b"MIME" and not path:
                continue
            pieces = kept.pieces(Section(path, name, (b"Subject",) if b"." in name else ()))
            for piece in pieces or ():
                assert isinstance(piece, bytes) or 0 <= piece[0] <= piece[1] <= len(octets)
            if pieces:
                few = sections.cut(pieces, 1, 3)
                assert sections.total(few) == min(3, max(0, sections.total(pieces) - 1))
