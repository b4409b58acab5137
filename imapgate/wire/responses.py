"""Server text -> bytes. The one place that makes text CRLF-safe (DESIGN rule 22)."""

from __future__ import annotations

from collections.abc import Iterable


def quoted_or_literal(value: bytes | None) -> bytes:
    """A `nstring`: NIL, a quoted string, or a literal when it has 8-bit, CR, LF, NUL or is long."""
    raise NotImplementedError


def mailbox(name: str) -> bytes:
    """A mailbox name in modified UTF-7, quoted where needed."""
    raise NotImplementedError


def status(tag: bytes | None, condition: bytes, text: str, code: str | None = None) -> bytes:
    """`tag OK [CODE] text` with CRLF; tag None is `*`. Other than printable ASCII becomes `?`, text is cut
    at 400 characters, and is never empty."""
    raise NotImplementedError


def untagged(*parts: bytes) -> bytes:
    """`* ` + parts joined by blanks + CRLF; parts are ready-made."""
    raise NotImplementedError


def flag_list(flags: Iterable[bytes]) -> bytes:
    """`(\\Seen $Forwarded)`."""
    raise NotImplementedError


def internal_date(at: int, zone_minutes: int) -> bytes:
    """Quoted date-time `"17-Jul-1996 02:44:25 -0700"` of an instant (seconds since 1970 UTC) in a zone."""
    raise NotImplementedError
