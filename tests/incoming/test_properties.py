"""Java's .properties: what Java writes is read back, and what nobody means is named by its line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imapgate.incoming.settings.properties import LONGEST, Fault, Property, read, refusal


def values(text: str | bytes, **environ: str) -> dict[str, str]:
    """All of a file without faults."""
    found, faults = read(text if isinstance(text, bytes) else text.encode(), environ)
    assert faults == []
    return {one.key: one.value for one in found}


def faults(text: str | bytes, **environ: str) -> list[tuple[int, str]]:
    found = read(text if isinstance(text, bytes) else text.encode(), environ)[1]
    return [(one.line, one.text) for one in found]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a=b", {"a": "b"}),
        ("a = b c", {"a": "b c"}),
        ("a:b", {"a": "b"}),
        ("a b", {"a": "b"}),
        ("a\tb", {"a": "b"}),
        ("a : b=c", {"a": "b=c"}),
        ("a==b", {"a": "=b"}),
        ("a", {"a": ""}),
        ("a=", {"a": ""}),
        ("  a=b", {"a": "b"}),
        ("# a=b\n! c=d\n  # e=f\n\n \t\na=#b", {"a": "#b"}),
        ("a=b\\\n   c", {"a": "bc"}),
        ("a=b\\\r\n   c\r\nd=e\rf=g", {"a": "bc", "d": "e", "f": "g"}),
        ("a=b\\\\\nc=d", {"a": "b\\", "c": "d"}),
        ("a=b\\\n# no comment", {"a": "b# no comment"}),
        ("# comment\\\na=b", {"a": "b"}),
        ("a=b\\", {"a": "b"}),
        ("a\\ b\\=c\\:d=e", {"a b=c:d": "e"}),
        ("a=C\\:\\\\mail\\q", {"a": "C:\\mailq"}),
        ("a=\\u00fc \\uD83E\\uDD86", {"a": "ü 🦆"}),
        ("a=gr\u00fc\u00dfe", {"a": "grüße"}),
        ("\ufeffa=b", {"a": "b"}),
        ("", {}),
    ],
)
def test_the_format(text: str, wanted: dict[str, str]) -> None:
    """java.util.Properties.load, in UTF-8."""
    assert values(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("${HOST}", "mail"),
        ("${{HOST}}", "mail"),
        ("${{ HOST }}.${DOMAIN}", "mail.example"),
        ("$HOST", "$HOST"),
        ("5$", "5$"),
        ("{HOST}", "{HOST}"),
        ("${TRICK}", "${HOST}"),
    ],
)
def test_placeholders(text: str, wanted: str) -> None:
    """Both forms; what the environment holds isn't looked into again."""
    assert values(f"a={text}", HOST="mail", DOMAIN="example", TRICK="${HOST}") == {"a": wanted}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a=b\n=c", [(2, "there is no name before the value")]),
        ("a=b\n\n# c\na=d", [(4, '"a" stands in line 1 already')]),
        ("a=\\u12x4", [(1, "after \\u four hexadecimal digits must stand")]),
        ("a=b ", [(1, "a stray blank after the value")]),
        ("a=b\\\n\\\n c \nd=e\u00a0f", [(1, "a stray blank after the value"),
                                        (4, "a stray character U+00A0")]),
        ("a=\u200bimap", [(1, "a stray character U+200B")]),
        ("a=b\\tc", [(1, "a stray character U+0009")]),
        ("a=\x1b[2J", [(1, "a stray character U+001B")]),
        ("\u201ca\u201d=b", [(1, "a stray character \u201c (U+201C) in the name")]),
        ("a=\\uD83E", [(1, "a stray character U+D83E")]),
        ("a=${HOST", [(1, "a stray ${ (a placeholder is ${NAME})")]),
        ("a=${}", [(1, "a stray ${ (a placeholder is ${NAME})")]),
        ("a=${{HOST}", [(1, "a stray ${ (a placeholder is ${NAME})")]),
        ("\na=${NOBODY}", [(2, "the environment has no NOBODY")]),
        (b"a=b\nc=\xfc", [(2, "this isn't UTF-8")]),
        (b"#" * (LONGEST + 1), [(1, f"the file has more than {LONGEST} octets")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_line(
    text: str | bytes, wanted: list[tuple[int, str]]
) -> None:
    """The line where it begins; every one of them."""
    assert faults(text, HOST="mail") == wanted


def test_faults_are_told_in_one_sentence() -> None:
    """In the file's order, and not without end."""
    told = str(refusal("m.properties", [Fault(7, "b"), Fault(2, "a")]))
    assert told == "m.properties, line 2: a; line 7: b."
    many = str(refusal("m", [Fault(n, "x") for n in range(1, 14)]))
    assert many.endswith("line 10: x; and 3 more.")


def java(text: str, *, is_key: bool) -> str:
    """As java.util.Properties.store writes it."""
    out = []
    for at, one in enumerate(text):
        if one == " " and (is_key or at == 0):
            out.append("\\ ")
        elif one in "\\=:#!":
            out.append("\\" + one)
        elif " " <= one <= "~":
            out.append(one)
        else:
            units = one.encode("utf-16-be")
            out += [f"\\u{units[n : n + 2].hex().upper()}" for n in range(0, len(units), 2)]
    return "".join(out)


VISIBLE = st.characters(exclude_categories=("C", "Z")) | st.just(" ")
KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)
VALUES = st.text(VISIBLE).map(str.strip).filter(lambda one: "${" not in one)


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.randoms(), st.sampled_from(["\n", "\r\n"]))
@example({"a b=:#!\\": "=:#! \\ü🦆"}, __import__("random").Random(1), "\n")
def test_what_java_writes_is_read_back(wanted: dict[str, str], random: object, end: str) -> None:
    """Escapes and all; lines may be continued wherever no escape is cut."""
    lines = ["#Sat Nov 21 18:00:00 UTC 2026"]
    for key, value in wanted.items():
        written = java(value, is_key=False)
        at = random.randint(0, len(written))  # type: ignore[attr-defined]
        head, tail = written[:at], written[at:]
        whole = "\\" not in head[-6:] and not tail.startswith(" ")
        lines.append(f"{java(key, is_key=True)}={head}\\{end}  {tail}" if whole else
                     f"{java(key, is_key=True)}={written}")  # fmt: skip
    assert values(end.join(lines)) == wanted


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_file_is_read_or_named(octets: bytes) -> None:
    """Nothing else is raised, and no fault is without its line or prints badly."""
    found, wrong = read(octets, {})
    lines = octets.count(b"\n") + octets.count(b"\r") + 1
    for one in (*found, *wrong):
        assert 1 <= one.line <= lines
    assert all(isinstance(one, Property) and one.key for one in found)
    told = str(refusal("f", wrong)) if wrong else ""
    assert not [one for one in told if unicodedata.category(one) in ("Cc", "Cs")]
