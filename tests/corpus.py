"""Nasty but realistic messages for every room's tests.

`MESSAGES` maps a name to raw bytes. None of them may be refused for its form (docs/rules.md 5), and
each comes back byte-identical.
"""

from __future__ import annotations

import base64
import email
from pathlib import Path

from corpus_structures import HTML, PDF, crlf, headed, structures


def _plain() -> dict[str, bytes]:
    return {
        "plain": headed("plain", b"\r\nHello\r\n"),
        "plain_bare_lf": headed("plain_bare_lf", b"\r\nHello\r\nworld\r\n").replace(b"\r\n", b"\n"),
        "plain_mixed_line_ends": b"From: a@b\r\nSubject: mixed\nTo: c@d\r\n\n"
        b"line one\r\nline two\n",
        "plain_double_cr": headed("double_cr", b"\r\nHello\r\n").replace(b"\r\n", b"\r\r\n"),
        "plain_bare_cr": headed("bare_cr", b"\r\nHello\rworld\r"),
        "plain_no_final_line_end": headed("no_end", b"\r\nHello"),
        "plain_many_final_line_ends": headed("many_ends", b"\r\nHello\r\n\r\n\r\n\r\n"),
        "one_octet": b"x",
        "one_line_end": b"\r\n",
        "one_line_feed": b"\n",
        "only_blank_lines": b"\r\n\r\n\r\n",
        "only_nul": b"\0",
        "no_header": b"Just some text\r\nwithout any header\r\n",
        "no_header_but_blank_line": b"\r\nbody behind an empty header\r\n",
        "header_only": b"From: a@b\r\nSubject: header only\r\n",
        "header_only_blank_line": b"From: a@b\r\nSubject: header and blank line\r\n\r\n",
        "header_without_line_end": b"Subject: never ends",
        "header_without_blank_line": b"From: a@b\r\nSubject: no blank line\r\n"
        b"Hello, this is text\r\n",
        "header_with_junk_line": b"From: a@b\r\nthis is no field\r\n"
        b"Subject: behind junk\r\n\r\nText\r\n",
        "mbox_from_line": b"From joe@x Tue Jan  2 10:00:00 2024\nFrom: a@b\n"
        b"Subject: mbox\n\nText\n",
        "escaped_mbox_from_line": b">From joe Tue Jan  2 10:00:00 2024\nSubject: mbox2\n\nText\n",
        "nul_in_header": headed(
            "nul_header", b"X-Nul: a\0b\r\nSubject: two\0three\r\n\r\nText\r\n"
        ),
        "nul_in_body": headed("nul_body", b"\r\nHello\0world\0\r\n"),
        "controls_in_body": headed("controls", b"\r\n" + bytes(range(32)) + b"\x7f\r\n"),
        "long_line": headed("long_line", b"\r\n" + b"x" * 100_000 + b"\r\n"),
        "from_line_in_body": headed("from_in_body", b"\r\nHello\r\nFrom here on it is text\r\n"),
        "leading_folded_line": b" folded before all\r\nSubject: second\r\n\r\nText\r\n",
        "dots": headed("dots", b"\r\n.\r\n..\r\n.x\r\n"),
        "tag_like_lines": headed("tags", b"\r\na1 LOGOUT\r\n* BYE\r\n{10}\r\n)\r\n"),
        "mozilla_status": b"X-Mozilla-Status: 0001\r\nX-Mozilla-Status2: 00000000\r\n"
        + headed("plain", b"\r\nHello\r\n"),
        "tuid": b"X-TUID: abcDEF123456\r\n" + headed("plain", b"\r\nHello\r\n"),
    }


