"""Messages that the standard library writes say what was put into them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.reading import decoded, part_at, read

WORDS = st.text(
    st.characters(
        min_codepoint=0x20,
        max_codepoint=0x2FFF,
        exclude_categories=("Cc", "Cf", "Cn", "Cs", "Zl", "Zp", "Zs"),
    ),
    min_size=1,
    max_size=20,
)
LINES = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=6).map("\n".join)
NAMES = st.text(st.sampled_from("abcxyzäöü漢字 -_(1"), min_size=1, max_size=60).map(
    lambda name: f"a{name}z.bin"
)


@settings(deadline=None, max_examples=80)
@given(
    subject=st.lists(WORDS, max_size=8).map(" ".join),
    text=LINES,
    html=st.booleans(),
    files=st.lists(st.tuples(NAMES, st.binary(max_size=300)), max_size=3),
    encoding=st.sampled_from(["base64", "quoted-printable", "8bit"]),
    bare=st.booleans(),
)
def test_a_made_message_says_what_was_put_in(
    subject: str,
    text: str,
    html: bool,
    files: list[tuple[str, bytes]],
    encoding: str,
    bare: bool,
) -> None:
    """Subject, text, names and octets of attachments round-trip."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = "Jörg Müller <joerg@example.org>"
    message.set_content(text, cte=encoding)
    if html:
        message.add_alternative("<p>HTML</p>", subtype="html")
    for name, octets in files:
        message.add_attachment(octets, maintype="application", subtype="x-test", filename=name)
    raw = message.as_bytes()
    if bare:
        raw = raw.replace(b"\r\n", b"\n")
    reading = read(raw)
    # The standard library loses blanks between encoded words when it folds.
    assert "".join(reading.mail.subject.split()) == "".join(subject.split())
    assert reading.mail.from_[0].name == "Jörg Müller"
    if text.strip():
        assert reading.mail.text == text.strip("\n").rstrip()
    assert [item.name.split() for item in reading.mail.attachments] == [
        name.split() for name, _ in files
    ]
    for item, (_, octets) in zip(reading.mail.attachments, files, strict=True):
        part = part_at(reading.root, item.section)
        assert part is not None
        assert b"".join(decoded(raw, part)) == octets
        assert item.size == len(octets)
