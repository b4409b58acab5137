"""BINARY (RFC 3516; its FETCH side in RFC 9051 too) as dialogues."""

from __future__ import annotations

from transcript import Stage

MAIL = (
    b"Subject: x\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n"
    b"--X\r\nContent-Transfer-Encoding: base64\r\n\r\nR3LDvMOfZQ==\r\n"
    b"--X\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin\r\n"
    b"--X--\r\n"
)
WITH_NUL = b"Subject: nul\r\nContent-Transfer-Encoding: binary\r\n\r\na\0b"
SELECTED = r"""
    C: a APPEND INBOX {#mail+}
    C: #mail
    S: a OK ...
    C: a SELECT INBOX
    S: ~
    S: a OK ...
"""


def test_parts_come_decoded(stage: Stage) -> None:
    """PEEK and SIZE leave \\Seen alone, BINARY sets it, and FLAGS come along."""
    stage.run(
        rf"""
        {SELECTED}
        C: a FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[1]<0.2> FLAGS)
        S: * 1 FETCH (BINARY.SIZE[1] 7 BINARY[1]<0> {{2}}
        S: Gr FLAGS (\Recent))
        S: a OK ...
        C: a UID FETCH 1 BINARY[1]
        S: * 1 FETCH (UID 1 BINARY[1] {{7}}
        S: Grüße FLAGS (\Seen \Recent))
        S: a OK ...
        C: a FETCH 1 (BINARY.PEEK[3] BINARY.SIZE[3])
        S: * 1 FETCH (BINARY[3] NIL BINARY.SIZE[3] 0)
        S: a OK ...
    """,
        mail=MAIL,
    )


def test_an_unknown_encoding_is_a_no(stage: Stage) -> None:
    """UNKNOWN-CTE, after everything that can be told; BODY has it."""
    stage.run(
        rf"""
        {SELECTED}
        C: a FETCH 1 (BINARY.PEEK[2] BINARY.PEEK[1])
        S: * 1 FETCH (BINARY[1] {{7}}
        S: Grüße)
        S: a NO [UNKNOWN-CTE] ...
        C: a FETCH 1 BINARY.SIZE[2]
        S: * 1 FETCH (UID 1)
        S: a NO [UNKNOWN-CTE] ...
        C: a FETCH 1 BODY.PEEK[2]
        S: * 1 FETCH (BODY[2] {{5}}
        S: begin)
        S: a OK ...
    """,
        mail=MAIL,
    )


def test_sections_are_part_numbers(stage: Stage) -> None:
    """`section-binary`, and a size has no partial: else BAD, and nothing is \\Seen."""
    stage.run(
        rf"""
        {SELECTED}
        C: a FETCH 1 BINARY[TEXT]
        S: a BAD Expected part numbers and ] at character 18
        C: a FETCH 1 BINARY[1.MIME]
        S: a BAD ...
        C: a FETCH 1 BINARY[1]<0>
        S: a BAD ...
        C: a FETCH 1 BINARY.SIZE[1]<0.1>
        S: a BAD ...
        C: a FETCH 1 BINARY
        S: a BAD ...
        C: a FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS (\Recent))
        S: a OK ...
    """,
        mail=MAIL,
    )


def test_a_message_with_nul_goes_in_and_out_as_it_is(stage: Stage) -> None:
    """4.4: literal8, waiting for `+` and not; the part comes back as one."""
    stage.run(
        r"""
        C: a APPEND INBOX (\Seen) "17-Jul-1996 02:44:25 -0700" ~{#mail}
        S: + ...
        C: #mail
        S: a OK [APPENDUID <validity> 1] ...
        C: a APPEND INBOX ~{#mail+}
        C: #mail\
        C:  {#mail+}
        C: #mail
        S: a OK [APPENDUID <validity> 2:3] ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
    """,
        mail=WITH_NUL,
    )
    client = stage.client("alice")
    client.send(b"a FETCH 1:3 (BODY.PEEK[] BINARY.PEEK[1])\r\n")
    expected = b"BODY[] {%d}\r\n%b BINARY[1] ~{3}\r\na\0b)\r\n" % (len(WITH_NUL), WITH_NUL)
    assert client.wire.take().count(expected) == 3


def test_a_literal8_is_taken_for_messages_alone(stage: Stage) -> None:
    """RFC 4466: a mailbox's name is no literal8."""
    stage.run(
        """
        C: a CREATE ~{3+}
        C: abc
        S: a BAD ...
        C: a APPEND ~{5+}
        C: INBOX {3+}
        C: abc
        S: a BAD [CLIENTBUG] Not filed: ... a copy is in Recovered Messages.
        C: a APPEND INBOX ~ {3+}
        C: abc
        S: a BAD [CLIENTBUG] Not filed: ... a copy is in Recovered Messages.
        C: a APPEND INBOX ~{3}
        S: + ...
        C: abc x
        S: a BAD [CLIENTBUG] Not filed: ... a copy is in Recovered Messages.
        C: a STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: a OK ...
    """
    )
