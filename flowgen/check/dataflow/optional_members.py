"""Members of AWS responses that a workflow requires, but that are optional in AWS's models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowgen.check.names import tasks
from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model import Aws, Workflow
from flowgen.model.steps import kind_span

Relied = Mapping[tuple[str, str], Mapping[Span, None]]
"""The places that require a member of a response, by the id of the step and the name of the member."""

_MOST_PLACES = 4
"""The maximum number of places in one finding."""


def unguarded(workflow: Workflow, relied: Relied) -> Iterator[Diagnostic]:
    """FG312: optional members of a response that are read without a guard, in one finding per call.

    The finding is at the call, where the user can declare a type.
    """
    for step in tasks(workflow):
        places = {member: list(found) for (id_, member), found in relied.items() if id_ == step.id}
        if not isinstance(step, Aws) or not places:
            continue
        action = f"{step.action.service}:{step.action.name}{step.action.pattern}"
        uses = [Label(place, f"needs {member}") for member, found in places.items() for place in found]
        yield Diagnostic(
            "FG312",
            f"the response of `{action}` may lack {_listed(places)}, which is read without a guard",
            kind_span(step),
            "most members of a response are optional in AWS's model",
            secondary=tuple(sorted(uses, key=lambda label: label.span)[:_MOST_PLACES]),
            help="guard it (`$exists(x) ? x : …`), or declare the members that are always present with `output: TYPE`",
        )


def _listed(members: Mapping[str, object]) -> str:
    names = list(members)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
