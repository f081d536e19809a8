"""Units to build stacks of, and what becomes of a template in CloudFormation and IAM."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.asl.writing import to_json
from flowgen.backends.cloudformation import WorkflowStack
from flowgen.check import check
from flowgen.compile import compile_workflow
from flowgen.diagnostics import Sink
from flowgen.model import Workflow, read_workflow
from flowgen.source import read

REMIND_USER = """\
flowgen: 1
name: remind_user
description: Remind somebody twice to finish signing up.
input: User
output: User
types:
  User:
    fields:
      name: string
      email: email
      times_reminded: integer = 0
functions:
  send_email:
    description: Send the next reminder.
    input: User
    output: User
    errors: [MailboxFull]
    retry: {attempts: 5, backoff: 2}
steps:
  - id: wait_two_hours
    wait: 2 hours
  - id: first_reminder
    call: send_email
  - id: wait_one_day
    wait: 1 day
  - id: second_reminder
    call: send_email
"""

PLACE_ORDER = """\
flowgen: 1
name: place_order
description: |
  Take an order: charge it, then pack it.

  Large orders wait for a person.
timeout: 2 days
input: Order
output: Receipt
types:
  Order:
    fields:
      id: string
      total: number
      note: string?
  Receipt:
    fields:
      order: string
      text: string
functions:
  charge_card:
    description: Charge the customer's card.
    input: Order
    output: Receipt
    errors: [CardDeclined]
    retry: [{attempts: 2, interval: 5s, backoff: 1.5, max_interval: 1m, jitter: true, errors: [Lambda.Unknown]}]
    memory: 512
    timeout: 1m
    environment: {CURRENCY: EUR, RETRIES: "3", "ON": "yes"}
  review_order:
    input: Order
    output: Order
    runtime: python3.12
    architecture: x86_64
  ship_order:
    description: The warehouse's own.
    arn: arn:aws:lambda:eu-west-1:123456789012:function:warehouse-ship:live
    input: Receipt
    output: Receipt
  audit:
    arn: arn:aws:lambda:eu-west-1:123456789012:function:audit
defaults:
  retry: 3
  function:
    environment: {STAGE: test}
steps:
  - id: large
    switch:
      - when: $input.total > 1000
        steps:
          - id: cool_down
            wait: {until: "${ $context.Execution.StartTime }"}
          - id: review
            call: review_order
            with: ${ $input }
          - id: pause
            wait: ${ 1 + 2 }
    else:
      - id: small
        set: ${ $input }
  - id: charging
    steps:
      - id: charge
        call: charge_card
        with: {id: "${ $input.id }", total: "${ $input.total }", note: null}
        timeout: 2m
        catch:
          - errors: [CardDeclined]
            steps:
              - id: declined
                fail: {error: OrderRefused, cause: "Order ${ $input.id }: $${ refused }"}
      - id: ship
        if: $charge.text != ""
        call: ship_order
        skipped: ${ $charge }
    catch:
      - errors: [any]
        steps:
          - id: tell
            call: audit
            with: {error: "${ $error.Error }", Ref: nothing, at: [1, 2.5, true, null, ""]}
          - id: fallback
            return: {order: "${ $input.id }", text: failed}
"""


def workflow(text: str) -> Workflow:
    """The workflow of a valid text."""
    sink = Sink()
    root = read("workflow.yaml", text, sink)
    made = None if root is None else read_workflow(root, sink)
    assert made is not None, list(sink)
    return made


def unit(text: str) -> WorkflowStack:
    """A workflow as it goes into a stack, checked and compiled."""
    made = workflow(text)
    sink = Sink()
    check(made, sink)
    assert not sink.failed, list(sink)
    return unit_with(text, to_json(compile_workflow(made)))


def unit_with(text: str, definition: Mapping[str, Any]) -> WorkflowStack:
    """A workflow with a definition that is given."""
    made = workflow(text)
    handlers = {
        name: f"shop.{made.name}.generated.entry_points.{name}.handler"
        for name, function in made.functions.items()
        if function.arn is None and not function.activity
    }
    return WorkflowStack(made, definition, handlers)


def units(*texts: str) -> list[WorkflowStack]:
    return [unit(text) for text in texts]


def small_unit(name: str = "small", functions: str = "send_email: {}") -> WorkflowStack:
    """A workflow that calls nothing, of a name and with functions."""
    text = f"flowgen: 1\nname: {name}\nfunctions: {{{functions}}}\nsteps: []\n"
    return unit_with(text, {"StartAt": "end", "States": {"end": {"Type": "Succeed"}}})


def resources(template: Mapping[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type, by logical id."""
    found: dict[str, dict[str, Any]] = {
        logical_id: declared["Properties"]
        for logical_id, declared in template["Resources"].items()
        if declared["Type"] == kind
    }
    return found


