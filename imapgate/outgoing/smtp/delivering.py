"""Ways to hand mail over, by a mailer's settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from imapgate.mime.index import Content
from imapgate.mime.writing import Unwritable
from imapgate.outgoing import sendmail
from imapgate.outgoing.delivery import LATER, REFUSED, Deliver, Envelope, Result
from imapgate.outgoing.mailer import SENDING, TO_FILE, Mailer, Relay
from imapgate.outgoing.smtp import intercepting, transmitted
from imapgate.outgoing.smtp.addresses import checked, checked_sender
from imapgate.outgoing.smtp.connecting import Dialogue, Token, connected, stream_to
from imapgate.outgoing.smtp.handing_over import NOT_GIVEN, handed_over
from imapgate.outgoing.smtp.transmitted import TooManyFields
from imapgate.servers.server import Secrets, Step

Walk = Iterator[Step | tuple[Result, ...]]

_log = logging.getLogger(__name__)


def deliverer(
    mailer: Mailer,
    secrets: Secrets,
    *,
    token: Token | None = None,
    dialogue: Dialogue | None = None,
    intercepted: Path | None = None,
) -> Deliver:
    """By SMTP, by sendmail, or to where the mailer's `intercept` says: then nothing else leaves.
    token: gives an OAuth access token; dialogue: gets each line that is said, secrets masked;
    intercepted: the directory of what is written instead of being sent."""

    def deliver(
        envelope: Envelope, content: Content, before_end: Callable[[], None]
    ) -> tuple[Result, ...]:
        results: tuple[Result, ...] | None = None
        for one in walk(
            mailer,
            secrets,
            envelope,
            content,
            before_end=before_end,
            token=token,
            dialogue=dialogue,
            intercepted=intercepted,
        ):
            if not isinstance(one, Step):
                results = one
            elif one.warning and one.name == "tls":
                _warn(mailer, one.warning)
        assert results is not None
        return results

    return deliver


def walk(
    mailer: Mailer,
    secrets: Secrets,
    envelope: Envelope,
    content: Content,
    *,
    before_end: Callable[[], None] = lambda: None,
    token: Token | None = None,
    dialogue: Dialogue | None = None,
    intercepted: Path | None = None,
) -> Walk:
    """The same step by step: each as soon as it went well, and last what came of the recipients.
    Raises ServerError where a step fails; nothing stays open then, nor when the iterator is closed
    before its end."""
    told = _Told.of(envelope)
    if not told.envelope.recipients:
        yield told.all(())
        return
    try:
        for one in _sent(
            mailer, secrets, told.envelope, content, before_end, token, dialogue, intercepted
        ):
            yield one if isinstance(one, Step) else told.all(one)
    except TooManyFields:
        trouble = "The mail has more header fields than any mail has."
        yield tuple(Result(one, REFUSED, "554 5.6.0", trouble) for one in envelope.recipients)


def steps_of(mailer: Mailer) -> list[str]:
    """Names of the steps, in the order in which they are tried."""
    relay = mailer.relay
    if relay is None or mailer.intercept == TO_FILE:
        return ["data"]
    reaching = ["name", "connect", "greeting"]
    if relay.security == "tls":
        reaching.insert(2, "tls")
    elif relay.security == "starttls":
        reaching.append("tls")
    token = ["token"] if relay.login.authentication == "oauth" else []
    return [*token, *reaching, "login", "sender", "recipients", "data"]


def _sent(
    mailer: Mailer,
    secrets: Secrets,
    envelope: Envelope,
    content: Content,
    before_end: Callable[[], None],
    token: Token | None,
    dialogue: Dialogue | None,
    intercepted: Path | None,
) -> Walk:
    """envelope: its addresses are checked."""
    if mailer.intercept == TO_FILE:
        assert intercepted is not None
        yield from intercepting.written(intercepted, envelope, content, before_end)
        return
    meant, added = envelope, b""
    if mailer.intercept is not None:
        added = intercepting.added(meant)
        envelope = intercepting.redirected(checked(mailer.intercept))
    if mailer.relay is None:
        way = sendmail.handed_over(mailer.sendmail, SENDING, envelope, content, before_end, added)
    else:
        way = _by_smtp(mailer.relay, secrets, envelope, content, before_end, token, dialogue, added)
    for one in way:
        if mailer.intercept is not None and not isinstance(one, Step):
            yield intercepting.results(meant, one[0])
        else:
            yield one


def _by_smtp(
    relay: Relay,
    secrets: Secrets,
    envelope: Envelope,
    content: Content,
    before_end: Callable[[], None],
    token: Token | None,
    dialogue: Dialogue | None,
    added: bytes,
) -> Walk:
    size = transmitted.measured(content, added)
    if relay.login.authentication == "oauth":
        assert token is not None
        given = token()
        yield Step("token", "an access token came")
        token = lambda: given  # noqa: E731
    with closing(stream_to(relay, dialogue)) as stream:
        for step in connected(stream, relay, secrets, token):
            if isinstance(step, Step):
                yield step
            else:
                yield from handed_over(step, envelope, content, size, before_end, added)
                step.quit()


@dataclass(frozen=True, slots=True)
class _Told:
    """What a server is told of an envelope. envelope: with the addresses as commands have them, and
    without what is none; places: of its recipients among those that were meant."""

    meant: Envelope
    envelope: Envelope
    places: tuple[int, ...]
    refused: dict[int, Result]

    @classmethod
    def of(cls, meant: Envelope) -> _Told:
        try:
            sender = checked_sender(meant.sender)
        except Unwritable as error:
            all_of_them = {
                n: Result(one, REFUSED, "553 5.1.7", str(error))
                for n, one in enumerate(meant.recipients)
            }
            return cls(meant, Envelope("", ()), (), all_of_them)
        addresses, refused = {}, {}
        for n, one in enumerate(meant.recipients):
            try:
                addresses[n] = checked(one)
            except Unwritable as error:
                refused[n] = Result(one, REFUSED, "553 5.1.3", str(error))
        if refused and meant.whole:
            refused |= {n: Result(meant.recipients[n], LATER, None, NOT_GIVEN) for n in addresses}
            addresses = {}
        envelope = Envelope(sender, tuple(addresses.values()), meant.whole)
        return cls(meant, envelope, tuple(addresses), refused)

    def all(self, results: tuple[Result, ...]) -> tuple[Result, ...]:
        """For each that was meant, by its name there."""
        found = dict(self.refused)
        for n, result in zip(self.places, results, strict=True):
            found[n] = replace(result, address=self.meant.recipients[n])
        return tuple(found[n] for n in range(len(self.meant.recipients)))


def _warn(mailer: Mailer, warning: str) -> None:
    _log.warning(
        "mailer %s: %s",
        mailer.name,
        warning,
        extra={"event": "outgoing_warning", "fields": {"mailer": mailer.name}},
    )
