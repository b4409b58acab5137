"""Apple's configuration profile: the account, and the authority to trust, in one file.

https://developer.apple.com/documentation/devicemanagement/mail and .../certificateroot
"""

from __future__ import annotations

import plistlib
import uuid
from typing import Any

from imapgate.client_setup.account import ADDRESS, Account, MailServer

_NAMESPACE = uuid.UUID("6f3c1f0e-51c2-4d0b-9d6e-3f7b8c0a7e51")
"""imapgate's own, so that the same account has the same UUIDs whenever the file is made: a device
then replaces the profile that it has."""


def mobileconfig(account: Account, outgoing: MailServer, authority: bytes | None) -> bytes:
    """outgoing: the format demands one. authority: a certificate (DER) to trust; None: the device
    trusts what it has. No password is in it: the device asks, as for what isn't known here."""
    own = f"{account.incoming.login}@{account.incoming.host}"
    payloads = [_mail(account, outgoing, own)]
    if authority is not None:
        payloads.append(_authority(authority, own))
    profile = _payload("Configuration", "profile", own, f"imapgate ({account.incoming.host})")
    return plistlib.dumps({**profile, "PayloadContent": payloads})


def _mail(account: Account, outgoing: MailServer, own: str) -> dict[str, Any]:
    address = {} if account.address == ADDRESS else {"EmailAddress": account.address}
    return {
        **_payload("com.apple.mail.managed", "mail", own, "imapgate: mail account"),
        "EmailAccountDescription": "imapgate",
        "EmailAccountName": account.name,
        "EmailAccountType": "EmailTypeIMAP",
        **address,
        **_server("Incoming", account.incoming),
        **_server("Outgoing", outgoing),
        "OutgoingPasswordSameAsIncomingPassword": _is_the_same(account.incoming, outgoing),
    }


def _is_the_same(incoming: MailServer, outgoing: MailServer) -> bool:
    """imapgate takes mail to be sent, too: then one password is asked for."""
    return (incoming.host, incoming.login) == (outgoing.host, outgoing.login)


def _server(which: str, server: MailServer) -> dict[str, Any]:
    kind = "EmailAuthNone" if server.login is None else "EmailAuthPassword"
    known = server.login is not None and "%" not in server.login
    login = {f"{which}MailServerUsername": server.login} if known else {}
    return {
        f"{which}MailServerHostName": server.host,
        f"{which}MailServerPortNumber": server.port,
        f"{which}MailServerUseSSL": server.security != "none",
        f"{which}MailServerAuthentication": kind,
        **login,
    }


def _authority(certificate: bytes, own: str) -> dict[str, Any]:
    return {
        **_payload("com.apple.security.root", "authority", own, "imapgate: authority to trust"),
        "PayloadCertificateFileName": "imapgate-ca.cer",
        "PayloadContent": certificate,
    }


def _payload(kind: str, part: str, own: str, title: str) -> dict[str, Any]:
    identity = uuid.uuid5(_NAMESPACE, f"{part} {own}")
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": f"imapgate.{part}.{identity}",
        "PayloadUUID": str(identity).upper(),
        "PayloadDisplayName": title,
    }
