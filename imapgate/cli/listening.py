"""Where a serving command listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from imapgate.settings import LOGS, Settings

F = TypeVar("F", bound=Callable[..., Any])

_PORT = click.IntRange(0, 65535)


def listen_options(command: F) -> F:
    """--host, --port and --tls-port; each is None where it isn't given."""
    for option in (
        click.option(
            "--tls-port", type=_PORT, help="The port for TLS (1993 if nothing else is set)."
        ),
        click.option(
            "--port",
            type=_PORT,
            help="The port for plain IMAP and STARTTLS (1143 if nothing else is set).",
        ),
        click.option(
            "--host", metavar="ADDRESS", help="Where to listen (127.0.0.1 if nothing else is set)."
        ),
    ):
        command = option(command)
    return command


def http_option(command: F) -> F:
    """--http-port; None where it isn't given."""
    return click.option(
        "--http-port",
        type=_PORT,
        help="Serve clients' configuration over HTTP on this port (off if nothing else is set).",
    )(command)


def submission_options(command: F) -> F:
    """--submission-port and --submission-tls-port; None where they aren't given."""
    for option in (
        click.option(
            "--submission-tls-port",
            type=_PORT,
            help="The same with TLS (off if nothing else is set; 1465 is a good one).",
        ),
        click.option(
            "--submission-port",
            type=_PORT,
            help="Take mail that clients send, with STARTTLS (off if nothing else is set; 1587 is "
            "a good one).",
        ),
    ):
        command = option(command)
    return command


def log_option(command: F) -> F:
    """--log; None where it isn't given."""
    return click.option(
        "--log",
        "log_form",
        type=click.Choice(LOGS),
        help="The form of the log (text if nothing else is set).",
    )(command)


def with_ports(
    settings: Settings,
    host: str | None,
    port: int | None,
    tls_port: int | None,
    submission_port: int | None = None,
    submission_tls_port: int | None = None,
) -> Settings:
    """The settings, with what the command line says instead."""
    if submission_port is not None:
        settings = replace(settings, submission_port=submission_port)
    if submission_tls_port is not None:
        settings = replace(settings, submission_tls_port=submission_tls_port)
    return replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        tls_port=settings.tls_port if tls_port is None else tls_port,
    )
