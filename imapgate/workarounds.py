"""Habits of mail clients to which answers are bent, each a switch of its own.

All are on; with one off, the server answers as the RFC alone has it. docs/clients.md lists them.
What a client writes oddly but plainly is taken from everybody, without a switch.
This module imports nothing of imapgate, so every room may take the value.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Workarounds:
    """Each is named by what is done."""

    changed_since_zero: bool = True
    """Mail on iPhone and Mac asks for CHANGEDSINCE 0 where it knows no mod-sequence yet, as after
    an update of the server; RFC 7162 begins at 1. Everything has changed since then."""
    special_use_in_lsub: bool = True
    """Outlook looks for Drafts, Sent, Trash and Junk in the answers to LSUB, which RFC 6154 doesn't
    speak of; without them it makes its own."""
    namespaces_without_separator: bool = True
    """For `Trackers/`, as RFC 2342 writes a prefix, Thunderbird asks for `Trackers/Trackers` when
    somebody opens the heading, and shows an error."""
    dates_from_1982: bool = True
    """Apple Mail crashed at an INTERNALDATE before 13 August 1982: a mail that comes with an older
    date gets this one."""
