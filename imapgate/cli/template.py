"""Templates of the mails that the system writes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from imapgate.activities.names import Mistake
from imapgate.cli.options import json_option, reason_option, segment_option
from imapgate.cli.output import clean, print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.who import operator
from imapgate.outgoing.templates import own, rendering, sandbox
from imapgate.outgoing.templates.own import Template
from imapgate.outgoing.templates.values import moment, samples, values_of
from storage import Tx

PARTS = ("subject", "text", "html")
_HEAD = "subject:"

_file = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.group()
def template() -> None:
    """Templates of the mails that the system writes.

    \b
    Example:
      imapgate template list
    """


@template.command("list")
@segment_option
@json_option
@click.pass_obj
def template_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List the templates, a segment's own among them.

    \b
    Example:
      imapgate template list --segment Standard
    """
    with place.database() as db:
        found = db.read(lambda tx: own.list_templates(tx, segment_of(tx, segment).id))
    if as_json:
        print_json([_shown(one) for one in found])
        return
    print_table(
        ("template", "subject", "whose", "HTML", "changed"),
        (
            (
                one.name,
                one.subject,
                _whose(one),
                "of the text" if one.html is None else "its own",
                None if one.changed_at is None else moment(one.changed_at),
            )
            for one in found
        ),
        "There are no templates.",
    )


@template.command("show")
@click.argument("name")
@click.option("--part", type=click.Choice(PARTS), help="Only this, as it is, to be changed.")
@click.option("--sample", is_flag=True, help="As it comes out with sample values.")
@segment_option
@json_option
@click.pass_obj
def template_show(
    place: Place, name: str, part: str | None, sample: bool, segment: str | None, as_json: bool
) -> None:
    """Show a template and what can be used in it.

    \b
    Example:
      imapgate template show reply
      imapgate template show reply --part text > reply.txt
    """
    with place.database() as db:
        found = db.read(lambda tx: own.find(tx, segment_of(tx, segment).id, name))
    shown = _sample_of(found) if sample else _shown(found)
    if part is not None:
        click.echo(shown[part] or "", nl=False)
        return
    if as_json:
        used = [asdict(one) for one in values_of(found.name)]
        filters = sorted(sandbox.FILTERS)
        print_json({**shown, "values": used, "filters": filters, "filters_of_html": ["lines"]})
        return
    click.echo(clean(f"Template {found.name} ({_whose(found)})\n"))
    for what in PARTS:
        text = shown[what]
        click.echo(f"{what}:" if text is not None else f"{what}: made of the text")
        if text is not None:
            click.echo("\n".join("  " + clean(line) for line in text.splitlines()) + "\n")
    if sample:
        return
    click.echo("What can be used, as {{ NAME }}, in {% if NAME %} and {% for ONE in NAME %}:")
    print_table(
        ("name", "meaning", "may lack", "for example"),
        ((one.name, one.meaning, one.may_lack, one.sample) for one in values_of(found.name)),
        "Nothing.",
    )
    click.echo(f"Behind a |: {', '.join(sorted(sandbox.FILTERS))}; in HTML lines, too.")


@template.command("set")
@click.argument("name")
@click.argument("file", type=_file, required=False)
@click.option("--subject-file", type=_file, metavar="FILE", help="The subject.")
@click.option("--text-file", type=_file, metavar="FILE", help="The text.")
@click.option(
    "--html-file", type=_file, metavar="FILE", help="The HTML's body; empty: made of the text."
)
@reason_option
@segment_option
@json_option
@click.pass_obj
def template_set(
    place: Place,
    name: str,
    file: Path | None,
    subject_file: Path | None,
    text_file: Path | None,
    html_file: Path | None,
    reason: str,
    segment: str | None,
    as_json: bool,
) -> None:
    """Set a segment's own template, checked before it counts.

    FILE holds subject and text: a first line "Subject: ...", an empty one, the text. What isn't
    given stays as it is; but HTML that was there doesn't outlive a new text: it is made of the text
    then. A new NAME is a template for `activity mail` and for transitions.

    \b
    Example:
      imapgate template set confirmation confirmation.txt --html-file confirmation.html
    """
    if (file is None) == (subject_file is None and text_file is None and html_file is None):
        raise click.UsageError("Say FILE, or --subject-file, --text-file, --html-file.")
    if file is not None and (subject_file is not None or text_file is not None):
        raise click.UsageError("FILE has subject and text: it goes with --html-file alone.")
    subject, text = (None, None) if file is None else _parts(_read(file))
    subject = subject if subject_file is None else _read(subject_file)
    text = text if text_file is None else _read(text_file)
    html = None if html_file is None else _read(html_file)

    def work(tx: Tx) -> Template:
        where = segment_of(tx, segment).id
        return own.put(
            tx, where, name, operator(), subject=subject, text=text, html=html, reason=reason
        )

    with place.database() as db:
        now = db.write(work)
    tell(f"Set template {now.name}.", _shown(now), as_json)


@template.command("reset")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
@reason_option
@segment_option
@json_option
@click.pass_obj
def template_reset(
    place: Place, name: str, yes: bool, reason: str, segment: str | None, as_json: bool
) -> None:
    """Drop a segment's own template; the usual one counts again.

    \b
    Example:
      imapgate template reset confirmation --yes
    """
    if not yes:
        click.confirm(f"Drop the segment's own template {name}?", abort=True, err=True)
    with place.database() as db:
        db.write(lambda tx: own.reset(tx, segment_of(tx, segment).id, name, operator(), reason))
    left = "The usual one counts again." if name in own.BUILT_IN else "There is none of that name."
    tell(f"Dropped template {name}. {left}", {"name": name}, as_json)


def _whose(one: Template) -> str:
    if not one.is_own:
        return "comes with the program"
    return "the segment's, in place of the usual one" if one.replaces else "the segment's"


def _shown(one: Template) -> dict[str, Any]:
    return {
        "name": one.name,
        "own": one.is_own,
        "subject": one.subject,
        "text": one.text,
        "html": one.html,
        "changed_at": one.changed_at,
    }


def _sample_of(one: Template) -> dict[str, Any]:
    try:
        made = rendering.made(one, samples(one.name))
    except sandbox.Unfit as unfit:
        raise Mistake(f'Template "{one.name}" can\'t be used: {unfit}.') from None
    return {**_shown(one), "subject": made.subject, "text": made.text, "html": made.html}


def _parts(text: str) -> tuple[str, str]:
    """Subject and text of one file. Raises Mistake."""
    head, _, rest = text.partition("\n")
    if not head.lower().startswith(_HEAD) or (rest and not rest.startswith("\n")):
        raise Mistake('The file begins with a line "Subject: ..." and an empty one.')
    return head[len(_HEAD) :].strip(), rest[1:]


def _read(file: Path) -> str:
    """A file's text, with LF at the ends of its lines. Raises Mistake."""
    try:
        with click.open_file(str(file), encoding="utf-8") as lines:
            text = str(lines.read(sandbox.LONGEST_TEMPLATE + 1))
    except UnicodeDecodeError:
        raise Mistake(f"{file} is no UTF-8 text.") from None
    except OSError as error:
        raise Mistake(f"{file} can't be read: {error.strerror}.") from error
    if len(text) > sandbox.LONGEST_TEMPLATE:
        raise Mistake(f"{file} is longer than {sandbox.LONGEST_TEMPLATE} characters.")
    return text.removeprefix("\N{BYTE ORDER MARK}")


COMMANDS = (template,)
