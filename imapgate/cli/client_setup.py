"""`imapgate client-setup`: a mail client's account, as its dialog asks or as a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from cryptography.hazmat.primitives import serialization

from imapgate.activities.names import Mistake
from imapgate.activities.people import Person, person
from imapgate.cli.cert import authority_of, told_plainly
from imapgate.cli.client_setup_dialogs import DIALOGS
from imapgate.cli.listening import listen_options, submission_options, with_ports
from imapgate.cli.options import json_option, segment_option
from imapgate.cli.output import clean, print_json, tell
from imapgate.cli.place import Place, login
from imapgate.client_setup.account import ADDRESS, Account, account
from imapgate.client_setup.autoconfig import autoconfig
from imapgate.client_setup.mobileconfig import mobileconfig
from imapgate.settings import Settings
from storage import Tx


@click.command("client-setup")
@click.argument("client", type=click.Choice(list(DIALOGS)))
@click.argument("user")
@segment_option
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the file that sets the client up (thunderbird, apple).",
)
@listen_options
@submission_options
@json_option
@click.pass_obj
def client_setup(
    place: Place,
    client: str,
    user: str,
    segment: str | None,
    output: Path | None,
    host: str | None,
    port: int | None,
    tls_port: int | None,
    submission_port: int | None,
    submission_tls_port: int | None,
    as_json: bool,
) -> None:
    """Show what USER's mail client asks, in its dialog's order.

    With --output, write the file that does it: for Thunderbird Mozilla's autoconfiguration (XML),
    for Apple Mail a profile (.mobileconfig). --host and the ports as given to `serve`.

    \b
    Example:
      imapgate client-setup thunderbird alice
      imapgate client-setup apple alice --output alice.mobileconfig
    """
    settings = with_ports(
        place.settings(), host, port, tls_port, submission_port, submission_tls_port
    )
    with place.database() as db:
        found, signs_in = db.read(lambda tx: _who(tx, user, segment))
    with told_plainly():
        shown = account(settings, found.name, found.email or ADDRESS, signs_in)
    if shown.incoming.port == 0 or (shown.outgoing is not None and shown.outgoing.port == 0):
        raise Mistake("The server takes any free port (port 0), so clients can't be told: set one.")
    if output is not None:
        with told_plainly():
            _write(place, settings, client, shown, output, as_json)
        return
    steps = DIALOGS[client](shown)
    if as_json:
        print_json({"client": client, "steps": [asdict(step) for step in steps]})
        return
    width = max(len(label) for step in steps for label, _ in step.asked)
    for step in steps:
        click.echo(clean(f"{step.where}"))
        for label, value in step.asked:
            click.echo(clean(f"  {label:<{width}}  {value}"))
        click.echo()
    click.echo("\n".join(_remarks(settings, shown)))


def _who(tx: Tx, user: str, segment: str | None) -> tuple[Person, str]:
    """The person, and how they sign in: with their e-mail address, which clients propose by
    themselves, where it is a login of theirs. Raises Mistake."""
    found = person(tx, login(tx, user, segment))
    if found.email is not None and person(tx, found.email).id == found.id:
        return found, found.email
    return found, f"{found.name}@{found.segment}"


def _write(
    place: Place, settings: Settings, client: str, shown: Account, output: Path, as_json: bool
) -> None:
    if client == "thunderbird":
        content = _for_thunderbird(settings, shown)
        domain = shown.address.rpartition("@")[2] if shown.address != ADDRESS else "DOMAIN"
        then = f'Put it into the folder "isp" of Thunderbird\'s installation, as {domain}.xml.'
    elif client == "apple":
        content = _for_apple(place, settings, shown)
        then = "Open it on the Mac, iPhone or iPad, which asks for the password; none is in it."
    else:
        raise Mistake(f"There is no file that sets {client} up: leave out --output.")
    try:
        with output.open("xb") as out:
            out.write(content)
    except FileExistsError:
        raise Mistake(f"{output} is there already: name another file.") from None
    except OSError as error:
        raise Mistake(f"Can't write {output}: {error.strerror}.") from error
    tell(f"Wrote {output}. {then}", {"file": str(output)}, as_json)


def _for_thunderbird(settings: Settings, shown: Account) -> bytes:
    """Good for everybody whose login is their e-mail address."""
    signs_in = shown.incoming.login
    name = ADDRESS if signs_in is None or signs_in == shown.address else signs_in
    return autoconfig(account(settings, ADDRESS, ADDRESS, name))


def _for_apple(place: Place, settings: Settings, shown: Account) -> bytes:
    if shown.outgoing is None:
        raise Mistake(
            "Apple's file has to name an SMTP server: set submission_port or submission_tls_port, "
            "or another server in the settings' section [outgoing], or leave out --output."
        )
    authority = None
    if settings.certificate is None and shown.incoming.security != "none":
        found = authority_of(place, settings)
        authority = found.public_bytes(serialization.Encoding.DER)
    return mobileconfig(shown, shown.outgoing, authority)


def _remarks(settings: Settings, shown: Account) -> list[str]:
    said = []
    if shown.outgoing is None:
        said.append(
            "Mail goes out by the server of the account that you have. To send through imapgate, "
            "which files it too, set submission_port or submission_tls_port."
        )
    if shown.incoming.security == "none":
        said.append("Without encryption, since nothing leaves this machine.")
    elif settings.certificate is None:
        said.append(
            "The client asks once whether to trust the certificate: compare its fingerprint with "
            "`imapgate cert show`, or trust the authority (`imapgate cert export-ca`)."
        )
    return said


COMMANDS = (client_setup,)
