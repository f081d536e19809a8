"""Members of AWS responses that a workflow relies on, and that AWS's models call optional."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model import Aws, Workflow
from flowgen.model.steps import kind_span

Relied = Mapping[tuple[str, str], Mapping[Span, None]]
"""The places where a member of a response must be there, by the id of the step that gets it and what it is."""

_MOST_PLACES = 4
"""How many places one finding shows."""


def unguarded(workflow: Workflow, relied: Relied) -> Iterator[Diagnostic]:
    """FG312: what a response may lack, and is read as if it were there: one finding for each call.

    It stands at the call: that is where a type can be declared, or the response trusted.
    """
    for step in tasks(workflow):
        places = {member: list(found) for (id_, member), found in relied.items() if id_ == step.id}
        if not isinstance(step, Aws) or not places:
            continue
        action = f"{step.action.service}:{step.action.name}{step.action.pattern}"
        uses = [Label(place, f"needs {member}") for member, found in places.items() for place in found]
        yield Diagnostic(
            "FG312",
            f"the response of `{action}` may lack {_listed(places)}, and nothing guards what needs it",
            kind_span(step),
            "AWS's model calls most of a response optional",
            secondary=tuple(sorted(uses, key=lambda label: label.span)[:_MOST_PLACES]),
            help="guard it (`$exists(x) ? x : …`), or declare with `output: TYPE` what is surely there",
        )


def _listed(members: Mapping[str, object]) -> str:
    names = list(members)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
