"""What a state machine's role must allow, derived from the states of its definition, and what cannot be derived.

A grant covers exactly the resource that the arguments name, with a string or an intrinsic function. Something inside
such a resource (an object of a bucket, the executions of a state machine), or with a name that the call generates, may
be known only at run time: then the grant covers the known part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowgen.aws.iam_calls import BEYOND, BEYOND_ACTIONS, JOBS, PASSED_TO, RULE_ACTIONS, RULE_PREFIX
from flowgen.backends.cloudformation.calls import Call, Distribution, call_of
from flowgen.backends.cloudformation.iam.arn_templates import (
    Arn,
    Missing,
    arn,
    filled,
    form_of,
    name_in,
    of_form,
)
from flowgen.backends.cloudformation.iam.arns import arns_of
from flowgen.backends.cloudformation.iam.caller_access import caller_requests, encryption_requests
from flowgen.backends.cloudformation.iam.conditions import (
    Condition,
    alias_condition,
    api_arn,
    endpoint_condition,
    prefix_condition,
)
from flowgen.backends.cloudformation.iam.passed_roles import passed_roles
from flowgen.backends.cloudformation.iam.requests import Request, given, requests
from flowgen.backends.cloudformation.iam.service_arns import called_model
from flowgen.backends.cloudformation.intrinsics import arn_of, ref, sub
from flowgen.backends.cloudformation.stack_context import CONNECTION, MACHINE_ALIAS, StackContext
from flowgen.backends.cloudformation.static_values import UNKNOWN, Known, Resources, Tree, find, type_of
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack, machine_ids
from flowgen.model import Call as CallStep
from flowgen.model import Http, RunWorkflow, Step


@dataclass(frozen=True, slots=True)
class Grant:
    """Actions on resources; without resources, on all. `of_itself`: on the state machine itself and its executions."""

    actions: tuple[str, ...]
    resources: tuple[Arn, ...] = ()
    condition: Condition | None = None
    of_itself: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """Actions that a step needs on unknown resources, and why they are unknown.

    Without actions, even IAM's names for them are unknown.
    """

    actions: tuple[str, ...]
    reason: str
    step: Step | None


def derive(stack: WorkflowStack, context: StackContext) -> tuple[list[Grant], list[Need]]:
    """What a state machine's role must allow in addition to invoking functions, in the order of the states."""
    found = list(_Deriving(stack, context).found())
    grants = [grant for grant in found if isinstance(grant, Grant)]
    needs = {(need.actions, need.reason, id(need.step)): need for need in found if isinstance(need, Need)}
    return grants, list(needs.values())


