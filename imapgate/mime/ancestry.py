"""The Message-IDs by which a mail belongs to others, in one spelling (RFC 5256 3, THREAD)."""

from __future__ import annotations

import re

from imapgate.mime.mail import Mail

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_ESCAPED = re.compile(r"\\(.)")


def own_id(mail: Mail) -> str | None:
    """The mail's own Message-ID; None if there is none that is valid."""
    found = _valid((mail.message_id,) if mail.message_id else ())
    return found[0] if found else None


def references(mail: Mail) -> tuple[str, ...]:
    """The mails that this one follows, the eldest first: those of References, or the first one of
    In-Reply-To where References has none that is valid."""
    return _valid(mail.references) or _valid(mail.in_reply_to)[:1]


def _valid(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Without the quoting that one mailer writes and another doesn't. What has no `@` is none: it
    may be a word of an old `In-Reply-To: Your message of ...`."""
    unquoted = (_QUOTED.sub(_unescaped, one) if '"' in one else one for one in ids)
    return tuple(one for one in unquoted if "@" in one)


def _unescaped(quoted: re.Match[str]) -> str:
    return _ESCAPED.sub(r"\1", quoted[1])
