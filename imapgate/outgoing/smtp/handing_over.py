"""One mail is handed to an SMTP server: sender, recipients, data, and what came of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from imapgate.mime.index import Content
from imapgate.outgoing.delivery import LATER, REFUSED, SENT, UNCERTAIN, Envelope, Result
from imapgate.outgoing.smtp import transmitted
from imapgate.outgoing.smtp.dialogue import CLOSING, REPLY, Reply, SmtpDialogue
from imapgate.outgoing.smtp.transmitted import Measured
from imapgate.servers.server import ServerError, Step

TOO_MANY = 552
"""To RCPT: too many recipients, not for ever (RFC 5321 4.5.3.1.10)."""
AFTER_END = 2
"""How much longer than other steps the answer to the mail's end may take: ten minutes where they
have five (RFC 5321 4.5.3.2.6)."""
NOT_GIVEN = "Not handed over, since another recipient wasn't taken."
NOT_TAKEN = "The mail was not taken."

Walk = Iterator[Step | tuple[Result, ...]]


def handed_over(
    dialogue: SmtpDialogue,
    envelope: Envelope,
    content: Content,
    size: Measured,
    before_end: Callable[[], None],
    added: bytes = b"",
) -> Walk:
    """Each step as soon as it is done, and last the results. envelope: its addresses are checked;
    added: header lines that come first. Raises ServerError where the connection is lost before any
    recipient was told of. The caller closes the stream."""
    needs = _Needs(dialogue, size)
    offered = needs.sender(envelope.sender)
    if offered is not None:
        yield tuple(Result(one, REFUSED, *offered) for one in envelope.recipients)
        return
    reply = dialogue.command("sender", needs.mail(envelope))
    if not reply.is_good:
        yield tuple(_result(one, reply) for one in envelope.recipients)
        return
    yield Step("sender", reply.said)
    yield from _Transaction(dialogue, envelope, needs).told(content, before_end, added)


class _Needs:
    """What the mail wants of the server (RFC 1870, 6152, 6531), and whether it has it."""

    def __init__(self, dialogue: SmtpDialogue, size: Measured) -> None:
        self._features = dialogue.features
        self._size = size
        self.has_utf8 = "SMTPUTF8" in self._features

    def sender(self, address: str) -> tuple[str, str] | None:
        """Code and text of why the mail isn't even begun."""
        most = self._features.get("SIZE", "")
        if most.isdecimal() and 0 < int(most[:20]) < self._size.size:
            told = f"The mail has {self._size.size:,} octets, the server takes {int(most[:20]):,}."
            return "552 5.3.4", told
        if not self.has_utf8 and not address.isascii():
            return "553 5.6.7", "The server takes no sender's address beyond ASCII (SMTPUTF8)."
        if not self.has_utf8 and self._size.header_is_utf8:
            return "554 5.6.9", "The server takes no header beyond ASCII (SMTPUTF8)."
        if self._size.eight_bit and "8BITMIME" not in self._features:
            return "554 5.6.3", "The server takes no octets beyond ASCII (8BITMIME)."
        return None

    def recipient(self, address: str) -> Result | None:
        if self.has_utf8 or address.isascii():
            return None
        told = "The server takes no address beyond ASCII (SMTPUTF8)."
        return Result(address, REFUSED, "553 5.6.7", told)

    def mail(self, envelope: Envelope) -> bytes:
        """The command."""
        words = [f"MAIL FROM:<{envelope.sender}>"]
        if "SIZE" in self._features:
            words.append(f"SIZE={self._size.size}")
        if self._size.eight_bit:
            words.append("BODY=8BITMIME")
        addresses = (envelope.sender, *envelope.recipients)
        if self.has_utf8 and (
            self._size.header_is_utf8 or not all(one.isascii() for one in addresses)
        ):
            words.append("SMTPUTF8")
        return " ".join(words).encode()


