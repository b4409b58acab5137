"""Which certificate the settings ask for: the local authority's, or the user's own."""

from __future__ import annotations

from pathlib import Path

import certs
from certs import CertificateError, Material, ServerTls
from imapgate.activities.names import Mistake
from imapgate.settings import Settings


def server_tls(settings: Settings) -> ServerTls:
    """From the settings' own PEM files, else of the local authority, made at first start.

    Raises Mistake.
    """
    try:
        return ServerTls(lambda: load(settings), watched(settings))
    except CertificateError as error:
        raise Mistake(f"TLS can't be set up: {error}.") from error
    except OSError as error:
        raise Mistake(f"TLS can't be set up: {error.filename}: {error.strerror}.") from error


def load(settings: Settings, anew: bool = False) -> Material:
    """anew: with a new certificate of the local authority; of one's own files nothing else is made.

    Raises CertificateError, OSError.
    """
    if settings.certificate is not None and settings.key is not None:
        return certs.own(settings.certificate, settings.key)
    return certs.local(settings.certs, names(settings), anew=anew)


def watched(settings: Settings) -> tuple[Path, ...]:
    """The files that `load` reads."""
    if settings.certificate is not None and settings.key is not None:
        return settings.certificate, settings.key
    return certs.local_files(settings.certs)


def names(settings: Settings) -> tuple[str, ...]:
    """What a made certificate is for besides this machine: the address unless it means all."""
    every = listens_everywhere(settings)
    return settings.names if every else (*settings.names, settings.host)


def listens_everywhere(settings: Settings) -> bool:
    """Whether the address to listen on means all of this machine's."""
    return settings.host in ("", "0.0.0.0", "::")  # noqa: S104  # compared, not listened on
