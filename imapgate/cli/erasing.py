"""Erasing an activity for good: what it would take is told before it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from imapgate.activities.erasing import ERASED, checked_reason
from imapgate.activities.names import Mistake
from imapgate.cli.options import activity_number, json_option, segment_option
from imapgate.cli.output import clean, tell
from imapgate.cli.place import Place, acting, segment_of
from imapgate.folders import erasing, spool
from imapgate.folders.erasing import Erased, Plan

_STILL_THERE = "What was erased is not overwritten yet, since the database was busy all the time"


def _numbers(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[int, ...]:
    return tuple(dict.fromkeys(activity_number(ctx, param, value) for value in values))


@click.command("erase")
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True, callback=_numbers)
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept with the activity.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@segment_option
@json_option
@click.pass_obj
def activity_erase(
    place: Place,
    numbers: tuple[int, ...],
    reason: str,
    yes: bool,
    segment: str | None,
    as_json: bool,
) -> None:
    """Erase an activity's mail and texts, everywhere, for good.

    For a private mail that was dropped by mistake: its bytes, its texts and everybody's copies of
    it. The number and the record of who did what stay. Backups that were made before still hold it.

    \b
    Example:
      imapgate activity erase 10000007 --reason "private mail, dropped by mistake"
    """
    kept = checked_reason(reason)
    settings = place.settings()
    limits = settings.limits
    if any((settings.data / spool.NAME).glob("*.json")):
        raise Mistake(
            "Mails that came while the database was away wait in the spool, and may be the one to "
            "erase: start the server, which takes them in within seconds, and try again."
        )
    with place.database() as db:
        where = db.read(lambda tx: segment_of(tx, segment))
        if not erasing.finish(db):
            click.echo(f"{_STILL_THERE}.", err=True)
        planned = erasing.plan(db, where.id, numbers, limits)
        if not yes:
            click.echo(clean("\n".join(_what_goes(planned))), err=True)
            if not _confirmed():
                raise Mistake("Nothing was erased.")
        who = None if where.administrator is None else db.read(lambda tx: acting(tx, None, where))
        erased = erasing.erase(db, where.id, planned, kept, who)
    tell("\n".join(_what_went(planned, erased)), _erased_value(planned, erased), as_json)


def _confirmed() -> bool:
    try:
        return click.confirm("Erase it for good?", err=True)
    except click.Abort:
        click.echo(err=True)
        return False


def _what_goes(planned: Plan) -> Iterator[str]:
    yield f"{_hashes(planned.numbers)}: bytes, texts and attachments go for good."
    yield _copies(planned)
    if planned.wrappers:
        yield (
            "Wrapper mails, journal envelopes and discarded mails that hold it go as well: "
            f"{planned.wrappers}."
        )
    for number, name in planned.media:
        yield f'"{name}" of #{number} is a part of that wrapper mail and goes with it.'
    if planned.kept_by:
        yield (
            f"The same mail is {_hashes(planned.kept_by)} too: for that its bytes, and copies in "
            "personal folders, stay. Name all numbers to erase it everywhere."
        )


def _what_went(planned: Plan, erased: Erased) -> Iterator[str]:
    yield f"Erased {_hashes(erased.numbers)}. {_copies(planned)}"
    if erased.renamed:
        yield f"Named after it, and now {ERASED}: {_hashes(erased.renamed)}."
    if planned.kept_by:
        yield f"Its bytes are still here for {_hashes(planned.kept_by)}."
    yield "Backups that were made before still hold it, and so may people's mail programs."
    if not erased.overwritten:
        yield f"{_STILL_THERE}: run the same command once more."


def _copies(planned: Plan) -> str:
    entries = f"{_counted(planned.groups, 'entry', 'entries')} in groups' folders"
    if not planned.personal:
        return f"{entries}, no copy in personal folders."
    return (
        f"{entries}, {_counted(planned.personal, 'copy', 'copies')} in "
        f"{_counted(planned.folders, 'personal folder', 'personal folders')} of "
        f"{_counted(planned.people, 'person', 'people')}."
    )


def _erased_value(planned: Plan, erased: Erased) -> dict[str, Any]:
    return {
        "numbers": list(erased.numbers),
        "renamed": list(erased.renamed),
        "kept_by": list(planned.kept_by),
        "group_entries": planned.groups,
        "personal_copies": planned.personal,
        "personal_folders": planned.folders,
        "people": planned.people,
        "wrappers": planned.wrappers,
        "media_elsewhere": [{"number": number, "name": name} for number, name in planned.media],
        "overwritten": erased.overwritten,
    }


def _hashes(numbers: Sequence[int]) -> str:
    return ", ".join(f"#{number}" for number in numbers)


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
