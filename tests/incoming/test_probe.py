"""A probe is sent by a real SMTP server, waited for, and taken away."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import mail
from mailboxes import Mailbox, MailboxSource
from smtp_sink import HOST, PASSWORD, USER, Sink

from imapgate.activities.names import Mistake
from imapgate.incoming import probe
from imapgate.mime.automatic import is_machine, kind_of
from imapgate.mime.reading import read
from imapgate.outgoing.delivery import Deliver
from imapgate.servers.server import ServerError, Tls

ADDRESS = "crm@example.org"


def _by(
    sink: Sink,
    protocol: str = "smtp",
    user: str | None = None,
    password: str | None = None,
) -> Deliver:
    url, tls = f"{protocol}://{HOST}:{sink.port}", Tls(ca=sink.authority)
    return probe.server_at(url, user, password, tls, 10.0)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", ("smtp", "mail.example", 25)),
        ("smtp://mail.example:587", ("smtp", "mail.example", 587)),
        ("smtps://mail.example/", ("smtps", "mail.example", 465)),
        ("smtp://[::1]:2525", ("smtp", "::1", 2525)),
    ],
)
def test_servers_are_named_by_url(url: str, server: tuple[str, str, int]) -> None:
    assert probe.server_of(url) == server


@pytest.mark.parametrize(
    "url",
    ["", "mail.example", "http://mail.example", "smtp://", "smtp://a:b@mail.example",
     "smtp://mail.example:99999", "smtp://[", "smtp://mail.example/path"],
)  # fmt: skip
def test_other_urls_are_refused(url: str) -> None:
    """One with a password in it, above all."""
    with pytest.raises(Mistake, match="smtp://HOST:PORT"):
        probe.server_of(url)


def test_each_probe_is_known_by_its_id() -> None:
    """And says that a machine wrote it, so that nobody answers."""
    one, other = probe.message(ADDRESS), probe.message(ADDRESS)
    assert one.message_id != other.message_id
    assert one.message_id.endswith("@example.org")
    assert is_machine(kind_of(read(one.content).mail))
    assert read(one.content).mail.message_id == one.message_id
    with pytest.raises(Mistake):
        probe.message("a@example.org\r\nBcc: b@example.org")


@pytest.mark.parametrize(
    ("protocol", "security", "login"),
    [
        ("smtp", "none", False),
        ("smtp", "none", True),
        ("smtp", "starttls", True),
        ("smtps", "tls", True),
    ],
)
def test_it_is_sent(tmp_path: Path, protocol: str, security: str, login: bool) -> None:
    """In clear text to this machine alone, by STARTTLS where that is offered, by TLS."""
    sent = probe.message(ADDRESS)
    with Sink(tmp_path, security, login) as sink:
        by = (USER, PASSWORD) if login else ()
        assert probe.send(_by(sink, protocol, *by), ADDRESS, sent) == "it was taken: 250 taken"
    assert (sink.to, sink.senders) == ([ADDRESS], [ADDRESS])
    assert read(sink.messages[0]).mail.message_id == sent.message_id


def _refused(deliver: Deliver) -> ServerError:
    with pytest.raises(ServerError) as caught:
        probe.send(deliver, ADDRESS, probe.message(ADDRESS))
    assert caught.value.step == "send"
    return caught.value


def test_a_refused_address_is_told(tmp_path: Path) -> None:
    with Sink(tmp_path, refused="550 5.1.1 No such mailbox") as sink:
        error = _refused(_by(sink))
    assert error.text == "The probe was not taken."
    assert error.technical == "550 5.1.1 No such mailbox"


def test_a_wrong_password_is_told_without_it(tmp_path: Path) -> None:
    with Sink(tmp_path, "starttls", True) as sink:
        error = _refused(_by(sink, "smtp", USER, "not this one"))
    assert error.text == "The server refuses user or password."
    assert error.technical.startswith("535")
    assert "not this one" not in error.technical


def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    """Where STARTTLS is offered it isn't done without."""
    with Sink(tmp_path, "starttls") as sink:
        url = f"smtp://{HOST}:{sink.port}"
        error = _refused(probe.server_at(url, None, None, Tls(), 10.0))
        assert sink.messages == []
    assert error.text == "The server's certificate was issued by nobody who is known here."


def test_a_server_that_isn_t_there_is_told() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))  # and nobody listens
        url = f"smtp://{HOST}:{taken.getsockname()[1]}"
        error = _refused(probe.server_at(url, None, None, Tls(), 10.0))
    assert error.text.startswith("Nothing answers")
    assert "refused" in error.technical


class Waiting:
    """A mailbox in which the probe turns up, and a clock."""

    def __init__(self, validity: int | None = 7) -> None:
        self.box = Mailbox(validity=validity)
        self.box.deliver(mail("One", 1), mail("Two", 2))
        self.sent = probe.message(ADDRESS)
        self.now = 0.0
        self.slept: Callable[[], object] = lambda: None
        self.opened = 0
        self.stood = probe.before(MailboxSource(self.box))
        self.box.steps.clear()

    def wait(self, elsewhere: Callable[[str], str | None] = lambda message_id: None) -> str:
        return probe.wait_for(
            self.sent, self.stood, self.reopen, elsewhere, 60.0, self.sleep, lambda: self.now
        )

    def reopen(self) -> MailboxSource:
        self.opened += 1
        return MailboxSource(self.box)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept()

    def comes(self) -> None:
        self.slept = lambda: None
        self.box.deliver(mail("Three", 3), self.sent.content, mail("Four", 4))


@pytest.mark.parametrize("validity", [7, None])
def test_the_probe_is_waited_for_and_taken_away(validity: int | None) -> None:
    """It alone; what stood there before isn't even read, each other mail once."""
    waiting = Waiting(validity)
    waiting.slept = waiting.comes
    assert waiting.wait() == "it came within 2 seconds and was taken away again"
    assert waiting.box.deleted == [waiting.sent.content]
    assert len(waiting.box.messages) == 4
    reads = [step for step in waiting.box.steps if step.startswith("read")]
    assert reads == ["read 3", "read 4"]
    assert waiting.box.steps.count("close") == waiting.opened == 2


def test_a_probe_that_doesn_t_come_is_told() -> None:
    """In a bounded time; mails that come meanwhile are looked at once."""
    waiting = Waiting()

    def other() -> None:
        waiting.slept = lambda: None
        waiting.box.deliver(mail("Three", 3))

    waiting.slept = other
    with pytest.raises(ServerError, match="did not come within 60 seconds") as caught:
        waiting.wait()
    assert (caught.value.step, waiting.now) == ("arrive", 60.0)
    assert waiting.sent.message_id in caught.value.technical
    assert waiting.box.steps.count("read 3") == 1
    assert waiting.box.deleted == []


def test_a_probe_that_the_server_took_is_known() -> None:
    """A running server that reads the account may be quicker."""
    waiting = Waiting()
    wanted = waiting.sent.message_id
    assert waiting.wait(lambda found: "taken in" if found == wanted else None) == "taken in"


def test_what_can_t_be_read_isn_t_the_probe() -> None:
    """Too large, unreadable, or gone between listing and reading."""
    waiting = Waiting()
    big = waiting.sent.content + b"x" * probe.LARGEST
    waiting.box.deliver(big, mail("Four", 4), mail("Five", 5))
    waiting.box.unreadable.add("4")
    waiting.box.before = lambda step: step == "read 5" and waiting.box.messages.pop("5", None)
    waiting.slept = waiting.comes
    assert waiting.wait().startswith("it came")
