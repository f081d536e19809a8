"""JSONPath states: fields that contain paths, and the flow of data through a state.

See "Input and Output Processing" in the States Language: InputPath, Parameters, ResultSelector, ResultPath, OutputPath,
and Assign. In Assign, `$` is the state's result, or its effective input if it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from flowgen.asl.errors import QuerySyntaxError
from flowgen.asl.jsonpath import Path, compile_path, write
from flowgen.asl.templates import Expression, Template, compile_expression, compile_template
from flowgen.local.failures import InvalidDefinition
from flowgen.local.values import JSON

if TYPE_CHECKING:
    from flowgen.local.frame import Frame

Reader: TypeAlias = "Callable[[Frame, JSON], JSON]"

_ROOT = "$"
_NO_CONTEXT: dict[str, JSON] = {}


def _path_reader(text: str) -> Reader | None:
    """The reader of InputPath or OutputPath, or None if it selects the whole document."""
    if text == _ROOT:
        return None
    path = _checked_path(text)
    read = path.read
    if path.is_context:
        return lambda frame, root: read(root, frame.variables, frame.context())
    return lambda frame, root: read(root, frame.variables, _NO_CONTEXT)


def _checked_path(text: JSON) -> Path:
    if not isinstance(text, str):
        raise InvalidDefinition("", "expected a path")
    try:
        return compile_path(text)
    except QuerySyntaxError as error:
        raise InvalidDefinition("", f"the path {text!r} is not valid: {error.message}") from None


def compile_reader(text: JSON, field: str) -> Reader:
    """The reader of a field with a path or a call of an intrinsic function."""
    if not isinstance(text, str):
        raise InvalidDefinition("", f"{field} must be a path")
    try:
        expression = compile_expression(text, field)
    except QuerySyntaxError as error:
        raise InvalidDefinition("", f"{field} {text!r} is not valid: {error.message}") from None
    return _evaluator(expression)


def compile_text(text: JSON, field: str) -> Reader:
    """The reader of a field whose path must select a string (ErrorPath, CausePath)."""
    read = compile_reader(text, field)

    def read_text(frame: Frame, root: JSON) -> JSON:
        value = read(frame, root)
        if not isinstance(value, str):
            raise frame.runtime_failure(f"The value for the field '{field}' must be a string: {text}")
        return value

    return read_text


def compile_payload(payload: JSON) -> Reader:
    """The reader of a payload template."""
    try:
        template = compile_template(payload)
    except QuerySyntaxError as error:
        raise InvalidDefinition("", f"the payload template is not valid: {error.message}") from None
    return _evaluator(template)


def compile_assign(entry: Mapping[str, JSON]) -> Reader | None:
    """The reader of the variables that a state, a rule or a catcher assigns."""
    if "Assign" not in entry:
        return None
    if not isinstance(entry["Assign"], dict):
        raise InvalidDefinition("", "Assign must be an object")
    return compile_payload(entry["Assign"])


def _evaluator(compiled: Template | Expression) -> Reader:
    evaluate = compiled.evaluate
    if isinstance(compiled, Template):
        paths = [path for _, expression in compiled.expressions for path in expression.paths]
    else:
        paths = list(compiled.paths)
    if any(path.is_context for path in paths):
        return lambda frame, root: evaluate(root, frame.variables, frame.context(), frame.run.random)
    return lambda frame, root: evaluate(root, frame.variables, _NO_CONTEXT, frame.run.random)


@dataclass(frozen=True, slots=True)
class JSONPathFlow:
    """The flow of data through a JSONPath state. A field that is missing or has no effect is None."""

    input_path: Reader | None
    parameters: Reader | None
    result_selector: Reader | None
    result_path: Path | None
    output_path: Reader | None
    assign: Reader | None
    discards_input: bool
    discards_result: bool
    discards_output: bool

    def enter(self, frame: Frame, raw: JSON) -> JSON:
        """The state's effective input: InputPath, then Parameters."""
        effective = self.select_input(frame, raw)
        if self.parameters is not None:
            effective = self.parameters(frame, effective)
        return effective

    def select_input(self, frame: Frame, raw: JSON) -> JSON:
        """The part of the input that InputPath selects."""
        if self.discards_input:
            effective: JSON = {}
        else:
            effective = raw if self.input_path is None else self.input_path(frame, raw)
        if frame.trial is not None:
            frame.trial.inspection["afterInputPath"] = effective
        return effective

    def leave(self, frame: Frame, raw: JSON, _effective: JSON, result: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        """The output (ResultSelector, ResultPath into the raw input, OutputPath) and the variables that it assigns."""
        # "In Task, Map, Parallel states, the $ refers to the API/sub-workflow result" (developer guide, "Variables").
        assigned = None if self.assign is None else self.assign(frame, result)
        if self.result_selector is not None:
            result = self.result_selector(frame, result)
        if self.discards_result:
            output = raw
        else:
            output = result if self.result_path is None else write(self.result_path, raw, result)
        if frame.trial is not None:
            frame.trial.inspection["afterResultSelector"] = result
            frame.trial.inspection["afterResultPath"] = output
        return self._select_output(frame, output), assigned

    def pass_on(self, frame: Frame, raw: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        """The same for a state without a result: InputPath, then OutputPath."""
        effective = self.select_input(frame, raw)
        assigned = None if self.assign is None else self.assign(frame, effective)
        return self._select_output(frame, effective), assigned

    def _select_output(self, frame: Frame, output: JSON) -> JSON:
        if self.discards_output:
            return {}
        return output if self.output_path is None else self.output_path(frame, output)


def compile_flow(state: Mapping[str, JSON]) -> JSONPathFlow:
    """Compile the flow of data through a JSONPath state."""
    input_path, output_path = state.get("InputPath", _ROOT), state.get("OutputPath", _ROOT)
    result_path = state.get("ResultPath", _ROOT)
    return JSONPathFlow(
        input_path=None if input_path is None else _path_reader(input_path),
        parameters=compile_payload(state["Parameters"]) if "Parameters" in state else None,
        result_selector=compile_payload(state["ResultSelector"]) if "ResultSelector" in state else None,
        result_path=None if result_path is None or result_path == _ROOT else _checked_path(result_path),
        output_path=None if output_path is None else _path_reader(output_path),
        assign=compile_assign(state),
        discards_input=input_path is None,
        discards_result=result_path is None,
        discards_output=output_path is None,
    )


def compile_caught(
    catcher: Mapping[str, JSON], _location: str
) -> Callable[[Frame, JSON, JSON], tuple[JSON, dict[str, JSON] | None]]:
    """Compile a catcher: to the error output, inserted into the state's input by ResultPath, and Assign."""
    result_path = catcher.get("ResultPath", _ROOT)
    path = None if result_path is None or result_path == _ROOT else _checked_path(result_path)
    assign = compile_assign(catcher)

    def caught(frame: Frame, raw: JSON, error_output: JSON) -> tuple[JSON, dict[str, JSON] | None]:
        assigned = None if assign is None else assign(frame, error_output)
        if result_path is None:
            return raw, assigned
        return (error_output if path is None else write(path, raw, error_output)), assigned

    return caught