NO_VALUE = "\0"
"""What is not there."""
PSEUDO_PARAMETERS = {
    "AWS::AccountId": "111111111111",
    "AWS::NoValue": NO_VALUE,
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "test-stack",
}


ACCOUNT = "eu-west-1:111111111111"
GIVEN = {
    "AuditTable": "audit",
    "CarrierConnectionArn": f"arn:aws:events:{ACCOUNT}:connection/carrier/1-2",
    "ChildStateMachineArn": f"arn:aws:states:{ACCOUNT}:stateMachine:child-elsewhere",
    "QueueArn": f"arn:aws:sqs:{ACCOUNT}:given-queue",
    "Stage": "test",
    "JobsQueueUrl": "https://sqs.eu-west-1.amazonaws.com/222222222222/jobs",
    "TakePaymentStateMachineArn": f"arn:aws:states:{ACCOUNT}:stateMachine:take_payment-elsewhere",
    "TaskDefinitionArn": f"arn:aws:ecs:{ACCOUNT}:task-definition/render:12",
}
"""What is given for parameters, where it matters."""

IMPORTED = {
    "shop-QueueArn": f"arn:aws:sqs:{ACCOUNT}:imported-queue",
    "shop-TableArn": "arn:aws:dynamodb:eu-west-1:222222222222:table/imported",
}
"""What other stacks export, where it matters."""

VERSION = "7"
"""Of every function and every machine."""


