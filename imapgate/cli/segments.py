"""Segments: making them, and what is set for all of one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from imapgate.activities import segment_settings, segments, subjects
from imapgate.activities.segments import Segment
from imapgate.cli.options import json_option, password_hash, password_option, reason_option
from imapgate.cli.output import clean, print_json, print_table, tell
from imapgate.cli.place import Place
from imapgate.cli.who import operator
from imapgate.folders import failed
from imapgate.folders.groups import make_home
from storage import Tx

EXAMPLE = "It does not boot"


@click.group()
def segment() -> None:
    """Segments: one tenant's data each.

    \b
    Example:
      imapgate segment list
    """


@segment.command("add")
@click.argument("name")
@click.option("--admin", metavar="USER", help="Make this user, the segment's administrator.")
@click.option("--email", metavar="ADDRESS", help="The administrator's e-mail address.")
@click.option(
    "--subject-pattern",
    metavar="REGEX",
    help="Counts beside #number in subjects; its one group is the activity's number.",
)
@password_option
@json_option
@click.pass_obj
def segment_add(
    place: Place,
    name: str,
    admin: str | None,
    email: str | None,
    subject_pattern: str | None,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Add a segment with the standard processes and types.

    \b
    Example:
      imapgate segment add North --admin nora --email nora@north.example
    """
    if admin is None and email is not None:
        raise click.UsageError("--email goes with --admin.")
    password = None if admin is None else password_hash(password_file, admin)

    def work(tx: Tx) -> Segment:
        added, administrator = segments.add_segment(tx, name, admin, email, password)
        if administrator is not None:
            make_home(tx, administrator)
        return segment_settings.edit_segment(
            tx, added.name, operator(), subject_pattern=subject_pattern
        )

    with place.database() as db:
        made = db.write(work)
    tell(f'Added segment "{made.name}".', asdict(made), as_json)


@segment.command("edit")
@click.argument("name")
@click.option(
    "--default-creator", metavar="NAME", help="What is used where none is named. Empty: none."
)
@click.option(
    "--subject-pattern",
    metavar="REGEX",
    help="Finds numbers in subjects, beside #number; its one group is the number. Empty: none.",
)
@click.option(
    "--subject-template",
    metavar="TEXT",
    help="Makes the subjects of mails that go out, of {number} and {subject}. Empty: "
    f"{subjects.USUAL}",
)
@click.option(
    "--domain",
    "domains",
    metavar="NAME",
    multiple=True,
    help="One of its own domains, in place of those before; can be repeated. Empty: none.",
)
@click.option(
    "--activity-url",
    metavar="URL",
    help="Where an activity stands on the web, with {number} for its number. Empty: nowhere.",
)
@reason_option
@json_option
@click.pass_obj
def segment_edit(
    place: Place,
    name: str,
    default_creator: str | None,
    subject_pattern: str | None,
    subject_template: str | None,
    domains: tuple[str, ...],
    activity_url: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Change what is set for a whole segment.

    Pattern and template go together: they are kept only if the number that the template writes is
    found again by the pattern, in answers and forwarded mails too. Without domains of its own a
    segment has those of its users' e-mail addresses. Where activities stand on the web is shown in
    their messages from their next change on.

    \b
    Example:
      imapgate segment edit Standard --subject-pattern "Case ([0-9]{1,18})" \\
        --subject-template "{subject} (Case {number})" --domain acme.example
      imapgate segment edit Standard --activity-url "https://crm.acme.example/activity/{number}"
    """

    def work(tx: Tx) -> Segment:
        edited = segment_settings.edit_segment(
            tx,
            name,
            operator(),
            default_creator=default_creator,
            subject_pattern=subject_pattern,
            subject_template=subject_template,
            domains=domains or None,
            activity_url=activity_url,
            reason=reason,
        )
        if default_creator is not None:
            failed.entitle(tx, edited.id)
        return edited

    with place.database() as db:
        now = db.write(work)
    tell(f'Changed segment "{now.name}".', asdict(now), as_json)


@segment.command("show")
@click.argument("name", required=False)
@json_option
@click.pass_obj
def segment_show(place: Place, name: str | None, as_json: bool) -> None:
    """Show what is set for a segment, and how a subject of its mails looks.

    \b
    Example:
      imapgate segment show Standard
    """
    with place.database() as db:
        found = db.read(lambda tx: segments.find_segment(tx, name))
        own = db.read(lambda tx: segments.own_domains(tx, found.id))
    template = found.subject_template or subjects.USUAL
    example = subjects.render(template, segments.FIRST_NUMBER, EXAMPLE)
    if as_json:
        shown = {**asdict(found), "subject_template": template, "subject_example": example}
        print_json({**shown, "own_domains": sorted(own)})
        return
    for title, value in (
        ("Segment", found.name),
        ("Administrator", found.administrator or "none"),
        ("Default creator", found.default_creator or "E-Mails, if there is one"),
        ("Subject pattern", found.subject_pattern or "none but #number"),
        ("Subject template", template),
        ("A subject by it", example),
        ("Own domains", ", ".join(sorted(own)) or "none"),
        ("Activity URL", found.activity_url or "none"),
    ):
        click.echo(clean(f"{title + ':':18}{value}"))


@segment.command("list")
@json_option
@click.pass_obj
def segment_list(place: Place, as_json: bool) -> None:
    """List the segments.

    \b
    Example:
      imapgate segment list --json
    """
    with place.database() as db:
        found = db.read(segments.list_segments)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_table(
        ("segment", "administrator", "default creator", "subject pattern"),
        ((one.name, one.administrator, one.default_creator, one.subject_pattern) for one in found),
        "There is no segment yet.",
    )


COMMANDS = (segment,)
