"""Random machines in Amazon States Language, valid ones: every kind of state, both query languages, made from a seed.

Every transition leads forward but for loops that a counter ends, so that each machine ends. What a task's function does
follows from its name: see `call`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

JSON = Any

ARN = "arn:aws:lambda:us-east-1:111111111111:function:"
FUNCTIONS = ("echo", "count", "wrap", "fail_one", "fail_two", "fail_if_odd")
ERRORS = ("One", "Two", "States.ALL", "States.TaskFailed")

JSONATA = (
    "{% $states.input %}",
    "{% $states.input.a %}",
    "{% $states.input.list[0] %}",
    "{% $count($states.input.list) %}",
    "{% [$states.input.list, 1] %}",
    "{% $merge([$states.input, {'b': 'text'}]) %}",
    "{% $states.input.a + 1 %}",
    "{% $string($states.input) %}",
    "{% $states.input.missing %}",
    "{% $exists($x) ? $x : null %}",
    "{% $states.context.Execution.Name %}",
    "{% $sum($states.input.list) / 0.5 %}",
    "{% $filter($states.input.list, function($v) { $v > 1 }) %}",
)
CONDITIONS = (
    "{% $states.input.a = 1 %}",
    "{% $count($states.input.list) > 1 %}",
    "{% $exists($states.input.b) and $type($states.input.b) = 'string' %}",
    "{% $states.input.a %}",
    "{% $not($exists($states.input.missing)) %}",
)
PATHS = ("$", "$.a", "$.list", "$.list[0]", "$.list[*]", "$.b", "$.missing", "$$.Execution.Name", "$.list[-1:]")
INTRINSICS = (
    "States.ArrayLength($.list)",
    "States.Array($.a, 'x', 1)",
    "States.Format('{} and {}', $.a, $.b)",
    "States.MathAdd($.a, 1)",
    "States.JsonToString($)",
    "States.ArrayContains($.list, 2)",
    "States.ArrayGetItem($.list, 0)",
    "States.JsonMerge($, $, false)",
    "States.StringSplit($.b, 'e')",
    "States.ArrayRange(1, 4, 2)",
)
RULES: tuple[dict[str, JSON], ...] = (
    {"Variable": "$.a", "NumericEquals": 1},
    {"Variable": "$.a", "NumericGreaterThanPath": "$.list[0]"},
    {"Variable": "$.b", "IsPresent": True},
    {"Variable": "$.b", "StringMatches": "t*t"},
    {"Not": {"Variable": "$.missing", "IsPresent": True}},
    {"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "IsNumeric": True}]},
    {"Or": [{"Variable": "$.list", "IsNull": True}, {"Variable": "$", "IsBoolean": False}]},
    {"Variable": "$.missing", "BooleanEquals": True},
)

INPUTS: tuple[JSON, ...] = (
    {"a": 1, "b": "text", "list": [1, 2, 3]},
    {"a": 2, "list": []},
    {"a": "1", "b": None, "list": [{"a": 1, "list": [1]}, {"a": 2, "list": []}]},
    [1, 2],
    {},
)


def call(name: str, payload: JSON) -> JSON:
    """What the function of a name does. Raises an exception of the class that the name tells."""
    match name:
        case "echo":
            return payload
        case "count":
            return len(payload) if isinstance(payload, dict | list) else 0
        case "wrap":
            return {"a": 1, "b": "text", "list": [1, 2, 3], "was": payload}
        case "fail_one":
            raise One("on purpose")
        case "fail_two":
            raise Two("on purpose")
        case "fail_if_odd":
            if isinstance(payload, dict) and payload.get("a") == 1:
                raise One("odd")
            return payload
        case _:
            raise ValueError(name)


class One(Exception):  # noqa: N818 - the name of the error is the class's
    """An error of a task."""


class Two(Exception):  # noqa: N818 - likewise
    """Another."""


def tasks() -> dict[str, Callable[[JSON], JSON]]:
    """The functions, as the runner takes them."""
    return {name: partial(call, name) for name in FUNCTIONS}


@dataclass(slots=True)
class Maker:
    """Makes one machine. `simple` leaves out what takes real time or differs by design in other interpreters."""

    random: random.Random
    simple: bool = False
    names: int = 0
    functions: set[str] = field(default_factory=set)

    def name(self) -> str:
        self.names += 1
        return f"S{self.names}"

    def machine(self, depth: int = 0, *, jsonata: bool | None = None) -> dict[str, JSON]:
        """A machine, or that of a branch or a processor, which inherits the language of the one around it."""
        language = self.random.random() < 0.5 if jsonata is None else jsonata
        names = [self.name() for _ in range(self.random.randint(1, 5 if depth == 0 else 3))]
        states = {}
        for place, name in enumerate(names):
            later = names[place + 1 :]
            states[name] = self.state(later, depth, jsonata=language)
        head = {"QueryLanguage": "JSONata"} if jsonata is None and language else {}
        return {**head, "StartAt": names[0], "States": states}

    def state(self, later: list[str], depth: int, *, jsonata: bool) -> dict[str, JSON]:
        kinds = ["Pass", "Pass", "Task", "Task", "Choice", "Succeed", "Fail"]
        if not self.simple:
            kinds.append("Wait")
        if depth < 2:
            kinds += ["Map", "Parallel"]
        kind = self.random.choice(kinds)
        if not later and kind == "Choice":
            kind = "Pass"
        state: dict[str, JSON] = {"Type": kind}
        own = jsonata
        if not jsonata and not self.simple and self.random.random() < 0.1:
            own = True
            state["QueryLanguage"] = "JSONata"
        getattr(self, f"_{kind.lower()}")(state, later, depth, own, jsonata)
        if kind not in {"Choice", "Succeed", "Fail"}:
            if later:
                state["Next"] = self.random.choice(later)
            else:
                state["End"] = True
        return state

    def _pick(self, options: tuple[JSON, ...]) -> JSON:
        return self.random.choice(options)

    def _often(self) -> bool:
        return self.random.random() < 0.4

    def _data(self, state: dict[str, JSON], *, jsonata: bool, result: bool, parameters: bool = True) -> None:
        """The fields through which data flows."""
        if jsonata:
            if self._often():
                state["Output"] = self._pick(JSONATA) if self._often() else {"a": self._pick(JSONATA), "list": [1, 2]}
            if self._often():
                state["Assign"] = {"x": self._pick(JSONATA)}
            return
        if self._often():
            state["InputPath"] = self._pick(PATHS[:4])
        if parameters and self._often():
            state["Parameters"] = {"a.$": self._pick(PATHS), "b": "text", "list.$": self._pick(INTRINSICS)}
        if result and self._often():
            state["ResultPath"] = self._pick((None, "$.result", "$"))
        if self._often():
            state["OutputPath"] = self._pick(PATHS[:3])
        if self._often():
            state["Assign"] = {"x.$": self._pick(PATHS)}

    def _pass(self, state: dict[str, JSON], _later: list[str], _depth: int, own: bool, _outer: bool) -> None:  # noqa: FBT001 - called by name
        self._data(state, jsonata=own, result=True)
        if not own and self._often():
            state["Result"] = self._pick(INPUTS)

    def _task(self, state: dict[str, JSON], later: list[str], _depth: int, own: bool, _outer: bool) -> None:  # noqa: FBT001 - likewise
        state["Resource"] = ARN + self._pick(FUNCTIONS)
        self._data(state, jsonata=own, result=True)
        if own and self._often():
            state["Arguments"] = self._pick(JSONATA)
        self._errors(state, later, jsonata=own)

    def _errors(self, state: dict[str, JSON], later: list[str], *, jsonata: bool) -> None:
        if self._often():
            errors = [self._pick(ERRORS)]
            state["Retry"] = [{"ErrorEquals": errors, "IntervalSeconds": 1, "MaxAttempts": self.random.randint(0, 2)}]
        if later and self._often():
            catcher: dict[str, JSON] = {"ErrorEquals": [self._pick(ERRORS)], "Next": self.random.choice(later)}
            if not jsonata and self._often():
                catcher["ResultPath"] = self._pick((None, "$.error"))
            if jsonata and self._often():
                catcher["Output"] = {"a": "{% $states.errorOutput.Error %}"}
            state["Catch"] = [catcher]

    def _choice(self, state: dict[str, JSON], later: list[str], _depth: int, own: bool, _outer: bool) -> None:  # noqa: FBT001 - likewise
        count = self.random.randint(1, 3)
        rules = [{"Condition": self._pick(CONDITIONS)} if own else dict(self._pick(RULES)) for _ in range(count)]
        state["Choices"] = [{**rule, "Next": self.random.choice(later)} for rule in rules]
        if self.random.random() < 0.8:
            state["Default"] = self.random.choice(later)

    def _wait(self, state: dict[str, JSON], _later: list[str], _depth: int, own: bool, _outer: bool) -> None:  # noqa: FBT001 - likewise
        if own:
            state["Seconds"] = self._pick((3, "{% $states.input.a %}"))
        else:
            state |= self._pick(({"Seconds": 5}, {"SecondsPath": "$.a"}, {"Timestamp": "2026-01-02T00:00:00Z"}))

    def _succeed(self, state: dict[str, JSON], _later: list[str], _depth: int, own: bool, _outer: bool) -> None:  # noqa: FBT001 - likewise
        if own and self._often():
            state["Output"] = self._pick(JSONATA)

    def _fail(self, state: dict[str, JSON], _later: list[str], _depth: int, own: bool, _outer: bool) -> None:  # noqa: FBT001 - likewise
        state["Error"] = self._pick(("One", "Two"))
        if own:
            state["Cause"] = self._pick(("text", "{% 'a' & 'b' %}", "{% $states.input.b %}"))
        else:
            state |= self._pick(({"Cause": "text"}, {"CausePath": "$.b"}, {}))

    def _map(self, state: dict[str, JSON], later: list[str], depth: int, own: bool, outer: bool) -> None:  # noqa: FBT001 - likewise
        state["ItemProcessor"] = self.machine(depth + 1, jsonata=outer)
        if own:
            state["Items"] = self._pick(("{% $states.input.list %}", [1, 2], "{% [1..3] %}"))
            if self._often():
                state["ItemSelector"] = {"a": "{% $states.context.Map.Item.Value %}", "list": [1]}
        else:
            if self._often():
                state["ItemsPath"] = "$.list"
            if self._often():
                state["ItemSelector"] = {"a.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "b.$": "$.b"}
        state["MaxConcurrency"] = 1 if self.simple else self.random.randint(0, 2)
        self._data(state, jsonata=own, result=True, parameters=False)
        self._errors(state, later, jsonata=own)

    def _parallel(self, state: dict[str, JSON], later: list[str], depth: int, own: bool, outer: bool) -> None:  # noqa: FBT001 - likewise
        state["Branches"] = [self.machine(depth + 1, jsonata=outer) for _ in range(self.random.randint(1, 3))]
        self._data(state, jsonata=own, result=True)
        self._errors(state, later, jsonata=own)


def make(seed: int, *, simple: bool = False) -> tuple[dict[str, JSON], JSON]:
    """The machine and the input of a seed."""
    source = random.Random(seed)  # noqa: S311 - reproducible on purpose
    definition = Maker(source, simple).machine()
    return definition, source.choice(INPUTS)
