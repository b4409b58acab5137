"""Rows of test_limits_table: sizes of commands, their literals and messages, their grammar."""

from __future__ import annotations

from limit_rows import LOGIN, MAIL, MAILS, playing, row

row(line=40)(
    playing(f"""
        C: a CREATE {"x" * 31}
        S: a OK ...
        C: a CREATE {"x" * 32}
        S: a BAD A command has at most 40 octets of text.
        C: a NOOP
        S: a OK ...
        C: {"x" * 700}\\
        S: * BYE That has no end.
        S: closed
    """)
)
row(message=50)(
    playing(
        """
        C: a APPEND INBOX {#fifty}
        S: + go on
        C: #fifty
        S: a OK ...
        C: b APPEND INBOX {#more}
        S: b NO [TOOBIG] Not filed: ... no copy was kept.
        C: c APPEND INBOX {#more+}
        C: #more
        S: c NO [TOOBIG] Not filed: ... no copy was kept.
        C: d STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 1)
        S: d OK ...
    """,
        fifty=b"x" * 50,
        more=b"x" * 51,
    )
)
row(append_total=100)(
    playing(
        """
        C: a APPEND INBOX {#fifty+}
        C: #fifty\\
        C:  {#fifty+}
        C: #fifty
        S: a OK ...
        C: b APPEND INBOX {#fifty+}
        C: #fifty\\
        C:  {#more}
        S: b NO [TOOBIG] Not filed: ... no copy was kept.
        C: c STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 2)
        S: c OK ...
        C: d STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: d OK ...
    """,
        fifty=b"x" * 50,
        more=b"x" * 51,
    )
)
row(append_messages=2)(
    playing(f"""
        {MAILS}
        C: b APPEND INBOX {{#mail+}}
        C: #mail\\
        C:  {{#mail+}}
        C: #mail\\
        C:  {{#mail}}
        S: b NO [LIMIT] Not filed: ... no copy was kept.
        C: c STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 2)
        S: c OK ...
        C: d STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: d OK ...
    """)
)
row(literal=20)(
    playing(
        """
        C: a CREATE {#twenty+}
        C: #twenty
        S: a OK ...
        C: b CREATE {#more}
        S: b NO [TOOBIG] ...
        C: c CREATE {#more+}
        C: #more
        S: c NO [TOOBIG] ...
        C: d NOOP
        S: d OK ...
    """,
        twenty=b"x" * 20,
        more=b"y" * 21,
    )
)
row(literals=2)(
    playing(
        """
        C: a RENAME {#one+}
        C: #one\\
        C:  {#one+}
        C: #one
        S: a NO [NONEXISTENT] ...
        C: b LIST (SPECIAL-USE) {#one+}
        C: #one\\
        C:  {#one+}
        C: #one\\
        C:  RETURN {#one}
        S: b NO [LIMIT] ...
        C: c NOOP
        S: c OK ...
    """,
        one=b"x",
    )
)
row(literal_in_memory=len(MAIL))(
    playing(
        f"""
        {MAILS}
        C: b APPEND INBOX {{#more+}}
        C: #more
        S: * 3 EXISTS
        S: * 3 RECENT
        S: b OK ...
    """,
        more=MAIL + b"x",
    )
)
row(literal_drain=70_000)(
    playing(
        """
        C: a CREATE {#much+}
        C: #much
        S: a NO [TOOBIG] ...
        C: b NOOP
        S: b OK ...
        C: c CREATE {70001+}
        S: * BYE ...
        S: closed
    """,
        much=b"x" * 70_000,
    )
)
row(process_literals=100)(
    playing(
        """
        C: a APPEND INBOX {#hundred}
        S: + go on
        bob C: a APPEND INBOX {1}
        bob S: a NO [LIMIT] Not filed: ... no copy was kept.
        bob C: b NOOP
        bob S: b OK ...
        C: #hundred
        S: a OK ...
        bob C: c APPEND INBOX {#hundred}
        bob S: + go on
        bob C: #hundred
        bob S: c OK ...
    """,
        hundred=b"x" * 100,
    )
)
row(before_login_line=40)(
    playing(f"""
        new S: * OK ...
        new C: a LOGIN {"x" * 20} {"y" * 11}
        new S: a NO [AUTHENTICATIONFAILED] ...
        new C: b LOGIN {"x" * 20} {"y" * 12}
        new S: b BAD A command has at most 40 octets of text.
        new C: c {LOGIN}
        new S: c OK ...
        new C: d CREATE {"x" * 200}
        new S: d OK ...
    """)
)
row(before_login_literal=14)(
    playing(
        """
        new S: * OK ...
        new C: a LOGIN {15}
        new S: a NO [TOOBIG] ...
        new C: b LOGIN {#login+}
        new C: #login\\
        new C:  demo
        new S: b OK ...
        new C: c CREATE {#more+}
        new C: #more
        new S: c OK ...
    """,
        login=b"alice@Standard",
        more=b"x" * 15,
    )
)
row(before_login_literals=2)(
    playing(
        """
        new S: * OK ...
        new C: a ID ({#name+}
        new C: #name\\
        new C:  {#name+}
        new C: #name\\
        new C:  {#name}
        new S: a NO [LIMIT] ...
        new C: b LOGIN {#login+}
        new C: #login\\
        new C:  {#name+}
        new C: #name
        new S: b OK ...
        new C: c ID ({#name+}
        new C: #name\\
        new C:  {#name+}
        new C: #name\\
        new C:  {#name+}
        new C: #name\\
        new C:  x)
        new S: * ID (...
        new S: c OK ...
    """,
        login=b"alice@Standard",
        name=b"demo",
    )
)
row(nesting=2)(
    playing(f"""
        {MAILS}
        C: b SEARCH (NOT ANSWERED)
        S: * SEARCH 1 2
        S: b OK ...
        C: c SEARCH (NOT NOT ANSWERED)
        S: c BAD ...at most 2 levels...
        C: d NOOP
        S: d OK ...
    """)
)
row(sequence_ranges=2)(
    playing(f"""
        {MAILS}
        C: b UID SEARCH UID 1,2
        S: * SEARCH 1 2
        S: b OK ...
        C: c FETCH 1,2,1 UID
        S: c BAD ...at most 2 ranges...
        C: d FETCH 1:2,2 UID
        S: * 1 FETCH (UID 1)
        S: * 2 FETCH (UID 2)
        S: d OK ...
    """)
)
row(search_keys=2)(
    playing(f"""
        {MAILS}
        C: b SEARCH ALL ALL
        S: * SEARCH 1 2
        S: b OK ...
        C: c SEARCH ALL ALL ALL
        S: c BAD ...at most 2 search keys...
        C: d NOOP
        S: d OK ...
    """)
)
row(search_texts=1)(
    playing(f"""
        {MAILS}
        C: b SEARCH SUBJECT x UNSEEN
        S: * SEARCH 1 2
        S: b OK ...
        C: c SEARCH SUBJECT x HEADER From y
        S: c BAD ...at most 1 search texts...
        C: d NOOP
        S: d OK ...
    """)
)
row(annotation=4)(
    playing("""
        C: a SETMETADATA Sent (/private/comment "four")
        S: a OK ...
        C: b SETMETADATA Sent (/private/comment "fiver")
        S: b NO [METADATA MAXSIZE 4] ...
        C: c GETMETADATA Sent /private/comment
        S: * METADATA Sent (/private/comment "four")
        S: c OK ...
    """)
)
row(annotations=2)(
    playing("""
        C: a SETMETADATA Sent (/private/a "1" /private/b "2" /shared/a "3" /shared/b "4")
        S: a OK ...
        C: b SETMETADATA Sent (/private/c "3")
        S: b NO [METADATA TOOMANY] ...
        C: c SETMETADATA Sent (/private/a NIL /private/c "3")
        S: c OK ...
    """)
)
row(quota_storage=50)(
    playing(
        """
        C: a APPEND INBOX {#fifty+}
        C: #fifty
        S: a OK ...
        C: b APPEND INBOX {#tiny+}
        C: #tiny
        S: b NO [OVERQUOTA] Not filed: ... a copy is in Recovered Messages.
        C: c APPEND Trackers/Support {#tiny+}
        C: #tiny
        S: c OK ...
    """,
        fifty=b"x" * 50,
        tiny=b"y",
    )
)
row(quota_messages=2)(
    playing(f"""
        {MAILS}
        C: b COPY 1 Sent
        S: b NO [OVERQUOTA] Not copied: ... may hold at most 2 messages. ...
        C: c MOVE 1 Sent
        S: ~
        S: c OK ...
    """)
)
row(list_patterns=2)(
    playing(r"""
        C: a LIST "" (INBOX Sent)
        S: * LIST (\HasNoChildren) "/" INBOX
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: a OK ...
        C: b LIST "" (INBOX Sent Junk)
        S: b BAD Expected 1 to 2 mailbox patterns ...
        C: c NOOP
        S: c OK ...
    """)
)
row(fetch_items=3)(
    playing(f"""
        {MAILS}
        C: b FETCH 1 (UID BODY.PEEK[HEADER.FIELDS (From)])
        S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (From)] {{2}}
        S:
        S: )
        S: b OK ...
        C: c FETCH 1 (UID BODY.PEEK[HEADER.FIELDS (From To)])
        S: c BAD ...at most 3 items and header fields...
        C: d FETCH 1 UID UID UID UID
        S: d BAD ...
        C: e NOOP
        S: e OK ...
    """)
)
row(notify_names=2)(
    playing("""
        C: b NOTIFY SET (MAILBOXES INBOX (MessageNew MessageExpunge))
        S: b OK ...
        C: c NOTIFY SET (MAILBOXES (INBOX Sent) (MessageNew MessageExpunge))
        S: c BAD ...at most 2 mailboxes...
        C: d NOOP
        S: d OK ...
    """)
)
