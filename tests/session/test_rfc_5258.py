"""LIST-EXTENDED: the examples of RFC 5258 5, and its rules.

dave is in no group, so his own folders are all there is. The folders that everybody has are left
out of what is compared, and every line carries \\HasChildren or \\HasNoChildren, which the examples
show only where they are asked for (RFC 5258 4 lets a server always tell them).
"""

from __future__ import annotations

import pytest
from transcript import Stage

HOME = ("Archive", "Drafts", "Junk", '"Recovered Messages"', "Sent", "Trash")


def tree(stage: Stage, *names: str, subscribed: tuple[str, ...] = ()) -> None:
    """Folders in which only the named ones are subscribed; what ends in `-` is deleted again."""
    kept = [name.removesuffix("-") for name in names]
    say(stage, "UNSUBSCRIBE INBOX")
    for name in kept:
        say(stage, f"CREATE {name}")
    for name in subscribed:
        say(stage, f"SUBSCRIBE {name}")
    for name in names:
        if name.endswith("-"):
            say(stage, f"DELETE {name.removesuffix('-')}")


def say(stage: Stage, command: str) -> list[str]:
    client = stage.client("dave")
    client.send(f"a {command}\r\n".encode())
    *lines, last = client.read()
    client.lines.clear()
    assert last.startswith("a OK"), (command, last)
    return lines


def listed(stage: Stage, command: str) -> list[str]:
    """`attributes name CHILDINFO` of what isn't everybody's, the child attributes left out unless
    asked for."""
    found = []
    for line in say(stage, command):
        told = line.removeprefix("* LIST ").replace(' "/" ', " ")
        if not any(f") {name}" in told for name in HOME):
            if "CHILDREN" not in command:
                for one in ("\\HasNoChildren", "\\HasChildren"):
                    told = told.replace(f"{one} ", "").replace(f" {one}", "").replace(one, "")
            found.append(told)
    return found


FRUIT = ("Fruit/Apple", "Fruit/Banana", "Fruit/Peach-", "Tofu", "Vegetable/Broccoli")
FRUIT = (*FRUIT, "Vegetable/Corn")
EATEN = ("INBOX", "Fruit/Banana", "Fruit/Peach", "Vegetable", "Vegetable/Broccoli")


def test_examples_1_to_3_subscribed_names_and_children(stage: Stage) -> None:
    tree(stage, *FRUIT, subscribed=EATEN)
    assert listed(stage, 'LIST "" "*"') == [
        "() INBOX",
        "() Fruit",
        "() Fruit/Apple",
        "() Fruit/Banana",
        "() Tofu",
        "() Vegetable",
        "() Vegetable/Broccoli",
        "() Vegetable/Corn",
    ]
    assert listed(stage, 'LIST (SUBSCRIBED) "" "*"') == [
        r"(\Subscribed) INBOX",
        r"(\Subscribed) Fruit/Banana",
        r"(\NonExistent \Subscribed) Fruit/Peach",
        r"(\Subscribed) Vegetable",
        r"(\Subscribed) Vegetable/Broccoli",
    ]
    assert listed(stage, 'LIST () "" "%" RETURN (CHILDREN)') == [
        r"(\HasNoChildren) INBOX",
        r"(\HasChildren) Fruit",
        r"(\HasNoChildren) Tofu",
        r"(\HasChildren) Vegetable",
    ]


def test_examples_4_to_6_remote_adds_nothing_where_nothing_is_remote(stage: Stage) -> None:
    """And a return option adds no name: Fruit/Peach is subscribed, but isn't there."""
    tree(stage, *FRUIT, subscribed=EATEN)
    plain = say(stage, 'LIST () "" "%" RETURN (CHILDREN)')
    assert say(stage, 'LIST (REMOTE) "" "%" RETURN (CHILDREN)') == plain
    subscribed = say(stage, 'LIST (SUBSCRIBED) "" "*"')
    assert say(stage, 'LIST (REMOTE SUBSCRIBED) "" "*"') == subscribed
    assert listed(stage, 'LIST (REMOTE) "" "*" RETURN (SUBSCRIBED)') == [
        r"(\Subscribed) INBOX",
        "() Fruit",
        "() Fruit/Apple",
        r"(\Subscribed) Fruit/Banana",
        "() Tofu",
        r"(\Subscribed) Vegetable",
        r"(\Subscribed) Vegetable/Broccoli",
        "() Vegetable/Corn",
    ]


