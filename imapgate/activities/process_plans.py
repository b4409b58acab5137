"""The processes and types that every segment starts with, as data."""

from __future__ import annotations

from dataclasses import dataclass

ASSIGN_TO_ME = "assign to me"
ACTUAL_START = "actual start"
ACTUAL_END = "actual end"
SEND_AS_MAIL = "send as mail"
EXPORT_AS_ATTACHMENT = "export as mail attachment"
OUTGOING = (SEND_AS_MAIL, EXPORT_AS_ATTACHMENT)
"""Actions that the room `outgoing` carries out."""
SEND_TEMPLATE = "send template"
"""Event of a transition that has a template; detail: template, to, transition, caused_by."""
EMAIL_CLASS = "E-Mail"


@dataclass(frozen=True, slots=True)
class TransitionPlan:
    """from_state, to_state: names; percent_complete: what the activity gets."""

    name: str
    from_state: str
    to_state: str
    percent_complete: int
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """states: the first one is the initial one. closed: those that end the work."""

    name: str
    states: tuple[str, ...]
    closed: frozenset[str]
    transitions: tuple[TransitionPlan, ...]


@dataclass(frozen=True, slots=True)
class TypePlan:
    name: str
    activity_class: str
    process: str


EMAIL = ProcessPlan(
    "E-Mail",
    ("New", "Open", "Closed"),
    frozenset({"Closed"}),
    (
        TransitionPlan("Assign", "New", "Open", 20, (ASSIGN_TO_ME, ACTUAL_START)),
        TransitionPlan("Add Note", "Open", "Open", 50),
        TransitionPlan("Send as mail", "Open", "Open", 50, (SEND_AS_MAIL,)),
        TransitionPlan("Export as mail attachment", "Open", "Open", 50, (EXPORT_AS_ATTACHMENT,)),
        TransitionPlan("Close", "Open", "Closed", 100, (ACTUAL_END,)),
    ),
)
BUG_AND_FEATURE = ProcessPlan(
    "Bug and feature",
    ("New", "In Progress", "Complete", "Closed"),
    frozenset({"Closed"}),
    (
        TransitionPlan("Assign", "New", "In Progress", 20),
        TransitionPlan("Add Note", "In Progress", "In Progress", 50),
        TransitionPlan("Complete", "In Progress", "Complete", 100),
        TransitionPlan("Reopen", "Complete", "In Progress", 50),
        TransitionPlan("Close", "Complete", "Closed", 100),
    ),
)
SIMPLE = ProcessPlan(
    "Simple",
    ("New", "In Progress", "Closed"),
    frozenset({"Closed"}),
    (
        TransitionPlan("Assign", "New", "In Progress", 20, (ASSIGN_TO_ME, ACTUAL_START)),
        TransitionPlan("Add Note", "In Progress", "In Progress", 50),
        TransitionPlan("Close", "In Progress", "Closed", 100, (ACTUAL_END,)),
    ),
)

PROCESSES = (EMAIL, BUG_AND_FEATURE, SIMPLE)
TYPES = (
    TypePlan("E-Mail", EMAIL_CLASS, EMAIL.name),
    TypePlan("Bug", "Incident", BUG_AND_FEATURE.name),
    TypePlan("Feature", "Incident", BUG_AND_FEATURE.name),
    TypePlan("Task", "Task", SIMPLE.name),
    TypePlan("Meeting", "Meeting", SIMPLE.name),
    TypePlan("Phone Call", "Phone Call", SIMPLE.name),
)
