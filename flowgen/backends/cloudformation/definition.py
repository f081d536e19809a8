"""A state machine's definition, made fit to stand in a template.

Two programs read it on its way to Step Functions. CloudFormation takes `Ref` and `Fn::…` keys and `{{resolve:…}}` texts
for its own, and refuses null. Then the handler of `AWS::StepFunctions::StateMachine` writes the object as JSON text and
replaces each `${key}` of `DefinitionSubstitutions` wherever it stands, texts and keys included, until none is left; any
other `${…}` it leaves alone (its source: aws-cloudformation-resource-providers-stepfunctions, `DefinitionProcessor`).
What a workflow says must come through both as it was written. So the keys are such that no text of the workflow holds
them, and a word that CloudFormation would act on is itself put in by the handler.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from flowgen.backends.cloudformation.intrinsics import VARIABLE, Intrinsic, arn_of
from flowgen.backends.cloudformation.units import Unit
from flowgen.compile import function_placeholder

LAMBDA_INVOKE = "arn:aws:states:::lambda:invoke"
_MACHINES = ("ItemProcessor", "Iterator")

_IN_KEYS = re.compile(r"\A(?:Ref\Z|Fn(?=::))")
_IN_TEXTS = re.compile(rf"(?<=\{{\{{)resolve(?=:)|{VARIABLE.pattern}")
_KEYS = {"Ref": "Reference", "Fn": "Function", "resolve": "Resolve", "$": "Dollar"}
_NULL = "{% null %}"


@dataclass(frozen=True, slots=True)
class Placement:
    """A definition for a template, its `DefinitionSubstitutions`, and the functions that it calls.

    `invoked` are names of the contract, in the order of the file.
    """

    definition: dict[str, Any]
    substitutions: dict[str, str | Intrinsic]
    invoked: tuple[str, ...]


def place(unit: Unit) -> Placement:
    """The definition of a unit for a template. JSONata only: a null is written as an expression."""
    return _Placing(unit).placement()


def _states(machine: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every state of a machine, those of branches and maps included."""
    for state in machine["States"].values():
        yield state
        for inner in (*state.get("Branches", ()), *(state[key] for key in _MACHINES if key in state)):
            yield from _states(inner)


def _called(state: Mapping[str, Any]) -> str | None:
    """The `FunctionName` of a state that calls Lambda."""
    if state["Type"] != "Task" or not state["Resource"].startswith(LAMBDA_INVOKE):
        return None
    name = state["Arguments"]["FunctionName"]
    return name if isinstance(name, str) else None


class _Placing:
    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.text = json.dumps(unit.definition)
        self.called = [name for state in _states(unit.definition) if (name := _called(state)) is not None]
        self.substitutions: dict[str, str | Intrinsic] = {}
        self.placeholders: dict[str, str] = {}
        self.words: dict[str, str] = {}

    def placement(self) -> Placement:
        invoked = []
        for name, function in self.unit.workflow.functions.items():
            written = function.arn or f"${{{function_placeholder(name)}}}"
            if written not in self.called:
                continue
            invoked.append(name)
            if function.arn is None:
                key = self._key(function_placeholder(name), self.called.count(written))
                self.placeholders[written] = f"${{{key}}}"
                self.substitutions[key] = arn_of(self.unit.function(name).function)
        return Placement(self._machine(self.unit.definition), self.substitutions, tuple(invoked))

    def _key(self, wanted: str, ours: int = 0) -> str:
        """A key whose `${key}` stands in the definition only where we put it: `ours` times."""
        if self.text.count(f"${{{wanted}}}") == ours:
            return wanted
        return next(key for number in count(2) if f"${{{(key := f'{wanted}{number}')}}}" not in self.text)

    def _machine(self, machine: Mapping[str, Any]) -> dict[str, Any]:
        states = {self._string(name): self._state(state) for name, state in machine["States"].items()}
        return {key: states if key == "States" else self._value(value) for key, value in machine.items()}

    def _state(self, state: Mapping[str, Any]) -> dict[str, Any]:
        placed: dict[str, Any] = {}
        called = _called(state)
        for key, value in state.items():
            if key == "Branches":
                placed[key] = [self._machine(branch) for branch in value]
            elif key in _MACHINES:
                placed[key] = self._machine(value)
            elif key == "Arguments" and called in self.placeholders:
                placed[key] = self._value({**value, "FunctionName": ""}) | {"FunctionName": self.placeholders[called]}
            else:
                placed[key] = self._value(value)
        return placed

    def _value(self, value: Any) -> Any:
        match value:
            case None:
                return _NULL
            case str():
                return self._string(value)
            case list():
                return [self._value(item) for item in value]
            case dict():
                return {_IN_KEYS.sub(self._word, self._string(key)): self._value(item) for key, item in value.items()}
            case _:
                return value

    def _string(self, text: str) -> str:
        return _IN_TEXTS.sub(self._word, text) if "{{" in text or "${" in text else text

    def _word(self, match: re.Match[str]) -> str:
        """A word that CloudFormation must not see, spelled so that the handler puts it in."""
        word = match[0]
        if word not in self.words:
            self.words[word] = self._key(_KEYS[word])
            self.substitutions[self.words[word]] = word
        return f"${{{self.words[word]}}}"