class CloudFormation:
    """What CloudFormation makes of a template: intrinsic functions resolved, parameters `given:NAME`."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self.template = template

    def resolve(self, value: Any) -> Any:
        """Raises ValueError for what CloudFormation rejects, or would resolve although it is a user's text."""
        match value:
            case None:
                raise ValueError("null is not allowed in templates")
            case {"Ref": str(name)} if len(value) == 1:
                return self.ref(name)
            case {"Fn::GetAtt": [logical_id, attribute]}:
                return self.attribute(logical_id, attribute)
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{(!?)([^}]*)\}", self._substitute, text)
            case {"Fn::Sub": [str(text), dict(values)]}:
                known = {name: self.resolve(one) for name, one in values.items()}
                return re.sub(r"\$\{(!?)([^}]*)\}", lambda match: known.get(match[2]) or self._substitute(match), text)
            case {"Fn::Join": [separator, parts]}:
                joined: str = separator.join(self.resolve(parts))
                return joined
            case {"Fn::ImportValue": name}:
                exported = self.resolve(name)
                return IMPORTED.get(exported, f"imported:{exported}")
            case {"Fn::Select": [int(index), parts]}:
                return self.resolve(parts)[index]
            case {"Fn::Split": [str(separator), text]}:
                return self.resolve(text).split(separator)
            case {"Fn::If": [str(name), one, other]}:
                return self.resolve(one if self.holds({"Condition": name}) else other)
            case {"Fn::FindInMap": [str(name), first, second]}:
                return self.template["Mappings"][name][self.resolve(first)][self.resolve(second)]
            case dict():
                if any(key == "Ref" or key.startswith("Fn::") for key in value):
                    raise ValueError(f"no intrinsic function: {value}")
                made = {key: self.resolve(item) for key, item in value.items()}
                return {key: item for key, item in made.items() if item != NO_VALUE}
            case list():
                return [made for item in value if (made := self.resolve(item)) != NO_VALUE]
            case str() if "{{resolve:" in value:
                raise ValueError(f"a dynamic reference: {value}")
            case _:
                return value

    def holds(self, condition: Any) -> bool:
        """Whether a condition holds."""
        match condition:
            case {"Condition": str(name)}:
                return self.holds(self.template["Conditions"][name])
            case {"Fn::Equals": [one, other]}:
                return bool(self.resolve(one) == self.resolve(other))
            case {"Fn::Not": [one]}:
                return not self.holds(one)
            case other:
                raise ValueError(f"no condition: {other}")

    def _substitute(self, match: re.Match[str]) -> str:
        kept, name = match.groups()
        if kept:
            return f"${{{name}}}"
        logical_id, dot, attribute = name.partition(".")
        return self.attribute(logical_id, attribute) if dot else self.ref(name)

    def ref(self, name: str) -> Any:
        if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        if name in self.template.get("Parameters", {}):
            if "List" in self.template["Parameters"][name]["Type"]:
                return [f"given:{name}:1", f"given:{name}:2"]
            if name.endswith("ConnectionArn"):
                return GIVEN.get(name, f"arn:aws:events:{ACCOUNT}:connection/{name}/1-2")
            return GIVEN.get(name, f"given:{name}")
        declared = self.template["Resources"][name]
        match declared["Type"]:
            case "AWS::Logs::LogGroup":
                resolved: str = self.resolve(declared["Properties"]["LogGroupName"])
                return resolved
            case "AWS::SQS::Queue":
                return f"https://sqs.eu-west-1.amazonaws.com/111111111111/physical-{name}"
            case "AWS::SNS::Topic" | "AWS::ECS::TaskDefinition" | "AWS::StepFunctions::StateMachine" as kind:
                return self.arn(kind, name)
            case "AWS::SecretsManager::Secret":
                return f"arn:aws:secretsmanager:{ACCOUNT}:secret:physical-{name}-AbCdEf"
            case "AWS::Lambda::Version":
                return f"{self.arn('AWS::Lambda::Function', declared['Properties']['FunctionName']['Ref'])}:{VERSION}"
            case "AWS::StepFunctions::StateMachineVersion":
                return f"{self.resolve(declared['Properties']['StateMachineArn'])}:{VERSION}"
            case "AWS::StepFunctions::StateMachineAlias":
                properties = declared["Properties"]
                (routed,) = properties.get("RoutingConfiguration") or [properties["DeploymentPreference"]]
                version: str = self.resolve(routed["StateMachineVersionArn"])
                return f"{version.removesuffix(f':{VERSION}')}:{declared['Properties']['Name']}"
            case _:
                return f"physical-{name}"

    def attribute(self, logical_id: str, attribute: str) -> str:
        declared = self.template["Resources"][logical_id]
        match declared["Type"], attribute:
            case "AWS::StepFunctions::StateMachine", "StateMachineRevisionId":
                return f"revision-{logical_id}"
            case "AWS::StepFunctions::StateMachine", "Name":
                return self.machine_name(logical_id)
            case "AWS::DynamoDB::Table", "StreamArn":
                return f"arn:aws:dynamodb:{ACCOUNT}:table/physical-{logical_id}/stream/2030-01-01T00:00:00.000"
            case "AWS::ApiGatewayV2::Api", "ApiEndpoint":
                return f"https://physical-{logical_id}.execute-api.eu-west-1.amazonaws.com"
            case "AWS::SNS::Topic", "TopicArn":
                return str(self.ref(logical_id))
            case "AWS::Events::Connection", "SecretArn":
                return f"arn:aws:secretsmanager:{ACCOUNT}:secret:events!connection/physical-{logical_id}/1-2"
            case kind, "Arn":
                return self.arn(kind, logical_id)
            case other:
                raise ValueError(f"no attribute: {other}")

    def machine_name(self, logical_id: str) -> str:
        name = self.template["Resources"][logical_id]["Properties"].get("StateMachineName")
        return f"physical-{logical_id}" if name is None else str(self.resolve(name))

    def arn(self, kind: str, logical_id: str) -> str:
        physical = f"physical-{logical_id}"
        match kind:
            case "AWS::StepFunctions::StateMachine":
                return f"arn:aws:states:{ACCOUNT}:stateMachine:{self.machine_name(logical_id)}"
            case "AWS::Logs::LogGroup":
                return f"arn:aws:logs:{ACCOUNT}:log-group:{self.ref(logical_id)}:*"
            case _:
                return {
                    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{ACCOUNT}:table/{physical}",
                    "AWS::ECS::Cluster": f"arn:aws:ecs:{ACCOUNT}:cluster/{physical}",
                    "AWS::ECS::TaskDefinition": f"arn:aws:ecs:{ACCOUNT}:task-definition/{physical}:7",
                    "AWS::Events::Rule": f"arn:aws:events:{ACCOUNT}:rule/{physical}",
                    "AWS::Kinesis::Stream": f"arn:aws:kinesis:{ACCOUNT}:stream/{physical}",
                    "AWS::Events::Connection": f"arn:aws:events:{ACCOUNT}:connection/{physical}/1-2",
                    "AWS::IAM::Role": f"arn:aws:iam::111111111111:role/{physical}",
                    "AWS::KMS::Key": f"arn:aws:kms:{ACCOUNT}:key/{physical}",
                    "AWS::Lambda::Function": f"arn:aws:lambda:{ACCOUNT}:function:{physical}",
                    "AWS::S3::Bucket": f"arn:aws:s3:::{physical}",
                    "AWS::SNS::Topic": f"arn:aws:sns:{ACCOUNT}:{physical}",
                    "AWS::SQS::Queue": f"arn:aws:sqs:{ACCOUNT}:{physical}",
                }[kind]

    def definition(self, logical_id: str, files: Mapping[str, str] | None = None) -> Any:
        """The definition that reaches Step Functions, by the rules of the resource's handler.

        `files` are those in the bucket, by their names behind `flowgen/`.
        """
        properties = self.template["Resources"][logical_id]["Properties"]
        substitutions = self.resolve(properties.get("DefinitionSubstitutions", {}))
        if any(isinstance(value, list | dict) for value in substitutions.values()):
            raise ValueError(f"a substitution is a text, a number or a boolean: {substitutions}")
        if "DefinitionS3Location" in properties:
            key = properties["DefinitionS3Location"]["Key"].removeprefix("flowgen/")
            return _substituted(json.loads((files or {})[key]), substitutions)
        return _substituted(self.resolve(properties["Definition"]), substitutions)


