"""A connection that isn't there any more."""

from __future__ import annotations


class Gone(Exception):
    """The connection is lost: whoever writes on may stop."""