def _headers() -> dict[str, bytes]:
    return {
        "header_utf8_raw": crlf("From: Jörg <j@x.org>\nSubject: Grüße 😀\n\nHallo\n"),
        "header_latin1_raw": b"From: J\xf6rg <j@x.org>\r\nSubject: Gr\xfc\xdfe\r\n\r\nHallo\r\n",
        "header_8bit_name": b"S\xfcbject: x\r\nSubject: y\r\n\r\nText\r\n",
        "header_encoded_words": b"From: =?utf-8?Q?J=C3=B6rg?= <j@x.org>\r\n"
        b"Subject: =?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?B?8J+YgA==?=\r\n\r\nText\r\n",
        "header_encoded_word_in_quotes": b'From: "=?utf-8?Q?J=C3=B6rg?=" <j@x.org>\r\n\r\nText\r\n',
        "header_split_character": b"Subject: =?utf-8?Q?Gr=C3?= "
        b"=?utf-8?Q?=BC=C3=9Fe?=\r\n\r\nText\r\n",
        "header_encoded_unknown_charset": b"Subject: =?x-klingon?Q?Hello_=FC?=\r\n\r\nText\r\n",
        "header_encoded_q_with_blanks": b"Subject: =?utf-8?Q?Hello big world?=\r\n\r\nText\r\n",
        "header_encoded_never_ends": b"Subject: =?utf-8?Q?Hello =?utf-8?Q?World?=\r\n\r\nText\r\n",
        "header_encoded_bad_base64": b"Subject: =?utf-8?B?SGVsbG8?= x "
        b"=?utf-8?B?!!?=\r\n\r\nText\r\n",
        "header_folded_subject": b"From: a@b\r\nSubject: one\r\n two\r\n\tthree\r\n\r\nText\r\n",
        "header_folded_only_blanks": b"From: a@b\r\nSubject: one\r\n \r\n two\r\n\r\nText\r\n",
        "header_space_before_colon": b"From : a@b\r\nSubject\t: spaced\r\n\r\nText\r\n",
        "header_empty_values": b"From:\r\nTo: \r\nSubject:\r\nDate:\r\nMessage-ID:\r\n\r\nText\r\n",
        "header_duplicates": b"Subject: a\r\nSubject: b\r\nFrom: a@b\r\n"
        b"From: c@d\r\nTo: e@f\r\nTo: g@h\r\n\r\nT\r\n",
        "header_100k_subject": b"Subject: " + b"x" * 100_000 + b"\r\n\r\nText\r\n",
        "header_6000_fields": b"".join(b"X-%d: y\r\n" % n for n in range(6000)) + b"\r\nText\r\n",
        "header_lower_case": b"from: a@b\r\nsubject: lower\r\n"
        b"date: 2 Jan 2024 10:00 GMT\r\n\r\nText\r\n",
        "header_importance": headed(
            "importance", b"Importance: high\r\nX-Priority: 1\r\n\r\nText\r\n"
        ),
        "header_priority_urgent": headed("urgent", b"Priority: urgent\r\n\r\nText\r\n"),
        "header_x_priority_low": headed("low", b"X-Priority: 5 (Lowest)\r\n\r\nText\r\n"),
        "address_group": b"From: a@b\r\nTo: Team: x@y, Z <z@w>;, last@one\r\n\r\nText\r\n",
        "address_undisclosed": b"From: a@b\r\nTo: undisclosed-recipients:;\r\n\r\nText\r\n",
        "address_route": b"From: <@relay.one,@relay.two:joe@example.org>\r\n\r\nText\r\n",
        "address_comments": b"From: joe(a (nested) b)@(c)example.org (Joe \\) Doe)\r\n\r\nText\r\n",
        "address_quoted_local": b'From: "joe doe"@example.org\r\nTo: "a\\"b"@c\r\n\r\nText\r\n',
        "address_without_host": b"From: root\r\nTo: Company Support\r\n\r\nText\r\n",
        "address_empty_angle": b"From: <>\r\nReturn-Path: <>\r\n\r\nText\r\n",
        "address_open_quote": b'From: "Joe <joe@example.org>\r\n\r\nText\r\n',
        "address_semicolons": b"From: a@b\r\nTo: c@d; e@f;\r\n\r\nText\r\n",
        "address_garbage": b'From: ((<@:;,["\\\r\nTo: @@@<<<>>>,,,\r\n\r\nText\r\n',
        "address_x500": b"From: /O=CORP/OU=X/CN=RECIPIENTS/CN=JOE\r\n\r\nText\r\n",
        "address_700_recipients": b"From: a@b\r\nTo: "
        + b",\r\n ".join(b"User %d <u%d@example.org>" % (n, n) for n in range(700))
        + b"\r\n\r\nText\r\n",
        "date_without_zone": b"Date: Tue, 2 Jan 2024 10:00:00\r\n\r\nText\r\n",
        "date_two_digit_year": b"Date: 2 Jan 99 10:00 EST\r\n\r\nText\r\n",
        "date_iso": b"Date: 2024-01-02T10:00:00+01:00\r\n\r\nText\r\n",
        "date_garbage": b"Date: yesterday at noon (or so)\r\n\r\nText\r\n",
        "date_impossible": b"Date: Mon, 31 Feb 2024 25:61:61 +9999\r\n\r\nText\r\n",
        "references_mess": b"In-Reply-To: Your mail of Monday <a@b> and <c@d>\r\n"
        b"References: <a@b><c@d>,<e@\r\n f> nonsense <\r\n\r\nText\r\n",
        "message_id_without_brackets": b"Message-ID: bare@id.example\r\n\r\nText\r\n",
        "number_in_subject": b"From: a@b\r\nSubject: Re: it is broken #10000001\r\n\r\nText\r\n",
    }


