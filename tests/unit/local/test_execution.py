"""Executions of small machines: each state, its failures and its time."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from flowgen.local import Execution, Task, TaskError, compile_machine, execute
from flowgen.local.failures import InvalidDefinition
from flowgen.local.history import EVENT_LIMIT
from flowgen.local.values import PAYLOAD_LIMIT

JSON = Any
PASS: dict[str, JSON] = {"Type": "Pass", "End": True}


def machine(language: str = "JSONata", **states: JSON) -> dict[str, JSON]:
    return {"QueryLanguage": language, "StartAt": next(iter(states)), "States": states}


def call(name: str, **fields: JSON) -> dict[str, JSON]:
    return {"Type": "Task", "Resource": f"arn:aws:lambda:us-east-1:111111111111:function:{name}", "End": True, **fields}


def types(execution: Execution) -> list[str]:
    return [event["type"] for event in execution.history]


def failing(error: str = "Broken", *, times: int | None = None) -> Task:
    left = [math.inf if times is None else times]

    def function(event: JSON) -> JSON:
        left[0] -= 1
        if left[0] >= 0:
            raise TaskError(error, "because")
        return event

    return Task(function)


def test_pass_output_and_variables() -> None:
    """A Pass state's Output is its output; what it assigns is there in the next state."""
    definition = machine(
        A={
            "Type": "Pass",
            "Output": {"n": "{% $states.input.n + 1 %}"},
            "Assign": {"x": "{% $states.input.n %}"},
            "Next": "B",
        },
        B={"Type": "Pass", "Output": "{% [$states.input.n, $x] %}", "End": True},
    )
    execution = execute(definition, {"n": 1})
    assert (execution.status, execution.output) == ("SUCCEEDED", [2, 1])


def test_output_and_assign_see_the_variables_as_before() -> None:
    """All of a state's fields see the values from before it (States Language, "Variable scope")."""
    definition = machine(
        A={"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
        B={"Type": "Pass", "Assign": {"x": "{% $x + 1 %}", "y": "{% $x %}"}, "Output": "{% $x %}", "Next": "C"},
        C={"Type": "Pass", "Output": "{% [$states.input, $x, $y] %}", "End": True},
    )
    assert execute(definition, {}).output == [1, 2, 1]


def test_choice_takes_the_first_rule_that_holds() -> None:
    """The first rule wins; its Assign counts, not the state's, which is for the default."""
    choice = {
        "Type": "Choice",
        "Choices": [
            {"Condition": "{% $states.input > 10 %}", "Next": "B", "Assign": {"size": "large"}},
            {"Condition": "{% $states.input > 5 %}", "Next": "B", "Assign": {"size": "medium"}},
        ],
        "Default": "B",
        "Assign": {"size": "small"},
    }
    definition = machine(A=choice, B={"Type": "Pass", "Output": "{% $size %}", "End": True})
    assert [execute(definition, n).output for n in (20, 6, 1)] == ["large", "medium", "small"]


@pytest.mark.parametrize("language", ["JSONata", "JSONPath"])
def test_choice_without_match_or_default_fails(language: str) -> None:
    """An unmatched Choice ends with the error that AWS gives in practice."""
    rule = {"Condition": "{% false %}"} if language == "JSONata" else {"Variable": "$", "IsNull": True}
    definition = machine(language, A={"Type": "Choice", "Choices": [{**rule, "Next": "B"}]}, B=PASS)
    execution = execute(definition, {})
    assert execution.error == "States.Runtime"
    assert "The state does not point to a next state." in (execution.cause or "")


def test_a_condition_must_be_a_boolean() -> None:
    """A condition of a different type is a failure, not false."""
    definition = machine(
        A={"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "B"}], "Default": "B"}, B=PASS
    )
    execution = execute(definition, {})
    assert execution.error == "States.QueryEvaluationError"
    assert "Expected 'boolean', but was 'number' for value: 1" in (execution.cause or "")


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"Seconds": 90}, 90),
        ({"Seconds": "{% $states.input.n * 60 %}"}, 180),
        ({"Timestamp": "2026-01-02T00:00:00Z"}, 86_400),
        ({"Timestamp": "{% '2026-01-01T01:00:00+00:30' %}"}, 1_800),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, 0),
    ],
)
def test_wait_takes_virtual_time(fields: dict[str, JSON], seconds: float) -> None:
    """A Wait lasts as long as it says, until a moment or for so many seconds."""
    execution = execute(machine(A={"Type": "Wait", **fields, "Next": "B"}, B=PASS), {"n": 3})
    assert (execution.output, execution.elapsed) == ({"n": 3}, seconds)


