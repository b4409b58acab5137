"""Subjects of mails that go out, and the numbers that are found in the answers."""

from __future__ import annotations

from typing import Any

import pytest
from crm import Crm
from hypothesis import example, given
from hypothesis import strategies as st

from imapgate.activities import matching, segment_settings, segments, subjects
from imapgate.activities.names import Mistake
from storage import settings_history


@pytest.mark.parametrize(
    ("template", "subject", "made"),
    [
        (subjects.USUAL, "It does not boot", "[#10000001] It does not boot"),
        (subjects.USUAL, "", "[#10000001]"),
        (subjects.USUAL, "two\r\n lines\0", "[#10000001] two lines"),
        ("{subject} (Case {number})", "Boot", "Boot (Case 10000001)"),
        ("Case #{number}", "Boot", "Case #10000001"),
        ("#{number}: {subject} {{", "{number}", "#10000001: {number} {{"),
    ],
)
def test_a_subject_is_made_of_a_template(template: str, subject: str, made: str) -> None:
    assert subjects.render(template, 10_000_001, subject) == made


@pytest.mark.parametrize("template", [subjects.USUAL, "{subject} [#{number}]"])
def test_a_long_subject_is_cut_never_the_number(template: str) -> None:
    made = subjects.render(template, 10_000_001, "x" * 2_000)
    assert len(made) == subjects.LONGEST_SUBJECT
    assert "xxx..." in made
    assert matching.numbers_in(f"Re: {made}") == (10_000_001,)


@given(st.text(max_size=400), st.integers(1, 10**18 - 1), st.sampled_from(("", "Re: ", "WG: ")))
@example("] x", 10_000_001, "Re: ")
@example("\\", 1, "")
def test_whatever_the_subject_the_usual_template_s_number_is_found_first(
    subject: str, number: int, before: str
) -> None:
    made = before + subjects.render(subjects.USUAL, number, subject)
    assert matching.numbers_in(made)[0] == number


@pytest.mark.parametrize(
    ("template", "pattern"),
    [
        (subjects.USUAL, None),
        ("{subject} [#{number}]", None),
        ("Case {number}: {subject}", r"Case ([0-9]{1,18})\b"),
        ("{subject} <{number}>", r"<([0-9]{1,18})>"),
        (subjects.USUAL, r"Ticket ([0-9]{1,18})"),
    ],
)
def test_templates_whose_numbers_are_found_again(template: str, pattern: str | None) -> None:
    subjects.check(template, pattern)


@pytest.mark.parametrize(
    ("template", "pattern", "why"),
    [
        ("{subject}", None, "needs {number}"),
        ("Case {number}", None, "finds nothing"),
        ("{subject}#{number}", None, "finds nothing"),
        ("#{number}{subject}", None, "finds nothing"),
        ("^Case {number} {subject}", r"^Case ([0-9]{1,18})", "finds nothing"),
        ("Case {number}", r"^Case ([0-9]{1,18})", '"Re: Case 10000001"'),
        ("[#{number}] {subject}", r"\[#1([0-9]{1,18})", "finds 10000001, 1"),
        ("Case {number}", r"Case ([0-9]{1,4})", "finds 1000"),
        ("{number} #7", r"([0-9]{1,18})", "finds 10000001, 7"),
        ("[#{number}] {name}", None, "has {name}"),
        ("[#{number}] {}", None, "has {}"),
        ("[#{number}]\n{subject}", None, "control characters"),
        ("[#{number}]" + "x" * 200, None, "longer than 200"),
    ],
)
def test_templates_whose_numbers_would_be_lost(
    template: str, pattern: str | None, why: str
) -> None:
    with pytest.raises(Mistake) as mistake:
        subjects.check(template, pattern)
    assert why in str(mistake.value)


def edit(crm: Crm, **settings: Any) -> segments.Segment:
    return crm.do(lambda tx: segment_settings.edit_segment(tx, "Standard", "anna@desk", **settings))


def test_pattern_and_template_are_kept_together_or_not_at_all(crm: Crm) -> None:
    template, pattern = "{subject} (Case {number})", "Case ([0-9]{1,18})"
    with pytest.raises(Mistake, match="Answers would not be found"):
        edit(crm, subject_template=template)
    kept = edit(crm, subject_template=template, subject_pattern=pattern)
    assert (kept.subject_template, kept.subject_pattern) == (template, pattern)
    for taken_away in ("", "Ticket ([0-9]{1,18})"):
        with pytest.raises(Mistake, match="Answers would not be found"):
            edit(crm, subject_pattern=taken_away)
    assert edit(crm).subject_pattern == pattern
    kept = edit(crm, subject_template="", subject_pattern="")
    assert (kept.subject_template, kept.subject_pattern) == (None, None)


def test_each_change_stands_in_the_history(crm: Crm) -> None:
    edit(crm, default_creator="sales e-mails", reason="new desk")
    edit(crm, domains=["Acme.Example", "acme.example", "münchen.example"])
    edit(crm, domains=["acme.example", "münchen.example"])
    found = crm.do(lambda tx: settings_history.records(tx, crm.segment_id))
    assert [(one.who, one.subject, dict(one.changes), one.reason) for one in found] == [
        ("anna@desk", "segment", {"domains": ([], ["acme.example", "münchen.example"])}, ""),
        ("anna@desk", "segment", {"default_creator": ("E-Mails", "Sales E-Mails")}, "new desk"),
    ]


@pytest.mark.parametrize(
    "domain", ["a@b.example", "a b", "-a.example", "a..b", ".", "x" * 64, "a." * 130]
)
def test_what_is_no_domain(crm: Crm, domain: str) -> None:
    with pytest.raises(Mistake, match="is no domain"):
        edit(crm, domains=[domain])


def test_own_domains_are_those_of_the_users_until_some_are_set(crm: Crm) -> None:
    def own() -> frozenset[str]:
        return crm.do(lambda tx: segments.own_domains(tx, crm.segment_id))

    assert own() == {"example.org"}
    edit(crm, domains=["acme.example"])
    assert own() == {"acme.example"}
    edit(crm, domains=[""])
    assert own() == {"example.org"}
