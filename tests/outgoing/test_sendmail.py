"""Mail is handed to a machine's `sendmail`: here programs of the tests' own."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest
from handing import MAIL, SENDER, TO, failed, handed, mailer, outcomes, steps

from imapgate.outgoing import sendmail
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.smtp.delivering import steps_of

OTHER = "other@example.net"


def _mailer(directory: Path, body: str, **more: object) -> Mailer:
    """Whose program keeps its arguments, its input and its environment."""
    program = directory / "sendmail"
    kept = (
        f'for one in "$@"; do printf "%s\\n" "$one"; done > {directory}/arguments\n'
        f"cat > {directory}/mail\nenv > {directory}/environment\n"
    )
    program.write_text(f"#!/bin/sh\n{kept}{body}\n", "utf-8")
    program.chmod(0o700)
    return mailer(0, relay=None, sendmail=str(program), **more)


def test_it_gets_recipients_as_arguments_and_a_whole_mail(tmp_path: Path) -> None:
    """With the line ends of files, and nothing that is only for the eyes of some."""
    ends: list[str] = []
    content = MAIL.replace(b"Subject", b"Bcc: hidden@example.net\r\nSubject") + b".\r\nmore\r\n"
    results = handed(_mailer(tmp_path, "exit 0"), TO, OTHER, content=content, ends=ends)
    assert outcomes(results) == [(TO, "sent", "0"), (OTHER, "sent", "0")]
    assert ends == ["end"]
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments == ["-i", "-f", SENDER, "--", TO, OTHER]
    assert (tmp_path / "mail").read_bytes() == MAIL.replace(b"\r\n", b"\n") + b".\nmore\n"


def test_nobody_is_an_empty_path(tmp_path: Path) -> None:
    handed(_mailer(tmp_path, "exit 0"), sender="")
    assert (tmp_path / "arguments").read_text().splitlines()[:3] == ["-i", "-f", "<>"]


def test_what_it_says_is_on_the_record(tmp_path: Path) -> None:
    (result,) = handed(_mailer(tmp_path, "echo queued as 7; exit 0"))
    assert result.text == "queued as 7"
    assert steps(_mailer(tmp_path, "exit 0")) == steps_of(_mailer(tmp_path, "")) == ["data"]


@pytest.mark.parametrize("code", [1, 64, 65, 67, 68, 69, 70, 71, 73, 74, 75, 77, 78, 111, 127])
def test_its_exit_code_says_what_became_of_the_mail(tmp_path: Path, code: int) -> None:
    """sysexits.h: for good what the mail or its addresses are the reason of; else later."""
    told = f"echo no such thing >&2; exit {code}"
    (result,) = handed(_mailer(tmp_path, told))
    for_good = code in (64, 65, 67, 68, 69, 77)
    assert (result.outcome, result.code) == ("refused" if for_good else "later", str(code))
    assert result.text == "no such thing"


def test_a_program_that_is_killed_may_have_sent_it(tmp_path: Path) -> None:
    (result,) = handed(_mailer(tmp_path, "kill -TERM $$"))
    assert (result.outcome, result.code) == ("uncertain", None)
    assert "was ended by signal 15. The mail may have been sent." in result.text


def test_one_that_doesn_t_end_is_ended_with_all_that_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imapgate.outgoing.smtp.delivering.SENDING", 0.5)
    body = f"sleep 60 & echo $! > {tmp_path}/child; wait"
    (result,) = handed(_mailer(tmp_path, body))
    assert result.outcome == "uncertain"
    assert "didn't end in time (0.5 s). The mail may have been sent." in result.text
    child = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/stat")
    end = time.monotonic() + 20
    while child.exists() and child.read_text().split()[2] not in "ZX":
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_it_leaves_running_isn_t_waited_for(tmp_path: Path) -> None:
    """A queue runner that keeps the standard error."""
    body = f"sleep 60 & echo $! > {tmp_path}/child; echo taken; exit 0"
    (result,) = handed(_mailer(tmp_path, body))
    assert (result.outcome, result.text) == ("sent", "taken")
    os.kill(int((tmp_path / "child").read_text()), 9)


def test_however_much_it_says_little_is_kept(tmp_path: Path) -> None:
    """And it isn't held up by nobody's reading."""
    body = "head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 75"
    (result,) = handed(_mailer(tmp_path, body))
    assert (result.outcome, result.text) == ("later", "x" * sendmail.TEXT)


def test_control_characters_and_secrets_stay_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAPGATE_SECRET", "word")
    (result,) = handed(_mailer(tmp_path, "printf 'a\\033[1m\\r\\nb\\377'; exit 75"))
    assert result.text == "a [1m b\ufffd"
    assert "IMAPGATE_SECRET" not in (tmp_path / "environment").read_text()


def test_an_option_is_no_address(tmp_path: Path) -> None:
    """A domain can't help it: `-oQ/tmp@example.net` would be one."""
    results = handed(_mailer(tmp_path, "exit 0"), "-oQ/tmp@example.net", TO)
    assert outcomes(results) == [("-oQ/tmp@example.net", "refused", None), (TO, "sent", "0")]
    assert (tmp_path / "arguments").read_text().splitlines()[3:] == ["--", TO]
    (tmp_path / "arguments").unlink()
    assert [one.outcome for one in handed(_mailer(tmp_path, ""), sender="-bd@example.net")] == [
        "refused"
    ]
    whole = handed(_mailer(tmp_path, ""), "-oQ/tmp@example.net", TO, whole=True)
    assert [one.outcome for one in whole] == ["refused", "later"]
    assert not (tmp_path / "arguments").exists()


def test_a_shell_has_no_part_in_it(tmp_path: Path) -> None:
    handed(
        _mailer(tmp_path, "exit 0"), "$(id)`id`&x|y@example.net".replace("(", "{").replace(")", "}")
    )
    assert (tmp_path / "arguments").read_text().splitlines()[-1] == "${id}`id`&x|y@example.net"


def test_without_the_program_nothing_is_sent(tmp_path: Path) -> None:
    gone = mailer(0, relay=None, sendmail=str(tmp_path / "gone"))
    error = failed(gone)
    assert (error.step, error.text) == ("data", f"There is no program {tmp_path}/gone.")
    assert failed(mailer(0, relay=None, sendmail=str(tmp_path))).step == "data"
    broken = tmp_path / "broken"
    broken.write_bytes(b"\0nothing that runs")
    broken.chmod(stat.S_IRWXU)
    (result,) = handed(mailer(0, relay=None, sendmail=str(broken)))
    assert (result.outcome, result.code) == ("later", None)
    assert "can't be started" in result.text


def test_if_the_end_can_t_be_written_down_it_isn_t_started(tmp_path: Path) -> None:
    class Books(list[str]):
        def append(self, one: str) -> None:
            raise KeyError

    with pytest.raises(KeyError):
        handed(_mailer(tmp_path, "exit 0"), ends=Books())
    assert not (tmp_path / "arguments").exists()
