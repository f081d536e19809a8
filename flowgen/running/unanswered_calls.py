"""The finding for a call that has no handler or mock: what it calls, and how to provide a result."""

from __future__ import annotations

from flowgen.diagnostics import Diagnostic
from flowgen.local.integrations import parse_service
from flowgen.local.runtime_types import Request
from flowgen.running.program import Program, step_of

ERROR = "NothingToCall"


def diagnostic(program: Program, request: Request, function: str | None, *, has_rules: bool) -> Diagnostic:
    """FG701 at the step whose call has no handler or mock."""
    what, ways = _what(program, request, function)
    notes: tuple[str, ...] = ()
    if has_rules:
        notes = (f"no mock of `{request.state}` matches attempt {request.attempt + 1} with this input",)
    verb = "waits for" if "token" in what else "calls"
    return Diagnostic(
        "FG701",
        f"`{step_of(request.state)}` {verb} {what}, which has no handler or mock",
        program.place(request.state),
        notes=notes,
        help="; or ".join([_snippet(request.state), *ways]),
    )


def _snippet(state: str) -> str:
    return f"mock it: `--mock mocks.yaml`, a file with `{state}: {{result: …}}`"


def _what(program: Program, request: Request, function: str | None) -> tuple[str, list[str]]:
    """A description of what is called, and the alternatives to a mock."""
    service = parse_service(request.resource)
    if function is not None:
        called = program.called.get(request.state)
        name = called.name if called is not None else function or "NAME"
        ways = [f"name a callable: `--task {name}=package.module:function`"]
        if function and not function.startswith("${"):
            ways.append("call the function in AWS: `--aws real`")
        return f"the function `{name}`", ways
    if service is None:
        way = f"name a callable: `--task {request.resource}=package.module:function`"
        return f"the activity `{request.resource}`", [way]
    if service.type == "http":
        return "the HTTP request", ["send it: `--aws real`"]
    if service.waits_for_token:
        return "the result of the task token", ["answer on a terminal"]
    if service.type == "states":
        return f"`{service.type}:{service.action}`", ["add the workflow to this project"]
    return f"`{service.type}:{service.action}`", ["call AWS (`--aws real`) or another endpoint (`--aws URL`)"]
