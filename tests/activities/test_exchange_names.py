"""X.500 names as Exchange writes them: one form, one key, for whatever stands in a mail."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imapgate.activities.exchange_names import LONGEST, address_key, decoded, outer_domain

ERIKA = "/O=ACME/OU=EXCHANGE/CN=RECIPIENTS/CN=ERIKA"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (ERIKA, ERIKA),
        (f"  {ERIKA} ", ERIKA),
        (f"EX:{ERIKA}", ERIKA),
        (f"ex:{ERIKA}", ERIKA),
        (f"X500:{ERIKA}", ERIKA),
        ("IMCEAEX-_O=ACME_OU=EXCHANGE_CN=RECIPIENTS_CN=ERIKA@acme.example", ERIKA),
        ("imceaex-_O=ACME_OU=EXCHANGE_CN=RECIPIENTS_CN=ERIKA@acme.example", ERIKA),
        ("IMCEAX500-_O=ACME_OU=EXCHANGE_CN=RECIPIENTS_CN=ERIKA@acme.example", ERIKA),
        ("IMCEAEX-_O=ACME_OU=EXCHANGE_CN=RECIPIENTS_CN=ERIKA", ERIKA),
        (
            "IMCEAEX-_O=ACME+20INC_OU=FIRST+20GROUP+20+28FYD+29_CN=E+2E+5FX@acme.example",
            "/O=ACME INC/OU=FIRST GROUP (FYD)/CN=E._X",
        ),
        ("IMCEAEX-_O=A_CN=M+C3+BCller@a.example", "/O=A/CN=M\u00fcller"),
        ("IMCEAEX-_O=A_CN=M+FCller@a.example", "/O=A/CN=M\u00fcller"),
        ("IMCEAEX-_O=A_CN=+zz+4@a.example", "/O=A/CN=+zz+4"),
        ("IMCEAEX-_O=A_CN=E+0D+0ABcc:+20x@a.example", "/O=A/CN=E Bcc: x"),
        ("IMCEAEX-_O=A_CN=E+00X@a.example", "/O=A/CN=E X"),
        ("/o=Acme/cn=e@x", "/o=Acme/cn=e@x"),
    ],
)
def test_every_form_is_one_name(written: str, name: str) -> None:
    """Of one line, whatever was coded in it."""
    assert decoded(written) == name


@pytest.mark.parametrize(
    "written",
    ["", "erika@acme.example", "/no-name", "EX:erika", "IMCEASMTP-erika+40x@a.example",
     "IMCEAEX-erika@a.example", "IMCEAEX-", "a/o=b", "/=", "EX:", "//o=a@b"],
)  # fmt: skip
def test_any_other_address_is_none(written: str) -> None:
    """It stays what it is."""
    assert decoded(written) is None


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("IMCEAEX-_O=ACME_CN=ONE@Acme.Example", "acme.example"),
        (" imceax500-_O=ACME_CN=ONE@acme.example ", "acme.example"),
        ("IMCEAEX-_O=ACME_CN=ONE@evil.example@acme.example", "acme.example"),
        ("IMCEAEX-_O=ACME_CN=ONE@", ""),
        ("IMCEAEX-_O=ACME_CN=ONE", None),
        ("/O=ACME/CN=ONE", None),
        ("EX:/O=ACME/CN=ONE@acme.example", None),
        ("erika@acme.example", None),
    ],
)
def test_the_domain_outside_of_its_house(written: str, domain: str | None) -> None:
    assert outer_domain(written) == domain


def test_the_key_is_one_for_all_forms() -> None:
    """Blanks and brackets, which a mail's header loses, don't count; nor does case."""
    name = "/o=Acme Inc/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=erika"
    same = (
        f"EX:{name.upper()}",
        "/o=AcmeInc/ou=ExchangeAdministrativeGroup/cn=Recipients/cn=erika",
        "IMCEAEX-_O=ACME+20INC_OU=EXCHANGE+20ADMINISTRATIVE+20GROUP+20+28FYDIBOHF23SPDLT+29"
        "_CN=RECIPIENTS_CN=ERIKA@acme.example",
    )
    assert {address_key(one) for one in same} == {address_key(name)}
    assert address_key(name) != address_key(name + "2")
    assert address_key("Erika@ACME.example") == "erika@acme.example"


@given(
    st.one_of(
        st.text(st.characters(codec=None)),
        st.text("+0123456789abcdefABCDEF_=/-@:. O\r\n\0").map(lambda one: f"IMCEAEX-{one}"),
        st.text(st.characters(codec=None)).map(lambda one: f"/O={one}"),
    )
)
@example("IMCEAEX-_O=" + "+41" * 5000 + "@x")
@example("/O=" + "A" * 5000)
@example("IMCEAEX-_O=\ud800+0a+C2+85@x")
def test_it_never_raises_and_is_bounded(written: str) -> None:
    """Whatever stands there, a name is one line of at most 1,000 characters that can be stored, and
    decoded it is itself."""
    name = decoded(written)
    address_key(written).encode()
    if name is not None:
        assert len(name) <= LONGEST
        assert not {unicodedata.category(one) for one in name} & {"Cc", "Cs", "Zl", "Zp"}
        assert decoded(name) == name
        assert address_key(name) == address_key(written) or len(name) == LONGEST


_PART = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), max_size=20
)


@given(st.lists(_PART, min_size=1, max_size=6))
def test_what_exchange_codes_is_decoded(parts: list[str]) -> None:
    """Any name, coded as IMCEAEX and back."""
    name = "".join(f"/CN={one.replace('/', '')}" for one in parts)
    coded = "".join(
        "_" if one == "/" else one if one.isascii() and (one.isalnum() or one in "=-") else
        "".join(f"+{octet:02X}" for octet in one.encode())
        for one in name
    )  # fmt: skip
    assert decoded(f"IMCEAEX-{coded}@acme.example") == name
