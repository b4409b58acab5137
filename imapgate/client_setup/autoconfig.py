"""Mozilla's autoconfiguration file, config-v1.1.xml: Thunderbird, K-9, Evolution, KMail read it.

https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat
"""

from __future__ import annotations

from xml.etree.ElementTree import Comment, Element, SubElement, indent, tostring

from imapgate.client_setup.account import ADDRESS, Account, MailServer, account
from imapgate.settings import Settings

PATHS = ("/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml")
"""Where clients look for it, on the host of the mail domain and on `autoconfig.` before it."""
DOMAIN = "%EMAILDOMAIN%"
_SOCKET_TYPES = {"none": "plain", "starttls": "STARTTLS", "tls": "SSL"}


def for_everybody(settings: Settings) -> bytes:
    """The file with the client's own placeholders: it says nothing of anybody. Raises as
    `account` does."""
    return autoconfig(account(settings, ADDRESS, ADDRESS, ADDRESS))


def autoconfig(wanted: Account) -> bytes:
    """The file for an account.

    Thunderbird takes no file without an outgoing server. Where there is none to name, it is told to
    send by the one that it has, and gets one at the user's domain only if it has none.
    """
    root = Element("clientConfig", version="1.1")
    provider = SubElement(root, "emailProvider", id=DOMAIN)
    for name, value in (
        ("domain", DOMAIN),
        ("displayName", "imapgate"),
        ("displayShortName", "imapgate"),
    ):
        SubElement(provider, name).text = value
    _server(SubElement(provider, "incomingServer", type="imap"), wanted.incoming)
    outgoing = SubElement(provider, "outgoingServer", type="smtp")
    if wanted.outgoing is not None:
        _server(outgoing, wanted.outgoing)
    else:
        outgoing.append(Comment(" the server that the client has already "))
        _server(outgoing, MailServer(f"smtp.{DOMAIN}", 587, "starttls", ADDRESS))
        SubElement(outgoing, "useGlobalPreferredServer").text = "true"
    indent(root)
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return written + b"\n"


def _server(element: Element, server: MailServer) -> None:
    for name, value in (
        ("hostname", server.host),
        ("port", str(server.port)),
        ("socketType", _SOCKET_TYPES[server.security]),
        ("authentication", "none" if server.login is None else "password-cleartext"),
    ):
        SubElement(element, name).text = value
    if server.login is not None:
        SubElement(element, "username").text = server.login