def test_wait_by_path() -> None:
    """JSONPath states take the seconds and the moment from their input."""
    definition = machine(
        "JSONPath",
        A={"Type": "Wait", "SecondsPath": "$.n", "Next": "B"},
        B={"Type": "Wait", "TimestampPath": "$.t", "End": True},
    )
    execution = execute(definition, {"n": 3, "t": "2026-01-01T00:01:00Z"})
    assert execution.elapsed == 60


@pytest.mark.parametrize(
    ("state", "error", "cause"),
    [
        ({"Type": "Fail", "Error": "{% 'E' & 1 %}", "Cause": "{% $states.input %}"}, "E1", "why"),
        ({"Type": "Fail", "Error": "E"}, "E", None),
        ({"Type": "Fail"}, None, None),
    ],
)
def test_fail_tells_its_error(state: dict[str, JSON], error: str | None, cause: str | None) -> None:
    """A Fail state's error and cause are the execution's; what is missing stays missing."""
    execution = execute(machine(A=state), "why")
    assert (execution.status, execution.error, execution.cause) == ("FAILED", error, cause)


def test_succeed_ends_with_its_output() -> None:
    """A Succeed state may have an Output."""
    assert execute(machine(A={"Type": "Succeed", "Output": "{% $states.input + 1 %}"}), 1).output == 2


def test_retries_wait_with_backoff() -> None:
    """Three retries with a doubling interval take 1 + 2 + 4 seconds; the fourth try is the last."""
    retrier = {"ErrorEquals": ["Broken"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2}
    execution = execute(machine(A=call("f", Retry=[retrier])), {}, tasks={"f": failing()})
    assert (execution.status, execution.error, execution.elapsed) == ("FAILED", "Broken", 7)
    assert types(execution).count("LambdaFunctionFailed") == 4


def test_retries_are_bounded_by_the_longest_delay() -> None:
    """MaxDelaySeconds bounds each wait: 10 + 15 + 15."""
    retrier = {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 10,
        "MaxAttempts": 3,
        "BackoffRate": 2,
        "MaxDelaySeconds": 15,
    }
    assert execute(machine(A=call("f", Retry=[retrier])), {}, tasks={"f": failing()}).elapsed == 40


def test_jitter_draws_from_the_seed() -> None:
    """Full jitter waits anything up to the interval, the same for the same seed."""
    retrier = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "MaxAttempts": 1, "JitterStrategy": "FULL"}
    definition = machine(A=call("f", Retry=[retrier]))
    waits = [execute(definition, {}, tasks={"f": failing()}, seed=seed).elapsed for seed in (1, 1, 2)]
    assert waits[0] == waits[1] != waits[2]
    assert 0 <= waits[0] <= 100


def test_each_retrier_counts_by_itself() -> None:
    """Attempts are counted a retrier, not a state (States Language, "Retrying after error")."""
    errors = iter(["A", "B", "A", "B"])

    def function(event: JSON) -> JSON:
        error = next(errors, None)
        if error is not None:
            raise TaskError(error)
        return event

    retriers = [
        {"ErrorEquals": ["A"], "MaxAttempts": 2, "IntervalSeconds": 1, "BackoffRate": 1},
        {"ErrorEquals": ["B"], "MaxAttempts": 2, "IntervalSeconds": 1, "BackoffRate": 1},
    ]
    execution = execute(machine(A=call("f", Retry=retriers)), 5, tasks={"f": function})
    assert (execution.output, execution.elapsed) == (5, 4)


