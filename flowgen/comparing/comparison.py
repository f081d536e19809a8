"""Compares two machines by running both on the same generated inputs, results and failures."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from flowgen.asl.reserved_errors import RUNTIME
from flowgen.comparing.conditions import Demand, demands
from flowgen.comparing.decisions import Decisions, Plan
from flowgen.comparing.execution import Budget, Call, Trace, identity, run
from flowgen.comparing.generated_values import satisfying, value_of
from flowgen.comparing.machine_reads import World, read_machine
from flowgen.comparing.placeholders import filled_in
from flowgen.comparing.shapes import Shape
from flowgen.local.machine import Machine, compile_machine
from flowgen.local.values import JSON

RUNS = 100
"""Executions of each machine, if nobody asks for another number."""

_RULES, _FAILURES = 3, 6
"""Of eight variations of a plan, those that aim at a rule, and those after them that aim at a failure."""

_SHRINKING = 300
"""Most executions that make a counterexample smaller."""

_EVALUATION_ERRORS = frozenset(
    {
        RUNTIME,
        "States.QueryEvaluationError",
        "States.ParameterPathFailure",
        "States.ResultPathMatchFailure",
        "States.IntrinsicFailure",
        "States.NoChoiceMatched",
    }
)
"""What a machine fails with if its own definition can't process the data."""

