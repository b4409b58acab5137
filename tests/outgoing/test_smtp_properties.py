"""Whatever a server answers, what is known of the mail is true."""

from __future__ import annotations

from handing import MAIL, TO, handed, mailer
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scripted import Answer
from scripted_smtp import Smtp, close

from imapgate.servers.server import ServerError

OTHER = "other@example.net"
LINES = (
    *(b"250 yes\r\n", b"250-more\r\n", b"354 go on\r\n", b"421 full\r\n", b"450 4.2.0 grey\r\n"),
    *(b"550 5.1.1 nobody\r\n", b"250\r\n", b"250 2.1.5\r\n", b"334 \r\n", b"220 x\n", b"999 x\r\n"),
    *(b"\r\n", b"\xff\xfe\r\n", b"\0\r\n", b"2500 x\r\n", b"25"),
)
USUAL = [Smtp.answers[verb] for verb in (b"EHLO", b"MAIL", b"RCPT", b"DATA", b".")]
ODD = st.lists(st.sampled_from(LINES), min_size=1, max_size=3).map(b"".join) | st.just(close)


class Impatient(Smtp):
    """Leaves behind an answer that has no end, so that nobody need wait for it."""

    def _send(self, text: bytes) -> bool:
        ended = text.endswith(b"\n") and text.splitlines()[-1][3:4] != b"-"
        return super()._send(text) and (ended or not text)


def _answers() -> st.SearchStrategy[list[Answer]]:
    """As a good server's but for one or two."""

    def changed(places: list[int], odd: list[Answer]) -> list[Answer]:
        answers = list(USUAL)
        for place, one in zip(places, odd, strict=True):
            answers[place] = one
        return answers

    two = st.lists(st.integers(0, 4), min_size=2, max_size=2)
    return st.builds(changed, two, st.lists(ODD, min_size=2, max_size=2))


@settings(max_examples=80, deadline=None)
@given(_answers())
@example([*USUAL[:2], b"250 yes\r\n354 go on\r\n", b"250 taken\r\n", b"250 taken\r\n"])
@example([*USUAL[:4], b"250-taken\r\n25"])
@example([*USUAL[:3], b"354 go on\r\n250 taken\r\n", b"550 no\r\n"])
def test_what_is_known_of_a_mail_is_true(answers: list[Answer]) -> None:
    """It is sent only if the server has the whole of it and says so; where the server has all of
    it nobody says that nothing was sent, unless the server does."""
    ends: list[str] = []
    last = answers[4]
    with Impatient(
        dict(zip((b"EHLO", b"MAIL", b"RCPT", b"DATA", b"."), answers, strict=True))
    ) as server:
        try:
            results = handed(mailer(server.port, timeout=20.0), TO, OTHER, ends=ends)
        except ServerError:
            assert (server.mails, ends) == ([], [])
            return
    assert [one.address for one in results] == [TO, OTHER]
    outcomes = {one.outcome for one in results}
    taken = server.mails == [MAIL]
    assert len(ends) == taken
    if not taken:
        assert outcomes <= {"refused", "later"}
        return
    said = _says(last) if isinstance(last, bytes) else None
    if "sent" in outcomes:
        assert said == b"2"
    if "uncertain" in outcomes:
        assert said is None


def _says(answer: bytes) -> bytes | None:
    """The first digit of the reply that it begins with; None: of none."""
    number = None
    for line in answer.split(b"\n")[:-1]:
        line = line.removesuffix(b"\r")
        if not line[:3].isdigit() or line[:1] not in b"2345" or number not in (None, line[:3]):
            return None
        number = line[:3]
        if line[3:4] in (b"", b" "):
            return None if line[:1] == b"3" else line[:1]
        if line[3:4] != b"-":
            return None
    return None