def test_retry_count_is_in_the_context() -> None:
    """Arguments are evaluated for each attempt, and see which it is."""
    arguments = "{% $states.context.State.RetryCount %}"
    seen: list[JSON] = []

    def function(event: JSON) -> JSON:
        seen.append(event)
        raise TaskError("Broken")

    retrier = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}
    execute(machine(A=call("f", Arguments=arguments, Retry=[retrier])), {}, tasks={"f": function})
    assert seen == [0, 1, 2]


@pytest.mark.parametrize(
    ("names", "error", "caught"),
    [
        (["Broken"], "Broken", True),
        (["Other"], "Broken", False),
        (["States.ALL"], "Broken", True),
        (["States.TaskFailed"], "Broken", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.Timeout"], "States.Timeout", True),
        (["States.HeartbeatTimeout"], "States.Timeout", False),
        (["States.HeartbeatTimeout"], "States.HeartbeatTimeout", True),
        (["States.Timeout"], "States.HeartbeatTimeout", True),
        (["States.ALL"], "States.HeartbeatTimeout", True),
        (["States.TaskFailed"], "States.HeartbeatTimeout", False),
        (["States.ALL"], "States.DataLimitExceeded", False),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.ALL"], "States.QueryEvaluationError", True),
        (["States.ALL", "States.Runtime"], "States.Runtime", False),
    ],
)
def test_catchers_match_by_name(names: list[str], error: str, caught: bool) -> None:  # noqa: FBT001 - a column
    """A catcher takes the errors that it names; wildcards take what the States Language says they do."""
    definition = machine(A=call("f", Catch=[{"ErrorEquals": names, "Next": "B"}]), B=PASS)
    execution = execute(definition, {}, tasks={"f": failing(error)})
    assert (execution.output == {"Error": error, "Cause": "because"}) is caught


def test_a_catcher_has_output_and_assign() -> None:
    """A catcher sees the input and the error output."""
    catcher = {
        "ErrorEquals": ["States.ALL"],
        "Output": "{% [$states.input, $states.errorOutput.Error] %}",
        "Assign": {"cause": "{% $states.errorOutput.Cause %}"},
        "Next": "B",
    }
    definition = machine(
        A=call("f", Catch=[catcher]),
        B={"Type": "Pass", "Output": {"in": "{% $states.input %}", "cause": "{% $cause %}"}, "End": True},
    )
    assert execute(definition, 1, tasks={"f": failing()}).output == {"in": [1, "Broken"], "cause": "because"}


def test_an_expression_error_in_a_task_can_be_caught() -> None:
    """An evaluation that fails in a Task is an error like another."""
    catcher = {"ErrorEquals": ["States.QueryEvaluationError"], "Output": "caught", "Next": "B"}
    definition = machine(A=call("f", Arguments="{% $nothing %}", Catch=[catcher]), B=PASS)
    assert execute(definition, {}, tasks={"f": failing()}).output == "caught"


def test_a_task_times_out() -> None:
    """A task that takes longer than its limit ends with States.Timeout after exactly that limit."""
    definition = machine(A=call("f", TimeoutSeconds=5))
    execution = execute(definition, {}, tasks={"f": Task(lambda event: event, seconds=60)})
    assert (execution.status, execution.error, execution.elapsed) == ("FAILED", "States.Timeout", 5)
    assert "LambdaFunctionTimedOut" in types(execution)


def test_a_task_takes_time() -> None:
    """The virtual seconds of a task pass."""
    assert execute(machine(A=call("f")), {}, tasks={"f": Task(lambda event: event, seconds=30)}).elapsed == 30


def test_lambda_stops_what_never_answers() -> None:
    """A function that never answers is stopped by Lambda after 15 minutes."""
    execution = execute(machine(A=call("f")), {}, tasks={"f": Task(lambda event: event, seconds=math.inf)})
    assert (execution.error, execution.elapsed) == ("Sandbox.Timedout", 900)


def test_the_execution_times_out() -> None:
    """TimeoutSeconds of the machine ends the whole execution."""
    definition = {**machine(A={"Type": "Wait", "Seconds": 100, "End": True}), "TimeoutSeconds": 60}
    execution = execute(definition, {})
    assert (execution.status, execution.elapsed) == ("TIMED_OUT", 60)
    assert types(execution)[-1] == "ExecutionTimedOut"


def test_express_executions_take_five_minutes_at_most() -> None:
    """The limit of express executions ends them."""
    execution = execute(machine(A={"Type": "Wait", "Seconds": 301, "End": True}), {}, machine_type="EXPRESS")
    assert (execution.status, execution.elapsed) == ("TIMED_OUT", 300)


def test_parallel_runs_branches_at_the_same_time() -> None:
    """The result has the branches' outputs in their order; the time is that of the longest."""
    branches = [
        machine(W={"Type": "Wait", "Seconds": seconds, "Next": "P"}, P={**PASS, "Output": seconds})
        for seconds in (3, 1, 2)
    ]
    execution = execute(machine(A={"Type": "Parallel", "Branches": branches, "End": True}), {})
    assert (execution.output, execution.elapsed) == ([3, 1, 2], 3)


def test_parallel_fails_with_the_first_branch_that_fails() -> None:
    """The others are left where they are, which the history tells."""
    branches = [
        machine(W={"Type": "Wait", "Seconds": 10, "End": True}),
        machine(W={"Type": "Wait", "Seconds": 1, "Next": "F"}, F={"Type": "Fail", "Error": "Broken"}),
    ]
    execution = execute(machine(A={"Type": "Parallel", "Branches": branches, "End": True}), {})
    assert (execution.error, execution.elapsed) == ("Broken", 1)
    assert types(execution)[-3:] == ["WaitStateAborted", "ParallelStateFailed", "ExecutionFailed"]


def test_branches_read_outer_variables_and_keep_their_own() -> None:
    """What a branch assigns is not seen outside of it."""
    branch = machine(
        P={"Type": "Pass", "Assign": {"x": "{% $x + 1 %}"}, "Next": "Q"},
        Q={"Type": "Pass", "Output": "{% $x %}", "End": True},
    )
    definition = machine(
        A={"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
        B={"Type": "Parallel", "Branches": [branch], "Next": "C"},
        C={"Type": "Pass", "Output": {"in": "{% $states.input %}", "x": "{% $x %}"}, "End": True},
    )
    assert execute(definition, {}).output == {"in": [2], "x": 1}


def mapping(**fields: JSON) -> dict[str, JSON]:
    processor = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}
    return machine(A={"Type": "Map", "Items": "{% $states.input %}", "ItemProcessor": processor, "End": True, **fields})


@pytest.mark.parametrize(("limit", "seconds"), [(1, 10), (3, 4), (0, 1), (None, 1)])
def test_map_honours_its_concurrency(limit: int | None, seconds: float) -> None:
    """Ten iterations of a second take as many rounds as the concurrency makes of them."""
    fields = {} if limit is None else {"MaxConcurrency": limit}
    execution = execute(mapping(**fields), list(range(10)))
    assert (execution.output, execution.elapsed) == (list(range(10)), seconds)


def test_map_selects_items() -> None:
    """ItemSelector sees the state's input and the item with its index."""
    selector = {
        "item": "{% $states.context.Map.Item.Value %}",
        "at": "{% $states.context.Map.Item.Index %}",
        "all": "{% $states.input %}",
    }
    execution = execute(mapping(ItemSelector=selector), ["a", "b"])
    assert execution.output == [{"item": "a", "at": 0, "all": ["a", "b"]}, {"item": "b", "at": 1, "all": ["a", "b"]}]


def test_map_fails_with_its_first_failing_iteration() -> None:
    """A Map can be caught as a whole."""
    processor = machine(F={"Type": "Fail", "Error": "Broken"})
    catcher = {"ErrorEquals": ["Broken"], "Next": "B"}
    state = {"Type": "Map", "ItemProcessor": processor, "Catch": [catcher], "End": True}
    execution = execute(machine(A=state, B={"Type": "Pass", "Output": "caught", "End": True}), [1, 2])
    assert execution.output == "caught"
    assert "MapStateFailed" in types(execution)


def test_jsonpath_flow_through_a_task() -> None:
    """InputPath, Parameters, ResultSelector, ResultPath and OutputPath, in this order."""
    state = call(
        "f",
        InputPath="$.order",
        Parameters={"n.$": "$.count"},
        ResultSelector={"doubled.$": "$.value"},
        ResultPath="$.result",
        OutputPath="$.result",
    )
    execution = execute(
        machine("JSONPath", A=state), {"order": {"count": 2}}, tasks={"f": lambda event: {"value": event["n"] * 2}}
    )
    assert execution.output == {"doubled": 4}


def test_query_languages_mix() -> None:
    """A state may have another language than its machine, and variables pass between them."""
    definition = machine(
        "JSONPath",
        A={"Type": "Pass", "Assign": {"x.$": "$.n"}, "Next": "B"},
        B={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $x * 2 %}", "End": True},
    )
    assert execute(definition, {"n": 4}).output == 8


def test_a_result_that_is_too_large_can_be_caught() -> None:
    """A task's result over 256 KiB is an error of the task."""
    definition = machine(
        A=call("f", Catch=[{"ErrorEquals": ["States.DataLimitExceeded"], "Output": 1, "Next": "B"}]), B=PASS
    )
    assert execute(definition, {}, tasks={"f": lambda _: "x" * PAYLOAD_LIMIT}).output == 1


@pytest.mark.parametrize(("length", "status"), [(PAYLOAD_LIMIT - 2, "SUCCEEDED"), (PAYLOAD_LIMIT - 1, "FAILED")])
def test_outputs_are_bounded(length: int, status: str) -> None:
    """An output may have 262,144 bytes with its quotation marks, and no more."""
    execution = execute(machine(A={"Type": "Pass", "Output": f"{{% $pad('', {length}, 'x') %}}", "End": True}), {})
    assert execution.status == status


def test_an_endless_loop_ends_with_a_full_history() -> None:
    """The 25,000th event says that the history is full."""
    definition = machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"})
    execution = execute(definition, {})
    assert (execution.error, len(execution.events)) == ("States.Runtime", EVENT_LIMIT)
    assert execution.cause == "The execution reached the maximum number of history events (25000)."


def test_the_same_run_gives_the_same_bytes() -> None:
    """Ids, times and randomness are the run's own."""
    definition = machine(
        A={"Type": "Pass", "Assign": {"r": "{% $random() & $uuid() & $now() %}"}, "Next": "B"},
        B={
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "f"},
            "End": True,
        },
    )
    runs = [json.dumps(execute(definition, {}, tasks={"f": lambda _: 1}).history) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != json.dumps(execute(definition, {}, tasks={"f": lambda _: 1}, seed=1).history)


def test_a_compiled_machine_runs_many_times() -> None:
    """What was compiled once keeps nothing of a run."""
    compiled = compile_machine(machine(A={"Type": "Pass", "Output": "{% $states.input + 1 %}", "End": True}))
    assert [execute(compiled, n).output for n in (1, 2)] == [2, 3]


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ({}, "/: the field StartAt is missing"),
        ({"StartAt": "B", "States": {"A": PASS}}, "/StartAt: there is no state 'B'"),
        ({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}, "/States/A: there is no state 'B'"),
        ({"StartAt": "A", "States": {"A": {"Type": "Pas"}}}, "/States/A/Type: 'Pas' is not a type of state"),
        ({"StartAt": "A", "States": {"A": {"Type": "Pass"}}}, "/States/A: the field Next is missing"),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$[", "End": True}}},
            "/States/A: the path '$['",
        ),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Map", "End": True}}},
            "/States/A: the field ItemProcessor is missing",
        ),
    ],
)
def test_what_is_not_a_machine_is_reported(definition: dict[str, JSON], told: str) -> None:
    """A definition that can't be run is rejected, with the place that is wrong."""
    with pytest.raises(InvalidDefinition) as refusal:
        execute(definition, {})
    assert told in str(refusal.value)


