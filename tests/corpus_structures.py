"""Messages of odd structure: multiparts, boundaries, attached messages, names of attachments."""

from __future__ import annotations

import base64

HEAD = (
    b"From: Joe <joe@example.org>\r\nTo: support@example.com\r\nSubject: %s\r\n"
    b"Date: Tue, 2 Jan 2024 10:00:00 +0100\r\nMessage-ID: <%s@example.org>\r\n"
)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(64)))


def crlf(text: str) -> bytes:
    """Text lines as they go over the wire."""
    return text.replace("\n", "\r\n").encode("utf-8")


def headed(name: str, rest: bytes) -> bytes:
    """A message with ordinary header fields before `rest`."""
    return HEAD % (name.replace("_", " ").encode(), name.encode()) + rest


def multipart(kind: str, boundary: str, *parts: bytes, closed: bool = True) -> bytes:
    """Content-Type, blank line and body of a multipart; each part with its own header."""
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
    head = f'MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
    return head.encode() + body + (b"--%s--\r\n" % boundary.encode() if closed else b"")


TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello world"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <b>world</b></p>"
PDF = (
    b'Content-Type: application/pdf; name="offer.pdf"\r\nContent-Disposition: attachment; '
    b'filename="offer.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK'
)
IMAGE = (
    b"Content-Type: image/png\r\nContent-ID: <logo@example>\r\nContent-Disposition: inline\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + PNG
)
INNER = (
    b"From: inner@example.net\r\nSubject: inner\r\nMessage-ID: <inner@example>\r\n\r\nInner text"
)
ATTACHED = b"Content-Type: message/rfc822\r\n\r\n" + INNER
ATTACHED_QUOTED = (
    b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    + INNER.replace(b"inner", b"in=6Eer").replace(b"text", b"te=\r\nxt")
)
EML_IN_PIECES = (
    b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
    b"Content-Disposition: attachment;\r\n filename*0*=utf-8''Gr%C3%B6%C3%9Fe;\r\n"
    b' filename*1*=%20pr%C3%BCfen.E;\r\n filename*2="mL"\r\n\r\n' + base64.encodebytes(INNER)
)