class _Deriving:
    def __init__(self, stack: WorkflowStack, context: StackContext) -> None:
        self.stack = stack
        self.context = context
        self.resources: Resources = context.resources

    def found(self) -> Iterator[Grant | Need]:
        for owned in self.stack.states:
            if isinstance(owned.step, CallStep):
                continue
            call = call_of(owned)
            if call is not None:
                yield from self._call(call)
        for distribution in self.stack.distributions:
            yield from self._distribution(distribution)

    def _call(self, call: Call) -> Iterator[Grant | Need]:
        match call.service, call.api, call.step:
            case "lambda", "invoke", None:
                return
            case "http", "invoke", _:
                yield from self._http(call)
            case "apigateway", "invoke", _:
                yield from self._api(call)
            case ("states", "startExecution", _) | ("sfn", "startSyncExecution", _):
                yield from self._nested(call)
            case _:
                yield from self._service(call)

    def _service(self, call: Call) -> Iterator[Grant | Need]:
        from flowgen.aws.iam import service_prefix

        prefix = service_prefix(call.service)
        if prefix is None:
            yield Need((), f"IAM's name for the service `{call.service}` is unknown", call.step)
            return
        key = f"{prefix}:{call.api.lower()}"
        arguments = given(key, call.arguments)
        for request in requests(prefix, call.api, arguments, job=call.is_job):
            yield from self._allowed(request, call)
        for request in caller_requests(key, arguments):
            yield from self._allowed(request, call)
        missing = self._beyond(key, arguments)
        if missing is not None:
            yield Need(missing, BEYOND[key], call.step)
        yield from self._roles(prefix, key, call)
        rule = JOBS[key].rule if call.is_job and key in JOBS else None
        if rule is not None:
            yield _managed_rule(rule)

    def _allowed(self, request: Request, call: Call) -> Iterator[Grant | Need]:
        """A request, and the use of the keys that encrypt its resources."""
        if request.action == "bedrock:InvokeModel":
            yield from self._model(request, call)
            return
        made = self._request(request, call, self._condition(request, call))
        yield made
        if not isinstance(made, Grant):
            return
        service = request.action.partition(":")[0]
        via = {"StringEquals": {"kms:ViaService": sub(f"{service}.${{AWS::Region}}.amazonaws.com")}}
        for use in encryption_requests(request.action, made.resources, self.resources):
            if find(use.arguments, "KeyId") is UNKNOWN:
                yield Need((use.action,), "a condition decides whether the resource has a key", call.step)
            else:
                yield self._request(use, call, via)

    def _condition(self, request: Request, call: Call) -> Condition | None:
        match request.action:
            case "ecs:RunTask":
                return self._in_cluster(call)
            case "emr-containers:StartJobRun":
                role = find(call.arguments, "ExecutionRoleArn")
                if not isinstance(role, Known) or not role.whole:
                    return None
                return {"ArnEquals": {"emr-containers:ExecutionRoleArn": arn(role)}}
            case _:
                return None

    def _model(self, request: Request, call: Call) -> Iterator[Grant | Need]:
        """A model, or an inference profile and, only through it, the models behind it.

        Bedrock user guide, "Prerequisites for inference profiles".
        """
        called = called_model(request.arguments, self.resources)
        if isinstance(called, Missing):
            yield Need((request.action,), called.reason, call.step)
            return
        yield Grant((request.action,), (called.arn,))
        if called.models:
            condition = {"ArnEquals": {"bedrock:InferenceProfileArn": called.arn}}
            yield Grant((request.action,), called.models, condition)

    def _beyond(self, key: str, arguments: Tree) -> tuple[str, ...] | None:
        """What a call needs that its arguments do not show; None if there is nothing."""
        if key not in BEYOND or find(arguments, _WITH_ROLE.get(key, "")) is not None:
            return None
        missing = BEYOND_ACTIONS[key]
        if key == "athena:startqueryexecution":
            for service, argument in _ATHENA_KNOWS.items():
                if isinstance(find(arguments, argument), Known):
                    missing = tuple(action for action in missing if not action.startswith(service))
        return missing

    def _request(self, request: Request, call: Call, condition: Condition | None = None) -> Grant | Need:
        from flowgen.aws.iam import find_action

        action = find_action(*request.action.split(":"))
        if action is None:
            return Need((), f"IAM's actions for `{call.service}:{call.api}` are unknown", call.step)
        arns = arns_of(action, request.arguments, self.resources)
        if isinstance(arns, Missing):
            return Need((action.name,), arns.reason, call.step)
        return Grant((action.name,), arns, condition)

    def _in_cluster(self, call: Call) -> Condition | None:
        """Limits tasks to a cluster, which is a condition in IAM (ECS, "Actions, resources, and condition keys")."""
        cluster = find(call.arguments, "Cluster") or Known(("default",))
        if not isinstance(cluster, Known) or not cluster.whole:
            return None
        return {"ArnEquals": {"ecs:cluster": self._cluster(cluster)}}

    def _cluster(self, cluster: Known) -> Arn:
        value = cluster.only
        if value is not None and type_of(value, self.resources) == "AWS::ECS::Cluster":
            return arn_of(value["Ref"])
        template = "arn:${Partition}:ecs:${Region}:${Account}:cluster/${Name}"
        return of_form(form_of(cluster, self.resources), template, cluster)

    def _roles(self, prefix: str, key: str, call: Call) -> Iterator[Grant | Need]:
        service = PASSED_TO.get(prefix)
        condition = None if service is None else {"StringEquals": {"iam:PassedToService": service}}
        for role in passed_roles(key, call.arguments, self.resources):
            if role is None:
                yield Need(("iam:PassRole",), "the role that is passed is known only when the workflow runs", call.step)
            else:
                yield Grant(("iam:PassRole",), (role,), condition)

    def _http(self, call: Call) -> Iterator[Grant | Need]:
        """Developer guide, "Call HTTPS APIs in Step Functions workflows": IAM permissions."""
        endpoint = find(call.arguments, "ApiEndpoint")
        condition = endpoint_condition(endpoint) if isinstance(endpoint, Known) else None
        method = find(call.arguments, "Method")
        if condition is None or not isinstance(method, Known) or method.text is None:
            yield Need(("states:InvokeHTTPEndpoint",), "the host is known only when the workflow runs", call.step)
        else:
            equal = {"states:HTTPMethod": method.text, **condition.get("StringEquals", {})}
            yield Grant(("states:InvokeHTTPEndpoint",), (), {**condition, "StringEquals": equal})
        yield from self._credentials(call)

    def _credentials(self, call: Call) -> Iterator[Grant | Need]:
        if isinstance(call.step, Http):
            connection: Arn = self.context.connection_arn(call.step.connection)
            ours = self.context.connection(call.step.connection)
            secret: Arn = _secret_of(connection) if ours is None else {"Fn::GetAtt": [ours, "SecretArn"]}
        else:
            named = find(call.arguments, "Authentication.ConnectionArn")
            if not isinstance(named, Known) or not named.whole:
                yield Need(
                    ("events:RetrieveConnectionCredentials",),
                    "the connection is known only when the workflow runs",
                    call.step,
                )
                return
            connection = arn(named)
            secret = self._own_secret(named)
        yield Grant(("events:RetrieveConnectionCredentials",), (connection,))
        yield Grant(("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"), (secret,))

    def _own_secret(self, named: Known) -> Arn:
        """The secret of a connection that a state written in Amazon States Language names."""
        match named.only:
            case {"Fn::GetAtt": [str() as name, "Arn"]} if type_of(ref(name), self.resources) == CONNECTION:
                return {"Fn::GetAtt": [name, "SecretArn"]}
            case _:
                return _secret_of(arn(named))

    def _api(self, call: Call) -> Iterator[Grant | Need]:
        """API Gateway needs a permission only for signed calls (developer guide, "Call API Gateway")."""
        kind = find(call.arguments, "AuthType")
        if isinstance(kind, Known) and kind.text == "NO_AUTH":
            return
        if kind is None:
            return
        made = api_arn(call.arguments)
        action = ("execute-api:Invoke",)
        yield (
            Need(action, "the API is known only when the workflow runs", call.step)
            if made is None
            else Grant(action, (made,))
        )

    def _nested(self, call: Call) -> Iterator[Grant | Need]:
        """Developer guide, "Start workflow executions from a task state": IAM policies."""
        action = f"states:S{call.api[1:]}"
        started: Grant | Need
        if isinstance(call.step, RunWorkflow):
            name = call.step.workflow
            condition = alias_condition() if name in self.context.versioned else None
            started = Grant((action,), (self.context.machine_arn(name),), condition)
        else:
            machine = find(call.arguments, "StateMachineArn") or UNKNOWN
            arguments = {"StateMachineArn": self._unqualified(machine) if isinstance(machine, Known) else machine}
            started = self._request(Request(action, arguments), call)
        yield started
        if not call.is_job:
            return
        watch = JOBS["states:startexecution"]
        if isinstance(started, Need):
            yield Need(watch.actions, started.reason, call.step)
        else:
            yield Grant(watch.actions, tuple(self._executions(machine) for machine in started.resources))
        yield _managed_rule(watch.rule or "")

    def _unqualified(self, machine: Known) -> Known:
        """The ARN of the state machine of an alias or version, since IAM knows only that."""
        value = machine.only
        if value is None or type_of(value, self.resources) != MACHINE_ALIAS:
            return machine
        for name, own in self.context.machines.items():
            if value == ref(machine_ids(name).alias):
                return Known((ref(own),))
        return Known((filled(_MACHINES, {"Name": name_in(machine, self.resources, separator=":", index=6)}),))

    def _executions(self, machine: Arn) -> Arn:
        """All executions of a state machine, given its ARN."""
        known = Known((machine,))
        if isinstance(machine, dict):
            text = machine.get("Fn::Sub")
            if isinstance(text, str) and ":stateMachine:" in text:
                return sub(text.replace(":stateMachine:", ":execution:") + ":*")
            logical_id = machine.get("Ref")
            if isinstance(logical_id, str) and logical_id in self.resources:
                name = Known(({"Fn::GetAtt": [logical_id, "Name"]},))
                return filled(_EXECUTIONS, {"Name": name})
        return filled(_EXECUTIONS, {"Name": name_in(known, self.resources, separator=":", index=6)})

    def _distribution(self, distribution: Distribution) -> Iterator[Grant | Need]:
        """Developer guide, "IAM policies for using Distributed Map states"."""
        machine = self.stack.machine.machine
        name = {"Name": Known(({"Fn::GetAtt": [machine, "Name"]},))}
        label = Known((distribution.label or "*",))
        yield Grant(("states:StartExecution",), ({"Ref": machine},), of_itself=True)
        yield Grant(("states:DescribeExecution",), (filled(_EXECUTIONS, name),), of_itself=True)
        runs = filled(_EXECUTIONS.replace("${Name}", "${Name}/${Label}"), {**name, "Label": label})
        yield Grant(("states:RedriveExecution",), (runs,), of_itself=True)
        if distribution.reader is not None:
            yield from self._reader(distribution.reader, distribution)
        if distribution.writer is not None:
            yield from self._writer(distribution.writer, distribution)

    def _reader(self, reader: Tree, distribution: Distribution) -> Iterator[Grant | Need]:
        call = Call("s3", "ItemReader", "", reader, distribution.step)
        if not distribution.input_type:
            yield self._request(Request("s3:ListBucket", reader), call, prefix_condition(find(reader, "Prefix")))
            return
        yield from self._allowed(Request("s3:GetObject", reader), call)
        if distribution.input_type == "MANIFEST":
            # S3 user guide, "Amazon S3 Inventory": the lists are in a folder next to the manifest's folder.
            key = find(reader, "Key")
            text = key.text if isinstance(key, Known) else None
            folder = (text or "").rpartition("/")[0].rpartition("/")[0]
            data = Known((f"{folder}/data/",), whole=False) if folder else Known(whole=False)
            lists: Tree = {"Bucket": find(reader, "Bucket") or UNKNOWN, "Key": data}
            yield from self._allowed(Request("s3:GetObject", lists), call)

    def _writer(self, writer: Tree, distribution: Distribution) -> Iterator[Grant | Need]:
        call = Call("s3", "ResultWriter", "", writer, distribution.step)
        prefix = find(writer, "Prefix")
        parts = prefix.parts if isinstance(prefix, Known) else ()
        key = Known((*parts, "/") if parts and isinstance(prefix, Known) and prefix.whole else parts, whole=False)
        arguments: Tree = {"Bucket": find(writer, "Bucket") or UNKNOWN, "Key": key}
        for action in ("PutObject", "GetObject", "ListMultipartUploadParts", "AbortMultipartUpload"):
            yield from self._allowed(Request(f"s3:{action}", arguments), call)


