"""A second opinion: moto's interpreter on random machines and on the recorded definitions.

It evaluates JSONata with another library than the runner does. Where the two differ, the difference has its reason in
the States Language, the developer guide or a recording.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import permutations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonata.jsonata import Jsonata

from flowgen.local import Execution, execute
from tests.conformance.conftest import _cases as recorded_cases
from tests.conformance.test_executions import run as run_recorded
from tests.property.machines import call, make, tasks

if TYPE_CHECKING:
    from tests.conformance.moto_interpreter import Opinion

JSON = Any

# A branch of moto's may find its execution over already, and break.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

ALL = os.environ.get("FLOWGEN_SECOND_OPINION") == "all"
"""Every recording and thousands of machines, which takes minutes, in place of a sample."""

MACHINES = 3_000 if ALL else 300
RECORDED_STEP = 1 if ALL else 12


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the two may differ, and how such a difference is known."""

    text: str
    applies: Callable[[dict[str, JSON], Execution, Opinion], bool]


_PYTHON = re.compile(r"^(\w+\.)*\w*(Exception|Error)\(|Custom Error Names MUST NOT|cannot unpack|object is not")


_NO_TEXT = re.compile(r"for the field '(Cause|CausePath)' (must be a string|.* Expected 'string', but was 'null')")


def _said(theirs: Opinion) -> str:
    """All that moto told of errors, those that a catcher took and passed on included."""
    return " ".join([theirs.error or "", theirs.cause or "", json.dumps(theirs.output)])


def _broke(_definition: dict[str, JSON], ours: Execution, theirs: Opinion) -> bool:
    told = json.dumps([theirs.error, theirs.output])
    return (
        '"Exception"' in told
        or '\\"Exception\\"' in told
        or bool(_PYTHON.search(theirs.cause or ""))
        or "Custom Error Names" in _said(theirs)
        or json.loads(told.replace("States.Runtime", "States.QueryEvaluationError")) == [ours.error, ours.output]
    )


def _has_fixed_result(definition: dict[str, JSON], _ours: Execution, theirs: Opinion) -> bool:
    fixed = any("Result" in state and {"InputPath", "Parameters"} & set(state) for state in _states(definition))
    return fixed and ("Invalid path" in _said(theirs) or "could not be found" in _said(theirs))


def _has_pair(definition: dict[str, JSON], first: str, second: str) -> bool:
    """Whether some state has both fields."""
    return any(first in state and second in state for state in _states(definition))


def _parsed(value: JSON) -> JSON:
    """A value with texts that hold JSON instead of what they hold, and empty objects instead of null."""
    if value is None:
        return {}
    if isinstance(value, dict):
        return {name: _parsed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_parsed(item) for item in value]
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _states(machine: dict[str, JSON]) -> Iterator[dict[str, JSON]]:
    for state in machine["States"].values():
        yield state
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            if inner is not None:
                yield from _states(inner)


def _orders(definition: dict[str, JSON]) -> Iterator[dict[str, JSON]]:
    """The machine with the branches of its Parallel states in every order, its own first.

    Then the same without retriers: moto skips their waits, so that a branch with one can fail before the others.
    """
    counts = [len(branches) for branches in _branches(definition)]
    for retried in (True, False):
        for orders in product(*(permutations(range(count)) for count in counts)):
            ordered = deepcopy(definition)
            for branches, order in zip(_branches(ordered), orders, strict=True):
                branches[:] = [branches[place] for place in order]
            for state in () if retried else _states(ordered):
                state.pop("Retry", None)
            yield ordered


def _branches(definition: dict[str, JSON]) -> list[list[dict[str, JSON]]]:
    return [state["Branches"] for state in _states(definition) if "Branches" in state]


