"""FETCH's items and sections (RFC 3501 6.4.5, BINARY RFC 3516), its modifiers (RFC 4466 2.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from imapgate.wire import responses
from imapgate.wire.commands import BinaryItem, BodyItem, Command, Fetch, FetchItem, Item, Section
from imapgate.wire.cursor import Cursor
from imapgate.wire.message_grammar import numbers
from imapgate.wire.numbers import MAX_NUMBER

_ITEM = "a FETCH item"
_MODIFIER = "a FETCH modifier"
_NAME = re.compile(rb"[A-Za-z0-9.]+")
_PATH = re.compile(rb"[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9})*")
_TEXT = re.compile(rb"HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME", re.IGNORECASE)

_PLAIN = frozenset(
    (
        *(b"FLAGS", b"UID", b"INTERNALDATE", b"RFC822.SIZE", b"ENVELOPE", b"BODY"),
        *(b"BODYSTRUCTURE", b"SAVEDATE", b"EMAILID", b"THREADID", b"PREVIEW", b"MODSEQ"),
    )
)
_LAZY = re.compile(rb" *\( *LAZY(?: +LAZY)* *\)", re.IGNORECASE)
_FAST = (Item(b"FLAGS"), Item(b"INTERNALDATE"), Item(b"RFC822.SIZE"))
_ALL = (*_FAST, Item(b"ENVELOPE"))
_MACROS = {b"FAST": _FAST, b"ALL": _ALL, b"FULL": (*_ALL, Item(b"BODY"))}
_BINARY = frozenset((b"BINARY", b"BINARY.PEEK", b"BINARY.SIZE"))
_RFC822 = {
    b"RFC822": BodyItem(Section(), peek=False, label=b"RFC822"),
    b"RFC822.HEADER": BodyItem(Section(text=b"HEADER"), peek=True, label=b"RFC822.HEADER"),
    b"RFC822.TEXT": BodyItem(Section(text=b"TEXT"), peek=False, label=b"RFC822.TEXT"),
}


def fetch(cursor: Cursor, by_uid: bool) -> Fetch:
    """Several items are taken without parentheses too; each different one is answered once."""
    messages = numbers(cursor)
    cursor.blank(_ITEM)
    start = cursor.place
    if cursor.sees(b"("):
        items = fetch_items(cursor)
    else:
        macro = _MACROS.get(cursor.take(_NAME, _ITEM).upper())
        if macro is None:
            cursor.back(start)
            items = _affordable(cursor, start, _bare_items(cursor))
        else:
            items = macro
    return _with_modifiers(cursor, Fetch(messages, by_uid, tuple(dict.fromkeys(items))))


def fetch_items(cursor: Cursor) -> tuple[FetchItem, ...]:
    """Items in parentheses, at least one; they and the names of header fields in them are counted
    together."""
    start = cursor.place
    items = cursor.parenthesised(lambda: _item(cursor), "FETCH items")
    if not items:
        raise cursor.fail(_ITEM, start)
    return _affordable(cursor, start, items)


def _affordable(
    cursor: Cursor, start: tuple[int, int], items: tuple[FetchItem, ...]
) -> tuple[FetchItem, ...]:
    fields = sum(len(one.section.fields) for one in items if isinstance(one, BodyItem))
    if len(items) + fields > cursor.limits.fetch_items:
        text = f"at most {cursor.limits.fetch_items} items and header fields"
        raise cursor.fail(text, start)
    return items


def _bare_items(cursor: Cursor) -> tuple[FetchItem, ...]:
    items = [_item(cursor)]
    while not cursor.at_end():
        start = cursor.place
        cursor.blank(_ITEM)
        if cursor.sees(b"("):
            cursor.back(start)
            break
        items.append(_item(cursor))
    return tuple(items)


def _with_modifiers(cursor: Cursor, plain: Fetch) -> Fetch:
    """Each at most once, in any order. PARTIAL and VANISHED only of UID FETCH (RFC 9394 3.3, RFC
    7162 3.2.6), VANISHED only with CHANGEDSINCE."""
    if cursor.at_end():
        return plain
    cursor.blank(_MODIFIER)
    start = cursor.place
    named: list[bytes] = []
    found = plain

    def modifier() -> None:
        nonlocal found
        start = cursor.place
        name = cursor.take(_NAME, _MODIFIER).upper()
        named.append(name)
        if name == b"CHANGEDSINCE":
            cursor.blank("a mod-sequence")
            since = cursor.mod_sequence(cursor.limits.least_changed_since)
            items = tuple(dict.fromkeys((*found.items, Item(b"MODSEQ"))))
            found = replace(found, changed_since=since, items=items)
        elif name == b"VANISHED" and plain.by_uid:
            found = replace(found, vanished=True)
        elif name == b"PARTIAL" and plain.by_uid:
            cursor.blank("a range of messages")
            found = replace(found, partial=cursor.partial_range())
        else:
            raise cursor.fail(_MODIFIER, start)

    cursor.parenthesised(modifier, "FETCH modifiers")
    if not named or len(set(named)) < len(named):
        raise cursor.fail("one FETCH modifier of each kind", start)
    if found.vanished and found.changed_since is None:
        raise cursor.fail("CHANGEDSINCE with VANISHED", start)
    return found


def _item(cursor: Cursor) -> FetchItem:
    start = cursor.place
    name = cursor.take(_NAME, _ITEM).upper()
    if cursor.sees(b"[") and name in (b"BODY", b"BODY.PEEK"):
        return _body(cursor, peek=name == b"BODY.PEEK")
    if cursor.sees(b"[") and name in _BINARY:
        return _binary(cursor, name)
    if name == b"PREVIEW":
        cursor.match(_LAZY)  # All previews are there: none has to be waited for (RFC 8970 4).
    if name in _PLAIN:
        return Item(name)
    if name in _RFC822:
        return _RFC822[name]
    raise cursor.fail(_ITEM, start)


def _body(cursor: Cursor, peek: bool) -> BodyItem:
    section = _section(cursor)
    return BodyItem(section, peek, _label(section), _partial(cursor))


def _binary(cursor: Cursor, name: bytes) -> BinaryItem:
    """`section-binary`: part numbers alone, or none; a size has no partial."""
    cursor.expect(b"[", "a section")
    cursor.skip_blanks()
    path = _path(cursor)
    cursor.skip_blanks()
    cursor.expect(b"]", "part numbers and ]")
    numbers = b".".join(b"%d" % number for number in path)
    if name == b"BINARY.SIZE":
        return BinaryItem(path, True, b"BINARY.SIZE[%b]" % numbers, size=True)
    peek = name == b"BINARY.PEEK"
    return BinaryItem(path, peek, b"BINARY[%b]" % numbers, _partial(cursor))


def _partial(cursor: Cursor) -> tuple[int, int] | None:
    if not cursor.skip(b"<"):
        return None
    origin = cursor.number("the origin of a partial")
    cursor.expect(b".", "a dot after the origin")
    octets = cursor.number("the octets of a partial", least=1)
    cursor.expect(b">", ">")
    return origin, octets


def _path(cursor: Cursor) -> tuple[int, ...]:
    """Part numbers; () if there are none."""
    start = cursor.place
    found = cursor.match(_PATH)
    path = tuple(map(int, found[0].split(b"."))) if found is not None else ()
    if max(path, default=0) > MAX_NUMBER:
        raise cursor.fail("a part number", start)
    return path


def _section(cursor: Cursor) -> Section:
    cursor.expect(b"[", "a section")
    cursor.skip_blanks()
    start = cursor.place
    path = _path(cursor)
    text = b""
    fields: tuple[bytes, ...] = ()
    if not path or cursor.skip(b"."):
        words = cursor.match(_TEXT)
        if words is not None:
            text = words[0].upper()
        elif path:
            raise cursor.fail("HEADER, TEXT or MIME")
        if text == b"MIME" and not path:
            raise cursor.fail("a part number before MIME", start)
        if text.startswith(b"HEADER.FIELDS"):
            cursor.skip_blanks()
            fields = cursor.parenthesised(lambda: cursor.astring("a field name"), "field names")
    cursor.skip_blanks()
    cursor.expect(b"]", "a section and ]")
    return Section(path, text, fields)


def _label(section: Section) -> bytes:
    specification = b".".join(
        [b"%d" % number for number in section.path] + ([section.text] if section.text else [])
    )
    if section.text.startswith(b"HEADER.FIELDS"):
        names = responses.parenthesised(responses.astring(field) for field in section.fields)
        specification = b"%b %b" % (specification, names)
    return b"BODY[%b]" % specification


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"FETCH": partial(fetch, by_uid=False),
    b"UID FETCH": partial(fetch, by_uid=True),
}
"""What takes each command's arguments, the blank before them included."""
