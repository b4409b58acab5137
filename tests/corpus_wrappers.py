"""Wrapper mails as mail clients write them. Each names the creator `Büro E-Mails` and the activity
#10000001; `attached` are in it, in this order."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from dataclasses import dataclass

from corpus_structures import ATTACHED_QUOTED, EML_IN_PIECES, HTML, INNER, PDF, TEXT, multipart

SECOND = INNER.replace(b"inner", b"second")


@dataclass(frozen=True, slots=True)
class Wrapper:
    """media: names of what is attached beside the messages."""

    content: bytes
    attached: tuple[bytes, ...]
    media: tuple[str, ...] = ()


def wrapper(subject: bytes, *parts: bytes, boundary: str = "w") -> bytes:
    return (
        b"From: alice@example.org\r\nTo: crm@example.org\r\nMessage-ID: <wrapper@example.org>\r\n"
        b"Subject: %s\r\n" % subject
    ) + multipart("mixed", boundary, *parts)


def _part(header: bytes, content: bytes) -> bytes:
    return header.replace(b"\n", b"\r\n") + b"\r\n" + content


def _word(text: str, charset: str = "utf-8") -> bytes:
    return b"=?%s?B?%s?=" % (charset.encode(), b64encode(text.encode(charset)))


_PLAIN = "> @Büro E-Mails  #10000001  Angebot"
# Outlook gives an attached mail the name of its subject, and the moments of the file.
_OUTLOOK = _part(
    b'Content-Type: message/rfc822\nContent-Disposition: attachment;\n creation-date="Mon, 06 Jan'
    b' 2025 10:00:00 GMT";\n modification-date="Mon, 06 Jan 2025 10:00:00 GMT"\n'
    b"Content-Description: Re: offer.pdf\n",
    INNER,
)
_THUNDERBIRD = _part(
    b'Content-Type: message/rfc822; charset=UTF-8;\n name="Angebot =?UTF-8?Q?f=C3=BCr?= Sie.eml"\n'
    b"Content-Disposition: attachment;\n filename*=UTF-8''%41ngebot%20f%C3%BCr%20Sie%2Eeml\n"
    b"Content-Transfer-Encoding: 8bit\n",
    SECOND,
)
_OCTETS = _part(
    b'Content-Type: application/octet-stream; name="ANGEBOT.EML"\n'
    b"Content-Transfer-Encoding: base64\nContent-Disposition: attachment\n",
    encodebytes(INNER),
)
_UNKNOWN_TYPE = _part(
    b"Content-Type: application/x-unknown\nContent-Disposition: attachment; filename=second.eml\n",
    SECOND,
)

WRAPPERS = {
    "raw_utf_8": Wrapper(wrapper(_PLAIN.encode(), TEXT, _OUTLOOK), (INNER,)),
    "decomposed": Wrapper(
        wrapper(_PLAIN.replace("ü", "u\u0308").encode(), TEXT, _THUNDERBIRD), (SECOND,)
    ),
    "one_word": Wrapper(wrapper(_word(_PLAIN), TEXT, _OCTETS), (INNER,)),
    "latin_1": Wrapper(wrapper(_word(_PLAIN, "iso-8859-1"), TEXT, ATTACHED_QUOTED), (INNER,)),
    "split_in_the_name_and_in_the_number": Wrapper(
        wrapper(
            b"\r\n ".join(map(_word, ("> @Bü", "ro E-Mails  #100", "00001  Angebot"))),
            EML_IN_PIECES,
        ),
        (INNER,),
    ),
    "folded_between_the_parts": Wrapper(
        wrapper("> @Büro\r\n E-Mails \r\n #10000001 \r\n Angebot".encode(), _OUTLOOK), (INNER,)
    ),
    "only_the_name_is_a_word": Wrapper(
        wrapper(b"> @=?utf-8?Q?B=C3=BCro?= E-Mails #10000001 Angebot", TEXT, _OUTLOOK), (INNER,)
    ),
    "no_break_spaces": Wrapper(
        wrapper(_PLAIN.replace(" ", "\N{NO-BREAK SPACE}").encode(), TEXT, _UNKNOWN_TYPE), (SECOND,)
    ),
    "of_all_kinds": Wrapper(
        wrapper(_PLAIN.encode(), HTML, _OUTLOOK, PDF, _THUNDERBIRD, _OCTETS),
        (INNER, SECOND, INNER),
        ("offer.pdf",),
    ),
    "deep_in_a_related_body": Wrapper(
        wrapper(
            _PLAIN.encode(),
            multipart("related", "r", multipart("alternative", "a", TEXT, HTML), _OUTLOOK),
            PDF,
        ),
        (INNER,),
        ("offer.pdf",),
    ),
}
