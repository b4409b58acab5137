"""`imapgate import`: mails in files become activities."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from imapgate.activities.creators import find_creator
from imapgate.activities.names import Mistake
from imapgate.activities.outcome import Refusal
from imapgate.activities.routing import Policy, place
from imapgate.cli.options import groups_named, json_option, segment_option
from imapgate.cli.output import clean, progress
from imapgate.cli.place import Place as Where
from imapgate.cli.place import acting, segment_of
from imapgate.cli.x500_names import X500Names, mapping
from imapgate.folders.arriving import IMPORT
from imapgate.incoming.files import importing
from imapgate.incoming.files.importing import KNOWN, NEW, Imported
from imapgate.incoming.queue import Origin, Wanted
from storage import Tx, incoming

_WORDS = {
    incoming.FILED: "filed",
    incoming.FAILED: "failed",
    incoming.HELD: "held",
    KNOWN: "there already",
    NEW: "to be imported",
}
_SHOWN = 60
"""Characters of a subject in a line."""
_PLAIN = re.compile(r"Filed as #\d+ in [^,]*\.")
"""What was filed and nothing else."""


@click.command("import")
@click.argument(
    "paths", metavar="FILE|DIR...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--group", metavar="GROUP", help="File them into this group.")
@click.option(
    "--creator", metavar="NAME", help="What they become; else the group's, the segment's."
)
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="X500=ADDRESS",
    help="The e-mail address behind an X.500 name in .msg files; may be repeated.",
)
@click.option("--as", "as_user", metavar="USER", help="Who files them; else the administrator.")
@click.option("--dry-run", is_flag=True, help="Only show what would be imported.")
@segment_option
@json_option
@click.pass_context
def import_(
    ctx: click.Context,
    paths: tuple[Path, ...],
    group: str | None,
    creator: str | None,
    mapped: tuple[str, ...],
    as_user: str | None,
    dry_run: bool,
    segment: str | None,
    as_json: bool,
) -> None:
    """File the mails in .eml, .msg, mbox, Maildir and zip files.

    Without --group and --creator wrapper subjects, numbers, and the segment's default creator
    decide. What was imported before isn't imported again, so an import that was cut short goes on
    when it is run once more. Exit code 1 if something could not be filed.

    \b
    Example:
      imapgate import old.mbox --group Support
      imapgate import Maildir/ letters.zip --dry-run
    """
    where: Where = ctx.obj
    limits = where.settings().limits
    names = mapping(mapped)
    with where.database() as db:
        origin = db.read(lambda tx: _origin(tx, segment, group, creator, as_user))
        addresses = X500Names(db, origin.segment_id, names, writes=not dry_run, asks=not as_json)
        if not dry_run:
            addresses.remember_mapped()
        files = importing.files_of(list(paths))
        go = importing.look if dry_run else importing.import_files
        told = _Told(as_json)
        with progress("importing", importing.octets_of(files)) as move:
            try:
                for one in go(db, origin, files, limits, addresses.address_of):
                    told.add(one)
                    move(one.passed)
            except (KeyboardInterrupt, click.Abort):
                told.end()
                raise Mistake("Stopped. Run it again to go on.") from None
        told.end()
        for line in addresses.unmapped():
            click.echo(clean(line), err=True)
    if told.sums[incoming.FAILED]:
        ctx.exit(1)


class _Told:
    """What it came to, mail by mail and in sums; of a large import nothing is kept."""

    def __init__(self, as_json: bool) -> None:
        self.sums: Counter[str] = Counter()
        self._as_json = as_json
        self._before = '{\n  "messages": ['
        # Lines would tear the bar, where both are shown.
        self._has_bar = sys.stdout.isatty() and sys.stderr.isatty()

    def add(self, one: Imported) -> None:
        self.sums[one.state] += 1
        if self._as_json:
            value = asdict(one)
            del value["passed"]
            click.echo(f"{self._before}\n    {json.dumps(value)}", nl=False)
            self._before = ","
        elif self._has_bar:
            click.echo(f"\r\x1b[K{_line(one)}")
        else:
            click.echo(_line(one))

    def end(self) -> None:
        """The sums."""
        if self._as_json:
            opened = f"{self._before}" if self._before != "," else "\n  "
            click.echo(f'{opened}], "sums": {json.dumps(dict(self.sums))}}}')
            return
        sums = [f"{self.sums[state]} {word}" for state, word in _WORDS.items() if self.sums[state]]
        click.echo(f"Mails: {', '.join(sums) or 'none'}.")


def _line(one: Imported) -> str:
    """`filed  #10000001  A subject  (old.mbox, message 3)`, and what more came of it, in one
    line."""
    word = _WORDS.get(one.state, one.state)
    place, text, subject = map(_one_line, (one.place, one.text, one.subject))
    if one.state in incoming.OPEN:
        return f"{word:<13} {place} {text}"
    number = f"#{one.number}" if one.number is not None else ""
    shown = subject if len(subject) <= _SHOWN else f"{subject[: _SHOWN - 3]}..."
    what = "  ".join(filter(None, (number, shown, f"({place})")))
    more = one.state == incoming.FILED and not _PLAIN.fullmatch(text)
    return f"{word:<13} {what}: {text}" if more else f"{word:<13} {what}"


def _one_line(text: str) -> str:
    """What stands in a zip may be called anything."""
    return " ".join(clean(text).split())


def _origin(
    tx: Tx, segment: str | None, group: str | None, creator: str | None, as_user: str | None
) -> Origin:
    """Raises Mistake where nothing could be filed at all."""
    where = segment_of(tx, segment)
    who = acting(tx, as_user, where)
    group_id = creator_id = None
    wanted = Wanted(user=None if as_user is None else who.name, command=IMPORT)
    if creator is not None:
        found = find_creator(tx, where.id, creator)
        creator_id = found.id
        wanted = Wanted(found.name, user=wanted.user, command=IMPORT)
    if group is not None:
        (one,) = groups_named(tx, where.id, [group])
        group_id = one.id
        wanted = Wanted(wanted.creator, group_id, wanted.user, IMPORT)
    usual = place(tx, where.id, Policy(creator_id, group_id))
    if isinstance(usual, Refusal):
        hint = "" if group is not None else " Say --group, or set one with `imapgate segment edit`."
        raise Mistake(f"Nothing can be imported: {usual.text}.{hint}")
    return Origin(where.id, "", wanted=wanted)


COMMANDS = (import_,)
