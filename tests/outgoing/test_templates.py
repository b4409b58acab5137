"""Templates: what may stand in one, what comes out, and a segment's own before the usual ones."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import Any

import pytest
import world
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.activities.names import Mistake
from imapgate.outgoing.templates import own, rendering, sandbox, values
from imapgate.outgoing.templates.sandbox import Unfit
from storage import Database, mail_templates, settings_history

HOSTILE = '<script>alert(1)</script>"\'&<a href="javascript:x">\r\nBcc: all@example.org\0\ud800'
BOTH = [(name, lacking) for name in own.BUILT_IN for lacking in (False, True)]


@pytest.fixture
def standard(db: Database) -> world.World:
    return world.build(db)


@pytest.mark.parametrize(("name", "lacking"), BOTH)
def test_what_comes_with_the_program_is_fit(name: str, lacking: bool) -> None:
    """All of it is checked as an administrator's are, and comes out tidy with and without what may
    lack."""
    template = own.built_in(name)
    own.check(template)
    made = rendering.made(template, values.samples(name, lacking))
    assert made.subject
    assert "\n" not in made.subject
    assert made.text.endswith("\n")
    assert "\n\n\n\n" not in made.text
    assert "None" not in made.text + made.html + made.subject
    assert "{" not in made.text + made.html + made.subject
    assert made.html.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("name", own.BUILT_IN)
def test_all_values_of_a_template_are_used_or_there(name: str) -> None:
    """Each documented value can be written into a template of that name."""
    for one in values.values_of(name):
        loop = isinstance(one.sample, list)
        source = f"{{{{ {one.name}{'|length' if loop else ''} }}}}"
        names = frozenset(each.name.partition(".")[0] for each in values.values_of(name))
        sandbox.check(source, names)
        assert sandbox.as_text(source, values.samples(name))


REFUSED = [
    ("{{ x }}", 'there is no value "x"'),
    ("{% if false_one %}{% endif %}", "there is no value"),
    ("{{ a.foo }}", "foo"),
    ("{{ a.__class__ }}", "__class__"),
    ("{{ ''.__class__.__mro__ }}", "__class__"),
    ("{{ a.items() }}", "calls"),
    ("{{ items.append(1) }}", "calls"),
    ("{{ a.name.upper }}", "upper"),
    ("{{ 'a' * 1000000000 }}", "can't be"),
    ("{{ 2 ** 1000000000 }}", "can't be"),
    ("{{ '%01000000000d' % 1 }}", "can't be"),
    ("{{ text ~ text }}", "write one value behind the other"),
    ("{% set x = 1 %}", "`set`"),
    ("{% macro m() %}{% endmacro %}", "`macro`"),
    ("{% include 'x' %}", "`include`"),
    ("{% import 'x' as x %}", "`import`"),
    ("{% extends 'x' %}", "`extends`"),
    ("{% block x %}{% endblock %}", "can't be"),
    ("{% autoescape false %}{{ text }}{% endautoescape %}", "can't be"),
    ("{{ text|safe }}", 'there is no filter "safe"'),
    ("{% if none_here %}{% endif %}{% if lacks %}{{ text|safe }}{% endif %}", "no filter"),
    ("{{ text|attr('x') }}", 'there is no filter "attr"'),
    ("{% if text is mapping %}{% endif %}", 'there is no test "mapping"'),
    ("{% for x in text %}{% endfor %}", "no list"),
    ("{% for x in items recursive %}{% endfor %}", "recursive"),
    ("{% for x in items %}{% for y in items %}{% for z in items %}{% endfor %}{% endfor %}"
     "{% endfor %}", "at most 2 deep"),
    ("{{ " + "(" * 10_000 + ")" * 10_000 + " }}", "nested too deep"),
    ("{{ text", "line 1"),
    ("{% if text %}", "line 1"),
    ("x" * (sandbox.LONGEST_TEMPLATE + 1), "longer than"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "why"), REFUSED, ids=[why for _, why in REFUSED])
@pytest.mark.parametrize("is_html", [False, True])
def test_what_no_template_may_do_is_refused(source: str, why: str, is_html: bool) -> None:
    """No Python, no other files, nothing that grows without bounds."""
    given_ = {"a": {"name": "n"}, "items": ["x"], "text": "t", "lacks": None, "none_here": None}
    names = frozenset(given_)

    def use() -> None:
        sandbox.check(source, names, is_html)
        (sandbox.as_html if is_html else sandbox.as_text)(source, given_)

    with pytest.raises(Unfit) as refused:
        use()
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_comes_out_is_bounded() -> None:
    """Two loops over full lists of long texts: it is cut, and says so."""
    many = {"items": ["x" * values.LONGEST_TEXT] * values.MOST_ITEMS}
    source = "{% for a in items %}{% for b in items %}{{ a }}{{ b }}{% endfor %}{% endfor %}"
    made = sandbox.as_text(source, many)
    assert len(made) < sandbox.LONGEST_OUTPUT + 100
    assert made.endswith("(The rest is left out: it would be too long.)\n")


def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that writes nothing is measured by the processor's time."""
    ticks = iter(range(1_000_000))
    monkeypatch.setattr(time, "thread_time", lambda: next(ticks))
    source = "{% for a in items %}{% for b in items %}{% if a|upper == 'Y' %}{% endif %}"
    with pytest.raises(Unfit, match="too long"):
        sandbox.as_text(source + "{% endfor %}{% endfor %}", {"items": ["x"] * 200})
    monkeypatch.undo()
    assert sandbox.as_text("{{ items|length }}", {"items": ["x"]}) == "1"