class _Transaction:
    """RCPT, DATA. results: by the recipients' places, as far as they are known."""

    def __init__(self, dialogue: SmtpDialogue, envelope: Envelope, needs: _Needs) -> None:
        self._dialogue = dialogue
        self._stream = dialogue.stream
        self._envelope = envelope
        self._needs = needs
        self._results: dict[int, Result] = {}
        self._is_over = False

    def told(self, content: Content, before_end: Callable[[], None], added: bytes) -> Walk:
        try:
            said = self._recipients()
        except ServerError as error:
            self._lost(LATER, error.text)
            yield self._all()
            return
        taken = len(self._envelope.recipients) - len(self._results)
        if taken and self._results and self._envelope.whole:
            self._rest(LATER, None, NOT_GIVEN)
            taken = 0
        if not self._is_over:
            warning = "" if not self._results else "Not every recipient was taken."
            yield Step("recipients", said, warning)
        if taken and not self._is_over and (reply := self._data(content, before_end, added)):
            self._rest(*_outcome(reply))
            yield Step("data", reply.said, "" if reply.is_good else NOT_TAKEN)
        yield self._all()

    def _recipients(self) -> str:
        """What the server said to each, for people."""
        said = []
        for n, address in enumerate(self._envelope.recipients):
            refused = self._needs.recipient(address)
            if refused is None:
                reply = self._dialogue.command("recipients", f"RCPT TO:<{address}>".encode())
                said.append(f"{address}: {reply.said}")
                if reply.is_good:
                    continue
                refused = _result(address, reply)
                if reply.number == TOO_MANY:
                    refused = Result(address, LATER, reply.code, reply.text)
                self._is_over = reply.number == CLOSING
            else:
                said.append(f"{address}: {refused.text}")
            self._results[n] = refused
            if self._is_over:
                self._rest(LATER, refused.code, refused.text)
                break
        return "\n".join(said)

    def _data(self, content: Content, before_end: Callable[[], None], added: bytes) -> Reply | None:
        """The server's answer to all of it, or to what it refused before; None: there is none, and
        the results say so."""
        try:
            reply = self._dialogue.command("data", b"DATA", onward=354)
            if reply.is_good:
                raise self._stream.failed("The server doesn't keep to SMTP.", reply.said)
            if reply.number != 354:
                return reply
            early = self._transmit(content, added)
        except ServerError as error:
            self._lost(LATER, error.text)
            return None
        if early is not None:
            return early
        before_end()
        try:
            return self._ended()
        except ServerError as error:
            self._lost(UNCERTAIN, f"{error.text} The mail may have been sent.")
            return None

    def _transmit(self, content: Content, added: bytes) -> Reply | None:
        """All but the end. What the server says meanwhile is its last word: it had none to say."""
        stream = self._stream
        sent = 0
        stream.begin("data", REPLY)
        for piece in transmitted.stuffed(transmitted.pieces(content, added)):
            stream.send(piece, quiet=True)
            sent += len(piece)
            if stream.wait(0):
                stream.note(f"C: ({sent} octets of the mail)")
                return self._early()
        stream.note(f"C: ({sent} octets, the mail)")
        return None

    def _early(self) -> Reply:
        reply = self._dialogue.reply()
        if reply.is_good:
            raise self._stream.failed("The server doesn't keep to SMTP.", reply.said)
        # Whatever comes next would be taken for the mail's text.
        self._stream.close()
        return reply

    def _ended(self) -> Reply:
        stream = self._stream
        timeout = stream.timeout
        stream.timeout = timeout * AFTER_END
        stream.begin("data", REPLY)
        stream.send(b".\r\n")
        reply = self._dialogue.reply()
        stream.timeout = timeout
        return reply

    def _lost(self, outcome: str, text: str) -> None:
        """Nothing is said to this server any more: it might take it for the mail's text."""
        self._stream.close()
        self._rest(outcome, None, text)

    def _rest(self, outcome: str, code: str | None, text: str) -> None:
        for n, address in enumerate(self._envelope.recipients):
            self._results.setdefault(n, Result(address, outcome, code, text))

    def _all(self) -> tuple[Result, ...]:
        return tuple(self._results[n] for n in range(len(self._envelope.recipients)))


def _result(address: str, reply: Reply) -> Result:
    return Result(address, *_outcome(reply))


def _outcome(reply: Reply) -> tuple[str, str, str]:
    if reply.is_good:
        return SENT, reply.code, reply.text
    return (LATER if reply.is_for_now else REFUSED), reply.code, reply.text