def structures() -> dict[str, bytes]:
    """By name, as in `corpus.MESSAGES`."""
    nested = TEXT
    for level in range(60):
        nested = multipart("mixed", f"level{level}", nested)
    messages = INNER
    for _ in range(60):
        messages = b"Content-Type: message/rfc822\r\n\r\n" + messages
    named = b"Content-Type: image/png; %s\r\nContent-Disposition: attachment; %s\r\n\r\nx"
    return {
        "alternative": headed("alternative", multipart("alternative", "b", TEXT, HTML)),
        "alternative_blank_plain": headed(
            "blank_plain",
            multipart("alternative", "b", b"Content-Type: text/plain\r\n\r\n \r\n", HTML),
        ),
        "alternative_html_first": headed("html_first", multipart("alternative", "b", HTML, TEXT)),
        "alternative_with_calendar": headed(
            "invite",
            multipart(
                "alternative",
                "b",
                TEXT,
                HTML,
                b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR",
            ),
        ),
        "mixed": headed("mixed", multipart("mixed", "b", TEXT, PDF)),
        "mixed_two_texts": headed("two_texts", multipart("mixed", "b", TEXT, PDF, TEXT)),
        "mixed_attached_text": headed(
            "text_file",
            multipart(
                "mixed",
                "b",
                TEXT,
                b"Content-Disposition: attachment; filename=log.txt\r\n\r\nlog line",
            ),
        ),
        "related_in_alternative": headed(
            "related", multipart("alternative", "o", TEXT, multipart("related", "i", HTML, IMAGE))
        ),
        "signed": headed(
            "signed",
            multipart(
                "signed",
                "b",
                TEXT,
                b"Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----",
            ),
        ),
        "report": headed(
            "report",
            multipart(
                "report",
                "b",
                TEXT,
                b"Content-Type: message/delivery-status\r\n\r\n"
                b"Reporting-MTA: dns; x\r\n\r\nAction: failed",
                ATTACHED,
            ),
        ),
        "attached_message": headed("attached", multipart("mixed", "b", TEXT, ATTACHED)),
        "attached_multipart_message": headed(
            "attached2",
            multipart(
                "mixed",
                "outer",
                TEXT,
                b"Content-Type: message/rfc822\r\n\r\n"
                + headed("in", multipart("mixed", "inner", TEXT, PDF)),
            ),
        ),
        "attached_message_base64": headed(
            "attached3",
            multipart(
                "mixed",
                "b",
                TEXT,
                b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + base64.b64encode(INNER),
            ),
        ),
        "attached_eml": headed(
            "attached4",
            multipart(
                "mixed",
                "b",
                TEXT,
                b'Content-Type: application/octet-stream; name="Mail.EML"\r\n\r\n' + INNER,
            ),
        ),
        "attached_message_quoted_printable": headed(
            "attached6", multipart("mixed", "b", TEXT, ATTACHED_QUOTED)
        ),
        "attached_eml_named_in_pieces": headed(
            "attached7", multipart("mixed", "b", TEXT, EML_IN_PIECES)
        ),
        "attached_in_attached": headed(
            "attached8",
            multipart(
                "mixed",
                "outer",
                TEXT,
                b"Content-Type: message/rfc822\r\n\r\n"
                + headed("in", multipart("mixed", "inner", TEXT, ATTACHED, EML_IN_PIECES)),
            ),
        ),
        "attached_empty_message": headed(
            "attached5", multipart("mixed", "b", TEXT, b"Content-Type: message/rfc822\r\n")
        ),
        "message_root": b"Content-Type: message/rfc822\r\nSubject: outer\r\n\r\n" + INNER,
        "digest": headed("digest", multipart("digest", "b", b"\r\n" + INNER, b"\r\n" + INNER)),
        "boundary_missing": headed(
            "no_boundary", b"Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nText\r\n--b--\r\n"
        ),
        "boundary_empty": headed(
            "empty_boundary", b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n'
        ),
        "boundary_never_seen": headed(
            "unseen", b"Content-Type: multipart/mixed; boundary=b\r\n\r\nOnly text\r\n"
        ),
        "boundary_only_closing": headed(
            "closing", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n"
        ),
        "boundary_twice_named": headed(
            "twice",
            b"Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--a\r\n"
            b"\r\nx\r\n--a--\r\n",
        ),
        "boundary_very_long": headed("long_boundary", multipart("mixed", "x" * 900, TEXT)),
        "boundary_beyond_all_length": headed(
            "longer_boundary", multipart("mixed", "x" * 5000, TEXT)
        ),
        "boundary_prefix_of_outer": headed(
            "prefix",
            multipart("mixed", "outer-x", TEXT, multipart("mixed", "outer", TEXT, HTML), PDF),
        ),
        "boundary_outer_prefix_of_inner": headed(
            "prefix2",
            multipart("mixed", "outer", TEXT, multipart("mixed", "outer-x", TEXT, HTML), PDF),
        ),
        "boundary_same_inside": headed(
            "same", multipart("mixed", "b", multipart("mixed", "b", TEXT))
        ),
        "boundary_with_blanks": headed(
            "blanks",
            b'Content-Type: multipart/mixed; boundary="a b "\r\n\r\n--a b  \r\n\r\n'
            b"x\r\n--a b--\t\r\n",
        ),
        "boundary_special_characters": headed(
            "special", multipart("mixed", "a'()+_,-./:=?b", TEXT, HTML)
        ),
        "unterminated": headed("unterminated", multipart("mixed", "b", TEXT, PDF, closed=False)),
        "unterminated_inner": headed(
            "unterminated2",
            multipart("mixed", "o", multipart("alternative", "i", TEXT, HTML, closed=False), PDF),
        ),
        "preamble_and_epilogue": headed(
            "preamble",
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\nThis is MIME\r\n"
            b"--b\r\n\r\nx\r\n--b--\r\nend\r\n",
        ),
        "part_without_blank_line": headed(
            "no_blank",
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            b"Content-Type: text/plain\r\n--b--\r\n",
        ),
        "parts_empty": headed(
            "empty_parts",
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n\r\n"
            b"--b\r\n\r\n\r\n--b--",
        ),
        "multipart_bare_lf": headed("lf", multipart("mixed", "b", TEXT, PDF)).replace(
            b"\r\n", b"\n"
        ),
        "multipart_60_levels": headed("levels", nested),
        "messages_60_levels": headed("message_levels", messages),
        "multipart_1500_parts": headed("parts", multipart("mixed", "b", *([b"\r\nx"] * 1500))),
        "name_rfc2231": headed(
            "name1",
            multipart("mixed", "b", named % (b"x=y", b"filename*=UTF-8''%C3%BCber%20uns.png")),
        ),
        "name_rfc2231_continued": headed(
            "name2",
            multipart(
                "mixed",
                "b",
                named % (b"x=y", b"filename*0*=utf-8''a%20; filename*1=b; filename*2*=%2Epng"),
            ),
        ),
        "name_encoded_word": headed(
            "name3", multipart("mixed", "b", named % (b'name="=?utf-8?B?w7wucG5n?="', b"x=y"))
        ),
        "name_with_path": headed(
            "name4",
            multipart(
                "mixed", "b", named % (b"x=y", b'filename="C:\\\\Temp\\\\..\\\\..\\\\evil.png"')
            ),
        ),
        "name_missing": headed(
            "name5", multipart("mixed", "b", TEXT, IMAGE, b"Content-Type: x/y\r\n\r\nz")
        ),
        "name_8bit": headed(
            "name6", multipart("mixed", "b", named % (b"x=y", 'filename="ü.png"'.encode()))
        ),
        "tnef": headed(
            "tnef",
            multipart(
                "mixed",
                "b",
                TEXT,
                b"Content-Type: application/ms-tnef\r\n"
                b"Content-Transfer-Encoding: base64\r\n\r\neJ8+",
            ),
        ),
        "apple_mail_sandwich": headed("sandwich", multipart("mixed", "b", HTML, PDF, HTML)),
        "unknown_multipart": headed("unknown", multipart("x-strange", "b", TEXT, HTML)),
        "quoted_reply": headed(
            "reply",
            crlf(
                "\nDone.\n\nOn 1 Jan 2024 at 10:00, Bob <bob@example.org> wrote:\n> Is it done?\n"
            ),
        ),
        "quoted_outlook": headed(
            "outlook",
            crlf(
                "\nErledigt.\n\n________________________________\nVon: Bob\n"
                "Gesendet: Montag\nAn: Joe\nBetreff: x\n\nAlt\n"
            ),
        ),
        "wrapper": b"From: alice@example.org\r\nTo: x@y\r\n"
        b"Subject: > @E-Mails  #10000001  two mails\r\n"
        + multipart("mixed", "w", TEXT, ATTACHED, ATTACHED),
    }