@pytest.mark.parametrize(
    "source",
    [
        "<p>{{ text }}</p>",
        '<a href="{{ text }}">x</a>',
        "<a href={{ text }}>x</a>",
        "<p style={{ text }}>x</p>",
        "<script>{{ text }}</script><p>x</p>",
        "<{{ text }}>x",
        "{{ text|lines }}",
        "{{ text|upper }}{{ text|quote }}{{ text|truncate(30) }}{{ items|join(text) }}",
        "{{ text|lines|upper }}",
        "{{ '<b>'|default('') }}{{ text }}<p>x",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "javascript:alert(1)",
        " jAvAsCrIpT:alert(1)",
        "data:text/html,x",
        "x onmouseover=alert(1)",
        "img src=x onerror=alert(1)",
        "background-color:url(javascript:1);position:fixed",
        'x" onclick=alert(1) x="',
        "&lt;script&gt;",
    ],
)
def test_html_holds_nothing_that_acts(source: str, text: str) -> None:
    """Whatever mails and people wrote, and wherever a template puts it."""
    shown = values.plain({"text": text, "items": [text, text]})
    made = sandbox.as_html(source, shown).partition("<body")[2].partition(">")[2]
    lowered = made.lower()
    assert "<script" not in lowered
    assert "<img" not in lowered
    for tag in _tags(made):
        assert " on" not in tag, tag
        assert "url(" not in tag, tag
        assert "position" not in tag, tag
        assert 'href="' not in tag or 'href="http' in tag, tag


def test_links_to_the_web_stay() -> None:
    made = sandbox.as_html(
        '<a href="{{ link }}">{{ link }}</a>', {"link": "https://a.example/?b&c"}
    )
    assert '<a href="https://a.example/?b&amp;c">https://a.example/?b&amp;c</a>' in made


def _tags(markup: str) -> list[str]:
    return [piece.partition(">")[0] for piece in markup.split("<")[1:]]


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", " ", "if", "for", "in", "endif", "endfor", "else", "items",
     "text", "a", "a.b", "|", "join", "upper", "lines", "(", ")", "[0]", "'x'", "1", "==", "not",
     "and", "loop", ".index", "~", "-", "\n", "<b>", "set", "=", "is", "defined", "raw", "endraw"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join) | st.lists(PIECES, max_size=30).map(" ".join))
