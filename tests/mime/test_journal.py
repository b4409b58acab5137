"""Journal reports as mail servers write them."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journals import ORIGINAL, report

from imapgate.mime.journal import Envelope, delivered_to, envelope
from imapgate.mime.mail import Mail
from imapgate.mime.reading import read

JOE, ANN, BOB = "joe@example.org", "ann@example.net", "bob@example.org"
M365 = (
    f"Sender: {JOE}\nSubject: Offer: To: nobody\nMessage-Id: <offer@example.org>\n"
    f"To: {ANN}\nCc: {BOB}\nBcc: boss@example.org\n"
)
OTHERS = MappingProxyType(
    {
        "microsoft 365": (M365, (JOE, (ANN, BOB, "boss@example.org"))),
        "expanded and forwarded": (
            f"Sender: {JOE}\nSubject: x\nMessage-ID: <offer@example.org>\n"
            f"To: {ANN}, Expanded: list@example.org\nCc: {BOB}, Forwarded: old@example.org\n"
            "Recipient: sam@example.org\n",
            (JOE, (ANN, BOB, "sam@example.org")),
        ),
        "on behalf of somebody": (
            f"Sender: {JOE}\nOn-Behalf-Of: boss@example.org\nSubject: x\n"
            f"Message-ID: <offer@example.org>\nRecipient: {ANN}\nLabel: a label\n",
            (JOE, (ANN,)),
        ),
        "with names": (
            f'Sender: "Doe, Joe" <{JOE}>\nSubject:\nMessage-ID: <offer@example.org>\n'
            f'To: "Ann, the first" <{ANN}>\n',
            (JOE, (ANN,)),
        ),
        "each once": (
            f"Sender: {JOE}\nMessage-ID: <offer@example.org>\nTo: {ANN}\nRecipient: {ANN}\n",
            (JOE, (ANN,)),
        ),
        "exchange 2003": (
            f'Sender: {JOE}\nMessage-ID: <offer@example.org>\nRecipients:\n{ANN}\n"Bob" <{BOB}>\n',
            (JOE, (ANN, BOB)),
        ),
        "x.500": (
            "Sender: /O=CORP/OU=X/CN=RECIPIENTS/CN=JOE\nMessage-ID: <offer@example.org>\n"
            f"To: {ANN}\n",
            ("/O=CORP/OU=X/CN=RECIPIENTS/CN=JOE", (ANN,)),
        ),
        "x.500 with blanks": (
            "Sender: EX:/O=CORP/OU=First Group (FYD)/CN=JOE\nMessage-ID: <offer@example.org>\n"
            f"To: {ANN}\nRecipients:\n/o=Corp/ou=First Group (FYD)/cn=bob, Forwarded: {BOB}\n",
            (
                "EX:/O=CORP/OU=First Group (FYD)/CN=JOE",
                (ANN, "/o=Corp/ou=First Group (FYD)/cn=bob"),
            ),
        ),
    }
)


def _mail(raw: bytes) -> Mail:
    return read(raw).mail


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("header", ["X-MS-Journal-Report:", ""], ids=["told", "untold"])
def test_an_envelope_is_read(name: str, header: str) -> None:
    """With the header that says what it is, and by the text alone; how somebody was redirected
    doesn't count."""
    text, (sender, recipients) = OTHERS[name]
    found = envelope(_mail(report(text, ORIGINAL, header)))
    assert found == Envelope(sender, "offer@example.org", recipients)


def test_exchange_2003_says_so_in_its_own_way() -> None:
    """Misspelled."""
    raw = report("Nothing to read\n", ORIGINAL, "Content-Identifer: ExJournalReport")
    assert envelope(_mail(raw)) == Envelope(None, None, ())


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
def test_an_encoded_text(encoding: str) -> None:
    """As it is where a subject isn't ASCII."""
    text = M365.replace("Offer: To: nobody", "Größe")
    found = envelope(_mail(report(text, ORIGINAL, encoding=encoding)))
    assert found is not None
    assert found.recipients == (ANN, BOB, "boss@example.org")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(ORIGINAL, id="a mail"),
        pytest.param(report("Please look\n", ORIGINAL, ""), id="a forwarded mail"),
        pytest.param(report(f"Hello,\n{M365}", ORIGINAL, ""), id="text above"),
        pytest.param(report(f"{M365}Regards\n", ORIGINAL, ""), id="text below"),
        pytest.param(report(f"Sender: {JOE}\nTo: {ANN}\n", ORIGINAL, ""), id="no Message-ID"),
        pytest.param(
            report(f"Sender: {JOE}\nMessage-ID: <offer@example.org>\n", ORIGINAL, ""),
            id="no recipient",
        ),
        pytest.param(
            b"X-MS-Journal-Report:\r\nFrom: a@b\r\n\r\n" + M365.encode(), id="no original"
        ),
    ],
)
def test_other_mails_are_no_reports(raw: bytes) -> None:
    """What people write isn't taken apart."""
    assert envelope(_mail(raw)) is None


def test_the_original_stays_what_it_was() -> None:
    """Octet for octet, as the first attached message."""
    mail = _mail(report(M365, ORIGINAL))
    assert mail.messages == ("2",)
    assert mail.message_parts[0].size == len(ORIGINAL)


def test_of_a_copy_gmail_tells_whom_it_is_for() -> None:
    """Each copy for itself."""
    mail = _mail(f"X-Gm-Original-To: {ANN}\r\nX-Gm-Original-To: <{BOB}>\r\n".encode() + ORIGINAL)
    assert delivered_to(mail) == (ANN, BOB)
    assert delivered_to(_mail(ORIGINAL)) == ()


def test_recipients_are_bounded() -> None:
    """A thousand are read, whatever a report says."""
    text = f"Sender: {JOE}\nMessage-ID: <a@b>\n" + "".join(
        f"To: user{number}@example.org\n" for number in range(3_000)
    )
    found = envelope(_mail(report(text, ORIGINAL)))
    assert found is not None
    assert len(found.recipients) == 1_000


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from(["Sender: a@b", "To: c@d", "Message-ID: <e@f>", "Recipients:", "g@h", ""])
        | st.text(max_size=30),
        max_size=10,
    ).map("\n".join)
)
def test_whatever_a_report_says(text: str) -> None:
    """Never raises; with the header it is always one."""
    assert envelope(_mail(report(text, ORIGINAL))) is not None
