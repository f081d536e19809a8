"""Prepares a state machine's definition for a template.

Two programs process the definition before Step Functions sees it. CloudFormation evaluates `Ref` and `Fn::…` keys and
`{{resolve:…}}` strings, and rejects null. Then the handler of `AWS::StepFunctions::StateMachine` serializes the object
and replaces each `${key}` of `DefinitionSubstitutions` everywhere, keys and strings included, until none is left; it
leaves any other `${…}` alone (source: aws-cloudformation-resource-providers-stepfunctions, `DefinitionProcessor`).
A workflow's text must pass through both unchanged. So the chosen keys occur nowhere in the workflow, and a word that
CloudFormation would evaluate is itself inserted by a substitution.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from flowgen.backends.cloudformation.calls import MACHINES, arguments_of, tags_of
from flowgen.backends.cloudformation.intrinsics import VARIABLE, Intrinsic, ref, sub
from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.template.functions import invoke_arn
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.compile.names import called_as, connection_placeholder, function_placeholder, workflow_placeholder
from flowgen.compile.substitutions import placeholder, substitutions
from flowgen.model import Asl, Aws, Call, Http, RunWorkflow, Step
from flowgen.source import plain

LAMBDA_INVOKE = "arn:aws:states:::lambda:invoke"

_IN_KEYS = re.compile(r"\A(?:Ref\Z|Fn(?=::))")
_IN_TEXTS = re.compile(rf"(?<=\{{\{{)resolve(?=:)|{VARIABLE.pattern}")
_KEYS = {"Ref": "Reference", "Fn": "Function", "resolve": "Resolve", "$": "Dollar"}
_NULL = "{% null %}"


@dataclass(frozen=True, slots=True)
class Placement:
    """A definition for a template, its `DefinitionSubstitutions` and the functions that it calls.

    `invoked` has the names of functions, in file order.
    """

    definition: dict[str, Any]
    substitutions: dict[str, str | Intrinsic]
    invoked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Hole:
    """A path in a state whose value is a placeholder, and the value that replaces it."""

    path: tuple[str, ...]
    placeholder: str
    value: str | Intrinsic


def place(stack: WorkflowStack, context: StackContext) -> Placement:
    """The definition of a workflow for a template. JSONata only: null becomes an expression."""
    return _Placing(stack, context).placement()


class _Placing:
    def __init__(self, stack: WorkflowStack, context: StackContext) -> None:
        self.stack = stack
        self.context = context
        self.text = json.dumps(stack.definition, ensure_ascii=False)
        self.substitutions: dict[str, str | Intrinsic] = {}
        self.hole_keys: dict[str, str] = {}
        self.value_keys: dict[str, str] = {}
        self.words: dict[str, str] = {}
        self.steps = {id(owned.state): owned.step for owned in stack.states}
        self.holes = {id(owned.state): hole for owned in stack.states if (hole := self._hole(owned.state, owned.step))}
        self.stack_values: dict[str, Intrinsic] = substitutions(stack.workflow)
        self.tags: list[tuple[Any, str]] = []
        self.stack_value = re.compile(rf"\$\{{({'|'.join(map(re.escape, self.stack_values))})\}}")

    def placement(self) -> Placement:
        # A role that a task assumes has the permission to invoke.
        own = (owned for owned in self.stack.states if "Credentials" not in owned.state)
        called = [self._called(owned.state, owned.step) for owned in own]
        invoked = tuple(name for name in self.stack.workflow.functions if name in called)
        self._allocate()
        return Placement(self._machine(self.stack.definition), self.substitutions, invoked)

    def _called(self, state: Mapping[str, Any], step: Step | None) -> str | None:
        """The function that a state invokes for the workflow, by its name in the contract."""
        if isinstance(step, Aws | Asl) or not str(state.get("Resource", "")).startswith(LAMBDA_INVOKE):
            return None
        written = arguments_of(state)["FunctionName"]
        functions = self.stack.workflow.functions.items()
        if isinstance(step, Call):
            return step.function
        return next((name for name, function in functions if written == called_as(name, function)), None)

    def _hole(self, state: Mapping[str, Any], step: Step | None) -> _Hole | None:
        workflow = self.stack.workflow
        match step:
            case Call(function=name) if workflow.functions[name].activity:
                return _Hole(("Resource",), function_placeholder(name, activity=True), self._activity(name))
            case RunWorkflow(workflow=name):
                arn = self.context.start_arn(name)
                return _Hole(("Arguments", "StateMachineArn"), workflow_placeholder(name), arn)
            case Http(connection=name):
                path = ("Arguments", "Authentication", "ConnectionArn")
                return _Hole(path, connection_placeholder(name), self.context.connection_arn(name))
            case _:
                called = self._called(state, step)
                named = None if called is None else workflow.functions[called].arn
                if called is None or isinstance(named, str):
                    return None
                arn = invoke_arn(self.stack, called, self.context) if named is None else named
                return _Hole(("Arguments", "FunctionName"), function_placeholder(called), arn)

    def _activity(self, function: str) -> str | Intrinsic:
        """The ARN of an activity: one of the stack, or an existing one."""
        named = self.stack.workflow.functions[function].activity
        if isinstance(named, bool):
            return ref(self.stack.activity(function))
        if isinstance(named, dict) or named.startswith("arn:"):
            return named
        return sub(f"arn:${{AWS::Partition}}:states:${{AWS::Region}}:${{AWS::AccountId}}:activity:{named}")

    def _allocate(self) -> None:
        """Keys for all substitutions: first what states call, by name, then values."""
        holes = {hole.placeholder: hole for hole in self.holes.values()}
        ours = Counter(hole.placeholder for hole in self.holes.values())
        used = Counter(key for text in self._texts(self.stack.definition) for key in self.stack_value.findall(text))
        for _, hole in sorted(holes.items()):
            key = self.hole_keys[hole.placeholder] = self._key(hole.placeholder, ours[hole.placeholder])
            self.substitutions[key] = hole.value
        for name in sorted(self.stack_values):
            if used[name]:
                key = self.value_keys[name] = self._key(name, used[name])
                self.substitutions[key] = self.stack_values[name]

        for step in self.stack.steps.values():
            for tag in tags_of(step) if isinstance(step, Asl) else ():
                self._allocate_tag(plain(tag.node), placeholder(tag)[2:-1])

    def _allocate_tag(self, content: Any, wanted: str) -> None:
        if any(content == other for other, _ in self.tags):
            return
        key = next((key for key, value in self.substitutions.items() if value == content), None) or self._key(wanted)
        self.substitutions[key] = content
        self.tags.append((content, key))

    def _key(self, wanted: str, ours: int = 0) -> str:
        """A key whose `${key}` occurs in the definition only where we insert it: `ours` times."""
        if self.text.count(f"${{{wanted}}}") == ours and wanted not in self.substitutions:
            return wanted
        return next(
            key
            for number in count(2)
            if f"${{{(key := f'{wanted}{number}')}}}" not in self.text and key not in self.substitutions
        )

    def _texts(self, value: Any) -> Iterator[str]:
        """The strings that may contain stack values: all except the user's own, in comments and `asl` steps."""
        match value:
            case str():
                yield value
            case list():
                for item in value:
                    yield from self._texts(item)
            case dict() if not isinstance(self.steps.get(id(value)), Asl):
                for key, item in value.items():
                    if key != "Comment":
                        yield from self._texts(item)

    def _machine(self, machine: Mapping[str, Any], *, own: bool = False) -> dict[str, Any]:
        states = {self._string(name): self._state(state, own=own) for name, state in machine["States"].items()}
        return {
            key: states if key == "States" else self._value(value, own=own or key == "Comment")
            for key, value in machine.items()
        }

    def _state(self, state: Mapping[str, Any], *, own: bool) -> dict[str, Any]:
        placed: dict[str, Any] = {}
        own = own or isinstance(self.steps[id(state)], Asl)
        hole = self.holes.get(id(state))
        for key, value in (state if hole is None else _without(state, hole.path)).items():
            if key == "Branches":
                placed[key] = [self._machine(branch, own=own) for branch in value]
            elif key in MACHINES:
                placed[key] = self._machine(value, own=own)
            else:
                placed[key] = self._value(value, own=own or key == "Comment")
        return placed if hole is None else _with(placed, hole.path, f"${{{self.hole_keys[hole.placeholder]}}}")

    def _value(self, value: Any, *, own: bool) -> Any:
        """A value with stack values replaced, unless its strings are the user's `own`."""
        match value:
            case None:
                return _NULL
            case str():
                return self._string(value, own=own)
            case list():
                return [self._value(item, own=own) for item in value]
            case dict() if own and (key := next((key for tag, key in self.tags if tag == value), None)):
                return f"${{{key}}}"
            case dict():
                return {
                    _IN_KEYS.sub(self._word, self._string(key)): self._value(item, own=own)
                    for key, item in value.items()
                }
            case _:
                return value

    def _string(self, text: str, *, own: bool = True) -> str:
        if "{{" not in text and "${" not in text:
            return text
        if own or not self.stack_values:
            return _IN_TEXTS.sub(self._word, text)
        pieces = self.stack_value.split(text)
        return "".join(
            f"${{{self.value_keys[piece]}}}" if index % 2 else _IN_TEXTS.sub(self._word, piece)
            for index, piece in enumerate(pieces)
        )

    def _word(self, match: re.Match[str]) -> str:
        """A word that CloudFormation must not see, replaced by a key that the handler replaces back."""
        word = match[0]
        if word not in self.words:
            self.words[word] = self._key(_KEYS[word])
            self.substitutions[self.words[word]] = word
        return f"${{{self.words[word]}}}"


def _without(value: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    first, *rest = path
    return {**value, first: _without(value[first], tuple(rest)) if rest else ""}


def _with(value: Mapping[str, Any], path: tuple[str, ...], text: str) -> dict[str, Any]:
    first, *rest = path
    return {**value, first: _with(value[first], tuple(rest), text) if rest else text}