def test_large_values_are_the_same_to_expressions() -> None:
    """A Map over many items that names large values in each iteration gives what small ones would give."""
    items = [{"id": index} for index in range(200)]
    body = {
        "Type": "Pass",
        "Output": {
            "same": "{% $orders[id = $states.input.item.id].id %}",
            "from": "{% $states.context.Execution.Input.name %}",
            "none": "{% $orders[0].missing = null ? null : $states.input.name %}",
        },
        "End": True,
    }
    selector = {"item": "{% $states.context.Map.Item.Value %}", "name": "{% $states.input.name %}"}
    definition = machine(
        A={"Type": "Pass", "Assign": {"orders": "{% $states.input.items %}"}, "Next": "M"},
        M={
            "Type": "Map",
            "Items": "{% $states.input.items %}",
            "ItemSelector": selector,
            "ItemProcessor": {"StartAt": "P", "States": {"P": body}},
            "End": True,
        },
    )
    output = execute(definition, {"name": "n", "items": items}).output
    assert output == [{"same": index, "from": "n", "none": "n"} for index in range(200)]


def test_jsonpath_assign_sees_the_raw_result() -> None:
    """Assign's `$` is the task's result before ResultSelector; that of a Wait, what InputPath leaves."""
    definition = machine(
        "JSONPath",
        W={"Type": "Wait", "Seconds": 1, "InputPath": "$.order", "Assign": {"w.$": "$.n"}, "Next": "A"},
        A={**call("f"), "ResultSelector": {"b.$": "$.a"}, "Assign": {"x.$": "$.a"}, "End": False, "Next": "B"},
        B={"Type": "Pass", "Parameters": {"x.$": "$x", "w.$": "$w", "in.$": "$"}, "End": True},
    )
    output = execute(definition, {"order": {"n": 1}}, tasks={"f": lambda _: {"a": 2}}).output
    assert output == {"x": 2, "w": 1, "in": {"b": 2}}


