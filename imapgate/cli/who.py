"""Who is at the command line."""

from __future__ import annotations

import getpass
import os
import socket
import sys


def operator() -> str:
    """The operating system's user and this machine, as `anna@host`: for the settings history."""
    return f"{_user()}@{socket.gethostname()}"


def _user() -> str:
    if sys.platform == "win32":
        return getpass.getuser()
    import pwd

    try:
        # Not by the environment, where anybody can write any name.
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