Definition = Mapping[str, JSON]
Part: TypeAlias = tuple[str, str, int]
"""A part of a machine: its kind ("state", "rule" or "catcher"), its state, and its index in the state."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An execution that differs.

    `kind` is "calls", "time" (same calls at other times), "objects", "status", "output", "error", "cause" or "elapsed".
    `at` is the index of the first call that differs. `evaluation` means that the first machine failed because its own
    definition can't process the data, with the same calls before.
    """

    kind: str
    at: int | None
    evaluation: bool
    input: JSON
    left: Trace
    right: Trace


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of a comparison.

    `runs` is the number of pairs of executions. `difference` is the counterexample, made as small as possible, or None.
    `evaluation` are differences after an evaluation error of the first machine, of which `difference` has one only if
    the comparison is strict. `reached` and `parts` count the states and rules of the first machine; `unreached` names
    its states that no execution entered. `cut` counts executions that were stopped after too many steps.
    """

    runs: int
    seed: int
    difference: Difference | None
    evaluation: tuple[Difference, ...]
    reached: int
    parts: int
    unreached: tuple[str, ...]
    cut: int

    @property
    def equal(self) -> bool:
        """Whether no execution differed."""
        return self.difference is None


def compare(
    a: Definition,
    b: Definition,
    *,
    runs: int = RUNS,
    seed: int = 0,
    examples: Sequence[JSON] = (),
    names: Mapping[str, str] | None = None,
    machine_type: str = "STANDARD",
    strict: bool = False,
) -> Comparison:
    """Run two state machines side by side and compare their behavior.

    `a` and `b` are definitions in Amazon States Language, `a` the original. Both receive the same inputs: the
    `examples`, then generated ones. A call's result or failure depends only on what is called, its arguments, and how
    often the same call happened before. Compared are the calls with their times and arguments, and the status, output,
    error and cause. `names` translates placeholders and names in `b` into those in `a`. If `a` fails because
    its own definition can't process the data (States.Runtime), another behavior of `b` after that point is a difference
    only if `strict` is set. Then values may also have types that no state expects: JSONPath rules are false for them,
    and JSONata fails.

    The same arguments return the same comparison. Raises `InvalidDefinition` for a definition that can't run.
    """
    return _Comparing(a, b, seed, tuple(examples), names or {}, machine_type, strict=strict).compared(runs)


class _Comparing:
    def __init__(
        self,
        a: Definition,
        b: Definition,
        seed: int,
        examples: tuple[JSON, ...],
        names: Mapping[str, str],
        machine_type: str,
        *,
        strict: bool,
    ) -> None:
        a, b = filled_in(a, {}), filled_in(b, names)
        self._left, self._right = compile_machine(a), compile_machine(b)
        self._world = World()
        read_machine(self._world, a)
        read_machine(self._world, b)
        self._seed, self._examples, self._type, self._strict = seed, examples, machine_type, strict
        self._parts = dict.fromkeys(_parts(a))
        self._seen: set[Part] = set()
        self._promising: list[tuple[Plan, Decisions, Trace]] = []
        self._tried: set[tuple[int, str, str, int]] = set()
        self._failed: set[tuple[str, int]] = set()

    def compared(self, runs: int) -> Comparison:
        """Run both machines until they differ."""
        evaluation: list[Difference] = []
        difference, count, cut = None, 0, 0
        for plan in self._plans(runs):
            found, left = self._outcome(plan)
            count += 1
            cut += left.cut
            if found is None:
                continue
            if found.evaluation and not self._strict:
                evaluation.append(found)
                continue
            difference = self._shrunk(plan, found)
            break
        states = [state for kind, state, _ in self._parts if kind == "state" and ("state", state, 0) not in self._seen]
        return Comparison(
            count,
            self._seed,
            difference,
            tuple(evaluation),
            sum(part in self._seen for part in self._parts),
            len(self._parts),
            tuple(states),
            cut,
        )

    def _plans(self, runs: int) -> Iterator[Plan]:
        """The plans of the executions. Those that reached something new are varied to reach more."""
        source = random.Random(self._seed)  # noqa: S311 - reproducible on purpose
        for number in range(runs):
            if number < len(self._examples):
                yield Plan(source.getrandbits(48), example=number)
            elif self._promising and number % 2:
                yield self._varied(source)
            else:
                example = None
                if self._examples and number % 4 == 0:
                    example = source.randrange(len(self._examples))
                yield Plan(source.getrandbits(48), example=example)

    def _varied(self, source: random.Random) -> Plan:
        """A promising plan with other decisions: a rule that no execution took, a failure that none had, or any."""
        # The newest plans reached the deepest parts.
        newest = len(self._promising)
        number = max(source.randrange(newest), source.randrange(newest))
        plan, decisions, trace = self._promising[number]
        fixed = dict(plan.fixed)
        aim = source.randrange(8)
        untaken = [part for part in self._untaken(trace.seen) if (number, *part) not in self._tried]
        untried = [failure for failure in trace.failures if failure not in self._failed]
        if untaken and aim < _RULES:
            part = source.choice(untaken)
            self._tried.add((number, *part))
            fixed.update(self._demanded(part, decisions, source))
        elif untried and aim < _FAILURES:
            failure = source.choice(untried)
            self._failed.add(failure)
            fixed[trace.failures[failure]] = failure[1]
        else:
            made = decisions.made
            places = [place for place, (_, options) in made.items() if options > 1]
            for _ in range(source.choice((1, 1, 2)) if places else 0):
                place = source.choice(places)
                fixed[place] = source.randrange(made[place][1])
        return replace(plan, fixed=fixed)

    def _untaken(self, seen: frozenset[Part]) -> list[Part]:
        """The rules of the Choices in an execution that no execution took so far."""
        return [
            part
            for part in self._parts
            if part[0] == "rule" and part not in self._seen and ("state", part[1], 0) in seen
        ]

    def _demanded(self, part: Part, decisions: Decisions, source: random.Random) -> dict[str, int]:
        """The decisions that make a rule of a Choice hold."""
        _, state, index = part
        alternatives = demands(self._world.rules.get(state, []), index)
        fixed: dict[str, int] = {}
        if not alternatives:
            return fixed
        wanted: dict[Shape, list[Demand]] = {}
        for demand in source.choice(alternatives):
            wanted.setdefault(demand.shape.find(), []).append(demand)
        # Only the newest value of each shape: another input or earlier result would change the calls after it.
        for value in reversed(decisions.shapes.values()):
            found = [(place, shape.find()) for place, shape in value.items() if shape.find() in wanted]
            for place, shape in found:
                fixed.update(satisfying(shape, place, wanted[shape]) or {})
            for _, shape in found:
                wanted.pop(shape, None)
        return fixed

    def _outcome(self, plan: Plan) -> tuple[Difference | None, Trace]:
        """The difference between the executions of a plan, and the execution of the first machine."""
        decisions = Decisions(plan, wild=self._strict)
        value = self._examples[plan.example] if plan.example is not None else self._input(decisions)
        left = self._run(self._left, value, decisions, Budget())
        if not left.seen <= self._seen:
            self._seen |= left.seen
            self._promising.append((plan, decisions, left))
        most = len(left.calls) if left.cut else len(left.calls) + 1
        right = self._run(self._right, value, decisions, Budget(20_000, most))
        return _difference(value, left, right), left

    def _input(self, decisions: Decisions) -> JSON:
        value = value_of(self._world.input, decisions, "input")
        return {} if value == "a" and not self._world.input.literals else value

    def _run(self, machine: Machine, value: JSON, decisions: Decisions, budget: Budget) -> Trace:
        return run(machine, value, self._world, decisions, budget, self._type)

    def _shrunk(self, plan: Plan, difference: Difference) -> Difference:
        """The smallest difference that simpler decisions lead to."""
        decisions = Decisions(plan, wild=self._strict)
        self._replay(plan, decisions)
        fixed = {place: option for place, (option, _) in decisions.made.items() if option}
        best, budget = difference, _SHRINKING
        size = max(len(fixed) // 2, 1)
        while budget > 0 and fixed:
            places = list(fixed)
            changed = False
            for start in range(0, len(places), size):
                dropped = set(places[start : start + size])
                simpler = {place: option for place, option in fixed.items() if place not in dropped}
                budget -= 1
                if budget < 0:
                    break
                found, _ = self._outcome(Plan(None, simpler, plan.example))
                if found is not None and found.evaluation == best.evaluation:
                    fixed, best, changed = simpler, found, True
            if size == 1 and not changed:
                break
            size = max(size // 2, 1)
        return self._without_members(fixed, plan.example, best)

    def _without_members(self, fixed: Mapping[str, int], example: int | None, difference: Difference) -> Difference:
        """The same difference without the members of the input that it does not need."""
        decisions = Decisions(Plan(None, fixed, example), wild=self._strict)
        if example is None:
            self._input(decisions)
        optional = [place for place in decisions.made if place.endswith("?absent")]
        for place in optional[:_SHRINKING]:
            found, _ = self._outcome(Plan(None, {**fixed, place: 1}, example))
            if found is not None and found.evaluation == difference.evaluation and found.kind == difference.kind:
                fixed, difference = {**fixed, place: 1}, found
        return difference

    def _replay(self, plan: Plan, decisions: Decisions) -> None:
        value = self._examples[plan.example] if plan.example is not None else self._input(decisions)
        self._run(self._left, value, decisions, Budget())
        self._run(self._right, value, decisions, Budget(20_000))


def _parts(definition: Definition) -> Iterator[tuple[str, str, int]]:
    """What executions can use: each state, and each rule and default of a Choice."""
    for name, state in definition.get("States", {}).items():
        yield "state", name, 0
        if state.get("Type") == "Choice":
            for index in range(len(state.get("Choices", ()))):
                yield "rule", name, index
            if "Default" in state:
                yield "rule", name, -1
        for index in range(len(state.get("Catch", ()))):
            yield "catcher", name, index
        for inner in (state.get("ItemProcessor"), state.get("Iterator"), *state.get("Branches", ())):
            if isinstance(inner, dict):
                yield from _parts(inner)


def _difference(value: JSON, left: Trace, right: Trace) -> Difference | None:
    """The first difference between two executions."""
    found = _first_difference(left, right)
    if found is None:
        return None
    kind, at = found
    failed = left.status == "FAILED" and left.error in _EVALUATION_ERRORS
    evaluation = (
        failed
        and len(right.calls) >= len(left.calls)
        and _calls_differ(left.calls, right.calls[: len(left.calls)]) is None
    )
    return Difference(kind, at, evaluation, value, left, right)


def _first_difference(left: Trace, right: Trace) -> tuple[str, int | None] | None:
    count = min(len(left.calls), len(right.calls)) if left.cut else None
    found = _calls_differ(left.calls[:count], right.calls[:count])
    if found is not None:
        return found
    if left.cut:
        return None if right.cut or len(right.calls) == len(left.calls) else ("status", None)
    if left.objects != right.objects:
        return "objects", None
    if left.status != right.status:
        return "status", None
    if identity(left.output) != identity(right.output):
        return "output", None
    if left.error in _EVALUATION_ERRORS and right.error in _EVALUATION_ERRORS:
        return None
    if left.error != right.error:
        return "error", None
    if left.cause != right.cause and not (left.error or "").startswith("States."):
        return "cause", None
    return None if round(left.elapsed, 3) == round(right.elapsed, 3) else ("elapsed", None)


def _calls_differ(left: Sequence[Call], right: Sequence[Call]) -> tuple[str, int] | None:
    late = None
    for index in range(max(len(left), len(right))):
        if index >= len(left) or index >= len(right):
            return "calls", index
        first, second = left[index], right[index]
        if first.key != second.key or identity(first.arguments) != identity(second.arguments):
            return "calls", index
        if late is None and round(first.time, 3) != round(second.time, 3):
            late = index
    return None if late is None else ("time", late)