def test_whatever_is_written_is_a_template_or_unfit(source: str) -> None:
    """No other error comes of it, at saving or at sending."""
    given_ = {"items": ["x", "y"], "text": "t", "a": {"b": 1}}
    for is_html in (False, True):
        try:
            sandbox.check(source, frozenset(given_), is_html)
        except Unfit:
            continue
        make = sandbox.as_html if is_html else sandbox.as_text
        with suppress(Unfit):
            assert isinstance(make(source, given_), str)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_a_subject_is_one_bounded_line(text: str) -> None:
    """Whatever the values are."""
    given_ = values.completed("reply", {**values.samples("reply"), "subject": text * 3})
    made = rendering.made(own.built_in("reply"), given_)
    assert made.subject.splitlines() in ([made.subject], [])
    assert len(made.subject) <= 250
    made.subject.encode()


def test_values_are_plain_cut_and_clean() -> None:
    """No control characters, no lone surrogates, nothing that turns the text around."""
    shown = values.plain({"a": "x\0y\r\nz\u202ew\ud800", "b": ["x"] * 500, "c": "x" * 30_000})
    assert shown == {"a": "x y\nz w ", "b": ["x"] * 200, "c": "x" * 19_997 + "..."}
    for strange in (object(), b"x", {"a": {1, 2}}, 1.5):
        with pytest.raises(TypeError):
            values.plain(strange)


@pytest.mark.parametrize("name", own.BUILT_IN)
def test_what_lacks_is_said_at_once(name: str) -> None:
    """To whoever forgot a value that never lacks; others may be left out."""
    lean: dict[str, Any] = {}
    for one in values.values_of(name):
        if not one.may_lack:
            values._put(lean, one.name, one.sample)
    rendering.made(own.built_in(name), values.completed(name, lean))
    for key in lean:
        with pytest.raises(ValueError, match="lacks the value"):
            values.completed(name, {each: value for each, value in lean.items() if each != key})


def test_a_segments_own_stands_before_the_usual_one(standard: world.World) -> None:
    """For that segment, until it is taken back; every change is in the history."""
    db, where = standard.db, standard.segment_id
    given_ = values.samples("reply")
    usual = db.read(lambda tx: rendering.render(tx, where, "reply", given_))
    db.write(
        lambda tx: own.put(
            tx, where, "reply", "anna", subject="Re {{ activity.number }}", text="Dear {{ user }}"
        )
    )
    made = db.read(lambda tx: rendering.render(tx, where, "reply", given_))
    assert (made.subject, made.text) == ("Re 10000042", "Dear alice\n")
    assert "<p>Dear alice</p>" in made.html, "without HTML of its own it is made of the text"
    db.write(lambda tx: own.put(tx, where, "reply", "anna", html="<p>{{ user }}</p>"))
    assert "<p>alice</p>" in db.read(lambda tx: rendering.render(tx, where, "reply", given_)).html
    db.write(lambda tx: own.reset(tx, where, "reply", "anna", "it was too short"))
    assert db.read(lambda tx: rendering.render(tx, where, "reply", given_)) == usual
    found = db.read(lambda tx: settings_history.records(tx, where))
    assert [(one.subject, one.who, one.reason) for one in found] == [
        ("template reply", "anna", "it was too short"),
        ("template reply", "anna", ""),
        ("template reply", "anna", ""),
    ]


def test_new_text_without_html_takes_the_old_html_away(standard: world.World) -> None:
    """Else those who read HTML would read what was replaced."""
    db, where = standard.db, standard.segment_id
    db.write(lambda tx: own.put(tx, where, "reply", "anna", text="New."))
    assert db.read(lambda tx: own.find(tx, where, "reply")).html is None
    db.write(lambda tx: own.put(tx, where, "reply", "anna", subject="Only the subject"))
    assert db.read(lambda tx: own.find(tx, where, "reply")).text == "New."


