"""What linters do not see in a template (design's facts, "CloudFormation and linters"), by their own rules.

Nothing here knows how a template was made: it reads JSON data, and each function gives what is wrong, in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonata import Jsonata

from flowgen.aws.iam import find_action
from tests.unit.backends.cloudformation.support import CloudFormation

Template = Mapping[str, Any]
MACHINE = "AWS::StepFunctions::StateMachine"
_ENDS = {"Succeed", "Fail", "Choice"}
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
# A field of cron is a list of values, ranges and steps (EventBridge Scheduler user guide, "Schedule types").
_NAMES = {
    "month": "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC",
    "weekday": "SUN|MON|TUE|WED|THU|FRI|SAT",
}
_FIELDS: tuple[tuple[str, int, int, str], ...] = (
    ("minute", 0, 59, r"\*"),
    ("hour", 0, 23, r"\*"),
    ("day", 1, 31, r"\*|\?|L|LW|\d+W"),
    ("month", 1, 12, r"\*"),
    ("weekday", 1, 7, r"\*|\?|L|\d+L|(?:\d+|[A-Z]{3})#[1-5]"),
    ("year", 1970, 2199, r"\*"),
)


def of_type(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The resources of a type, by logical id, with their properties."""
    for name, declared in template["Resources"].items():
        if declared["Type"] == kind:
            yield name, declared.get("Properties", {})


def transitions(template: Template) -> Iterator[str]:
    """Targets that are not there, states that nothing leads to, states that neither go on nor end."""
    for machine, properties in of_type(template, MACHINE):
        if "Definition" in properties:
            yield from (f"{machine}: {fault}" for fault in _scope(properties["Definition"]))