def test_variables_are_bounded() -> None:
    """One Assign field may hold 256 KiB; all variables of an execution 10 MiB."""
    large = {"Type": "Pass", "Assign": {"v": "{% $pad('', 262144, 'x') %}"}, "End": True}
    assert execute(machine(A=large), {}).error == "States.DataLimitExceeded"
    states: dict[str, JSON] = {
        f"S{index}": {"Type": "Pass", "Assign": {f"v{index}": "{% $pad('', 250000, 'x') %}"}, "Next": f"S{index + 1}"}
        for index in range(45)
    }
    execution = execute(machine(**states, S45=PASS), {})
    # 41 variables have 10,250,000 characters and their names; the next makes more than 10,485,760.
    assert (execution.error, len(execution.events)) == ("States.DataLimitExceeded", 1 + 2 * 41 + 2)


@pytest.mark.parametrize("field", ["SecondsPath", "TimestampPath"])
def test_a_wait_for_nothing(field: str) -> None:
    """Where its path does not exist, the cause names the field and the path, not the input."""
    definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", field: "$.in.s", "End": True}}}
    execution = execute(definition, {"in": {}})
    assert execution.error == "States.Runtime"
    assert execution.cause == (
        "An error occurred while executing the state 'W' (entered at the event id #2). "
        f"The {field} parameter does not reference an input value: $.in.s"
    )


