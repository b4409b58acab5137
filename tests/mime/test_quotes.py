"""The text up to the quoted reply."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.quotes import own_text

ATTRIBUTIONS = [
    "On 1 Jan 2024, at 10:00, Bob Roe <bob@example.org> wrote:",
    "On Mon, Jan 1, 2024 at 10:00 AM Bob Roe <bob@example.org> wrote:",
    "On Mon, Jan 1, 2024 at 10:00 AM Bob Roe with a long name\n<bob@example.org> wrote:",
    "On 1/1/24 10:00, Bob Roe wrote:",
    "Am 01.01.2024 um 10:00 schrieb Bob Roe:",
    "Am 01.01.24 um 10:00 schrieb Bob Roe\n<bob@example.org>:",
    "Am Mo., 1. Jan. 2024 um 10:00 Uhr schrieb Bob Roe <bob@example.org>:",
    "Le lun. 1 janv. 2024 à 10:00, Bob Roe <bob@example.org> a écrit :",
    "Le 01/01/2024 à 10:00, Bob Roe a écrit\u00a0:",
    "El lun, 1 ene 2024 a las 10:00, Bob Roe (<bob@example.org>) escribió:",
    "Il giorno lun 1 gen 2024 alle ore 10:00 Bob Roe <bob@example.org> ha scritto:",
    "Il 01/01/2024 10:00, Bob Roe ha scritto:",
    "Op ma 1 jan 2024 om 10:00 schreef Bob Roe <bob@example.org>:",
    "Em seg., 1 de jan. de 2024 às 10:00, Bob Roe <bob@example.org> escreveu:",
    "2024-01-01 10:00 GMT+01:00 Bob Roe <bob@example.org> wrote:",
    "Bob Roe <bob@example.org> wrote on 1 Jan 2024:",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize(
    "quote", ["> Is it done?\n> Bob\n", "\n> Is it done?\n", "Is it done?\nBob\n", "  Is it done?"]
)
def test_text_before_an_attribution(attribution: str, quote: str) -> None:
    """In seven languages; the quote marked with `>` or not at all (HTML)."""
    assert (
        own_text(f"Yes, done.\n\nRegards\nJoe\n\n{attribution}\n{quote}")
        == "Yes, done.\n\nRegards\nJoe"
    )


BLOCKS = [
    "-----Original Message-----\nFrom: Bob\nSent: Monday\nTo: Joe\nSubject: x\n\nOld",
    "-----Ursprüngliche Nachricht-----\nVon: Bob\n\nAlt",
    "---------- Forwarded message ---------\nFrom: Bob\n\nOld",
    "-------- Weitergeleitete Nachricht --------\nBetreff: x\n\nAlt",
    "-------- Message original --------\nDe : Bob\n\nVieux",
    "_" * 32 + "\nVon: Bob\nGesendet: Montag, 1. Januar 2024\nAn: Joe\nBetreff: x\n\nAlt",
    "________________________________\n\nFrom: Bob\nSent: Monday\nTo: Joe\n\nOld",
    "From: Bob <b@x>\nSent: Monday, January 1, 2024 10:00\nTo: Joe\nCc: Ann\nSubject: x\n\nOld",
    "Von: Bob\nGesendet: Montag\nAn: Joe\nBetreff: x\n\nAlt",
    "*From:* Bob\n*Sent:* Monday\n*To:* Joe\n*Subject:* x\n\nOld",
    "De : Bob\nEnvoyé : lundi\nÀ : Joe\nObjet : x\n\nVieux",
    "De: Bob\nEnviado el: lunes\nPara: Joe\nAsunto: x\n\nViejo",
    "Da: Bob\nInviato: lunedì\nA: Joe\nOggetto: x\n\nVecchio",
    "Van: Bob\nVerzonden: maandag\nAan: Joe\nOnderwerp: x\n\nOud",
    "De: Bob\nEnviada em: segunda\nPara: Joe\nAssunto: x\n\nVelho",
    "Begin forwarded message:\n\nFrom: Bob\nSubject: x\n\nOld",
    "> On 1 Jan 2024, at 10:00, Bob <b@x> wrote:\n>\n> Old",
    "> Old\n> older\n\n-- \nJoe",
    "> Old\n",
]


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_before_a_quoted_block(block: str, end: str) -> None:
    """Outlook's header blocks and separators, forwarded mails, `>` to the end; any line ends."""
    body = f"Done.\n\nJoe\n\n{block}\n".replace("\n", end)
    assert own_text(body).replace("\r\n", "\n") == "Done.\n\nJoe"


KEPT = {
    "no quote": "Just text\nwith two lines",
    "answers between": "> Is it done?\nYes.\n> And that?\nNo.",
    "answers between, quote last": "> Is it done?\nYes.\n> And that?",
    "answers under an attribution": "On 1 Jan 2024, Bob wrote:\n> Done?\nYes.\n> That?\nNo.\n",
    "answer below": "On 1 Jan 2024, Bob wrote:\n> Is it done?\n\nYes.\n",
    "nothing but a quote": "> All of it\n> is quoted\n",
    "nothing but a forwarded mail": "-----Original Message-----\nFrom: Bob\n\nText\n",
    "nothing but an attribution": "On 1 Jan 2024, Bob wrote:\n> quoted\n",
    "empty": "",
    "blank": "\n \n",
    "wrote in a sentence": "On Monday Bob wrote:\nthe thing is broken, and I agree.\n",
    "from in a sentence": "From: here to there\nis a long way.\n",
    "a line of underscores": "above\n____________________________\nbelow\n",
    "a signature": "Text\n-- \nJoe\n",
    "an attribution at the end": "See what I found. On 1 Jan 2024 Bob wrote:",
}


@pytest.mark.parametrize("name", KEPT)
def test_the_whole_body_is_kept(name: str) -> None:
    """Where answers stand between quotes, nothing is quoted, or nothing would be left."""
    assert own_text(KEPT[name]).rstrip() == KEPT[name].rstrip()


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [
                "> quoted",
                "own",
                "",
                "From: a",
                "Sent: b",
                "To: c",
                "On 1 x <a@b> wrote:",
                "-- ",
                "_" * 30,
            ]
        ),
        max_size=12,
    ).map("\n".join)
    | st.text(max_size=100)
)
def test_own_text_is_a_beginning_of_the_body(body: str) -> None:
    """Never raises, never empty where the body isn't, and twice is once for what was cut."""
    own = own_text(body)
    assert body.startswith(own)
    assert bool(own.strip()) == bool(body.strip())
