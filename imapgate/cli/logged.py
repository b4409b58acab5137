"""What commands log is kept beside what the server logs."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from imapgate.cli.place import Place
from imapgate.cli.who import operator
from imapgate.incoming.account import Place as Mailbox
from imapgate.log_files import REST, SIGN_INS, LogFiles, Of
from imapgate.outgoing.mailer import Mailer
from imapgate.servers.server import ServerError
from imapgate.settings import SettingsError


@contextlib.contextmanager
def logged(place: Place) -> Iterator[None]:
    """While a command runs; warnings still stand on the standard error, too."""
    root, ours = logging.getLogger(), logging.getLogger("imapgate")
    before = ours.level
    added: list[logging.Handler] = [_Keeping(place)]
    if not root.handlers:
        added.append(_shown())
    for one in added:
        root.addHandler(one)
    ours.setLevel(logging.INFO)
    try:
        yield
    finally:
        ours.setLevel(before)
        for one in added:
            root.removeHandler(one)


def _shown() -> logging.Handler:
    """As Python shows them where nobody has said otherwise; what a command tells itself isn't told
    twice."""
    shown = logging.StreamHandler()
    shown.setLevel(logging.WARNING)
    shown.addFilter(lambda record: not _is_told(record))
    return shown


def _is_told(record: logging.LogRecord) -> bool:
    """How a mailbox was read or a mailer tried, what could not be filed, and what came of mails;
    errors of ours are shown."""
    not_filed = record.name == "imapgate.incoming.filing" and record.levelno == logging.WARNING
    return not_filed or getattr(record, "event", None) in (*BY_HAND, *_OUTGOING)


BY_HAND = ("incoming_by_hand", "outgoing_by_hand")
_OUTGOING = ("outgoing_mail", "outgoing_failed")
_incoming = logging.getLogger("imapgate.incoming.by_hand")
_outgoing = logging.getLogger("imapgate.outgoing.by_hand")


@contextlib.contextmanager
def reading(mailbox: Mailbox, command: str) -> Iterator[None]:
    """While a command reads a mailbox: how it ended, ServerError included, is logged."""
    try:
        yield
    except ServerError as error:
        read(mailbox, command, error.step, error.technical or error.text)
        raise
    read(mailbox, command)


def read(mailbox: Mailbox, command: str, step: str | None = None, text: str = "") -> None:
    """Logs that a command has read a mailbox. step: at which it failed, None: it didn't; text: what
    the server said, secrets masked."""
    _incoming.log(
        logging.INFO if step is None else logging.WARNING,
        "%s: %s at %s %s",
        command,
        mailbox.protocol,
        mailbox.host,
        "went well" if step is None else f"failed ({step}): {text}",
        extra={
            "event": "incoming_by_hand",
            "fields": {
                "command": command,
                "protocol": mailbox.protocol,
                "host": mailbox.host,
                "user": mailbox.login.user,
                "step": step,
            },
        },
    )


def tried(mailer: Mailer, step: str | None, text: str = "") -> None:
    """Logs that `mailer test` has handed a mail over. step: at which it failed, None: it didn't."""
    _outgoing.log(
        logging.INFO if step is None else logging.WARNING,
        "mailer test: mailer %s %s",
        mailer.name,
        "went well" if step is None else f"failed ({step}): {text}",
        extra={"event": "outgoing_by_hand", "fields": {"mailer": mailer.name, "step": step}},
    )


class _Keeping(logging.Handler):
    """Into the files of the data directory. Most commands log nothing: nothing is made or loaded
    before the first line."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._rows: list[tuple[Of, LogFiles]] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self._rows is None:
            self._rows = self._open()
        for of, files in self._rows:
            if of.filter(record):
                # As with a server's: where there is no room, there is nowhere to tell it.
                with contextlib.suppress(OSError):
                    files.write(self.format(record) + "\n")
                    files.flush()

    def _open(self) -> list[tuple[Of, LogFiles]]:
        try:
            settings = self._place.settings()
        except SettingsError:
            return []
        if not settings.data.is_dir():
            return []
        from imapgate.log import OneObject

        self.setFormatter(OneObject(operator()))
        return [(Of(row), LogFiles(settings.log_directory, row)) for row in (SIGN_INS, REST)]
