"""A mailer's setting as people write it on the command line, and as they read it."""

from __future__ import annotations

from typing import Any

from imapgate.servers.settings import texts

USUAL = "default"
"""As it counts where nothing is said."""

_SWITCHES = ("active", "verify", "debug")
_SPANS = ("connecting", "sending")


def value_of(name: str, text: str) -> Any:
    """What the text means as that setting; the text itself where it means nothing, so that
    values.checked says so."""
    text = text.strip()
    if name in ("port", "authentication") and text.lower() == USUAL:
        return None
    if name in _SWITCHES:
        return texts.switch(text)
    if name == "port":
        return texts.number(text)
    return texts.seconds(text) if name in _SPANS else text


def text_of(name: str, value: Any) -> str:
    """The value for people; an authority's file isn't quoted."""
    if name in _SPANS and value is not None:
        return texts.span(value)
    return texts.authority(value) if name == "ca" else texts.text_of(value)
