"""What every table is made with."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData

metadata = MetaData()

Big = BigInteger().with_variant(Integer, "sqlite")
"""What may pass 2^31: UIDs (to 2^32-1), mod-sequences (63 bits), times, numbers that only grow.
SQLite's INTEGER has 64 bits anyway, and only under that name is a primary key its row id."""


def id_column() -> Column[int]:
    """The row's own number."""
    return Column("id", Integer, primary_key=True)


def reference(name: str, target: str, *, null: bool = False, index: bool = False) -> Column[int]:
    """A column that refers to target (`table.column`)."""
    return Column(name, Integer, ForeignKey(target), nullable=null, index=index)
