"""A mailer is tried: a real mail goes out by it, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from imapgate.activities.names import Mistake
from imapgate.mime.mail import Mailbox
from imapgate.mime.writing import Headers, Unwritable, ascii_address, message, new_id
from imapgate.outgoing.delivery import LATER, SENT, UNCERTAIN, Envelope, Result
from imapgate.outgoing.mailer import FALLBACK, Mailer
from imapgate.outgoing.smtp import delivering
from imapgate.outgoing.templates.rendering import render
from imapgate.outgoing.token_holder import check_application
from imapgate.servers import trying
from imapgate.servers.server import Secrets, Step
from storage import Tx, people

RECIPIENT = "recipient"
"""The step of each recipient's answer."""
_STATES = {SENT: trying.OK, LATER: trying.FAILED, UNCERTAIN: trying.WARNING}


@dataclass(frozen=True, slots=True)
class Trial:
    """A mail and whom it is for."""

    envelope: Envelope
    content: bytes


def compose(
    tx: Tx,
    mailer: Mailer,
    to: Sequence[str],
    cc: Sequence[str],
    bcc: Sequence[str],
    subject: str | None = None,
    text: str | None = None,
) -> Trial:
    """From the mailer's address. subject, text: None: by the template `test`; of a mailer for all
    segments by the first segment's. Raises Mistake for an address that can't be written to."""
    segment_id = mailer.segment_id or people.segments(tx)[0].id
    written = render(
        tx,
        segment_id,
        "test",
        {
            "mailer": mailer.name,
            "server": place(mailer),
            "at": datetime.fromtimestamp(tx.now, UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "segment": None
            if mailer.segment_id is None
            else people.segment_by_id(tx, mailer.segment_id).name,
        },
    )
    sender = mailer.sender or FALLBACK
    try:
        recipients = tuple(dict.fromkeys(ascii_address(one) for one in (*to, *cc, *bcc)))
        known = ascii_address(sender)
        headers = Headers(
            Mailbox("", sender),
            written.subject if subject is None else subject,
            tx.now,
            new_id(known.rpartition("@")[2]),
            to=[Mailbox("", one) for one in to],
            cc=[Mailbox("", one) for one in cc],
            reply_to=[Mailbox("", mailer.reply_to)] if mailer.reply_to else (),
            auto_submitted="auto-generated",
        )
        html = written.html if text is None else None
        content = message(headers, written.text if text is None else text, html)
    except Unwritable as error:
        raise Mistake(str(error)) from None
    return Trial(Envelope(known, recipients), content)


def tried(
    mailer: Mailer,
    secrets: Secrets,
    trial: Trial,
    token: Callable[[], str] | None,
    intercepted: Path,
) -> Iterator[trying.Result]:
    """Each step as soon as it is done, then each recipient's answer; after a step that failed the
    others are not tried."""

    def results() -> Iterator[trying.Result]:
        check_application(mailer)
        for one in delivering.walk(
            mailer, secrets, trial.envelope, trial.content, token=token, intercepted=intercepted
        ):
            if isinstance(one, Step):
                yield trying.result_of(one)
            else:
                yield from (_answer(result) for result in one)

    return trying.tried(delivering.steps_of(mailer), results)


def place(mailer: Mailer) -> str:
    """Where it hands mail over: host and port, or the path of sendmail."""
    relay = mailer.relay
    return mailer.sendmail if relay is None else f"{relay.host}:{relay.port}"


def _answer(result: Result) -> trying.Result:
    state = _STATES.get(result.outcome, trying.FAILED)
    said = result.text
    if result.code is not None and not said.startswith(result.code):
        said = f"{result.code} {said}"
    return trying.Result(RECIPIENT, state, f"{result.address}: {result.outcome}", said)