def test_example_7_several_patterns_and_each_name_once(stage: Stage) -> None:
    tree(stage, "Sent/March2004", "Sent/December2003", "Sent/August2004/x")
    assert [
        line.split(' "/" ')[1] for line in say(stage, 'LIST "" ("INBOX" "Drafts" "Sent/%")')
    ] == [
        "INBOX",
        "Drafts",
        "Sent/August2004",
        "Sent/December2003",
        "Sent/March2004",
    ]
    assert len(say(stage, 'LIST "" (INBOX inbox "I*" %BOX)')) == 1


def test_example_8_childinfo_is_about_subscribed_children(stage: Stage) -> None:
    tree(stage, "Foo/Bar", "Foo/Baz", "Moo", subscribed=("Foo/Baz",))
    assert listed(stage, 'LIST "" "%" RETURN (CHILDREN)') == [
        r"(\HasNoChildren) INBOX",
        r"(\HasChildren) Foo",
        r"(\HasNoChildren) Moo",
    ]
    assert listed(stage, 'LIST (SUBSCRIBED) "" "*"') == [r"(\Subscribed) Foo/Baz"]
    assert listed(stage, 'LIST (SUBSCRIBED) "" "%"') == []
    recursive = 'LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"'
    assert listed(stage, recursive) == ['() Foo ("CHILDINFO" ("SUBSCRIBED"))']
    say(stage, "SUBSCRIBE Foo")
    assert listed(stage, recursive) == [r'(\Subscribed) Foo ("CHILDINFO" ("SUBSCRIBED"))']
    say(stage, "UNSUBSCRIBE Foo/Baz")
    say(stage, "SUBSCRIBE Moo")
    assert listed(stage, recursive + " RETURN (CHILDREN)") == [
        r"(\HasChildren \Subscribed) Foo",
        r"(\HasNoChildren \Subscribed) Moo",
    ]
    say(stage, "UNSUBSCRIBE Foo")
    say(stage, "UNSUBSCRIBE Moo")
    assert listed(stage, recursive) == []


def test_example_8_a_parent_that_isnt_there(stage: Stage) -> None:
    """A2: told with CHILDINFO all the same; nothing without RECURSIVEMATCH."""
    tree(stage, "Foo/Baz-", subscribed=("Foo/Baz",))
    say(stage, "DELETE Foo")
    assert listed(stage, 'LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"') == [
        r'(\NonExistent) Foo ("CHILDINFO" ("SUBSCRIBED"))'
    ]
    assert listed(stage, 'LIST (SUBSCRIBED) "" "%"') == []


def test_example_9_childinfo_whether_or_not_children_match(stage: Stage) -> None:
    """What is told only for a child that is told itself is left out (3.5, SHOULD)."""
    below = ("foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2/mamba")
    tree(stage, *below, "qux2/bar2", subscribed=(*below, "eps2", "qux2/bar2"))
    childinfo = ' ("CHILDINFO" ("SUBSCRIBED"))'
    assert listed(stage, 'LIST (RECURSIVEMATCH SUBSCRIBED) "" "*2"') == [
        r"(\Subscribed) baz2/bar2",
        r"(\Subscribed) baz2/bar22",
        r"(\Subscribed) baz2/bar222",
        r"(\Subscribed) eps2" + childinfo,
        r"() foo2" + childinfo,
        r"(\Subscribed) foo2/bar2",
        r"(\Subscribed) qux2/bar2",
    ]
    assert listed(stage, 'LIST (RECURSIVEMATCH SUBSCRIBED) "" "*"') == [
        r"(\Subscribed) baz2/bar2",
        r"(\Subscribed) baz2/bar22",
        r"(\Subscribed) baz2/bar222",
        r"(\Subscribed) eps2" + childinfo,
        r"(\Subscribed) eps2/mamba",
        r"(\Subscribed) foo2/bar1",
        r"(\Subscribed) foo2/bar2",
        r"(\Subscribed) qux2/bar2",
    ]


