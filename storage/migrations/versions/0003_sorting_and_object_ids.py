"""What SORT, THREAD, OBJECTID and PREVIEW need of each message; how much stands in each folder;
notes about folders.

The rows of message_order, and thread_id, are made of the messages' bytes afterwards (`imapgate
upgrade` does that, in steps), since this room doesn't read mails.
"""

from __future__ import annotations

import hmac
import os
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("segment", sa.Column("object_key", sa.LargeBinary(), nullable=True))
    op.add_column("message", sa.Column("email_id", sa.String(), nullable=True))
    op.add_column("message", sa.Column("thread_id", sa.String(), nullable=True))
    op.create_table(
        "message_order",
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("base_subject", sa.Text(), nullable=False),
        sa.Column("is_reply", sa.Boolean(), nullable=False),
        sa.Column("sent_at", Big, nullable=True),
        sa.Column("from_mailbox", sa.Text(), nullable=False),
        sa.Column("to_mailbox", sa.Text(), nullable=False),
        sa.Column("cc_mailbox", sa.Text(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("own_id", sa.LargeBinary(), nullable=True),
        sa.Column("reference_ids", sa.LargeBinary(), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("stored_message_id"),
    )
    op.create_table(
        "folder_annotation",
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"]),
        sa.PrimaryKeyConstraint("folder_id", "principal_id", "entry"),
    )
    for name in ("messages", "octets"):
        op.add_column("folder", sa.Column(name, Big, nullable=False, server_default="0"))
    connection = op.get_bind()
    mine = _ENTRY.c.folder_id == _FOLDER.c.id
    octets = sa.func.coalesce(sa.func.sum(_ENTRY.c.size), 0)
    connection.execute(
        sa.update(_FOLDER).values(
            messages=sa.select(sa.func.count()).where(mine).scalar_subquery(),
            octets=sa.select(octets).where(mine).scalar_subquery(),
        )
    )
    segments = connection.execute(sa.select(_SEGMENT.c.id)).scalars().all()
    keys = {one: os.urandom(32) for one in segments}
    _set(_SEGMENT, "object_key", [{"of_row": one, "made": key} for one, key in keys.items()])
    messages = connection.execute(
        sa.select(_MESSAGE.c.id, _MESSAGE.c.segment_id, _MESSAGE.c.sha256)
    ).all()
    _set(
        _MESSAGE,
        "email_id",
        [
            {"of_row": one, "made": _email_id(keys[segment_id], sha256)}
            for one, segment_id, sha256 in messages
        ],
    )


_FOLDER = sa.table("folder", sa.column("id"), sa.column("messages"), sa.column("octets"))
_ENTRY = sa.table("entry", sa.column("folder_id"), sa.column("size"))
_SEGMENT = sa.table("segment", sa.column("id"), sa.column("object_key"))
_MESSAGE = sa.table(
    "message",
    sa.column("id"),
    sa.column("segment_id"),
    sa.column("sha256"),
    sa.column("email_id"),
)


def _email_id(key: bytes, sha256: bytes) -> str:
    return "M" + hmac.digest(key, b"bytes " + sha256, "sha256")[:10].hex()


def _set(table: sa.TableClause, column: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        statement = sa.update(table).where(table.c.id == sa.bindparam("of_row"))
        op.get_bind().execute(statement.values({column: sa.bindparam("made")}), rows)