class Nested(CloudFormation):
    """What CloudFormation makes of a template whose stacks are nested: `children` by their logical ids."""

    def __init__(self, template: Mapping[str, Any], files: Mapping[str, str]) -> None:
        super().__init__(template)
        self.children: dict[str, Child] = {}
        for name, properties in resources(template, "AWS::CloudFormation::Stack").items():
            url = properties["TemplateURL"]["Fn::Sub"]
            self.children[name] = Child(json.loads(files[url.rpartition("/")[2]]), self, properties)

    def attribute(self, logical_id: str, attribute: str) -> str:
        if logical_id not in self.children:
            return super().attribute(logical_id, attribute)
        child = self.children[logical_id]
        value = child.template["Outputs"][attribute.removeprefix("Outputs.")]["Value"]
        resolved: str = child.resolve(value)
        return resolved


class Child(CloudFormation):
    """A stack in a stack, which gets its parameters from there and from nowhere else."""

    def __init__(self, template: Mapping[str, Any], parent: CloudFormation, properties: Mapping[str, Any]) -> None:
        super().__init__(template)
        self.parent = parent
        self.given = properties.get("Parameters", {})

    def ref(self, name: str) -> Any:
        if name not in self.template.get("Parameters", {}):
            return super().ref(name)
        given = self.parent.resolve(self.given[name])
        assert isinstance(given, str), "a nested stack is given texts"
        return given.split(",") if "List" in self.template["Parameters"][name]["Type"] else given


def _substituted(value: Any, substitutions: Mapping[str, str]) -> Any:
    match value:
        case str():
            # `StringUtils.replaceEachRepeatedly`
            found = re.compile("|".join(re.escape(f"${{{key}}}") for key in substitutions) or r"(?!)")
            while found.search(value):
                value = found.sub(lambda match: substitutions[match[0][2:-1]], value)
            return value
        case dict():
            return {_substituted(key, substitutions): _substituted(item, substitutions) for key, item in value.items()}
        case list():
            return [_substituted(item, substitutions) for item in value]
        case _:
            return value


def states(definition: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state with its name."""
    yield from definition["States"].items()


def allows(statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether a statement of a policy allows an action on a resource."""
    assert statement["Effect"] == "Allow"
    return (
        any(_like(action, pattern) for pattern in _listed(statement["Action"]))
        and any(_like(resource, pattern) for pattern in _listed(statement["Resource"]))
        and _holds(statement.get("Condition", {}), context or {})
    )


def _holds(condition: Mapping[str, Mapping[str, str | list[str]]], context: Mapping[str, str]) -> bool:
    """Whether a condition holds. IAM user guide, "Condition operators"."""
    compare = {
        "StringEquals": lambda text, wanted: text == wanted,
        "ArnEquals": lambda text, wanted: text == wanted,
        "StringLike": _like,
        "ArnLike": _like,
    }
    return all(
        key in context and any(compare[operator](context[key], one) for one in _listed(wanted))
        for operator, pairs in condition.items()
        for key, wanted in pairs.items()
    )


def _like(text: str, pattern: str) -> bool:
    """IAM's wildcards: `*` and `?`, and `${*}` for the character itself."""
    parts = re.split(r"\$\{([*?$])\}|([*?])", pattern)
    made = "".join(
        re.escape(part or "") if index % 3 != 2 else {"*": ".*", "?": ".", None: ""}[part]
        for index, part in enumerate(parts)
    )
    return re.fullmatch(made, text, re.DOTALL) is not None


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
