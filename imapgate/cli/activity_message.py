"""`activity message`: what an activity's message says."""

from __future__ import annotations

import click

from imapgate.activities import groups
from imapgate.activities.names import Mistake
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.cli.options import activity_number, kind_option, segment_option
from imapgate.cli.output import clean
from imapgate.cli.place import Place, segment_of
from imapgate.folders.rendering import looking
from imapgate.limits import Limits
from storage import Tx, activities


@click.command("message")
@click.argument("number", callback=activity_number)
@click.option("--group", metavar="GROUP", help="As its members see it; else its first group.")
@click.option("--html", "as_html", is_flag=True, help="Print the HTML, to be opened in a browser.")
@kind_option
@segment_option
@click.pass_obj
def activity_message(
    place: Place,
    number: int,
    group: str | None,
    as_html: bool,
    kind: str | None,
    segment: str | None,
) -> None:
    """Show what an activity's message would say now.

    It stands in the folder of each of the activity's groups, and is written anew when the activity
    changes. What it says of other activities depends on the group: only what all of its members may
    see.

    \b
    Example:
      imapgate activity message 10000001
      imapgate activity message 10000001 --group Support --html > 10000001.html
    """
    limits = place.settings().limits
    with place.database() as db:
        found = db.read(lambda tx: _found(tx, segment, number, group, kind, limits))
    if as_html:
        click.echo(found.html)
        return
    for title, value in found.fields:
        click.echo(clean(f"{title}: {value}"))
    click.echo()
    click.echo(clean(found.text))


def _found(
    tx: Tx, segment: str | None, number: int, group: str | None, kind: str | None, limits: Limits
) -> looking.Look:
    """Raises Mistake."""
    where = segment_of(tx, segment)
    activity = activities.by_number(tx, where.id, number)
    if activity is None:
        raise Mistake(f"There is no activity #{number}.")
    if activity.activity_class == EMAIL_CLASS:
        raise Mistake(f"#{number} is an e-mail: its message is the mail itself.")
    if group is not None:
        wanted = groups.find_group(tx, where.id, group, kind)
        if not activities.in_group(tx, activity.id, wanted.id):
            raise Mistake(f'#{number} is not in "{wanted.name}".')
        return looking.look(tx, activity.id, wanted.id, limits)
    known = activities.groups_of(tx, activity.id)
    if not known:
        raise Mistake(f"#{number} is in no group: its message stands nowhere.")
    return looking.look(tx, activity.id, known[0][0], limits)
