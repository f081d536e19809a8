"""The rules of the specification and of the service, each broken once."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.asl.validation import validate

SCHEMA = "SCHEMA_VALIDATION_FAILED"
INNER = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
DISTRIBUTED = {**INNER, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
TASK = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": True}
PASS = {"Type": "Pass", "End": True}
MAP = {"Type": "Map", "ItemProcessor": INNER, "End": True}
CHOICE = {"Type": "Choice", "Default": "Z"}
TEST = {"Variable": "$.a", "IsNull": True}
READER = "arn:aws:states:::s3:getObject"


def found(definition: dict[str, Any], severity: str = "ERROR", **options: Any) -> list[tuple[str, str | None]]:
    return [
        (problem.code, problem.location) for problem in validate(definition, **options) if problem.severity == severity
    ]


def machine(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    states = {"A": state}
    if state.get("Type") == "Choice" or any(catcher.get("Next") == "Z" for catcher in state.get("Catch", ())):
        states["Z"] = {"Type": "Succeed"}
    return {"StartAt": "A", "States": states, **fields}


VALID_STATES: list[dict[str, Any]] = [
    PASS,
    {**PASS, "Comment": "c", "InputPath": None, "OutputPath": "$$.State", "ResultPath": None, "Result": [1]},
    {
        **PASS,
        "Parameters": {"a.$": "States.Format('${X}-{}', $.a)", "b": [{"c.$": "$v"}]},
        "Assign": {"größe.$": "$.x"},
    },
    {**TASK, "TimeoutSeconds": 10, "HeartbeatSeconds": 9, "Credentials": {"RoleArn.$": "$.role"}},
    {**TASK, "TimeoutSecondsPath": "$.t", "HeartbeatSecondsPath": "$$.Execution.Input.h"},
    {**TASK, "Resource": "${Function.Arn}"},
    {**TASK, "Resource": "arn:aws:states:::${Service}:call"},
    {**TASK, "Resource": "arn:aws:states:::aws-sdk:s3:${Action}"},
    {**TASK, "Resource": "arn:${AWS::Partition}:states:::sqs:sendMessage"},
    {**TASK, "Resource": "arn:aws:states:::aws-sdk:s3:getObject"},
    {**TASK, "Resource": "arn:aws-cn:states:::ecs:runTask.sync"},
    {**TASK, "Resource": "arn:aws:states:::states:startExecution.sync:2"},
    {
        **TASK,
        "Retry": [
            {"ErrorEquals": ["E"], "IntervalSeconds": 1, "MaxAttempts": 0, "BackoffRate": 1.5, "MaxDelaySeconds": 5},
            {"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL", "Comment": "c"},
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z", "ResultPath": "$.e", "Assign": {"x.$": "$.Error"}}],
    },
    {**CHOICE, "Choices": [{"And": [TEST, {"Not": {"Or": [TEST, TEST]}}], "Next": "Z", "Assign": {"x": 1}}]},
    {**CHOICE, "Choices": [{"Variable": "$.a", "NumericLessThan": "${Limit}", "Next": "Z"}]},
    {**CHOICE, "QueryLanguage": "JSONata", "Choices": [{"Condition": True, "Next": "Z", "Output": "{% 1 %}"}]},
    {"Type": "Wait", "Seconds": 0, "End": True},
    {"Type": "Wait", "QueryLanguage": "JSONata", "Timestamp": "{% $t %}", "End": True},
    {"Type": "Wait", "TimestampPath": "$.t", "End": True},
    {"Type": "Fail", "ErrorPath": "States.Format('{}', $.e)", "Cause": "c"},
    {"Type": "Succeed", "InputPath": "$.a"},
    {"Type": "Parallel", "Branches": [INNER], "ResultSelector": {"a.$": "$[0]"}, "End": True},
    {**MAP, "ItemsPath": "$$.Execution.Input.a", "ItemSelector": {"v.$": "$$.Map.Item.Value"}, "MaxConcurrency": 0},
    {"Type": "Map", "Iterator": INNER, "Parameters": {"v.$": "$"}, "ToleratedFailurePercentage": 0.5, "End": True},
    {
        **MAP,
        "ItemProcessor": DISTRIBUTED,
        "Label": "L",
        "ItemReader": {"Resource": READER, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}},
        "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"a.$": "$.a"}},
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}},
    },
    {**MAP, "QueryLanguage": "JSONata", "Items": [1, "{% $x %}"], "MaxConcurrency": "{% 1 %}", "Output": "{% 2 %}"},
]


@pytest.mark.parametrize("state", VALID_STATES)
def test_what_the_specification_allows_is_valid(state: dict[str, Any]) -> None:
    """Neither an error nor a warning."""
    assert validate(machine(state)) == []


JSONATA = {"QueryLanguage": "JSONata"}
BROKEN_STATES: list[tuple[dict[str, Any], str]] = [
    # fields of a state
    ({}, "/States/A"),
    ({"Type": "Nap", "End": True}, "/States/A/Type"),
    ({**PASS, "Comment": 1}, "/States/A/Comment"),
    ({**PASS, "TimeoutSeconds": 3}, "/States/A"),
    ({"Type": "Succeed", "Next": "A"}, "/States/A"),
    ({"Type": "Pass"}, "/States/A"),
    ({"Type": "Pass", "End": False}, "/States/A"),
    ({"Type": "Pass", "End": "true"}, "/States/A/End"),
    ({**PASS, "QueryLanguage": "XPath"}, "/States/A/QueryLanguage"),
    # query languages
    ({**PASS, "Output": {}}, "/States/A"),
    ({**PASS, **JSONATA, "Parameters": {}}, "/States/A"),
    ({**TASK, **JSONATA, "TimeoutSecondsPath": "$.t"}, "/States/A"),
    ({**PASS, **JSONATA, "Output": {"a": ["{% 1"]}}, "/States/A/Output/a[0]"),
    ({**PASS, **JSONATA, "Output": "{%}"}, "/States/A/Output"),
    ({**CHOICE, **JSONATA, "Choices": [{"Variable": "$.a", "Condition": True, "Next": "Z"}]}, "/States/A/Choices[0]"),
    ({**CHOICE, **JSONATA, "Choices": [{"Condition": "yes", "Next": "Z"}]}, "/States/A/Choices[0]/Condition"),
    ({**CHOICE, **JSONATA, "Choices": [{"Next": "Z"}]}, "/States/A/Choices[0]"),
    # paths and templates
    ({**PASS, "InputPath": "a"}, "/States/A/InputPath"),
    ({**PASS, "OutputPath": "States.UUID()"}, "/States/A/OutputPath"),
    ({**PASS, "ResultPath": "$.a[*]"}, "/States/A/ResultPath"),
    ({**PASS, "ResultPath": "$$.a"}, "/States/A/ResultPath"),
    ({**PASS, "ResultPath": "$a"}, "/States/A/ResultPath"),
    ({**PASS, "Parameters": {"a": {"b.$": 1}}}, "/States/A/Parameters/a/b.$"),
    ({**PASS, "Parameters": {"b.$": "plain"}}, "/States/A/Parameters/b.$"),
    ({**PASS, "Parameters": [{"b.$": "States.Array("}]}, "/States/A/Parameters[0]/b.$"),
    ({**PASS, "Parameters": {"b.$": "States.MathAdd(1)"}}, "/States/A/Parameters/b.$"),
    ({**PASS, "Parameters": {"x": {"a": 1, "a.$": "$"}}}, "/States/A/Parameters/x"),
    ({**TASK, "ResultSelector": []}, "/States/A/ResultSelector"),
    ({**TASK, "TimeoutSecondsPath": "$.a[0:1]"}, "/States/A/TimeoutSecondsPath"),
    # tasks
    ({"Type": "Task", "End": True}, "/States/A"),
    ({**TASK, "Resource": 1}, "/States/A/Resource"),
    ({**TASK, "Resource": "my function"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:lambda:us-east-1:1:function:f:"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:::lambda:invoke.sync"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:::sqs:receiveMessage"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:::sqs"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:::"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:::SQS:sendMessage"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:::s3:getObject"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:::newservice:call"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:us-east-1:111111111111:stateMachine:m"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:::aws-sdk:s3"}, "/States/A/Resource"),
    ({**TASK, "Resource": "arn:aws:states:::aws-sdk:s3:getObject.sync"}, "/States/A/Resource"),
    ({**TASK, "TimeoutSeconds": 0}, "/States/A/TimeoutSeconds"),
    ({**TASK, "TimeoutSeconds": 1.5}, "/States/A/TimeoutSeconds"),
    ({**TASK, "TimeoutSeconds": True}, "/States/A/TimeoutSeconds"),
    ({**TASK, "TimeoutSeconds": "{% 1 %}"}, "/States/A/TimeoutSeconds"),
    ({**TASK, "TimeoutSeconds": 100_000_000}, "/States/A/TimeoutSeconds"),
    ({**TASK, "TimeoutSeconds": 9, "HeartbeatSeconds": 9}, "/States/A/HeartbeatSeconds"),
    ({**TASK, "TimeoutSeconds": 9, "TimeoutSecondsPath": "$.t"}, "/States/A"),
    ({**TASK, "Credentials": {}}, "/States/A/Credentials"),
    ({**TASK, "Credentials": "role"}, "/States/A/Credentials"),
    # retriers and catchers
    ({**TASK, "Retry": {}}, "/States/A/Retry"),
    ({**TASK, "Retry": [1]}, "/States/A/Retry[0]"),
    ({**TASK, "Retry": [{}]}, "/States/A/Retry[0]"),
    ({**TASK, "Retry": [{"ErrorEquals": ["E"], "Next": "A"}]}, "/States/A/Retry[0]"),
    ({**TASK, "Retry": [{"ErrorEquals": []}]}, "/States/A/Retry[0]/ErrorEquals"),
    ({**TASK, "Retry": [{"ErrorEquals": [1]}]}, "/States/A/Retry[0]/ErrorEquals[0]"),
    ({**TASK, "Retry": [{"ErrorEquals": ["E", "States.ALL"]}]}, "/States/A/Retry[0]/ErrorEquals"),
    (
        {**TASK, "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]},
        "/States/A/Retry[0]/ErrorEquals",
    ),
    ({**TASK, "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 0}]}, "/States/A/Retry[0]/IntervalSeconds"),
    ({**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": -1}]}, "/States/A/Retry[0]/MaxAttempts"),
    ({**TASK, "Retry": [{"ErrorEquals": ["E"], "BackoffRate": 0.5}]}, "/States/A/Retry[0]/BackoffRate"),
    ({**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxDelaySeconds": 0}]}, "/States/A/Retry[0]/MaxDelaySeconds"),
    ({**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxDelaySeconds": 31622400}]}, "/States/A/Retry[0]/MaxDelaySeconds"),
    ({**TASK, "Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "full"}]}, "/States/A/Retry[0]/JitterStrategy"),
    ({**TASK, "Catch": [{"ErrorEquals": ["E"]}]}, "/States/A/Catch[0]"),
    ({**TASK, "Catch": [{"ErrorEquals": ["E"], "Next": "Z", "Output": 1}]}, "/States/A/Catch[0]"),
    ({**TASK, "Catch": [{"ErrorEquals": ["E"], "Next": "Z", "ResultPath": "e"}]}, "/States/A/Catch[0]/ResultPath"),
    # choices
    (CHOICE, "/States/A"),
    ({**CHOICE, "Choices": []}, "/States/A/Choices"),
    ({**CHOICE, "Choices": [TEST]}, "/States/A/Choices[0]"),
    ({**CHOICE, "Choices": [{**TEST, "Next": "Z", "Then": 1}]}, "/States/A/Choices[0]"),
    ({**CHOICE, "Choices": [{"Next": "Z"}]}, "/States/A/Choices[0]"),
    ({**CHOICE, "Choices": [{"Variable": "$.a", "Next": "Z"}]}, "/States/A/Choices[0]"),
    ({**CHOICE, "Choices": [{**TEST, "IsString": True, "Next": "Z"}]}, "/States/A/Choices[0]"),
    ({**CHOICE, "Choices": [{"Not": TEST, "IsString": True, "Next": "Z"}]}, "/States/A/Choices[0]"),
    ({**CHOICE, "Choices": [{"And": [], "Next": "Z"}]}, "/States/A/Choices[0]/And"),
    ({**CHOICE, "Choices": [{"Or": [{**TEST, "Next": "Z"}], "Next": "Z"}]}, "/States/A/Choices[0]/Or[0]"),
    ({**CHOICE, "Choices": [{"Not": 1, "Next": "Z"}]}, "/States/A/Choices[0]/Not"),
    ({**CHOICE, "Choices": [{"Variable": "a", "IsNull": True, "Next": "Z"}]}, "/States/A/Choices[0]/Variable"),
    ({**CHOICE, "Choices": [{"Variable": "$.a", "IsNull": 1, "Next": "Z"}]}, "/States/A/Choices[0]/IsNull"),
    (
        {**CHOICE, "Choices": [{"Variable": "$.a", "NumericEquals": "1", "Next": "Z"}]},
        "/States/A/Choices[0]/NumericEquals",
    ),
    (
        {**CHOICE, "Choices": [{"Variable": "$.a", "TimestampEquals": "today", "Next": "Z"}]},
        "/States/A/Choices[0]/TimestampEquals",
    ),
    (
        {**CHOICE, "Choices": [{"Variable": "$.a", "StringEqualsPath": "b", "Next": "Z"}]},
        "/States/A/Choices[0]/StringEqualsPath",
    ),
    # waits and fails
    ({"Type": "Wait", "End": True}, "/States/A"),
    ({"Type": "Wait", "Seconds": 1, "Timestamp": "2016-03-14T01:59:00Z", "End": True}, "/States/A"),
    ({"Type": "Wait", "Seconds": -1, "End": True}, "/States/A/Seconds"),
    ({"Type": "Wait", "Timestamp": "2016-03-14 01:59:00Z", "End": True}, "/States/A/Timestamp"),
    ({"Type": "Wait", "Timestamp": "2016-03-14T01:59:00", "End": True}, "/States/A/Timestamp"),
    ({"Type": "Fail", "Error": "e", "ErrorPath": "$.e"}, "/States/A"),
    ({"Type": "Fail", "Cause": 1}, "/States/A/Cause"),
    ({"Type": "Fail", "CausePath": "States.Array(1)"}, "/States/A/CausePath"),
    # parallels and maps
    ({"Type": "Parallel", "End": True}, "/States/A"),
    ({"Type": "Parallel", "Branches": [[]], "End": True}, "/States/A/Branches[0]"),
    ({"Type": "Parallel", "Branches": [{**INNER, "QueryLanguage": "JSONata"}], "End": True}, "/States/A/Branches[0]"),
    ({"Type": "Map", "End": True}, "/States/A"),
    ({**MAP, "Parameters": {}, "ItemSelector": {}}, "/States/A"),
    ({**MAP, "MaxConcurrency": 1, "MaxConcurrencyPath": "$.m"}, "/States/A"),
    ({**MAP, "ItemsPath": "$.a[*]"}, "/States/A/ItemsPath"),
    ({**MAP, "ToleratedFailurePercentage": 101}, "/States/A/ToleratedFailurePercentage"),
    ({**MAP, **JSONATA, "Items": "plain"}, "/States/A/Items"),
    (
        {**MAP, "ItemProcessor": {**INNER, "ProcessorConfig": {"Mode": "FAR"}}},
        "/States/A/ItemProcessor/ProcessorConfig/Mode",
    ),
    (
        {**MAP, "ItemProcessor": {**INNER, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}},
        "/States/A/ItemProcessor/ProcessorConfig",
    ),
    (
        {**MAP, "ItemProcessor": {**INNER, "ProcessorConfig": {"Mode": "INLINE", "ExecutionType": "EXPRESS"}}},
        "/States/A/ItemProcessor/ProcessorConfig",
    ),
]
DISTRIBUTED_MAP = {**MAP, "ItemProcessor": DISTRIBUTED}
BROKEN_STATES += [
    ({**DISTRIBUTED_MAP, "ItemReader": {}}, "/States/A/ItemReader"),
    (
        {**DISTRIBUTED_MAP, "ItemReader": {"Resource": "arn:aws:states:::sqs:sendMessage"}},
        "/States/A/ItemReader/Resource",
    ),
    (
        {**DISTRIBUTED_MAP, "ItemReader": {"Resource": READER, "ReaderConfig": {"InputType": "XML"}}},
        "/States/A/ItemReader/ReaderConfig/InputType",
    ),
    (
        {**DISTRIBUTED_MAP, "ItemReader": {"Resource": READER, "ReaderConfig": {"InputType": "CSV"}}},
        "/States/A/ItemReader/ReaderConfig",
    ),
    (
        {**DISTRIBUTED_MAP, "ItemReader": {"Resource": READER, "ReaderConfig": {"MaxItems": 1, "MaxItemsPath": "$.m"}}},
        "/States/A/ItemReader/ReaderConfig",
    ),
    (
        {
            **DISTRIBUTED_MAP,
            "ItemReader": {"Resource": READER, "ReaderConfig": {"InputType": "JSON", "CSVDelimiter": "TAB"}},
        },
        "/States/A/ItemReader/ReaderConfig",
    ),
    ({**DISTRIBUTED_MAP, "ItemBatcher": {}}, "/States/A/ItemBatcher"),
    ({**DISTRIBUTED_MAP, "ItemBatcher": {"MaxItemsPerBatch": 0}}, "/States/A/ItemBatcher/MaxItemsPerBatch"),
    (
        {**DISTRIBUTED_MAP, "ItemBatcher": {"MaxItemsPerBatch": 1, "MaxItemsPerBatchPath": "$.m"}},
        "/States/A/ItemBatcher",
    ),
    ({**DISTRIBUTED_MAP, "ResultWriter": {}}, "/States/A/ResultWriter"),
    (
        {**DISTRIBUTED_MAP, "ResultWriter": {"WriterConfig": {"OutputType": "CSV"}}},
        "/States/A/ResultWriter/WriterConfig/OutputType",
    ),
]


@pytest.mark.parametrize(("state", "location"), BROKEN_STATES)
def test_what_breaks_a_rule_is_reported_where_it_is(state: dict[str, Any], location: str) -> None:
    """One fault gives one error, at its place."""
    assert found(machine(state)) == [(SCHEMA, location)]


@pytest.mark.parametrize(
    ("assign", "code"),
    [
        ({"states": 1}, "RESERVED_VARIABLE_NAME"),
        ({"top-level": 1}, "INVALID_VARIABLE_NAME"),
        ({"_x": 1}, "INVALID_VARIABLE_NAME"),
        ({"1x": 1}, "INVALID_VARIABLE_NAME"),
        ({"x" * 81: 1}, "INVALID_VARIABLE_NAME"),
    ],
)
def test_names_of_variables(assign: dict[str, Any], code: str) -> None:
    """A name is a Unicode identifier of at most 80 characters, and not `states`."""
    assert found(machine({**PASS, "Assign": assign})) == [(code, f"/States/A/Assign/{next(iter(assign))}")]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({}, [(SCHEMA, "/")]),
        ({"StartAt": "A", "States": []}, [(SCHEMA, "/States")]),
        (machine(PASS, Version="2.0"), [(SCHEMA, "/Version")]),
        (machine(PASS, TimeoutSeconds=0), [(SCHEMA, "/TimeoutSeconds")]),
        (machine(PASS, QueryLanguage=1), [(SCHEMA, "/QueryLanguage")]),
        (machine(PASS, Startat="A"), [(SCHEMA, "/")]),
        (machine({**PASS, "QueryLanguage": "JSONPath"}, QueryLanguage="JSONata"), [(SCHEMA, "/States/A")]),
        ({"StartAt": "B", "States": {"A": PASS}}, [("MISSING_TRANSITION_TARGET", "/StartAt")]),
        ({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}, [("MISSING_END_STATE", None)]),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "C": PASS}},
            [("MISSING_TRANSITION_TARGET", "/States/A/Next"), ("MISSING_TRANSITION_TARGET", "/States/C")],
        ),
        ({"StartAt": "A" * 81, "States": {"A" * 81: PASS}}, [("INVALID_STATE_NAME", f"/States/{'A' * 81}")]),
        (
            {
                "StartAt": "A",
                "States": {
                    "A": {"Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"B": PASS}}], "Next": "B"},
                    "B": PASS,
                },
            },
            [("DUPLICATE_STATE_NAME", "/States/A/Branches[0]/States/B")],
        ),
        (
            {
                "StartAt": "A",
                "States": {
                    "A": {
                        **MAP,
                        "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Next": "B"}}},
                        "Next": "B",
                    }
                    | {"End": False},
                    "B": PASS,
                },
            },
            [("MISSING_TRANSITION_TARGET", "/States/A/ItemProcessor/States/I/Next")],
        ),
        (
            {"StartAt": "A", "States": {"A": {**DISTRIBUTED_MAP, "Label": "no blanks"}}},
            [("INVALID_LABEL_NAME", "/States/A/Label")],
        ),
    ],
)
def test_rules_of_the_whole_machine(definition: dict[str, Any], expected: list[tuple[str, str | None]]) -> None:
    """Its own fields, and how its states hang together."""
    assert found(definition) == expected


def test_labels_are_unique_in_the_whole_definition() -> None:
    """Two distributed Map states can't write to one place."""
    other = {"StartAt": "J", "States": {"J": PASS}, "ProcessorConfig": DISTRIBUTED["ProcessorConfig"]}
    first = {"Type": "Map", "ItemProcessor": DISTRIBUTED, "Label": "L", "Next": "B"}
    second = {"Type": "Map", "ItemProcessor": other, "Label": "L", "End": True}
    assert found({"StartAt": "A", "States": {"A": first, "B": second}}) == [("DUPLICATE_LABEL_NAME", "/States/B/Label")]