def _scope(machine: Mapping[str, Any]) -> Iterator[str]:
    states: Mapping[str, Any] = machine["States"]
    reached, waiting = set(), [machine["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in states:
            yield f"no state {name}"
        elif name not in reached:
            reached.add(name)
            waiting += _targets(states[name])
    yield from (f"nothing leads to {name}" for name in states if name not in reached)
    for name, state in states.items():
        if state["Type"] not in _ENDS and ("Next" in state) == (state.get("End") is True):
            yield f"{name} neither goes on nor ends"
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            if inner is not None:
                yield from _scope(inner)


def _targets(state: Mapping[str, Any]) -> list[str]:
    rules = (state, *state.get("Choices", ()), *state.get("Catch", ()))
    return [one["Next"] for one in rules if "Next" in one] + [state["Default"] for _ in range("Default" in state)]


def expressions(template: Template) -> Iterator[str]:
    """JSONata that does not parse, as it reaches Step Functions."""
    for machine, properties in of_type(template, MACHINE):
        if "Definition" not in properties:
            continue
        for text in _texts(CloudFormation(template).definition(machine)):
            if text.startswith("{%"):
                try:
                    assert text.endswith("%}")
                    Jsonata(text[2:-2])
                except Exception as error:  # noqa: BLE001 - whatever it raises, the expression is broken
                    yield f"{machine}: {text}: {error!r}"


def _texts(value: Any) -> Iterator[str]:
    """The texts of a definition but for its comments, which are prose."""
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                if key != "Comment":
                    yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def intrinsics(template: Template) -> Iterator[str]:
    """Functions of CloudFormation inside a definition, which would not be what the workflow says."""
    for machine, properties in of_type(template, MACHINE):
        yield from (f"{machine}: {name}" for name in _functions(properties.get("Definition")))


def _functions(value: Any) -> Iterator[str]:
    match value:
        case dict():
            if len(value) == 1:
                yield from (key for key in value if key in {"Ref", "Condition"} or key.startswith("Fn::"))
            for item in value.values():
                yield from _functions(item)
        case list():
            for item in value:
                yield from _functions(item)


def unused(template: Template) -> Iterator[str]:
    """Keys of `DefinitionSubstitutions` that are for nothing."""
    for machine, properties in of_type(template, MACHINE):
        if "Definition" in properties:
            written = json.dumps(properties["Definition"], ensure_ascii=False)
            for key in properties.get("DefinitionSubstitutions", {}):
                if f"${{{key}}}" not in written:
                    yield f"{machine}: {key}"


def unfilled(template: Template, written: frozenset[str] = frozenset()) -> Iterator[str]:
    """Placeholders that reach Step Functions, but for those that are texts of a user's (`written`)."""
    for machine, properties in of_type(template, MACHINE):
        if "Definition" in properties:
            deployed = json.dumps(CloudFormation(template).definition(machine))
            yield from (f"{machine}: {key}" for key in sorted(set(_PLACEHOLDER.findall(deployed)) - written))


def routes(template: Template) -> Iterator[str]:
    """Aliases with both ways to route, which CloudFormation rejects, or with none."""
    for alias, properties in of_type(template, "AWS::StepFunctions::StateMachineAlias"):
        if len({"RoutingConfiguration", "DeploymentPreference"} & set(properties)) != 1:
            yield alias


def schedules(template: Template) -> Iterator[str]:
    """Expressions that EventBridge rejects."""
    for kind in ("AWS::Scheduler::Schedule", "AWS::Events::Rule"):
        for name, properties in of_type(template, kind):
            written = properties.get("ScheduleExpression")
            if written is not None and not is_schedule(CloudFormation(template).resolve(written)):
                yield f"{name}: {written}"


def is_schedule(text: str) -> bool:
    """Whether a text is a schedule: `at(…)`, `rate(…)` or `cron(…)`.

    >>> is_schedule("rate(1 hour)"), is_schedule("rate(1 hours)"), is_schedule("cron(0 8 * * MON-FRI *)")
    (True, False, True)
    """
    if re.fullmatch(r"at\(\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}\)", text):
        return True
    if re.fullmatch(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)", text):
        return True
    cron = re.fullmatch(r"cron\((.*)\)", text)
    fields = cron[1].split(" ") if cron else []
    if len(fields) != len(_FIELDS) or (fields[2] == "?") == (fields[4] == "?"):
        return False
    return all(_is_field(given, *field) for given, field in zip(fields, _FIELDS, strict=True))


def _is_field(text: str, kind: str, least: int, most: int, special: str) -> bool:
    def is_value(one: str) -> bool:
        return one in _NAMES.get(kind, "").split("|") or (one.isdigit() and least <= int(one) <= most)

    def is_item(item: str) -> bool:
        if re.fullmatch(special, item):
            return all(least <= int(number) <= most for number in re.findall(r"^\d+", item))
        span, slash, step = item.partition("/")
        ends = span.split("-")
        return (not slash or (step.isdigit() and int(step) > 0)) and (
            (bool(slash) and span == "*") or (len(ends) <= 2 and all(map(is_value, ends)))
        )

    return all(map(is_item, text.split(",")))


def statements(template: Template) -> Iterator[dict[str, Any]]:
    """All that roles of the template may do."""
    documents = [
        policy["PolicyDocument"]
        for _, properties in of_type(template, "AWS::IAM::Role")
        for policy in properties.get("Policies", ())
    ]
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        documents += [properties["PolicyDocument"] for _, properties in of_type(template, kind)]
    for document in documents:
        yield from CloudFormation(template).resolve(document)["Statement"]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def permissions(template: Template) -> Iterator[str]:
    """Actions that IAM does not know, and resources of another service: they allow nothing, and nobody reports it."""
    for statement in statements(template):
        for action in listed(statement["Action"]):
            service, _, api = action.partition(":")
            known = find_action(service, api)
            if known is None and "*" not in action:
                yield f"no action {action}"
            for resource in listed(statement["Resource"]):
                allowed = {kind.arn.split(":")[2] for kind in (known.resource_types if known else ())} | {service}
                if resource.startswith("arn:") and resource.split(":")[2] not in {*allowed, "*"}:
                    yield f"{action} on {resource}"


def anywhere(template: Template) -> Iterator[str]:
    """Actions on `*` where IAM takes a resource, but for those under a condition, which says what is meant."""
    for statement in statements(template):
        if statement["Resource"] == "*" and "Condition" not in statement:
            for action in listed(statement["Action"]):
                known = find_action(*action.partition(":")[::2])
                if known is not None and known.resource_types and action not in ANYWHERE:
                    yield action


ANYWHERE = {
    # AWS's own documents for log delivery and networks have `*`: what is meant does not exist yet.
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
}