def test_a_segments_own_that_fails_never_stops_a_mail(
    standard: world.World, caplog: pytest.LogCaptureFixture
) -> None:
    """Say, one of an earlier release, whose values are called otherwise: the usual one is sent, and
    the log says so, without what was in the mail."""
    db, where = standard.db, standard.segment_id
    given_ = values.samples("reply")
    usual = db.read(lambda tx: rendering.render(tx, where, "reply", given_))
    db.write(lambda tx: mail_templates.put(tx, where, "reply", "{{ gone }}", "x", None))
    with caplog.at_level(logging.WARNING):
        assert db.read(lambda tx: rendering.render(tx, where, "reply", given_)) == usual
    (record,) = caplog.records
    assert record.event == "template_unfit"
    assert "Erika" not in record.getMessage()
    db.write(lambda tx: mail_templates.put(tx, where, "greeting", "{{ gone }}", "x", None))
    with pytest.raises(Mistake, match="greeting"):
        db.read(lambda tx: rendering.render(tx, where, "greeting", given_))


@pytest.mark.parametrize(
    ("name", "parts", "why"),
    [
        ("reply", {"subject": "{{ nobody }}"}, 'subject of template "reply" is not fit'),
        ("reply", {"text": "{% if link %}{{ activity.nmae }}{% endif %}"}, "nmae"),
        ("reply", {"html": "{{ user|lines|safe }}"}, "safe"),
        ("reply", {"text": "{% if link %}x{% endif %}"}, "comes out empty"),
        ("reply", {"html": "<p>x</p><img src='https://a.example/x.png'>"}, "no mail has <img>"),
        ("reply", {"html": "<html><body>x</body></html>"}, "no mail has <html>"),
        ("reply", {"html": "<p onclick='x'>x</p>"}, "no mail has onclick of <p>"),
        ("reply", {"html": "<p style='color: red; position: fixed'>x</p>"}, "style position"),
        ("reply", {"html": "<a href='javascript:1'>x</a>"}, "a link that isn't http or https"),
        ("reply", {"html": "<a href='{{ user }}'>x</a>"}, "a link that isn't http or https"),
        ("reply", {"text": "{{ activity.groups }}"}, "a list or a group of values"),
        ("reply", {"text": "{{ activity }}"}, "a list or a group of values"),
        ("test", {"text": "{{ activity.number }}"}, 'there is no value "activity"'),
        ("greeting", {"text": "Hello"}, "needs a subject and a text"),
        ("Greeting", {"subject": "x", "text": "x"}, "no name of a template"),
        ("a" * 61, {"subject": "x", "text": "x"}, "no name of a template"),
    ],
)
def test_what_is_not_fit_is_not_kept(
    standard: world.World, name: str, parts: dict[str, str], why: str
) -> None:
    """It is tried when it is saved, with and without what may lack."""
    db, where = standard.db, standard.segment_id
    with pytest.raises(Mistake) as refused:
        db.write(lambda tx: own.put(tx, where, name, "anna", **parts))
    assert why in str(refused.value)
    assert db.read(lambda tx: mail_templates.of_segment(tx, where)) == []


def test_there_are_so_many_at_most(standard: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "MOST", 1)
    db, where = standard.db, standard.segment_id
    db.write(lambda tx: own.put(tx, where, "one", "anna", subject="x", text="x"))
    db.write(lambda tx: own.put(tx, where, "one", "anna", text="y"))
    with pytest.raises(Mistake, match="at most 1"):
        db.write(lambda tx: own.put(tx, where, "two", "anna", subject="x", text="x"))


def test_names_are_listed_and_mistaken_ones_told(standard: world.World) -> None:
    db, where = standard.db, standard.segment_id
    db.write(lambda tx: own.put(tx, where, "greeting", "anna", subject="x", text="x"))
    db.write(lambda tx: own.put(tx, where, "reply", "anna", text="x"))
    found = db.read(lambda tx: own.list_templates(tx, where))
    assert [one.name for one in found] == [*own.BUILT_IN, "greeting"]
    assert [one.name for one in found if one.is_own] == ["reply", "greeting"]
    with pytest.raises(Mistake, match="greeting"):
        db.read(lambda tx: own.find(tx, where, "nonsense"))
    with pytest.raises(Mistake, match="system's own mails"):
        db.read(lambda tx: own.find_for_cases(tx, where, "failure"))
    with pytest.raises(Mistake, match="no template"):
        db.write(lambda tx: own.reset(tx, where, "test", "anna"))
