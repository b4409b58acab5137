"""Mails for the load: every one is different, most are small, some are what nobody expects."""

from __future__ import annotations

from random import Random

NUMBERS = (10000001, 10000002, 10000003)
"""Activities that stand from the start."""
SIZES = (*[200] * 12, *[2_000] * 8, *[20_000] * 5, *[300_000] * 2, 1_200_000)
"""Octets: below and above a chunk of the database, and above what is held in memory."""


def mail(rng: Random, mark: str, subject: str, size: int | None = None) -> bytes:
    """mark: makes it unlike any other. Its octets are any: rule 5."""
    octets = rng.choice(SIZES) if size is None else size
    end = rng.choice((b"\r\n", b"\r\n", b"\r\n", b"\n"))
    head = [
        f"From: {rng.choice(('Erika', 'Jörg', 'Zoë'))} <e{rng.randrange(40)}@example.com>".encode(),
        b"To: support@example.org",
        b"Subject: " + subject.encode(),
        b"X-Mark: " + mark.encode(),
    ]
    if rng.random() < 0.9:
        head.append(f"Message-ID: <{mark}@example.com>".encode())
    if rng.random() < 0.2:
        body = rng.randbytes(octets)
    else:
        line = b"%s: what was said about %s." % (mark.encode(), rng.randbytes(6).hex().encode())
        body = end.join([line] * (octets // (len(line) + len(end)) + 1))
    return end.join([*head, b"", body]) + rng.choice((end, b""))


def wrapper(rng: Random, mark: str, subject: str, text: str, attached: list[bytes]) -> bytes:
    """A mail with other mails attached (rule 11)."""
    boundary = f"=_{rng.randbytes(12).hex()}".encode()
    head = (
        f"From: alice@example.org\r\nSubject: {subject}\r\nMessage-ID: <{mark}@example.com>\r\n"
        f'X-Mark: {mark}\r\nContent-Type: multipart/mixed; boundary="{boundary.decode()}"\r\n\r\n'
    ).encode()
    parts = [b"Content-Type: text/plain\r\n\r\n" + text.encode()]
    parts += [b"Content-Type: message/rfc822\r\n\r\n" + one for one in attached]
    return (
        head
        + b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts)
        + (b"--%s--\r\n" % boundary)
    )
