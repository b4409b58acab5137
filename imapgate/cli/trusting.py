"""A server's certificate is shown to a person, who says whether it is the right one."""

from __future__ import annotations

import click

from imapgate.activities.names import Mistake
from imapgate.cli.output import clean
from imapgate.servers.certificates import Presented


def agreed(shown: Presented, pinned: str | None) -> dict[str, object]:
    """The settings that pin it; empty: it is pinned already. Raises Mistake if the person says
    no."""
    click.echo(clean(f"The server shows a {shown.text}\nSHA-256 {shown.sha256}"), err=True)
    if pinned == shown.sha256:
        click.echo("It is pinned already.", err=True)
        return {}
    question = "Is that the right one? Compare it with what the server's administrator says."
    try:
        yes = click.confirm(question, err=True)
    except click.Abort:
        yes = False
    if not yes:
        raise Mistake("Nothing was pinned.")
    return {"pin": shown.sha256, "verify": True}
