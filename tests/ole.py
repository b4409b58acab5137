"""Writes .msg files: a compound file (MS-CFB) with the streams and storages of MS-OXMSG."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

SECTOR, MINI, CUTOFF = 512, 64, 4096
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF

Tree = dict[str, Any]
"""A storage: name -> bytes of a stream, or a Tree."""


@dataclass
class Item:
    """An attachment or recipient, or a message: properties by number; values of type int, bool,
    str, bytes, datetime, or another message. as_8bit: strings in this code page instead of
    Unicode."""

    properties: Mapping[int, Any]
    recipients: Sequence[Item] = ()
    attachments: Sequence[Item] = ()
    codepage: int | None = None
    odd: Tree = field(default_factory=dict)


def msg(message: Item) -> bytes:
    """The file."""
    return compound(_message(message, 32))


def _message(message: Item, header: int) -> Tree:
    tree = _item(message, header, message.codepage)
    for name, items in (("recip", message.recipients), ("attach", message.attachments)):
        for n, one in enumerate(items):
            tree[f"__{name}_version1.0_#{n:08X}"] = _item(one, 8, message.codepage)
    return tree


def _item(item: Item, header: int, codepage: int | None) -> Tree:
    tree: Tree = dict(item.odd)
    fixed = bytearray(header)
    given = dict(item.properties)
    if codepage is not None and header > 8:
        given[0x3FFD] = codepage
    for number, value in given.items():
        kind, eight = 0x0003, struct.pack("<ii", 0, 0)
        if isinstance(value, bool):
            kind, eight = 0x000B, struct.pack("<q", value)
        elif isinstance(value, int):
            eight = struct.pack("<q", value)
        elif isinstance(value, datetime):
            ticks = int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
            kind, eight = 0x0040, struct.pack("<Q", ticks)
        elif isinstance(value, Item):
            kind = 0x000D
            tree[f"__substg1.0_{number:04X}000D"] = _message(value, 24)
        else:
            kind, content = _octets(value, codepage)
            eight = struct.pack("<II", len(content), 0)
            tree[f"__substg1.0_{number:04X}{kind:04X}"] = content
        fixed += struct.pack("<HHI", kind, number, 6) + eight
    tree["__properties_version1.0"] = bytes(fixed)
    return tree


def _octets(value: str | bytes, codepage: int | None) -> tuple[int, bytes]:
    if isinstance(value, bytes):
        return 0x0102, value
    if codepage is None:
        return 0x001F, value.encode("utf-16-le")
    return 0x001E, value.encode(f"cp{codepage}")


def compound(tree: Tree) -> bytes:
    """A compound file of version 3."""
    entries: list[list[Any]] = [["Root Entry", 5, b"", _NONE]]
    _add(entries, 0, tree)
    mini_stream = bytearray()
    mini_fat: list[int] = []
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(content: bytes) -> int:
        count = -(-len(content) // SECTOR)
        if not count:
            return _END
        first = len(sectors)
        sectors.extend(
            content[n * SECTOR : (n + 1) * SECTOR].ljust(SECTOR, b"\0") for n in range(count)
        )
        fat.extend([*range(first + 1, first + count), _END])
        return first

    starts = []
    for _, kind, content, _ in entries:
        start = _END
        if kind == 2 and len(content) >= CUTOFF:
            start = put(content)
        elif kind == 2 and content:
            start = len(mini_fat)
            count = -(-len(content) // MINI)
            mini_fat.extend([*range(start + 1, start + count), _END])
            mini_stream += content.ljust(count * MINI, b"\0")
        starts.append(0 if kind == 1 else start)
    starts[0] = put(bytes(mini_stream))
    mini_fat_at = put(struct.pack(f"<{len(mini_fat)}I", *mini_fat))
    directory = b"".join(
        _entry(one, start, len(mini_stream)) for one, start in zip(entries, starts, strict=True)
    )
    directory += b"\0" * (-len(directory) % SECTOR)
    directory_at = put(directory)
    fat_sectors = 1
    while (len(fat) + fat_sectors) * 4 > fat_sectors * SECTOR:
        fat_sectors += 1
    places = [len(sectors) + n for n in range(fat_sectors)]
    fat += [_FAT] * fat_sectors
    fat += [_FREE] * (fat_sectors * SECTOR // 4 - len(fat))
    table = struct.pack(f"<{len(fat)}I", *fat)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xII", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors)
    head += struct.pack("<IIIII", directory_at, 0, CUTOFF, mini_fat_at, -(-len(mini_fat) // 128))
    head += struct.pack("<II", _END, 0)
    assert fat_sectors <= 109, "more would need a DIFAT"
    head += struct.pack("<109I", *places, *[_FREE] * (109 - fat_sectors))
    return head + b"".join(sectors) + table


def _add(entries: list[list[Any]], parent: int, tree: Tree) -> None:
    """Children as a chain of right siblings; columns: name, kind, content or child, right."""
    last = None
    for name in sorted(tree, key=lambda one: (len(one), one.upper())):
        here = len(entries)
        is_storage = isinstance(tree[name], dict)
        entries.append([name, 1 if is_storage else 2, b"" if is_storage else tree[name], _NONE])
        if last is None:
            entries[parent][2] = here
        else:
            entries[last][3] = here
        last = here
        if is_storage:
            _add(entries, here, tree[name])


def _entry(one: list[Any], start: int, mini_size: int) -> bytes:
    name, kind, content, right = one
    raw = (name + "\0").encode("utf-16-le")
    size = len(content) if kind == 2 else mini_size if kind == 5 else 0
    child = content if kind in (1, 5) and isinstance(content, int) else _NONE
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(raw), kind, 1, _NONE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