@pytest.mark.parametrize(
    ("state", "location"),
    [
        ({**TASK, "Resource": "arn:aws:states:::sns:publish.waitForTaskToken"}, "/States/A/Resource"),
        ({**TASK, "Resource": "arn:aws:states:::states:startExecution.sync:2"}, "/States/A/Resource"),
        ({**TASK, "Resource": "arn:aws:states:us-east-1:111111111111:activity:a"}, "/States/A/Resource"),
        (DISTRIBUTED_MAP, "/States/A/ItemProcessor/ProcessorConfig/Mode"),
    ],
)
def test_express_machines_can_do_less(state: dict[str, Any], location: str) -> None:
    """What waits for something outside is for standard machines only."""
    assert found(machine(state)) == []
    assert found(machine(state), machine_type="EXPRESS") == [(SCHEMA, location)]


def test_credentials_are_not_for_activities() -> None:
    """An activity's worker has its own credentials."""
    activity = "arn:aws:states:us-east-1:111111111111:activity:a"
    state = {**TASK, "Resource": activity, "Credentials": {"RoleArn": "arn:aws:iam::111111111111:role/r"}}
    assert found(machine(state)) == [(SCHEMA, "/States/A/Credentials")]


@pytest.mark.parametrize(
    ("state", "code", "location"),
    [
        ({**PASS, "Parameters": {"a": "$.b"}}, "NO_DOLLAR", "/States/A/Parameters/a"),
        ({**PASS, "Parameters": {"a": ["x", {"b": "States.UUID()"}]}}, "NO_DOLLAR", "/States/A/Parameters/a[1]/b"),
        ({"Type": "Fail", "Error": "$.e"}, "NO_PATH", "/States/A/Error"),
        ({**PASS, "Result": {"a.$": "$.b"}}, "PASS_RESULT_IS_STATIC", "/States/A/Result/a.$"),
        ({**MAP, "Label": "L"}, "NOT_DISTRIBUTED", "/States/A/Label"),
        ({**TASK, "Resource": "arn:aws:swf:us-east-1:1:task:X"}, "INVALID_RESOURCE", "/States/A/Resource"),
        (
            {**TASK, "Retry": [{"ErrorEquals": ["States.Timedout"]}]},
            "UNKNOWN_ERROR_NAME",
            "/States/A/Retry[0]/ErrorEquals[0]",
        ),
        (
            {
                **MAP,
                "Assign": {"x": 1},
                "ItemProcessor": {"StartAt": "I", "States": {"I": {**PASS, "Assign": {"x.$": "$"}}}},
            },
            "VARIABLE_OF_OUTER_SCOPE",
            "/States/A/ItemProcessor/States/I/Assign/x.$",
        ),
    ],
)
def test_what_is_likely_not_meant_is_a_warning(state: dict[str, Any], code: str, location: str) -> None:
    """A warning leaves the definition valid."""
    assert found(machine(state)) == []
    assert found(machine(state), "WARNING") == [(code, location)]


def test_expressions_are_checked_by_whoever_can() -> None:
    """The text between the delimiters is handed on, and what is said of it is reported at its place."""
    state = {**PASS, **JSONATA, "Output": {"a": "{% 1 + %}", "b": "{% ${Name} %}", "c": "plain"}}
    seen: list[str] = []

    def check(text: str, _caught: bool) -> list[tuple[str, str]]:  # noqa: FBT001 - the validation's own signature
        seen.append(text)
        return [("INVALID_JSONATA_EXPRESSION", "it ends too soon")] if "+" in text else []

    problems = validate(machine(state), check_expression=check)
    assert [(problem.code, problem.location, problem.message) for problem in problems] == [
        ("INVALID_JSONATA_EXPRESSION", "/States/A/Output/a", "it ends too soon")
    ]
    assert sorted(seen) == [" $x ", " 1 + "]


def test_the_status_of_an_http_task_is_a_known_error() -> None:
    retrier = {"ErrorEquals": ["States.Http.StatusCode.503"], "MaxDelaySeconds": 31622399}
    assert found(machine({**TASK, "Retry": [retrier]}), "WARNING") == []
    assert found(machine({**TASK, "Retry": [retrier]})) == []
