"""Servers that refuse, leave, say nothing or say too much, at every step; and what is known then of
each recipient."""

from __future__ import annotations

import pytest
from handing import MAIL, TO, failed, handed, mailer, outcomes
from scripted import HANG, Answer
from scripted_smtp import Smtp, close

from imapgate.outgoing.delivery import Envelope, Result
from imapgate.outgoing.smtp.delivering import walk
from imapgate.outgoing.smtp.dialogue import OUT_OF_TURN
from imapgate.servers.server import Secrets, Step

OTHER = "other@example.net"
NO_SMTP = "The server doesn't keep to SMTP."
CLOSED = "127.0.0.1 closed the connection."
SILENT = "127.0.0.1 didn't answer in time (0.2 s)."
MAYBE = " The mail may have been sent."
ENDLESS = b"250-and more\r\n" * 10_000
BABBLE = b"* OK this is IMAP\r\n"


def _in_turn(*answers: Answer) -> Answer:
    left = iter(answers)

    def answer(line: bytes) -> bytes:
        found = next(left)
        return found(line) if callable(found) else found

    return answer


def test_a_server_that_says_nothing_may_wait_for_tls() -> None:
    """Ports of TLS wait for the client's first word; some hang up when none comes."""
    hint = "If this port waits for TLS, set TLS from the start."
    for mute in (Smtp(greeting=HANG), Smtp(greeting=b"")):
        with mute as server:
            assert failed(mailer(server.port, timeout=0.2)).hint.startswith(hint)
    for answer in (HANG, close):
        with Smtp({b"EHLO": answer}) as server:
            assert "waits for TLS" not in failed(mailer(server.port, timeout=0.2)).hint


@pytest.mark.parametrize(
    ("answers", "step", "text"),
    [
        ({b"": b"421 4.3.2 full\r\n"}, "greeting", "The server takes no mail now."),
        ({b"": b"554 5.3.2 never\r\n"}, "greeting", "The server takes no mail now."),
        ({b"": BABBLE}, "greeting", NO_SMTP),
        ({b"": b"220-one\r\n250 other\r\n"}, "greeting", NO_SMTP),
        ({b"": b"220" + b"x" * 5000}, "greeting", "The server sends a line of more than 4,096"),
        ({b"": b"220-more\r\n" * 9000}, "greeting", "The server answers with more than 65,536"),
        ({b"": HANG}, "greeting", SILENT),
        ({b"EHLO": ENDLESS}, "greeting", "The server answers with more than 65,536 octets."),
        ({b"EHLO": HANG}, "greeting", SILENT),
        ({b"EHLO": close}, "greeting", CLOSED),
        ({b"EHLO": b"421 later\r\n"}, "greeting", "The server doesn't let this machine in."),
        (
            {b"EHLO": b"550 no\r\n", b"HELO": b"550 no\r\n"},
            "greeting",
            "The server doesn't let this machine in.",
        ),
        ({b"MAIL": close}, "sender", CLOSED),
        ({b"MAIL": HANG}, "sender", SILENT),
        ({b"MAIL": BABBLE}, "sender", NO_SMTP),
        ({b"MAIL": b"354 go on\r\n"}, "sender", NO_SMTP),
        ({b"EHLO": b"250 here\r\n250 yes\r\n"}, "sender", OUT_OF_TURN),
        ({b"MAIL": ENDLESS}, "sender", "The server answers with more than 65,536 octets."),
    ],
)
def test_nothing_is_sent_where_it_fails_before_the_recipients(
    answers: dict[bytes, Answer], step: str, text: str
) -> None:
    """It is an error of that step, and may work later."""
    greeting = answers.pop(b"", None)
    assert not callable(greeting)
    with Smtp(answers, greeting=greeting) as server:
        error = failed(
            mailer(server.port, timeout=0.2 if HANG in (greeting, *answers.values()) else 20.0)
        )
        assert server.mails == []
    assert (error.step, error.permanent) == (step, False)
    assert error.text.startswith(text)