def test_arguments_over_the_limit_fail_before_the_call() -> None:
    """What Arguments make of the input has the limit of any payload; States.ALL does not catch it."""
    calls: list[Any] = []
    large = {"FunctionName": "f", "Payload": "{% [$states.input, $states.input] %}"}
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    definition = machine(A=call("f", Arguments=large, Catch=caught), B=PASS)
    execution = execute(definition, "a" * 200_000, tasks={"f": calls.append})
    assert (execution.error, calls) == ("States.DataLimitExceeded", [])


def test_an_execution_that_times_out_has_no_error() -> None:
    """As DescribeExecution shows it; the event has one, and follows from none."""
    definition = {"TimeoutSeconds": 3, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "End": True}}}
    execution = execute(definition, {})
    assert (execution.status, execution.error, execution.cause) == ("TIMED_OUT", None, None)
    last = execution.history[-1]
    assert (last["previousEventId"], last["executionTimedOutEventDetails"]) == (0, {"error": "States.Timeout"})


def test_a_failure_without_an_error_is_answered_so() -> None:
    """SendTaskFailure requires neither an error nor a cause: the events have none, the error output empty texts."""
    token = {"QueueUrl": "q", "MessageBody": {"Token": "{% $states.context.Task.Token %}"}}
    wait = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Arguments": token}

    def run(**fields: Any) -> Any:
        def answer(_asked: Any) -> Any:
            raise TaskError(None, None)

        definition = machine(A={**wait, "End": True, **fields}, B=PASS)
        return execute(definition, {}, tasks={"arn:aws:states:::sqs:sendMessage": lambda _message: {}}, answer=answer)

    failed = run()
    assert (failed.status, failed.error, failed.cause) == ("FAILED", None, None)
    assert failed.events[-2].details == {"resourceType": "sqs", "resource": "sendMessage.waitForTaskToken"}
    assert failed.history[-1]["executionFailedEventDetails"] == {}
    for name in ("States.ALL", "States.TaskFailed"):
        caught = run(Catch=[{"ErrorEquals": [name], "Next": "B"}])
        assert caught.output == {"Error": "", "Cause": ""}


