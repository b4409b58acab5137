"""`imapgate export`: mails and activities into files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import click

from imapgate.activities.groups import Group
from imapgate.activities.names import Mistake
from imapgate.activities.people import Person
from imapgate.cli.options import activity_number, groups_named, json_option, segment_option
from imapgate.cli.output import clean, progress, tell
from imapgate.cli.place import Place, acting, segment_of
from imapgate.incoming.files import exporting, file_names
from imapgate.incoming.files.exporting import Damaged, Written
from imapgate.incoming.files.writing import FORMATS, Outgoing, Writer, single, writing
from storage import Tx
from storage import exporting as rows
from storage.exporting import Mail

_ENDINGS = {"eml": "", "mbox": ".mbox", "maildir": "", "zip": ".zip"}


@click.command()
@click.option("--group", metavar="GROUP", help="All that is in this group.")
@click.option(
    "--activity",
    "number",
    metavar="N",
    callback=lambda *given: None if given[2] is None else activity_number(*given),
    help="One activity, by its number.",
)
@click.option("--format", "form", required=True, type=click.Choice(FORMATS), help="Of the files.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The file, or with eml and maildir the directory, that is made; else by the group's or "
    "activity's name, here.",
)
@click.option("--yes", is_flag=True, help="Don't ask before a file is replaced.")
@segment_option
@json_option
@click.pass_context
def export(
    ctx: click.Context,
    group: str | None,
    number: int | None,
    form: str,
    output: Path | None,
    yes: bool,
    segment: str | None,
    as_json: bool,
) -> None:
    """Write mails to files, byte for byte as they came.

    An activity that was made of no mail is written as one. One mail with --format eml is a file of
    its own; several stand in a directory. Nothing stands under the name before all is written.

    \b
    Example:
      imapgate export --group Support --format zip --output support.zip
      imapgate export --activity 10000001 --format eml
    """
    if (group is None) == (number is None):
        raise click.UsageError("Say --group or --activity, one of the two.")
    place: Place = ctx.obj
    with place.database() as db:
        person, what, count = db.read(lambda tx: _wanted(tx, segment, group))
        mails = [] if number is None else exporting.mails_of(db, person.segment_id, number)
        is_single = form == "eml" and number is not None and len(mails) <= 1
        if output is None:
            output = _usual(form, what, number, mails, is_single)
        replaces = _may_replace(output, form in ("mbox", "zip") or is_single, yes)
        writer = (
            single(output, replace=replaces)
            if is_single
            else writing(form, output, replace=replaces)
        )

        def go(to: Writer) -> Iterator[Written]:
            if what is not None:
                return exporting.export_group(db, person, what.id, to)
            assert number is not None
            return exporting.export_activity(db, person, number, mails, to)

        written, damaged = _write(writer, go, output, count if what is not None else len(mails))
    for one in damaged:
        named = f"#{one.number} {one.subject}" if one.number is not None else one.subject
        click.echo(clean(f"Not written: {named}: its bytes are damaged, see `doctor`."), err=True)
    mails_told = "1 mail" if written == 1 else f"{written:,} mails"
    value = {"output": str(output.absolute()), "written": written, "damaged": len(damaged)}
    tell(f"Wrote {mails_told} to {output}.", value, as_json)
    if damaged:
        ctx.exit(1)


def _write(
    writer: AbstractContextManager[Writer],
    go: Callable[[Writer], Iterator[Written]],
    output: Path,
    count: int,
) -> tuple[int, list[Damaged]]:
    """(mails that were written, those that can't be read). Raises Mistake; then nothing is left of
    it."""
    written = 0
    damaged: list[Damaged] = []
    try:
        with writer as to, progress("exporting", count) as move:
            for n, one in enumerate(go(to), 1):
                if isinstance(one, Outgoing):
                    written += 1
                else:
                    damaged.append(one)
                move(min(n, count))
    except FileExistsError:
        raise Mistake(f"{output} is there already: name another one with --output.") from None
    except OSError as error:
        raise Mistake(f"{output} can't be written: {error.strerror}.") from error
    except KeyboardInterrupt:
        raise Mistake(f"Stopped. Nothing of {output} was written.") from None
    return written, damaged


def _wanted(tx: Tx, segment: str | None, group: str | None) -> tuple[Person, Group | None, int]:
    where = segment_of(tx, segment)
    person = acting(tx, None, where)
    if group is None:
        return person, None, 0
    (found,) = groups_named(tx, where.id, [group])
    return person, found, rows.count(tx, found.id)


def _usual(
    form: str, group: Group | None, number: int | None, mails: list[Mail], is_single: bool
) -> Path:
    """The name where none is given."""
    if is_single:
        return Path(file_names.named(number, mails[0].subject if mails else "", ".eml"))
    name = str(number) if group is None else file_names.safe(group.name) or "group"
    return Path(f"{name}{_ENDINGS[form]}")


def _may_replace(output: Path, is_file: bool, yes: bool) -> bool:
    """Whether what stands there is replaced. Raises Mistake where it may not be."""
    if not (output.exists() or output.is_symlink()):
        if not output.absolute().parent.is_dir():
            raise Mistake(f"There is no directory {output.absolute().parent}.")
        return False
    if not is_file or not output.is_file():
        raise Mistake(f"{output} is there already: name another one with --output.")
    if not yes:
        if not sys.stdin.isatty():
            raise Mistake(f"{output} is there already: say --yes to replace it.")
        if not click.confirm(f"Replace {output}?", err=True):
            raise Mistake("Nothing was written.")
    return True


COMMANDS = (export,)