@pytest.mark.parametrize(
    ("answers", "wanted", "text"),
    [
        ({b"MAIL": b"550 5.7.1 not you\r\n"}, ["refused 550 5.7.1"] * 2, "not you"),
        ({b"MAIL": b"451 4.7.1 later\r\n"}, ["later 451 4.7.1"] * 2, "later"),
        ({b"MAIL": b"421 4.3.2 full\r\n"}, ["later 421 4.3.2"] * 2, "full"),
        ({b"RCPT": b"550 5.1.1 nobody\r\n"}, ["refused 550 5.1.1"] * 2, "nobody"),
        (
            {b"RCPT": _in_turn(b"450 4.2.0 grey\r\n", b"550 no\r\n")},
            ["later 450 4.2.0", "refused 550"],
            "grey",
        ),
        (
            {b"RCPT": _in_turn(b"552 5.5.3 many\r\n", b"550 no\r\n")},
            ["later 552 5.5.3", "refused 550"],
            "many",
        ),
        ({b"RCPT": _in_turn(b"421 4.3.2 full\r\n")}, ["later 421 4.3.2"] * 2, "full"),
        ({b"RCPT": _in_turn(b"250 yes\r\n", b"421 full\r\n")}, ["later 421"] * 2, "full"),
        ({b"RCPT": _in_turn(b"550 no\r\n", close)}, ["refused 550", "later None"], "no"),
        ({b"RCPT": _in_turn(b"250 yes\r\n", close)}, ["later None"] * 2, CLOSED),
        ({b"RCPT": _in_turn(b"250 yes\r\n", BABBLE)}, ["later None"] * 2, NO_SMTP),
        ({b"RCPT": _in_turn(HANG)}, ["later None"] * 2, SILENT),
        ({b"RCPT": b"250 yes\r\n354 go on\r\n250 taken\r\n"}, ["later None"] * 2, OUT_OF_TURN),
        ({b"DATA": b"554 5.5.1 no\r\n"}, ["refused 554 5.5.1"] * 2, "no"),
        ({b"DATA": b"451 4.3.0 later\r\n"}, ["later 451 4.3.0"] * 2, "later"),
        ({b"DATA": b"421 4.3.0 full\r\n"}, ["later 421 4.3.0"] * 2, "full"),
        ({b"DATA": b"250 what\r\n"}, ["later None"] * 2, NO_SMTP),
        ({b"DATA": close}, ["later None"] * 2, CLOSED),
        ({b"DATA": HANG}, ["later None"] * 2, SILENT),
    ],
)
def test_before_its_end_the_mail_isn_t_sent(
    answers: dict[bytes, Answer], wanted: list[str], text: str
) -> None:
    """Whatever happens; what is refused is told of each."""
    is_slow = text == SILENT
    ends: list[str] = []
    with Smtp(answers) as server:
        results = handed(
            mailer(server.port, timeout=0.2 if is_slow else 20.0), TO, OTHER, ends=ends
        )
        assert (server.mails, ends) == ([], [])
    assert [f"{one.outcome} {one.code}" for one in results] == wanted
    assert [one.address for one in results] == [TO, OTHER]
    assert results[0].text == text


@pytest.mark.parametrize(
    ("answer", "wanted", "text"),
    [
        (b"250 2.0.0 Ok: queued as 4\r\n", "sent 250 2.0.0", "Ok: queued as 4"),
        (b"250-2.0.0 one\r\n250 2.0.0 two\r\n", "sent 250 2.0.0", "one two"),
        (b"250\r\n", "sent 250", ""),
        (b"451 4.3.0 not now\r\n", "later 451 4.3.0", "not now"),
        (b"421 4.3.0 full\r\n", "later 421 4.3.0", "full"),
        (b"552 5.2.2 mailbox full\r\n", "refused 552 5.2.2", "mailbox full"),
        (b"554 spam\r\n", "refused 554", "spam"),
        (close, "uncertain None", CLOSED + MAYBE),
        (HANG, "uncertain None", "127.0.0.1 didn't answer in time (0.4 s)." + MAYBE),
        (BABBLE, "uncertain None", NO_SMTP + MAYBE),
        (b"354 go on\r\n", "uncertain None", NO_SMTP + MAYBE),
        (ENDLESS, "uncertain None", "The server answers with more than 65,536 octets." + MAYBE),
    ],
)
def test_behind_its_end_only_the_server_knows(answer: Answer, wanted: str, text: str) -> None:
    """Its word counts for all recipients that it took; without one, the mail may have been sent."""
    answers = {b".": answer, b"RCPT": _in_turn(b"250 yes\r\n", b"550 no\r\n")}
    ends: list[str] = []
    with Smtp(answers) as server:
        to = mailer(server.port, timeout=0.2 if answer == HANG else 20.0)
        results = handed(to, TO, OTHER, ends=ends)
        assert (server.mails, ends) == ([MAIL], ["end"])
    assert [f"{one.outcome} {one.code}" for one in results] == [wanted, "refused 550"]
    assert results[0].text == text


@pytest.mark.parametrize("verb", [b"DATA", b"."])
def test_a_mail_that_isn_t_taken_is_a_step_that_didn_t_go_well(verb: bytes) -> None:
    """Whoever tries a mailer sees it there, and not only at the recipient."""
    with Smtp({verb: b"554 5.7.1 spam\r\n"}) as server:
        walked = list(walk(mailer(server.port), Secrets(), Envelope("", (TO,)), MAIL))
    assert walked[-2:] == [
        Step("data", "554 5.7.1 spam", "The mail was not taken."),
        (Result(TO, "refused", "554 5.7.1", "spam"),),
    ]


