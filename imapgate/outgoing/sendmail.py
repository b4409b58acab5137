"""Mail is handed to the machine's `sendmail`, as Postfix, Exim, nullmailer, msmtp and others have
it."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from imapgate.mime.index import Content
from imapgate.mime.writing import one_line
from imapgate.outgoing.delivery import LATER, REFUSED, SENT, UNCERTAIN, Envelope, Result
from imapgate.outgoing.smtp import transmitted
from imapgate.outgoing.smtp.handing_over import NOT_GIVEN
from imapgate.servers.server import ServerError, Step

FOR_GOOD = frozenset((64, 65, 66, 67, 68, 69, 76, 77))
"""Of sysexits.h: usage, the mail's form, no such user or host, unavailable, protocol, no right.
What the machine's administrator mends (70 to 75, 78), and what isn't of sysexits.h, is tried
again."""
KEPT = 4 * 1024
"""Octets of what it says."""
TEXT = 500
"""Characters of that in a result."""
_KEPT_NAMES = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TZ", "USER")
"""Of the environment; nothing else is the program's business."""
_TICK = 0.05
_OPTION = (REFUSED, None, "An address that begins with - would be taken for an option.")


def handed_over(
    program: str,
    timeout: float,
    envelope: Envelope,
    content: Content,
    before_end: Callable[[], None],
    added: bytes = b"",
) -> Iterator[Step | tuple[Result, ...]]:
    """The results, and before them a step if it went well. The recipients are arguments behind
    `--`, and not read from the header (`-t`): a gateway's number, an intercepted mail, a blind copy
    and the second attempt for one of three aren't what the header says. No shell has a part in it.
    envelope: its addresses are checked. timeout: seconds. The program gets a file that is whole, so
    that nothing that ends us makes it take half a mail for all of it. Raises ServerError where it
    wasn't started."""
    is_option = envelope.sender.startswith("-")
    refused = {one for one in envelope.recipients if is_option or one.startswith("-")}
    told = [one for one in envelope.recipients if one not in refused]
    if envelope.whole and refused:
        told = []
    outcome: tuple[str, str | None, str] = (LATER, None, NOT_GIVEN)
    if told:
        if not os.access(program, os.X_OK) or not Path(program).is_file():
            raise ServerError(
                "data",
                f"There is no program {program}.",
                hint="Install what sends mail on this machine, or name a server.",
            )
        words = [program, "-i", "-f", envelope.sender or "<>", "--", *told]
        outcome = _run(words, timeout, _native(content, added), before_end)
        if outcome[0] == SENT:
            yield Step("data", outcome[2])
    yield tuple(
        Result(one, *(_OPTION if one in refused else outcome)) for one in envelope.recipients
    )


def _native(content: Content, added: bytes) -> Iterator[bytes]:
    """With the line ends that files have here: not every program takes others away."""
    for piece in transmitted.pieces(content, added):
        yield piece.replace(b"\r\n", b"\n")


def _run(
    words: list[str], timeout: float, pieces: Iterable[bytes], before_end: Callable[[], None]
) -> tuple[str, str | None, str]:
    """Outcome, exit code and what it said."""
    environment = {name: os.environ[name] for name in _KEPT_NAMES if name in os.environ}
    with tempfile.TemporaryFile() as mail:
        for piece in pieces:
            mail.write(piece)
        mail.seek(0)
        before_end()
        try:
            process = subprocess.Popen(  # noqa: S603 (the administrator's, no shell)
                words,
                stdin=mail,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return LATER, None, f"{words[0]} can't be started: {error}"[:TEXT]
    assert process.stdout is not None
    with process.stdout:
        said = _said(process, process.stdout, time.monotonic() + timeout)
    code = process.returncode
    if code < 0:
        why = f"{words[0]} was ended by signal {-code}"
        if code == -signal.SIGKILL and said.late:
            why = f"{words[0]} didn't end in time ({timeout:g} s)"
        return UNCERTAIN, None, one_line(f"{why}. The mail may have been sent. {said}", TEXT)
    text = one_line(str(said), TEXT)
    if code == 0:
        return SENT, "0", text or f"{words[0]} took it"
    return (REFUSED if code in FOR_GOOD else LATER), str(code), text or f"{words[0]} ended so"


class _Said:
    """The beginning of it, for people. late: the program had to be ended."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.late = False

    def __str__(self) -> str:
        return self.kept.decode("utf-8", "replace")


def _said(process: subprocess.Popen[bytes], stream: IO[bytes], end: float) -> _Said:
    """Until the program has ended, and was waited for. What it started may keep the other side of
    the pipe open, so that its end isn't waited for."""
    said = _Said()
    os.set_blocking(stream.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        is_open = True
        while process.poll() is None:
            if time.monotonic() > end:
                said.late = True
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                break
            if is_open and selector.select(_TICK):
                is_open = _drained(stream, said)
                if not is_open:
                    selector.unregister(stream)
            elif not is_open:
                time.sleep(_TICK)
    if is_open:
        _drained(stream, said)
    return said


def _drained(stream: IO[bytes], said: _Said) -> bool:
    """Takes one piece; False: there will be no more."""
    try:
        came = os.read(stream.fileno(), 64 * 1024)
    except BlockingIOError:
        return True
    said.kept += came[: KEPT - len(said.kept)]
    return came != b""
