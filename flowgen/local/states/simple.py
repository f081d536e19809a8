"""Pass, Succeed and Fail: states that only pass data on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowgen.local import jsonata_query, jsonpath_query
from flowgen.local.failures import StateFailure
from flowgen.local.fields import as_text
from flowgen.local.states.base import Source, State, Step

if TYPE_CHECKING:
    from flowgen.local.frame import Frame
    from flowgen.local.values import JSON


def compile_pass(source: Source) -> State:
    """A Pass state. Its result is Result if set (JSONPath), otherwise its effective input."""
    flow, following = source.flow(), source.next
    if source.is_jsonata:

        def pass_jsonata(frame: Frame, raw: JSON) -> Step:
            output, assigned = flow.pass_on(frame, raw)
            return Step(output, following, assigned)

        return State(source.name, "Pass", pass_jsonata)
    fixed = source.definition.get("Result")

    def pass_fixed(frame: Frame, raw: JSON) -> Step:
        if frame.trial is not None:
            frame.trial.inspection["result"] = fixed
        output, assigned = flow.leave(frame, raw, raw, fixed)
        return Step(output, following, assigned)

    def pass_jsonpath(frame: Frame, raw: JSON) -> Step:
        effective = flow.enter(frame, raw)
        if frame.trial is not None:
            frame.trial.inspection["afterParameters"] = effective
        output, assigned = flow.leave(frame, raw, effective, effective)
        return Step(output, following, assigned)

    return State(source.name, "Pass", pass_fixed if "Result" in source.definition else pass_jsonpath)


def compile_succeed(source: Source) -> State:
    """A Succeed state: its machine succeeds."""
    flow = source.flow()

    def succeed(frame: Frame, raw: JSON) -> Step:
        output, assigned = flow.pass_on(frame, raw)
        return Step(output, None, assigned)

    return State(source.name, "Succeed", succeed)


def compile_fail(source: Source) -> State:
    """A Fail state: its machine fails. The error and the cause may be missing."""
    definition = source.definition
    if source.is_jsonata:
        values = {
            field: jsonata_query.compile_typed(definition[field], field, "string")
            for field in ("Error", "Cause")
            if field in definition
        }

        def fail_jsonata(frame: Frame, raw: JSON) -> Step:
            failure = {field: evaluator(frame, {"input": raw}) for field, evaluator in values.items()}
            raise StateFailure(failure.get("Error"), failure.get("Cause"))

        return State(source.name, "Fail", fail_jsonata)
    error, cause = (
        as_text(definition[field], f"{source.pointer}/{field}") if field in definition else None
        for field in ("Error", "Cause")
    )
    texts = {
        field: jsonpath_query.compile_text(definition[path], path)
        for field, path in (("Error", "ErrorPath"), ("Cause", "CausePath"))
        if path in definition
    }

    def fail_jsonpath(frame: Frame, raw: JSON) -> Step:
        if frame.trial is not None:
            frame.trial.inspection["afterInputPath"] = raw
        failure = {field: evaluator(frame, raw) for field, evaluator in texts.items()}
        raise StateFailure(failure.get("Error", error), failure.get("Cause", cause))

    return State(source.name, "Fail", fail_jsonpath)