REASONS = (
    Reason(
        "exceptions of moto's own come out as errors, such as `Exception`: the States Language knows States.Runtime, "
        "and recordings of JSONata (jsonata.json) States.QueryEvaluationError",
        _broke,
    ),
    Reason(
        "a Map in JSONPath over no array is no error of a query language: `Reference path … must point to array` "
        "(recorded in test_state.json, test_state_map_context_object)",
        lambda _definition, ours, theirs: (
            "must point to array" in (ours.cause or "") and "Map state input must be an array" in _said(theirs)
        ),
    ),
    Reason(
        "a Pass state with Result reads neither InputPath nor Parameters: a recording tells no data after them "
        "(test_state.json, test_base_inspection_level_debug[BASE_RESULT_PASS_STATE])",
        _has_fixed_result,
    ),
    Reason(
        "a choice rule whose variable is not there fails the state, which is what IsPresent is for "
        '(developer guide, "Choice workflow state")',
        lambda _definition, ours, _theirs: "condition path references an invalid value" in (ours.cause or ""),
    ),
    Reason(
        "a function's payload is JSON, in which a text stays a text and null stays null (Lambda API, Invoke); moto "
        "sends what the text holds, and an empty object",
        lambda _definition, ours, theirs: (
            ours.status == theirs.status == "SUCCEEDED"
            and bool(_parsed(_without_causes(ours.output)) == _parsed(_without_causes(theirs.output)))
        ),
    ),
    Reason(
        "a slice of an array that is not there is an empty array "
        "(recorded in pass_and_paths.json, test_json_path_array_wildcard_or_slice_with_no_input)",
        lambda _definition, _ours, theirs: "$.list[-1:]" in _said(theirs) and "could not be found" in _said(theirs),
    ),
    Reason(
        "a state's Output and Assign see the variables as they were when it was entered "
        '(States Language, "Assign"; developer guide, "Passing data between states with variables")',
        lambda definition, ours, theirs: (
            ours.status == theirs.status == "SUCCEEDED" and _has_pair(definition, "Output", "Assign")
        ),
    ),
    Reason(
        "States.TaskFailed stands for every error of a state but States.Timeout, and for no States.Runtime, which "
        'nothing catches (developer guide, "Handling errors in Step Functions workflows")',
        lambda definition, ours, theirs: (
            ours.status != theirs.status and '"States.TaskFailed"' in json.dumps(definition)
        ),
    ),
    Reason(
        'nothing catches States.Runtime, States.ALL neither (developer guide, "Handling errors in Step Functions '
        'workflows"); moto does',
        lambda definition, ours, _theirs: ours.error == "States.Runtime" and '"Catch"' in json.dumps(definition),
    ),
    Reason(
        'what a Fail state tells is a text (States Language, "Fail State"), and null is none',
        lambda _definition, ours, _theirs: bool(_NO_TEXT.search(ours.cause or "")),
    ),
    Reason(
        "a text that holds JSON is an object to a function of moto's, which then fails otherwise",
        lambda definition, ours, theirs: (
            ours.status == theirs.status == "FAILED" and "{% $string($states.input) %}" in json.dumps(definition)
        ),
    ),
)


def evaluate(text: str) -> JSON:
    """JSONata by the pure Python library, where the runner takes the one in Rust."""
    return Jsonata(text).evaluate(None)


def opinion_of(definition: JSON, value: JSON) -> Opinion:
    """What moto makes of a machine; what it raises is its opinion, too."""
    from tests.conformance import moto_interpreter

    try:
        return moto_interpreter.run(moto_interpreter.parse(definition), value)
    except Exception as error:  # noqa: BLE001 - whatever it raises
        return moto_interpreter.Opinion("CRASHED", cause=f"{type(error).__name__}({error})")


def same(ours: Execution, theirs: Opinion) -> bool:
    """Whether the two came to the same end. Causes are not part of the contract, neither as such nor in an output."""
    mine = (ours.status, _without_causes(ours.output), ours.error)
    return mine == (theirs.status, _without_causes(theirs.output), theirs.error)