def test_example_10_childinfo_doesnt_mean_children(stage: Stage) -> None:
    tree(stage, "foo/bar-", subscribed=("foo/bar",))
    assert listed(stage, 'LIST "" ("foo" "foo/*")') == ["() foo"]
    assert listed(stage, 'LIST (SUBSCRIBED) "" "foo/*"') == [r"(\NonExistent \Subscribed) foo/bar"]
    assert listed(stage, 'LIST (SUBSCRIBED RECURSIVEMATCH) "" foo RETURN (CHILDREN)') == [
        r'(\HasNoChildren) foo ("CHILDINFO" ("SUBSCRIBED"))'
    ]


def test_an_empty_pattern_has_no_meaning_in_an_extended_list(stage: Stage) -> None:
    """3: it asks for the separator in the plain command alone."""
    for command in (
        'LIST () "" ""',
        'LIST "" ("")',
        'LIST "" "" RETURN ()',
        'LIST (SUBSCRIBED) "Sent" ""',
    ):
        assert say(stage, command) == [], command
    assert say(stage, 'LIST "" ("" Sent)') == [r'* LIST (\HasNoChildren \Sent) "/" Sent']
    assert say(stage, 'LIST "" ""') == [r'* LIST (\Noselect) "/" ""']


def test_every_criterion_has_to_be_met(stage: Stage) -> None:
    """RFC 5258 3: subscribed and with a special use, also for children."""
    say(stage, "UNSUBSCRIBE Junk")
    say(stage, "UNSUBSCRIBE Trash")
    say(stage, "CREATE Sent/Old")
    say(stage, "SUBSCRIBE Sent/Old")
    assert say(stage, 'LIST (SPECIAL-USE SUBSCRIBED RECURSIVEMATCH) "" "*"') == [
        r'* LIST (\HasNoChildren \Archive \Subscribed) "/" Archive',
        r'* LIST (\HasNoChildren \Drafts \Subscribed) "/" Drafts',
        r'* LIST (\HasChildren \Sent \Subscribed) "/" Sent',
    ]


def test_a_heading_and_its_groups(stage: Stage) -> None:
    """A subscribed group stands below its heading; view-only groups aren't subscribed."""
    stage.run(r"""
        carol C: a LIST (SUBSCRIBED RECURSIVEMATCH) "" Tra%
        carol S: * LIST (\HasNoChildren \Trash \Subscribed) "/" Trash
        carol S: a OK ...
        carol C: b SUBSCRIBE Trackers/Support
        carol S: b OK ...
        carol C: c LIST (SUBSCRIBED RECURSIVEMATCH) "" Track%
        carol S: * LIST (\HasChildren) "/" Trackers ("CHILDINFO" ("SUBSCRIBED"))
        carol S: c OK ...
        carol C: d LIST "" Track* RETURN (SUBSCRIBED CHILDREN)
        carol S: * LIST (\HasChildren) "/" Trackers
        carol S: * LIST (\HasNoChildren \Subscribed) "/" Trackers/Support
        carol S: d OK ...
    """)


def test_names_in_utf8_once_that_is_enabled(stage: Stage) -> None:
    stage.run(r"""
        C: a LIST "" Trackers/B* RETURN (MYRIGHTS STATUS (MESSAGES))
        S: * LIST (\HasNoChildren) "/" "Trackers/B&APw-ro &- Ablage"
        S: * MYRIGHTS "Trackers/B&APw-ro &- Ablage" lrswited
        S: * STATUS "Trackers/B&APw-ro &- Ablage" (MESSAGES 0)
        S: a OK ...
    """)
    stage.client("alice").protocol._session.enabled.add("UTF8=ACCEPT")
    stage.run(r"""
        C: a LIST "" Trackers/B* RETURN (MYRIGHTS STATUS (MESSAGES))
        S: * LIST (\HasNoChildren) "/" "Trackers/Büro & Ablage"
        S: * MYRIGHTS "Trackers/Büro & Ablage" lrswited
        S: * STATUS "Trackers/Büro & Ablage" (MESSAGES 0)
        S: a OK ...
    """)


@pytest.mark.parametrize("options", ["RECURSIVEMATCH", "REMOTE RECURSIVEMATCH", "FOO"])
def test_bad_options_change_nothing(stage: Stage, options: str) -> None:
    """3.1: RECURSIVEMATCH alone is BAD; so is what isn't known (3)."""
    stage.run(f"""
        C: a LIST ({options}) "" *
        S: a BAD Expected ...
        C: b NOOP
        S: b OK ...
    """)