def _secret_of(connection: Arn) -> Arn:
    """The secret of a connection, `events!connection/NAME/UUID`, given the connection's ARN.

    Developer guide, "Call HTTPS APIs in Step Functions workflows": IAM permissions; the connection's ARN ends with
    `connection/NAME/UUID`, and the secret has another UUID.
    """
    template = "arn:${Partition}:secretsmanager:${Region}:${Account}:secret:events!connection/${Name}/*"
    if isinstance(connection, str):
        return filled(template, {"Name": Known((connection.split("/")[1],))}) if "/" in connection else connection
    return filled(template, {"Name": Known(({"Fn::Select": [1, {"Fn::Split": ["/", connection]}]},))})


_MACHINES = "arn:${Partition}:states:${Region}:${Account}:stateMachine:${Name}"
_EXECUTIONS = "arn:${Partition}:states:${Region}:${Account}:execution:${Name}:*"


def _managed_rule(end: str) -> Grant:
    """The rule that tells Step Functions when a job ends; Step Functions creates it."""
    rule = sub(f"arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/{RULE_PREFIX}{end}")
    return Grant(RULE_ACTIONS, (rule,))


_WITH_ROLE: Mapping[str, str] = {f"cloudformation:{api}stack": "RoleARN" for api in ("create", "delete", "update")}
"""The argument with a role whose permissions the call uses instead of the state machine's."""

_ATHENA_KNOWS: Mapping[str, str] = {
    "glue:": "QueryExecutionContext.Database",
    "s3:PutObject": "ResultConfiguration.OutputLocation",
}
"""The argument that determines some of what a query needs, by the start of these actions."""
