"""`imapgate doctor` on templates."""

from __future__ import annotations

from command import Command
from doctoring import look, sql

OWN = "INSERT INTO mail_template (segment_id, name, subject, text, changed_at) VALUES (1, {}, 0)"
SENDS = "UPDATE process_transition SET template = '{}', template_to = '[]' WHERE name = 'Complete'"


def test_templates_that_can_t_be_used_are_told(demo: Command) -> None:
    """And what becomes of the mails: say, an earlier release's, whose values were called
    otherwise."""
    assert look(demo)["templates"]["state"] == "ok"
    sql(
        demo,
        OWN.format("'reply', 'x', '{{ gone }}'"),
        OWN.format("'own', 'x', '{{ gone }}'"),
        OWN.format("'fine', 'x', 'y'"),
        SENDS.format("nonsense"),
    )
    found = look(demo)["templates"]
    assert found["state"] == "problem"
    assert len(found["found"]) == 3
    first, second, third = sorted(found["found"])
    assert first.startswith('Segment Standard: The text of template "own" is not fit: there is no')
    assert first.endswith("Nothing is sent by it.")
    assert second.endswith("The usual one is sent.")
    assert '"Complete" of "Bug and feature" sends nothing. There is no template "nonsense"' in third
    assert "imapgate template show" in found["advice"]
