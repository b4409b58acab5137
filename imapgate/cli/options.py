"""Options that many commands share."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from getpass import GetPassWarning
from pathlib import Path
from typing import Any, TypeVar

import click

from imapgate.activities.groups import KINDS, Group, find_group
from imapgate.activities.names import Mistake
from imapgate.activities.passwords import hashed
from storage import Tx

F = TypeVar("F", bound=Callable[..., Any])

PASSWORD_VARIABLE = "IMAPGATE_PASSWORD"  # noqa: S105  # a name, no password
LONGEST_SECRET = 64 * 1024
"""Characters of a file's first line that are read."""


def segment_option(command: F) -> F:
    return click.option(
        "--segment", metavar="NAME", help="The segment; needed only where there are several."
    )(command)


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def reason_option(command: F) -> F:
    return click.option(
        "--reason", metavar="TEXT", default="", help="Why, for the settings history."
    )(command)


def kind_option(command: F) -> F:
    return click.option(
        "--kind",
        type=click.Choice(KINDS),
        help="The group's kind; needed only where groups of two kinds share the name.",
    )(command)


def password_option(command: F) -> F:
    return click.option(
        "--password-file",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
        help=f"Take the password from the first line of FILE (- is the standard input); else "
        f"{PASSWORD_VARIABLE} counts, else it is asked for.",
        metavar="FILE",
    )(command)


def activity_number(_ctx: click.Context, _param: click.Parameter, value: str) -> int:
    """An activity's number, with or without `#`."""
    digits = value.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise click.BadParameter(f"{value!r} is no activity number.")
    return int(digits)


def groups_named(tx: Tx, segment_id: int, names: Sequence[str]) -> list[Group]:
    """Each by its name, or as `tracker/Support` where two kinds share it. Raises Mistake."""
    found = []
    for name in names:
        kind, slash, rest = name.partition("/")
        if slash and kind in KINDS:
            found.append(find_group(tx, segment_id, rest, kind))
        else:
            found.append(find_group(tx, segment_id, name))
    return found


def password_hash(password_file: Path | None, user: str) -> str:
    """The hash of the user's password from the file, the environment, or the prompt (typed twice).

    Takes tens of milliseconds: outside of a transaction. Raises Mistake for one that can't be used.
    """
    return hashed(secret(password_file, PASSWORD_VARIABLE, "password", f"Password for {user}"))


def secret(file: Path | None, variable: str, what: str, prompt: str) -> str:
    """From the first line of the file, the environment's variable, or the prompt (typed twice).
    what: `password`; the file's option is called by it. Raises Mistake if there is none."""
    option = f"--{what.replace(' ', '-')}-file"
    environ = os.environ.get(variable)
    if file is not None:
        try:
            with click.open_file(str(file), encoding="utf-8") as lines:
                return str(lines.readline(LONGEST_SECRET)).rstrip("\r\n")
        except UnicodeDecodeError:
            raise Mistake(f"The {what} in {file} is no UTF-8 text.") from None
    if environ is not None:
        return environ
    try:
        # Where there is no terminal, it would be read from anywhere, and shown.
        with warnings.catch_warnings(action="error", category=GetPassWarning):
            typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True)
        return typed
    except GetPassWarning:
        raise Mistake(
            f"No {what} was given, and there is no terminal to ask for it: use {option} "
            f"(- is the standard input) or {variable}."
        ) from None
    except click.Abort:
        raise Mistake(f"No {what} was given: use {option}, {variable}, or type it.") from None