def test_whoever_keeps_the_books_is_told_before_the_end() -> None:
    """Behind all of the mail, before the dot: there is no other time to write down that it may have
    been sent."""
    said: list[str] = []
    with Smtp() as server:
        handed(mailer(server.port), said=said, ends=said)
    at = said.index("end")
    assert said[at - 1 : at + 3] == [
        f"C: ({len(MAIL)} octets, the mail)",
        "end",
        "C: .",
        "S: 250 2.0.0 taken as 1",
    ]


def test_if_that_can_t_be_written_down_nothing_is_sent() -> None:
    """Not by a goodbye either, which would be text of the mail."""

    class Full(Exception):
        pass

    class Books(list[str]):
        def append(self, one: str) -> None:
            raise Full

    with Smtp() as server:
        with pytest.raises(Full):
            handed(mailer(server.port), ends=Books())
        again = handed(mailer(server.port))
        assert server.mails == [MAIL]
        assert server.verbs_said() == [
            *("EHLO", "MAIL", "RCPT", "DATA"),
            *("EHLO", "MAIL", "RCPT", "DATA", "QUIT"),
        ]
    assert outcomes(again) == [(TO, "sent", "250 2.0.0")]


def test_what_it_puts_off_it_takes_later() -> None:
    """4xx, then 2xx."""
    answers: dict[bytes, Answer] = {b"RCPT": _in_turn(b"450 grey\r\n", b"250 yes\r\n")}
    with Smtp(answers) as server:
        (first,) = handed(mailer(server.port))
        (second,) = handed(mailer(server.port))
        assert server.mails == [MAIL]
    assert (first.outcome, second.outcome) == ("later", "sent")


def test_a_server_that_knows_helo_alone_is_good_enough() -> None:
    with Smtp({b"EHLO": b"502 what?\r\n"}) as server:
        results = handed(mailer(server.port))
        assert server.verbs_said() == ["EHLO", "HELO", "MAIL", "RCPT", "DATA", "QUIT"]
        assert server.said[2] == b"MAIL FROM:<desk@example.org>"
    assert [one.outcome for one in results] == ["sent"]


def test_a_server_that_trickles_is_left() -> None:
    """An octet now and then isn't an answer in time."""
    with Smtp({b"EHLO": b"250-x\r\n" * 1000}, trickle=0.02) as server:
        error = failed(mailer(server.port, timeout=0.3))
    assert error.text == "127.0.0.1 didn't answer in time (0.3 s)."
    assert error.technical.endswith("octets had come")


class Deaf(Smtp):
    """Says that it takes a mail, and reads none of it."""

    def _line(self) -> bytes | None:
        if self._lines is None:
            return super()._line()
        self._is_over.wait(20)
        return None


def test_a_server_that_takes_nothing_of_a_large_mail_is_left() -> None:
    """What it doesn't read isn't waited for without end."""
    with Deaf() as server:
        (result,) = handed(mailer(server.port, timeout=0.3), content=MAIL + b"x" * 30_000_000)
    assert result.outcome == "later"
    assert result.text == "127.0.0.1 didn't answer in time (0.3 s)."


def test_a_server_that_speaks_before_the_end_has_spoken() -> None:
    """It doesn't want the rest: none of it is sent, nor any end."""
    ends: list[str] = []
    with Smtp({b"DATA": b"354 go on\r\n552 5.3.4 too much\r\n"}) as server:
        (result,) = handed(mailer(server.port), content=MAIL + b"x" * 30_000_000, ends=ends)
        assert (server.mails, ends) == ([], [])
    assert (result.outcome, result.code, result.text) == ("refused", "552 5.3.4", "too much")


def test_the_goodbye_isn_t_waited_for() -> None:
    """What came of the mail is known by then."""
    for answer in (close, BABBLE, HANG):
        with Smtp({b"QUIT": answer}) as server:
            (result,) = handed(mailer(server.port, timeout=0.3))
            assert server.mails == [MAIL]
        assert result.outcome == "sent"


@pytest.mark.parametrize(
    ("within", "outcome"),
    [
        ("greeting", "error"),
        ("EHLO", "error"),
        ("MAIL", "error"),
        ("RCPT", "later"),
        ("DATA", "later"),
        (".", "uncertain"),
    ],
)
def test_half_an_answer_is_none(within: str, outcome: str) -> None:
    """The connection is cut within it."""
    texts = {
        "greeting": Smtp.greeting,
        **{verb.decode(): text for verb, text in Smtp.answers.items()},
    }
    del texts["HELO"]
    cut = 0
    for verb, text in texts.items():
        assert isinstance(text, bytes)
        if verb == within:
            cut += len(text) // 2
            break
        cut += len(text)
    with Smtp(cut=cut) as server:
        to = mailer(server.port)
        if outcome == "error":
            assert failed(to).text == CLOSED
        else:
            assert [one.outcome for one in handed(to)] == [outcome]
        assert server.mails == ([MAIL] if within == "." else [])
