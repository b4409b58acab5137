"""Which kind of file it is: by its name, else by its first octets."""

from __future__ import annotations

import enum
import re

from imapgate.incoming.files.mbox import looks_like_mbox

FIRST = 1024
"""Octets that are looked at."""
_FIELD = re.compile(rb"(?:[!-9;-~]{1,200}[ \t]*:[^\n]*\n)(?:[ \t][^\n]*\n)*[!-9;-~]{1,200}[ \t]*:")


class Kind(enum.Enum):
    EML = "eml"
    MSG = "msg"
    MBOX = "mbox"
    ZIP = "zip"


_BY_NAME = {
    ".eml": Kind.EML,
    ".msg": Kind.MSG,
    ".mbox": Kind.MBOX,
    ".mbx": Kind.MBOX,
    ".zip": Kind.ZIP,
}

ENDINGS = frozenset(_BY_NAME)


def kind_of(name: str, first: bytes) -> Kind | None:
    """None: nothing in which mails are known to stand. The name's ending counts; without a known
    one a file that begins like an mbox is one (mail programs often give those no ending)."""
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    known = _BY_NAME.get(ending)
    return Kind.MBOX if known is None and looks_like_mbox(first) else known


def looks_like_mail(first: bytes) -> bool:
    """Whether it begins with two header fields: of a file whose name tells nothing."""
    return _FIELD.match(first) is not None
