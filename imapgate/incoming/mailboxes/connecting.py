"""A mailbox is opened: the name is looked up, the connection made, TLS, log-in, folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from imapgate.incoming.account import Place
from imapgate.incoming.mailboxes import imap_login
from imapgate.incoming.mailboxes.imap import ImapSource
from imapgate.incoming.mailboxes.imap_dialogue import ImapDialogue, Refused
from imapgate.incoming.mailboxes.pop3 import Pop3Source
from imapgate.incoming.mailboxes.pop3_dialogue import Pop3Dialogue
from imapgate.incoming.mailboxes.pop3_dialogue import Refused as Pop3Refused
from imapgate.incoming.source import Source
from imapgate.servers import certificates, login_faults, sasl
from imapgate.servers.certificates import Presented
from imapgate.servers.server import Secrets, Step, Tls
from imapgate.servers.stream import Stream

STEPS = ("name", "connect", "tls", "greeting", "login", "folder")
"""What opening does, in this order, as in ServerError.step; tls comes after greeting where it is
STARTTLS."""
NO_STARTTLS = "The server doesn't offer STARTTLS."
HINT = "Use the protocol with s (imaps, pop3s), or have the server set up for STARTTLS."

Token = Callable[[], str]
Dialogue = Callable[[str], None]


def open_source(
    place: Place,
    secrets: Secrets,
    *,
    token: Token | None = None,
    dialogue: Dialogue | None = None,
) -> Source:
    """Connects, logs in and opens the folder. token: gives an OAuth access token; dialogue: gets
    each line that is said, secrets masked. The source's `warnings` are for the log. Raises
    ServerError with its step."""
    for one in walk(place, secrets, token=token, dialogue=dialogue):
        if not isinstance(one, Step):
            return one
    raise AssertionError("the walk ended without a source")


def walk(
    place: Place,
    secrets: Secrets,
    *,
    token: Token | None = None,
    dialogue: Dialogue | None = None,
) -> Iterator[Step | Source]:
    """The same step by step: each step as soon as it went well, and the opened source last, which
    the caller closes. Raises ServerError where a step fails; nothing stays open then, nor when the
    iterator is closed before its end."""
    stream = Stream(place, dialogue)
    warnings: list[str] = []
    is_handed_over = False
    try:
        if secrets.password:
            stream.hide(secrets.password.encode())
        for step in _connected(stream, place):
            if step.warning:
                warnings.append(step.warning)
            yield step
        opening = _imap if place.protocol.startswith("imap") else _pop3
        for one in opening(stream, place, secrets, token, warnings):
            is_handed_over = not isinstance(one, Step)
            yield one
    finally:
        if not is_handed_over:
            stream.close()


def presented(place: Place) -> Presented:
    """The certificate that the server shows, verified by nobody, for a person to look at. Nothing
    is logged in. Raises ServerError, also where the place has no TLS."""
    stream = Stream(place)
    try:
        stream.connect(stream.look_up())
        trusting = Tls(place.tls.starttls, place.tls.lowest, verify=False)
        if place.protocol in ("imaps", "pop3s"):
            stream.begin("tls")
            certificates.encrypt(stream, trusting, place.host)
        elif place.tls.starttls and place.protocol == "imap":
            _imap_starttls(_greeted(stream), place, trusting)
        elif place.tls.starttls:
            pop3 = Pop3Dialogue(stream)
            pop3.greeting()
            _pop3_starttls(pop3, place, trusting)
        encrypted = stream.tls
        der = None if encrypted is None else encrypted.getpeercert(binary_form=True)
        if der is None:
            raise stream.failed("Without TLS the server shows no certificate.", permanent=True)
        return certificates.presented(stream, der)
    finally:
        stream.close()


def _connected(stream: Stream, place: Place) -> Iterator[Step]:
    addresses = stream.look_up()
    listed = ", ".join(dict.fromkeys(address[0] for _, address in addresses))
    yield Step("name", f"{place.host} is {listed}")
    stream.connect(addresses)
    yield Step("connect", f"connected to {stream.peer}, port {place.port}")
    if place.protocol in ("imaps", "pop3s"):
        stream.begin("tls")
        yield _tls_step(place.tls, certificates.encrypt(stream, place.tls, place.host))


def _tls_step(tls: Tls, text: str) -> Step:
    is_sure = tls.verify or tls.pinned is not None
    return Step("tls", text, "" if is_sure else certificates.UNVERIFIED)


def _greeted(stream: Stream) -> ImapDialogue:
    dialogue = ImapDialogue(stream)
    dialogue.greeting()
    return dialogue


def _imap(
    stream: Stream, place: Place, secrets: Secrets, token: Token | None, warnings: list[str]
) -> Iterator[Step | Source]:
    dialogue = ImapDialogue(stream)
    said = dialogue.greeting()
    yield Step("greeting", stream.masked(said.text))
    is_logged_in = said.name == b"PREAUTH"
    if place.tls.starttls and place.protocol == "imap":
        if is_logged_in:
            # Whoever stands between could say so, to keep us from TLS (RFC 9051 7.1.4).
            stream.begin("tls")
            raise stream.failed("The server has logged us in before TLS.", said.rest, HINT)
        step = _tls_step(place.tls, _imap_starttls(dialogue, place, place.tls))
        warnings += filter(None, (step.warning,))
        yield step
    elif not dialogue.capabilities:
        dialogue.capability()
    login = place.login
    if is_logged_in or login.authentication == "none":
        yield Step("login", "the server wants none" if is_logged_in else "none, as set up")
    else:
        if login.authentication == "oauth":
            assert token is not None
            name = imap_login.by_token(dialogue, place, token)
        else:
            name = imap_login.by_password(dialogue, place, secrets.password or "")
        dialogue.capability("login")
        warning = _unsafe(stream, name)
        warnings += filter(None, (warning,))
        yield Step("login", f"logged in as {login.user} by {name}", warning)
    source = ImapSource(dialogue, place.folder, (*warnings, *dialogue.alerts))
    source.open()
    yield Step("folder", f"{place.folder} has {_messages(source.count())}")
    yield source


def _imap_starttls(dialogue: ImapDialogue, place: Place, tls: Tls) -> str:
    stream = dialogue.stream
    if not dialogue.capabilities:
        dialogue.capability("tls")
    stream.begin("tls")
    if "STARTTLS" not in dialogue.capabilities:
        raise stream.failed(NO_STARTTLS, hint=HINT, permanent=True)
    try:
        dialogue.command("tls", b"STARTTLS")
    except Refused as refused:
        raise stream.failed("The server refuses STARTTLS.", refused.technical, HINT) from refused
    text = certificates.encrypt(stream, tls, place.host)
    dialogue.capability("tls")
    return text


def _pop3(
    stream: Stream, place: Place, secrets: Secrets, token: Token | None, warnings: list[str]
) -> Iterator[Step | Source]:
    dialogue = Pop3Dialogue(stream)
    yield Step("greeting", dialogue.greeting())
    if place.tls.starttls and place.protocol == "pop3":
        step = _tls_step(place.tls, _pop3_starttls(dialogue, place, place.tls))
        warnings += filter(None, (step.warning,))
        yield step
    dialogue.capability()
    login = place.login
    if login.authentication == "none":
        yield Step("login", "none, as set up")
    else:
        if login.authentication == "oauth":
            assert token is not None
            name = dialogue.by_token(place, token)
        else:
            name = dialogue.by_password(place, secrets.password or "")
        warning = _unsafe(stream, name)
        warnings += filter(None, (warning,))
        yield Step("login", f"logged in as {login.user} by {name}", warning)
    source = Pop3Source(dialogue, warnings)
    source.open()
    yield Step("folder", f"the mailbox has {_messages(source.count())}")
    yield source


def _pop3_starttls(dialogue: Pop3Dialogue, place: Place, tls: Tls) -> str:
    stream = dialogue.stream
    dialogue.capability()
    stream.begin("tls")
    if dialogue.capabilities and "STLS" not in dialogue.capabilities:
        raise stream.failed(NO_STARTTLS, hint=HINT, permanent=True)
    try:
        dialogue.command("tls", b"STLS")
    except Pop3Refused as refused:
        raise stream.failed(NO_STARTTLS, refused.technical, HINT, permanent=True) from refused
    return certificates.encrypt(stream, tls, place.host)


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count:,} messages"


def _unsafe(stream: Stream, mechanism: str) -> str:
    """A password in clear text is the administrator's choice, but said each time."""
    is_unsafe = stream.tls is None and not stream.is_local and mechanism in sasl.CLEAR
    return login_faults.UNSAFE if is_unsafe else ""
