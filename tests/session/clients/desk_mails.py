"""The mails on a desk at which a client is set up: three in INBOX, one in a group, some to drop."""

from __future__ import annotations

from transcript import Stage


def mail(name: str, subject: str, text: str = "It is hot.") -> bytes:
    """From a customer; `name` makes its Message-ID."""
    return (
        "From: Erika <erika@example.net>\r\nTo: alice@example.org\r\n"
        f"Subject: {subject}\r\nDate: Mon, 06 Jan 2025 10:01:00 +0200\r\n"
        f"Message-ID: <{name}@example.net>\r\n\r\n{text}\r\n"
    ).encode()


GADGET = mail("gadget", "Gadget")
PHOTO = (
    b"From: Erika <erika@example.net>\r\nTo: alice@example.org\r\nSubject: Photo\r\n"
    b"Date: Mon, 06 Jan 2025 10:02:00 +0200\r\nMessage-ID: <photo@example.net>\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="="\r\n\r\n'
    b"--=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee it.\r\n"
    b'--=\r\nContent-Type: image/png; name="hot.png"\r\n'
    b'Content-Disposition: attachment; filename="hot.png"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nUE5H\r\n--=--\r\n"
)
THANKS = mail("thanks", "Thanks", "It is cold now.")
SHARED = mail("shared", "Shared", "By bob.")
DROPPED = mail("dropped", "Dropped")
DATE = '"06-Jan-2025 10:01:00 +0200"'


def lay_out(stage: Stage) -> None:
    """alice's INBOX: 1 GADGET, seen; 2 PHOTO; 3 THANKS. Trackers/Support: 1 SHARED, bob's. Then
    `alice` has connected, with the greeting unread."""
    stage.run(
        f"""
        alice9 C: a APPEND INBOX (\\Seen) {DATE} {{#gadget+}}
        alice9 C: #gadget\\
        alice9 C:  {DATE} {{#photo+}}
        alice9 C: #photo\\
        alice9 C:  {DATE} {{#thanks+}}
        alice9 C: #thanks
        alice9 S: a OK [APPENDUID ... 1:3] ...
        alice9 -- lost
        bob C: a APPEND Trackers/Support {DATE} {{#shared+}}
        bob C: #shared
        bob S: a OK [APPENDUID ... 1] ...
    """,
        gadget=GADGET,
        photo=PHOTO,
        thanks=THANKS,
        shared=SHARED,
    )
    stage.connect("alice")
