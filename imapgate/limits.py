"""Every size, count and time that a client can drive, in one value.

docs/limits.md lists them; the settings can change each; tests run them at tiny values.
This module imports nothing of imapgate, so every room may take the value.
"""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are octets, times are seconds."""

    line: int = 64 * KIB
    """Text of one command outside its literals; a longer one is refused, an endless one the end."""
    message: int = 50 * MIB
    """One message of an APPEND (APPENDLIMIT, RFC 7889)."""
    append_total: int = 100 * MIB
    """All messages of one MULTIAPPEND together."""
    append_messages: int = 500
    """Messages of one MULTIAPPEND."""
    literal: int = 64 * KIB
    """A literal that is no message: a mailbox name, a search text, a password."""
    literals: int = 64
    """Literals of one command that is no APPEND."""
    literal_in_memory: int = 1 * MIB
    """A larger one goes to a temporary file."""
    literal_drain: int = 200 * MIB
    """What is read and dropped of a refused non-synchronising literal before the session ends."""
    process_literals: int = 256 * MIB
    """All literals that a process holds at a time, in memory and in temporary files."""
    before_login_line: int = 8 * KIB
    """Text of one command before sign-in."""
    before_login_literal: int = 4 * KIB
    before_login_literals: int = 4
    """Literals of one command before sign-in."""
    nesting: int = 50
    """Parentheses of a command, NOT and OR in SEARCH."""
    sequence_ranges: int = 20_000
    """Ranges in one sequence set (a client that lists every second of 40,000 messages)."""
    search_keys: int = 200
    search_texts: int = 32
    """Keys of one SEARCH that look at texts: each may read all of the folder's."""
    fetch_items: int = 200
    """Items of one FETCH, the names of header fields in them included."""
    notify_names: int = 200
    """Groups of events and names of mailboxes in one NOTIFY."""
    bad_commands: int = 20
    """Syntax errors in a row, after which the session ends."""
    sessions: int = 4000
    sessions_per_user: int = 32
    sessions_per_address: int = 200
    login_failures: int = 5
    """Failed sign-ins in one session, after which it ends."""
    login_delay: float = 2.0
    """Pause before a failed sign-in is answered."""
    login_time: float = 60.0
    """Silence before sign-in."""
    idle_time: float = 30 * 60.0
    """Silence after sign-in (RFC 3501 5.4: at least 30 minutes)."""
    stalled_time: float = 5 * 60.0
    """How long a client may leave our answer unread."""
    keepalive: float = 20.0
    """A longer commit sends an untagged line this often."""
    output_buffer: int = 256 * KIB
    """What a slow reader may leave unsent."""
    folders: int = 1000
    """Personal folders of one user."""
    subscriptions: int = 2000
    """Subscribed names of one user, those included whose folder is gone."""
    folder_name: int = 255
    """Characters of a folder's whole name."""
    list_patterns: int = 50
    """Patterns of one LIST."""
    activity_folders: int = 1000
    """Folders of open activities that one heading shows: those that changed last."""
    revision_time: float = 2 * 60.0
    """Between two revisions of an activity's message."""
    keywords: int = 100
    """Different keywords in one folder."""
    keyword: int = 64
    """Characters of one keyword."""
    drop_messages: int = 2000
    """Messages of one COPY, MOVE or APPEND into a group."""
    copy_messages: int = 10_000
    """Messages of one COPY or MOVE into a personal folder: it lands whole, in one transaction."""
    recovered: int = 500 * MIB
    """What one user's Recovered Messages may hold."""
    annotation: int = 4096
    """Octets of a note about a folder (METADATA, RFC 5464: at least 1024)."""
    annotations: int = 20
    """Notes of one person about one folder, and of all about it (RFC 5464: at least 10)."""
    quota_storage: int = 0
    """What all of one user's own folders may hold (QUOTA, RFC 9208), Recovered Messages apart; 0:
    no quota."""
    quota_messages: int = 0
    """Messages in them; 0: no quota."""
    spool: int = 1024 * MIB
    """What DATA/spool may hold of all users together while the database is away (of one user:
    recovered)."""
    http_connections: int = 32
    """Connections at a time to the listener that tells clients how to set themselves up."""
    http_request: int = 8 * KIB
    """A request's line and header fields there."""
    http_time: float = 10.0
    """How long a request there and the reading of its answer may take."""
    submission_line: int = 12 * KIB
    """A command where mail is submitted, an answer in AUTH (RFC 4954 4: 12,288)."""
    submission_recipients: int = 500
    """Of one mail (RFC 5321 4.5.3.1.8: at least 100)."""
    submission_commands: int = 200
    """Commands without a mail, RCPT apart, after which the connection ends."""
    submission_sessions: int = 400
    submission_per_user: int = 10
    """Connections of one user there."""
    submission_time: float = 5 * 60.0
    """Silence there after sign-in (RFC 5321 4.5.3.2: at least 5 minutes)."""


MAY_BE_NONE = frozenset(("quota_storage", "quota_messages"))
"""Those that 0 switches off."""
