"""What linters do not see in a template, looked for in all templates; each search finds a seeded fault."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowgen.backends.cloudformation import build_template
from flowgen.pipeline import check_paths, template
from tests.tools import ROOT
from tests.unit.backends.cloudformation import audit
from tests.unit.backends.cloudformation.test_lint import STACKS

USERS_TEXTS = frozenset({"refused", "Orders", "SendFunction"})
"""What looks like a placeholder in what a user wrote."""
LOOKS: tuple[Callable[[Any], Iterator[str]], ...] = (
    audit.transitions,
    audit.expressions,
    audit.intrinsics,
    audit.unused,
    audit.routes,
    audit.schedules,
    audit.permissions,
    audit.anywhere,
)
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/workflows"))
CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").rglob("workflow.yaml"))
FOLDERS: dict[str, tuple[tuple[str, ...], Path]] = {
    **{f"examples/{folder.name}": ((), folder) for folder in EXAMPLES},
    **{str(folder.relative_to(ROOT / "tests")): ((str(folder / "workflow.yaml"),), folder) for folder in CASES},
}
NO_TEMPLATE = ("aws/sdk", "distributed/csv_with_outer_names", "distributed/json_lines", "distributed/writer")
"""The cases whose bucket is known only when the workflow runs, so that the permission can't be derived (FG502)."""
TEMPLATES = [*STACKS, *(name for name in FOLDERS if name.removeprefix("cases/") not in NO_TEMPLATE)]


@functools.cache
def made(name: str) -> Any:
    """The template of a test's stack, of an example or of a case; None if a permission can't be derived for it."""
    if name in STACKS:
        return build_template(STACKS[name]())
    paths, folder = FOLDERS[name]
    text, _ = template(check_paths(paths, folder).loaded, "json")
    return None if text is None else json.loads(text)


@pytest.mark.parametrize("name", NO_TEMPLATE)
def test_these_have_no_template(name: str) -> None:
    """All others have one, or the tests below fail."""
    assert made(f"cases/{name}") is None


@pytest.fixture
def place_order() -> Any:
    """A template that a test may spoil."""
    return copy.deepcopy(made("place_order"))


def _machine(template: Any) -> Any:
    return template["Resources"]["PlaceOrderStateMachine"]["Properties"]


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ({"Type": "Pass", "Next": "nowhere"}, "no state nowhere"),
        ({"Type": "Pass"}, "odd neither goes on nor ends"),
        ({"Type": "Pass", "Next": "small", "End": True}, "odd neither goes on nor ends"),
        ({"Type": "Choice", "Choices": [{"Condition": True, "Next": "gone"}], "Default": "small"}, "no state gone"),
        ({"Type": "Choice", "Choices": [], "Default": "gone"}, "no state gone"),
        ({"Type": "Task", "Catch": [{"ErrorEquals": [], "Next": "gone"}], "End": True}, "no state gone"),
        (
            {"Type": "Map", "ItemProcessor": {"StartAt": "a", "States": {"a": {"Type": "Pass"}}}, "End": True},
            "a neither goes on nor ends",
        ),
        (
            {"Type": "Parallel", "Branches": [{"StartAt": "b", "States": {"a": {"Type": "Succeed"}}}], "End": True},
            "no state b",
        ),
    ],
)
def test_a_wrong_transition_is_seen(place_order: Any, state: Any, fault: str) -> None:
    """Whatever leads to a state, at whatever depth; and a state that nothing leads to."""
    definition = _machine(place_order)["Definition"]
    definition["States"]["odd"] = state
    assert "PlaceOrderStateMachine: nothing leads to odd" in list(audit.transitions(place_order))

    definition["StartAt"] = "odd"
    assert f"PlaceOrderStateMachine: {fault}" in list(audit.transitions(place_order))


@pytest.mark.parametrize("text", ["{% $input. %}", "{% (1 + %}", "{% 'x %}", "{% 1"])
def test_broken_jsonata_is_seen(place_order: Any, text: str) -> None:
    """Wherever it is."""
    _machine(place_order)["Definition"]["States"]["odd"] = {"Type": "Pass", "Output": {"deep": [text]}}
    assert [text in found for found in audit.expressions(place_order)] == [True]


