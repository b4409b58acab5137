"""Raw bytes in chunk rows."""

from __future__ import annotations

import hashlib
import mmap
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound
from storage_rows import IDS, make_segment

from storage import Database, Tx, messages
from storage.messages import CHUNK
from storage.schema import message, message_chunk, segment

CONTENT = bytes(range(251)) * (2 * CHUNK // 251 + 100)
"""Two whole chunks and a bit; no period falls together with a chunk."""


def store(db: Database, content: bytes | mmap.mmap) -> int:
    def work(tx: Tx) -> int:
        owner = tx.connection.execute(select(segment.c.id)).scalar() or make_segment(tx)
        digest = hashlib.sha256(content).digest()
        return messages.add(tx, owner, content, digest, digest, "2025-01-06", IDS)[0]

    return db.write(work)


@pytest.fixture
def stored(db: Database) -> int:
    return store(db, CONTENT)


@given(start=st.integers(0, len(CONTENT) + 10), length=st.integers(0, len(CONTENT)))
@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_range_comes_back_as_it_was(db: Database, stored: int, start: int, length: int) -> None:
    found = db.read(lambda tx: messages.read_range(tx, stored, start, start + length))
    assert found == CONTENT[start : start + length]


@pytest.mark.parametrize("border", [0, CHUNK, 2 * CHUNK, len(CONTENT)])
@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 0), (1, 1), (0, CHUNK), (CHUNK, 0)])
def test_ranges_at_the_borders_of_chunks(
    db: Database, stored: int, border: int, before: int, after: int
) -> None:
    start, end = max(border - before, 0), border + after
    found = db.read(lambda tx: messages.read_range(tx, stored, start, end))
    assert found == CONTENT[start:end]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK])
def test_sizes_around_whole_chunks(db: Database, size: int) -> None:
    content = (CONTENT * 3)[:size]
    made = store(db, content)
    assert db.read(lambda tx: messages.size(tx, made)) == size
    assert db.read(lambda tx: messages.read_range(tx, made, 0, size + 5)) == content
    rows = select(func.count()).select_from(message_chunk)
    assert db.read(lambda tx: tx.connection.execute(rows).scalar()) == -(-size // CHUNK)


def test_the_same_bytes_of_a_segment_are_stored_once(db: Database) -> None:
    def work(tx: Tx) -> list[tuple[int, bool]]:
        one, two = (
            make_segment(tx),
            tx.connection.execute(
                segment.insert()
                .values(name="T", name_key="t", next_number=1, created_at=0)
                .returning(segment.c.id)
            ).scalar_one(),
        )
        sha = hashlib.sha256(b"abc").digest()
        return [messages.add(tx, s, b"abc", sha, b"i", None, IDS) for s in (one, one, two)]

    (first, new), (again, known), (elsewhere, new_too) = db.write(work)
    assert first == again != elsewhere
    assert (new, known, new_too) == (True, False, True)


def test_what_is_known_of_a_message_is_kept(db: Database) -> None:
    made = store(db, b"abc\0\r\n\xff")
    row = db.read(lambda tx: tx.connection.execute(select(message)).one())
    assert (row.id, row.size, row.sent_on) == (made, 7, "2025-01-06")
    assert row.sha256 == hashlib.sha256(b"abc\0\r\n\xff").digest()


def test_a_message_that_is_not_there(db: Database) -> None:
    assert db.read(lambda tx: messages.read_range(tx, 99, 0, 10)) == b""
    with pytest.raises(NoResultFound):
        db.read(lambda tx: messages.size(tx, 99))


def test_a_large_memory_map_is_never_held_whole(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(CONTENT * 24)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        store(db, b"warm")
        tracemalloc.start()
        made = store(db, content)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(content) > 12 * 1024 * 1024
        assert peak < 3 * 1024 * 1024
        end = len(content)
        tail = db.read(lambda tx: messages.read_range(tx, made, end - 1000, end))
        assert tail == content[-1000:]
