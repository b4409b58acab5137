"""Whatever a server says, mail is read or an error that is known is raised, and reading ends."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.incoming.account import Place
from imapgate.incoming.mailboxes.imap import ImapSource
from imapgate.incoming.mailboxes.imap_dialogue import ImapDialogue
from imapgate.incoming.mailboxes.imap_login import by_password
from imapgate.incoming.mailboxes.pop3 import Pop3Source
from imapgate.incoming.mailboxes.pop3_dialogue import Pop3Dialogue
from imapgate.incoming.source import Source, TooLarge, Unreadable
from imapgate.servers.server import Login, ServerError
from imapgate.servers.stream import Stream

PLACE = Place("imap", "localhost", 143, login=Login(user="u"))
IMAP = [
    b"* OK [UIDVALIDITY 7] x",
    b"* OK [UIDNEXT 9] x",
    b"* OK [ALERT",
    b"* OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 AUTH=CRAM-MD5] x",
    b"* PREAUTH",
    b"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS",
    b"* 3 EXISTS",
    b"* 99999999999999999999 EXISTS",
    b"* 1 EXPUNGE",
    b"* SEARCH 1 2 3",
    b"* SEARCH 99999999999",
    b"* 1 FETCH (UID 1 RFC822.SIZE 9",
    b'* 1 FETCH (UID 1 INTERNALDATE "31-Feb-2025 99:00:00 +9999" RFC822.SIZE 4)',
    b"* 1 FETCH (UID 1 BODY[]<0> {4}",
    b'* 1 FETCH (UID 1 BODY[]<0> "abc\\',
    b"* 1 FETCH (UID 1 BODY[] {9999999999}",
    b"* LIST {3}",
    b"abc)",
    b"* BYE x",
    b"*",
    b"* ",
    b"+",
    b"+ !!!",
    b"+ cj1hYmMscz1xcXFxcXFxcXFxcXFxcXFxLGk9NDA5Ng==",
]
POP3 = [
    b"+OK",
    b"+OK 2 40",
    b"+OK <1.2@x>",
    b"-ERR",
    b"-ERR [IN-USE] x",
    b"USER",
    b"SASL SCRAM-SHA-256 CRAM-MD5 PLAIN",
    b"1 a",
    b"2 9",
    b"2 a",
    b"2 99999999999999999999999",
    b".",
    b"..",
    b"+ ",
    b"+ !!!",
]
TAGGED = [b"i%d %b" % (n, said) for n in range(1, 9) for said in (b"OK", b"NO [X] y", b"BAD")]


class Spoken(Stream):
    """What the server says stands from the start."""

    def __init__(self, said: bytes) -> None:
        super().__init__(PLACE)
        self._said = said

    def send(self, octets: bytes, shown: bytes | None = None) -> None:
        self.note("C: ", octets if shown is None else shown)

    def _fill(self) -> None:
        if not self._said:
            raise self.failed("The connection is closed.")
        came, self._said = self._said[:7], self._said[7:]
        self._take(came)

    def wait(self, seconds: float) -> bool:
        return bool(self._said or self._buffer)


def use(source: Source) -> None:
    for one in source.waiting({"uidvalidity": 7, "uidnext": 2, "left": "1,3"}):
        try:
            assert len(source.read(one.key, 100)) <= 100
        except (KeyError, TooLarge, Unreadable):
            continue
    source.settle([one.key for one in source.waiting({})], "delete", None)
    source.newest()
    source.wait(0.01)


def said(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\r\n" for line in lines)


noise = st.binary(max_size=12)


@settings(max_examples=150)
@given(st.lists(st.one_of(st.sampled_from(IMAP + TAGGED), noise), max_size=30))
def test_imap_babble(lines: list[bytes]) -> None:
    """Alone and behind a good beginning, which gets further."""
    good = [b"* OK hi", b"i1 OK", b"i2 OK", *IMAP[:2], b"* 3 EXISTS", b"i3 OK", b"* SEARCH 1 2"]
    for beginning in ([], good):
        dialogue = ImapDialogue(Spoken(said([*beginning, *lines])))
        try:
            dialogue.greeting()
            dialogue.capability()
            by_password(dialogue, PLACE, "secret")
            source = ImapSource(dialogue, "INBOX", ())
            source.open()
            use(source)
        except ServerError as error:
            assert error.text  # noqa: PT017  # any is right


@settings(max_examples=150)
@given(st.lists(st.one_of(st.sampled_from(POP3), noise), max_size=30))
def test_pop3_babble(lines: list[bytes]) -> None:
    """The same."""
    good = [b"+OK hi", b"-ERR", b"+OK", b"+OK", b"+OK 2 9"]
    good += [b"+OK", b"1 a", b"2 b", b".", b"+OK", b"1 4", b"2 5", b"."]
    for beginning in ([], good):
        dialogue = Pop3Dialogue(Spoken(said([*beginning, *lines])))
        try:
            dialogue.greeting()
            dialogue.capability()
            dialogue.by_password(PLACE, "secret")
            source = Pop3Source(dialogue, ())
            source.open()
            use(source)
        except ServerError as error:
            assert error.text  # noqa: PT017  # any is right