_DEEP = "[" * 20_000
_CHILD = "arn:aws:states:us-east-1:111111111111:stateMachine:child"
_FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"


def _outcome_of_text(place: str, text: str) -> Execution:
    """Runs a machine that reads `text` as JSON in one of the places where the service does."""
    end = {"Type": "Pass", "End": True}
    child = {"StartAt": "P", "States": {"P": end}}
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **child}
    states: dict[str, JSON] = {
        "intrinsic function": {**end, "Parameters": {"v.$": "States.StringToJson($.text)"}},
        "input of a child": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": _CHILD, "Input.$": "$.text"},
            "End": True,
        },
        "payload": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": _FUNCTION, "Payload.$": "$.text"},
            "End": True,
        },
        "items": {
            "Type": "Map",
            "ItemReader": {**reader, "ReaderConfig": {"InputType": "JSON"}},
            "ItemProcessor": processor,
            "End": True,
        },
    }
    return execute(
        {"StartAt": "S", "States": {"S": states[place]}},
        {"text": text},
        machines={_CHILD: child},
        tasks={_FUNCTION: lambda payload: payload},
        s3_objects={"b/k": text},
    )


@pytest.mark.parametrize("place", ["intrinsic function", "input of a child", "payload", "items"])
@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "[1,]", _DEEP])
def test_text_that_is_not_json_fails_the_state(place: str, text: str) -> None:
    """What only Python reads as JSON, or cannot read at all, is a failure of the state wherever it is read."""
    assert _outcome_of_text(place, text).status == "FAILED"


@pytest.mark.parametrize("place", ["intrinsic function", "input of a child", "payload", "items"])
def test_numbers_beyond_a_double_become_strings(place: str) -> None:
    """Outputs stay JSON: the service writes an infinite number as a string."""
    found = _outcome_of_text(place, "[1e400, -1e400]")
    assert found.status == "SUCCEEDED"
    assert '"Infinity"' in json.dumps(found.output).replace("\\", "")
    assert '"-Infinity"' in json.dumps(found.output).replace("\\", "")