@pytest.mark.parametrize("value", [{"Ref": "CodeBucket"}, {"Fn::Sub": "x"}, {"Fn::GetAtt": ["a", "Arn"]}])
def test_a_function_of_cloudformation_is_seen(place_order: Any, value: Any) -> None:
    """In a list too."""
    _machine(place_order)["Definition"]["States"]["odd"] = {"Type": "Pass", "Output": [value]}
    assert list(audit.intrinsics(place_order)) == [f"PlaceOrderStateMachine: {next(iter(value))}"]


def test_substitutions_that_do_not_fit_are_seen(place_order: Any) -> None:
    """A key for nothing, and a placeholder without one."""
    _machine(place_order)["DefinitionSubstitutions"]["Idle"] = "x"
    _machine(place_order)["Definition"]["States"]["odd"] = {"Type": "Pass", "Output": "${Unknown}"}
    assert list(audit.unused(place_order)) == ["PlaceOrderStateMachine: Idle"]
    assert list(audit.unfilled(place_order, USERS_TEXTS)) == ["PlaceOrderStateMachine: Unknown"]


def test_an_alias_that_routes_twice_is_seen(place_order: Any) -> None:
    place_order["Resources"]["PlaceOrderStateMachineAlias"]["Properties"]["DeploymentPreference"] = {"Type": "CANARY"}
    assert list(audit.routes(place_order)) == ["PlaceOrderStateMachineAlias"]


@pytest.mark.parametrize(
    "text",
    [
        "rate(1 hours)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "at(2026-13-01T00:00:00)",
        "at(2026-01-01)",
        "cron(0 8 * * *)",
        "cron(0 8 * * * *)",
        "cron(0 8 ? * ? *)",
        "cron(60 8 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 8 32 * ? *)",
        "cron(0 8 ? * 0 *)",
        "cron(0 8 ? * MON-FOO *)",
        "cron(0/0 8 * * ? *)",
        "every day",
    ],
)
def test_a_bad_schedule_is_seen(place_order: Any, text: str) -> None:
    place_order["Resources"]["Daily"] = {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {"ScheduleExpression": text},
    }
    assert list(audit.schedules(place_order)) == [f"Daily: {text}"]


@pytest.mark.parametrize(
    "text",
    [
        "rate(1 hour)",
        "rate(15 minutes)",
        "at(2026-11-01T08:00:00)",
        "cron(0 8 * * ? *)",
        "cron(0/5 8-17 ? * MON-FRI *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 ? * 6#3 2026-2030)",
        "cron(*/10 0,12 ? JAN,JUL 2L *)",
        "cron(0 9 15W * ? *)",
    ],
)
def test_a_good_schedule_is_none(text: str) -> None:
    """EventBridge Scheduler user guide, "Schedule types"; EventBridge user guide, "Cron expressions"."""
    assert audit.is_schedule(text)


@pytest.mark.parametrize(
    ("action", "resource", "fault"),
    [
        ("dynamodb:FetchItem", "arn:aws:dynamodb:x:1:table/a", "no action dynamodb:FetchItem"),
        ("dynamodb:GetItem", "arn:aws:sqs:x:1:a", "dynamodb:GetItem on arn:aws:sqs:x:1:a"),
    ],
)
@pytest.mark.parametrize("kind", ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"])
def test_a_permission_for_nothing_is_seen(place_order: Any, kind: str, action: str, resource: str, fault: str) -> None:
    document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    place_order["Resources"]["Odd"] = {"Type": kind, "Properties": {"PolicyDocument": document}}
    assert list(audit.permissions(place_order)) == [fault]
    assert list(audit.anywhere(place_order)) == []


def test_a_permission_for_everything_is_seen(place_order: Any) -> None:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "xray:PutTraceSegments"]}
    document = {"Statement": [{**statement, "Resource": "*"}]}
    place_order["Resources"]["Odd"] = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": document}}
    assert list(audit.anywhere(place_order)) == ["dynamodb:GetItem"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_wrong_that_linters_miss(name: str) -> None:
    """In the templates of the tests, of all examples and of all cases."""
    assert {look.__name__: found for look in LOOKS if (found := list(look(made(name))))} == {}


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name not in {"hostile", "several"}])
def test_each_placeholder_is_filled(name: str) -> None:
    """Nothing that looks like a placeholder reaches Step Functions, where no text of a user looks like one."""
    assert list(audit.unfilled(made(name), USERS_TEXTS)) == []
