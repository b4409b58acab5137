"""X.500 names in .msg files: what they stand for, by `--map`, by the contacts, or by asking."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator

import click

from imapgate.activities import x500
from imapgate.activities.names import Mistake, checked_email, key
from imapgate.cli.output import clean
from storage import Database

SHOWN = 20
"""Names that are told in the end."""


def mapping(mapped: Iterable[str]) -> dict[str, str]:
    """Of `/O=ACME/CN=ERIKA=erika@acme.example`. Raises Mistake."""
    found = {}
    for one in mapped:
        name, _, address = one.rpartition("=")
        if not name.strip():
            raise Mistake(f'--map "{one}" is no X500=address.')
        found[name.strip()] = checked_email(address)
    return found


def is_terminal() -> bool:
    """Whether there is somebody who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class X500Names:
    """One for an import. writes: whether what is learned is remembered; asks: whether somebody may
    be asked, where there is a terminal."""

    def __init__(
        self, db: Database, segment_id: int, mapped: dict[str, str], *, writes: bool, asks: bool
    ) -> None:
        self._db = db
        self._segment_id = segment_id
        self._mapped = mapped
        self._found: dict[str, str | None] = {key(name): one for name, one in mapped.items()}
        self._unmapped: dict[str, str] = {}
        self._writes = writes
        self._asks = asks and writes and is_terminal()

    def remember_mapped(self) -> None:
        """What --map says counts from now on. Raises Mistake."""
        for name, address in self._mapped.items():
            self._remember(name, address, "")

    def address_of(self, name: str, display_name: str) -> str | None:
        """imapgate.incoming.files.msg.people.Addresses."""
        known = key(name)
        if known not in self._found:
            self._found[known] = self._db.read(
                lambda tx: x500.mailbox_of(tx, self._segment_id, name)
            ) or self._asked(name, display_name)
            if self._found[known] is None:
                self._unmapped[name] = display_name
        return self._found[known]

    def unmapped(self) -> Iterator[str]:
        """What to say in the end of names that nobody knew."""
        if not self._unmapped:
            return
        count = len(self._unmapped)
        yield (
            f"{count} X.500 {'name has' if count == 1 else 'names have'} no e-mail address; "
            "the mails have the names instead. Map them before an import, each with --map:"
        )
        for name, display_name in list(self._unmapped.items())[:SHOWN]:
            # What stands in a file wasn't written for a shell.
            wanted = shlex.quote(f"{name}=ADDRESS")
            yield f"  --map {wanted}" + (f"  ({display_name})" if display_name else "")
        if count > SHOWN:
            yield f"  and {count - SHOWN} more"

    def _asked(self, name: str, display_name: str) -> str | None:
        if not self._asks:
            return None
        who = f"{display_name}, {name}" if display_name else name
        while True:
            typed = click.prompt(
                clean(f"\nE-mail address of {who} (nothing: not known)"),
                default="",
                show_default=False,
                err=True,
            ).strip()
            if not typed:
                return None
            try:
                address = checked_email(typed)
                self._remember(name, address, display_name)
            except Mistake as error:
                click.echo(clean(error), err=True)
                continue
            return address

    def _remember(self, name: str, address: str, display_name: str) -> None:
        self._db.write(lambda tx: x500.remember(tx, self._segment_id, name, address, display_name))
