"""Values of parameters from an environment of the project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flowgen.diagnostics import Diagnostic, Sink
from flowgen.environments import checked, find, given_by

if TYPE_CHECKING:
    from flowgen.pipeline import Build, Report


def values(loaded: Build, name: str) -> dict[str, str] | Report:
    """The values of an environment as strings, or a report of what is wrong with them (FG540-FG542).

    They include parameters of the project's other workflows, since a workflow may run those.
    """
    from flowgen.pipeline import Report

    environment = find(loaded.found.project.environments, name)
    if isinstance(environment, Diagnostic):
        return Report((environment,), {})
    declared = {name: one.content for name, one in loaded.workflow.parameters.items()}
    if not environment.parameters.keys() <= declared.keys():
        declared = _of_project(loaded) | declared
    sink = Sink()
    texts = checked(declared, given_by(environment), sink)
    return Report(tuple(sink), {environment.file: environment.text}) if sink.failed else texts


def _of_project(loaded: Build) -> dict[str, dict[str, Any]]:
    """The parameters in the template of all workflows of the project."""
    from flowgen.pipeline import check_project, template

    found = check_project(loaded).loaded
    declared = {name: parameter.content for build in found for name, parameter in build.workflow.parameters.items()}
    text, _ = template(found, "json")
    return declared if text is None else json.loads(text).get("Parameters", {}) | declared