def _encodings() -> dict[str, bytes]:
    text = b"Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n%s\r\n"
    return {
        "encoding_quoted_printable": headed(
            "qp", text % (b"utf-8", b"quoted-printable", b"Gr=C3=BC=\r\n=C3=9Fe=")
        ),
        "encoding_bad_quoted_printable": headed(
            "badqp", text % (b"utf-8", b"quoted-printable", b"a=ZZ =4")
        ),
        "encoding_base64": headed(
            "b64", text % (b"utf-8", b"base64", base64.b64encode("Grüße".encode()))
        ),
        "encoding_bad_base64": headed(
            "badb64", text % (b"utf-8", b"base64", b"SGV%%sbG8*=gd29ybGQ")
        ),
        "encoding_padded_pieces": headed(
            "pads", text % (b"utf-8", b"base64", b"SGU=\r\nbGxv\r\nIQ==")
        ),
        "encoding_unknown": headed("enc", text % (b"utf-8", b"x-rot13", b"Uryyb")),
        "encoding_with_comment": headed("enccom", text % (b"utf-8", b"(really) 8bit", b"Hello")),
        "charset_utf16": headed(
            "utf16", text % (b"utf-16", b"base64", base64.b64encode("Grüße".encode("utf-16")))
        ),
        "charset_utf7": headed("utf7", text % (b"utf-7", b"7bit", b"Gr+APwA3w-e")),
        "charset_iso2022jp": headed(
            "jp", text % (b"iso-2022-jp", b"7bit", "日本".encode("iso-2022-jp"))
        ),
        "charset_unknown": headed("charset", text % (b"x-none", b"8bit", b"Gr\xfc\xdfe")),
        "charset_wrong": headed("wrong", text % (b"us-ascii", b"8bit", "Grüße".encode())),
        "charset_no_codec_of_mail": headed("hex", text % (b"hex", b"7bit", b"48656c6c6f")),
        "charset_windows1252_as_latin1": headed(
            "euro", text % (b"iso-8859-1", b"8bit", b"\x80 100")
        ),
        "format_flowed": headed(
            "flowed", b"Content-Type: text/plain; format=flowed\r\n\r\nsoft \r\nline\r\n"
        ),
        "content_type_garbage": headed("ct", b'Content-Type: ;;;="\r\n\r\nText\r\n'),
        "content_type_without_subtype": headed("ct2", b"Content-Type: text\r\n\r\nText\r\n"),
        "content_type_open_quote": headed(
            "ct3", b'Content-Type: text/plain; charset="utf-8\r\n\r\nText\r\n'
        ),
        "content_type_comment": headed(
            "ct4", b"Content-Type: text/plain (plain) ; charset=utf-8\r\n\r\nText\r\n"
        ),
        "content_type_200_parameters": headed(
            "ct5",
            b"Content-Type: text/plain"
            + b"".join(b"; p%d=v" % n for n in range(200))
            + b"\r\n\r\nText\r\n",
        ),
        "binary_root": headed(
            "bin", b"Content-Type: application/octet-stream\r\n\r\n" + bytes(range(256))
        ),
        "pdf_root": headed("pdf_root", PDF),
        "html_root": headed("html_root", HTML),
        "html_with_styles": headed(
            "styles",
            b"Content-Type: text/html\r\n\r\n<html><head><style>p{color:red}</style></head><body>"
            b'<div style="display:none">hidden</div><p style="padding-left:99999em">seen</p>'
            b"<script>alert(1)</script></body></html>",
        ),
        "html_deeply_nested": headed(
            "deep", b"Content-Type: text/html\r\n\r\n" + b"<div>" * 5000 + b"deep"
        ),
        "html_broken": headed(
            "brokenhtml", b"Content-Type: text/html\r\n\r\n</p><td>cell<table></tr></b>< a <"
        ),
        "html_empty": headed("emptyhtml", b"Content-Type: text/html\r\n\r\n"),
        "html_meta_charset": headed(
            "meta", b'Content-Type: text/html\r\n\r\n<meta charset="iso-8859-1"><p>Gr\xfc\xdfe</p>'
        ),
        "calendar_root": headed(
            "cal", b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n"
        ),
    }


def _installed() -> dict[str, bytes]:
    """CPython's own test messages, where its test package is installed."""
    folder = Path(email.__file__).parent.parent / "test" / "test_email" / "data"
    if not folder.is_dir():
        return {}
    return {f"cpython_{path.stem}": path.read_bytes() for path in sorted(folder.glob("*.txt"))}


MESSAGES: dict[str, bytes] = {
    **_plain(),
    **_headers(),
    **_encodings(),
    **structures(),
    **{name: raw for name, raw in _installed().items() if raw},
}