def _without_causes(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {name: None if name == "Cause" else _without_causes(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_causes(item) for item in value]
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return _without_causes(json.loads(value))
        except ValueError:
            return value
    return value


def _reason(definition: JSON, ours: Execution, theirs: Opinion) -> str | None:
    return next((reason.text for reason in REASONS if reason.applies(definition, ours, theirs)), None)


def _race(definition: JSON, given: JSON, theirs: Opinion) -> str | None:
    """Why another order of branches explains what moto came to: by itself, or with a reason of the others."""
    for ordered in _orders(definition):
        ours = execute(ordered, given, tasks=tasks())
        if same(ours, theirs) or _reason(ordered, ours, theirs):
            return "which of several branches fails first is a matter of threads in moto, and an order here"
    return None


def _opinions(definition: JSON, given: JSON, first: Opinion) -> Iterator[Opinion]:
    yield first
    for _ in range(3):
        yield opinion_of(definition, given)


@pytest.fixture(scope="module", autouse=True)
def _plugged() -> Iterator[None]:
    from tests.conformance import moto_interpreter

    with moto_interpreter.interpreter(evaluate, lambda arn, payload: call(arn.rpartition(":")[2], payload)):
        yield


def test_random_machines() -> None:
    """The runner and moto come to the same end, or the difference has a reason."""
    unexplained = []
    reasons: Counter[str] = Counter()
    for seed in range(MACHINES):
        definition, given = make(seed, simple=True)
        ours = execute(definition, given, tasks=tasks())
        theirs = opinion_of(definition, given)
        if same(ours, theirs):
            reasons["the same"] += 1
            continue
        # moto runs branches in threads, so on a busy machine it may come to another end the next time.
        again = (
            _reason(definition, ours, one) or _race(definition, given, one)
            for one in _opinions(definition, given, theirs)
        )
        reason = next(filter(None, again), None)
        if reason is None:
            unexplained.append((seed, ours.status, ours.output, ours.error, ours.cause, theirs))
        else:
            reasons[reason] += 1

    _tell(reasons)
    assert not unexplained
    assert reasons["the same"] > MACHINES / 2


def test_a_race_of_branches_is_known() -> None:
    """Also where the state that holds them catches what one of them fails with."""
    branches = [
        {"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "Two"}}},
        {"StartAt": "B", "States": {"B": {"Type": "Fail", "Error": "One"}}},
    ]
    catch = [{"ErrorEquals": ["Two"], "Next": "Caught"}]
    parallel = {"Type": "Parallel", "Branches": branches, "Catch": catch, "End": True}
    definition = {"StartAt": "P", "States": {"P": parallel, "Caught": {"Type": "Succeed"}}}
    assert execute(definition, {}).status == "SUCCEEDED"
    from tests.conformance.moto_interpreter import Opinion

    assert _race(definition, {}, Opinion("FAILED", error="One"))
    assert _race(definition, {}, Opinion("FAILED", error="Three")) is None
    assert [branch["StartAt"] for branch in branches] == ["A", "B"]


def test_a_retrier_of_a_branch_loses_no_race() -> None:
    """Here the branch that is tried again fails seconds later; in moto, which skips the wait, it can fail first."""
    from tests.conformance.moto_interpreter import Opinion

    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}]
    resource = "arn:aws:lambda:us-east-1:111111111111:function:fail_two"
    branches = [
        {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, "Retry": retry, "End": True}}},
        {"StartAt": "B", "States": {"B": {"Type": "Fail", "Error": "One"}}},
    ]
    definition = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}
    assert execute(definition, {}, tasks=tasks()).error == "One"
    assert _race(definition, {}, Opinion("FAILED", error="Two"))


def test_recorded_definitions(request: pytest.FixtureRequest) -> None:
    """Where moto differs from the runner, the runner is as AWS was recorded to be (see test_executions)."""
    given = request.config.getoption("--conformance")
    if given is None:
        pytest.skip("needs --conformance DIR")
    cases = [case for case in recorded_cases(Path(given)) if _is_comparable(case)][::RECORDED_STEP]
    counted: Counter[str] = Counter()
    for case in cases:
        theirs = opinion_of(case["definition"], case["input"])
        counted["the same" if same(run_recorded(case), theirs) else "moto is not as AWS was recorded"] += 1

    _tell(counted)
    assert counted["the same"] > len(cases) / 2


def _is_comparable(case: dict[str, Any]) -> bool:
    """Without tasks and S3, which moto would call, and without waits, which it would wait for."""
    text = json.dumps(case.get("definition"))
    return (
        case.get("kind") != "state"
        and not case["tasks"]
        and not case.get("s3_objects")
        and "tasks_by_state" not in case
        and '"Task"' not in text
        and "DISTRIBUTED" not in text
        and "TimeoutSeconds" not in text
    )


def _tell(counted: Counter[str]) -> None:
    for text, count in counted.most_common():
        print(f"{count:5} {text}")  # noqa: T201 - the figures that the docs give
