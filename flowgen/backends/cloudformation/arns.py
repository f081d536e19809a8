"""The ARNs of what a call's arguments name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flowgen.aws.iam import Action, ResourceType
from flowgen.aws.iam_resources import ANY, ARGUMENTS, ARN_PREFIXES, REF_IS_ARN, WITHOUT_RESOURCE
from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref
from flowgen.backends.cloudformation.known import ANYTHING, Known, Resources, Tree, compose, find, type_of

Arn: TypeAlias = str | Intrinsic

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PSEUDO = {"Partition": "AWS::Partition", "Region": "AWS::Region", "Account": "AWS::AccountId"}
_WILD = re.compile(r"[*?$]")
"""What IAM does not take literally in a resource."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a resource can't be told."""

    reason: str


def arns_of(action: Action, arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    """The resources of an action that a call's arguments name; none for an action that takes no resource.

    An optional type that says more replaces one that says less: an index its table, a rule on a bus one on the default.
    """
    if action.name in OF_ACTIONS:
        return OF_ACTIONS[action.name](arguments, resources)
    if not action.resource_types or action.name in WITHOUT_RESOURCE:
        return ()
    naming = _Naming(action, arguments, resources)
    told = {kind: naming.of_type(kind) for kind in action.resource_types}
    optional = [kind for kind, arns in told.items() if not kind.required and isinstance(arns, tuple)]
    required = [kind for kind in told if kind.required]
    if required:
        optional = [
            kind for kind in optional if f"{action.service}:{kind.name}" in ARGUMENTS or _replaces(kind, required)
        ]
    elif not optional:
        return next((arns for arns in told.values() if isinstance(arns, Missing)), Missing("no argument names it"))
    found: list[Arn] = []
    for kind in (*required, *optional):
        arns = told[kind]
        if any(_replaces(other, [kind]) for other in optional):
            continue
        if not isinstance(arns, tuple):
            return arns or Missing("no argument names it")
        found += arns
    return tuple(found)


def _replaces(kind: ResourceType, others: list[ResourceType]) -> bool:
    own = set(variables(kind.arn))
    return any(own > set(variables(other.arn)) for other in others)


def variables(arn: str) -> list[str]:
    """The variables of an ARN template but for partition, region and account."""
    return [name for name in _VARIABLE.findall(arn) if name not in _PSEUDO]


def filled(template: str, values: Mapping[str, Known] | None = None) -> Arn:
    """An ARN template with its variables filled; partition, region and account are the stack's."""
    parts: list[str | Intrinsic] = []
    for index, piece in enumerate(_VARIABLE.split(template)):
        if index % 2 == 0:
            parts += [piece] if piece else []
        elif piece in _PSEUDO:
            parts.append(ref(_PSEUDO[piece]))
        else:
            parts += (values or {})[piece].parts
    return compose(*parts)


class _Naming:
    def __init__(self, action: Action, arguments: Tree, resources: Resources) -> None:
        self.action = action
        self.arguments = arguments
        self.resources = resources

    def of_type(self, kind: ResourceType) -> tuple[Arn, ...] | Missing | None:
        """The ARNs of one type; None where no argument is about it."""
        key = f"{self.action.service}:{kind.name}"
        rows = dict(row.split("=") for row in ARGUMENTS[key].split()) if key in ARGUMENTS else {}
        names = variables(kind.arn)
        values: dict[str, list[Known]] = {}
        for variable in names:
            found = self.values(variable, rows.get(variable), kind)
            if not isinstance(found, list):
                return found
            values[variable] = found
        if key in SPECIAL:
            return self._special(SPECIAL[key], values[names[0]])
        return tuple(self._filled(kind.arn, one) for one in _combinations(values))

    def _special(self, special: Special, values: list[Known]) -> tuple[Arn, ...] | Missing:
        arns: list[Arn] = []
        for value in values:
            made = special(value, self.resources)
            if isinstance(made, Missing):
                return made
            arns += made
        return tuple(arns)

    def values(self, variable: str, row: str | None, kind: ResourceType) -> list[Known] | Missing | None:
        """What the arguments say of a variable, one value or several."""
        if row == ANY:
            return [ANYTHING]
        data = row is not None and row.endswith("~")
        for name in self._names(variable, row, kind):
            found = find(self.arguments, name)
            if found is None:
                continue
            checked = [_checked(name, one, data=data) for one in (found if isinstance(found, list) else [found])]
            missing = next((one for one in checked if isinstance(one, Missing)), None)
            return missing or [one for one in checked if isinstance(one, Known)] or _unknown(name)
        return None

    def _names(self, variable: str, row: str | None, kind: ResourceType) -> list[str]:
        if row is not None:
            return row.rstrip("~").split(",")
        folded = kind.name.replace("-", "").replace("_", "")
        if len(variables(kind.arn)) > 1:
            return [variable]
        return [variable, *(f"{folded}{end}" for end in ("Arn", "Name", "Id", "Identifier"))]

    def _filled(self, template: str, values: Mapping[str, Known]) -> Arn:
        first = next(iter(values), None)
        if first is not None:
            value = values[first]
            before, _, after = template.partition(f"${{{first}}}")
            base = value.only
            prefix = ARN_PREFIXES.get(type_of(base, self.resources) or "")
            if base is not None and prefix == before:
                return compose({"Fn::GetAtt": [base["Ref"], "Arn"]}, *_parts(filled(after, values)))
            if is_arn(value, self.resources):
                if not variables(after):
                    return arn(value)
                values = {**values, first: name_in(value, self.resources)}
        return filled(template, values)


def _checked(name: str, value: Tree, *, data: bool) -> Known | Missing:
    """A value that may stand in an ARN; of data that is not known to its end, its beginning."""
    if value is ANYTHING:
        return ANYTHING
    if not isinstance(value, Known):
        return _unknown(name)
    parts: list[str | Intrinsic] = []
    for part in value.parts:
        wild = _WILD.search(part) if isinstance(part, str) else None
        if wild is None:
            parts.append(part)
        elif data:
            return Known((*parts, str(part)[: wild.start()], ANY))
        else:
            return Missing(f"`{name}` has characters that IAM takes for wildcards or variables")
    if value.whole:
        return Known(tuple(parts))
    return Known((*parts, ANY)) if data else _unknown(name)


def _unknown(name: str) -> Missing:
    return Missing(f"`{name}` is known only when the workflow runs")


def _parts(arn: Arn) -> tuple[str | Intrinsic, ...]:
    return (arn,) if arn else ()


def _combinations(values: Mapping[str, list[Known]]) -> Iterator[dict[str, Known]]:
    """One of each, for every value of the first variable that has several."""
    several = next((name for name, known in values.items() if len(known) > 1), None)
    if several is None:
        yield {name: known[0] for name, known in values.items()}
        return
    for one in values[several]:
        yield from _combinations({**values, several: [one]})


def arn(value: Known) -> Arn:
    return compose(*value.parts)


def is_arn(value: Known, resources: Resources) -> bool:
    """Whether a value is an ARN, and not a name."""
    match value.parts:
        case [str() as text, *_]:
            return text.startswith("arn:")
        case [{"Ref": str() as name}, *_]:
            kind = type_of(ref(name), resources)
            return kind in REF_IS_ARN if kind is not None else name.endswith("Arn")
        case [{"Fn::GetAtt": [_, str() as attribute]}, *_]:
            return attribute.endswith("Arn")
        case [{"Fn::Sub": str() as text}, *_] | [{"Fn::Sub": [str() as text, _]}, *_]:
            return text.startswith("arn:") or text.endswith("Arn}")
        case [{"Fn::ImportValue": name}, *_]:
            return str(name).removesuffix("}").removesuffix("'").endswith("Arn")
        case _:
            return False


def name_in(value: Known, resources: Resources, *, separator: str = "/", index: int = 1) -> Known:
    """The name in an ARN: what stands at `index` between the separators."""
    if value.text is not None:
        return Known((value.text.split(separator)[index],)) if value.text.count(separator) >= index else value
    match value.only:
        case {"Fn::GetAtt": [str() as name, "Arn"]} if type_of(ref(name), resources) in ARN_PREFIXES:
            return Known((ref(name),))
        case _:
            return Known(({"Fn::Select": [index, {"Fn::Split": [separator, arn(value)]}]},))


Special: TypeAlias = Callable[[Known, Resources], "list[Arn] | Missing"]

_QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"
_QUEUE_URL = re.compile(r"https://(?:sqs\.([a-z0-9-]+)\.|[^/]+?)[^/]*/(\d{12})/([\w.-]+)")


def _queue(url: Known, resources: Resources) -> list[Arn] | Missing:
    """A queue's ARN from its URL: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`."""
    match url.only:
        case {"Ref": str() as name} | {"Fn::GetAtt": [str() as name, "QueueUrl"]} if name in resources:
            return [{"Fn::GetAtt": [name, "Arn"]}]
        case dict() as value:
            pieces = {"Fn::Split": ["/", value]}
            account, name_of = (Known(({"Fn::Select": [index, pieces]},)) for index in (3, 4))
            return [filled(_QUEUE.replace("${Account}", "${Owner}"), {"Owner": account, "QueueName": name_of})]
        case _:
            found = _QUEUE_URL.fullmatch(url.text or "")
    if found is None:
        return Missing("`QueueUrl` is no URL of a queue")
    template = _QUEUE.replace("${Account}", found[2]).replace("${Region}", found[1] or "${Region}")
    return [filled(template, {"QueueName": Known((found[3],))})]


def _secret(secret: Known, resources: Resources) -> list[Arn] | Missing:
    """A secret's name; AWS adds a hyphen and six characters to it (Secrets Manager user guide, "Secret ARNs")."""
    if is_arn(secret, resources):
        return [arn(secret)]
    return [filled("arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${Id}-??????", {"Id": secret})]


_PARAMETER = "arn:${Partition}:ssm:${Region}:${Account}:parameter${Name}"


def _parameter(name: Known, resources: Resources) -> list[Arn] | Missing:
    """A parameter's name: after its own slash at the start, or one that is put there (Systems Manager user guide)."""
    if is_arn(name, resources):
        return [arn(name)]
    slash = Known(("/", *name.parts))
    if name.text is not None:
        return [filled(_PARAMETER, {"Name": name if name.text.startswith("/") else slash})]
    if name.only is not None and type_of(name.only, resources) == "AWS::SSM::Parameter":
        written = resources[name.only["Ref"]].get("Properties", {}).get("Name", "")
        return [filled(_PARAMETER, {"Name": name if str(written).startswith("/") else slash})]
    return [filled(_PARAMETER, {"Name": name}), filled(_PARAMETER, {"Name": slash})]


def _key(key: Known, resources: Resources) -> list[Arn] | Missing:
    if key.text is not None and (key.text.startswith("alias/") or ":alias/" in key.text):
        return Missing("`KeyId` is an alias, and permissions are given for keys")
    if is_arn(key, resources):
        return [arn(key)]
    return [filled("arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}", {"KeyId": key})]


_DEFINITION = "arn:${Partition}:ecs:${Region}:${Account}:task-definition/${Family}:*"


def _task_definition(definition: Known, resources: Resources) -> list[Arn] | Missing:
    """All revisions of a task definition, so that executions in flight keep theirs."""
    if definition.text is not None:
        name = definition.text.rpartition("/")[2].partition(":")[0]
        if definition.text.startswith("arn:"):
            return [f"{definition.text.rpartition('/')[0]}/{name}:*"]
        return [filled(_DEFINITION, {"Family": Known((name,))})]
    value = definition.only
    if value is None:
        return Missing("`TaskDefinition` is put together of several values")
    if not is_arn(definition, resources):
        return [filled(_DEFINITION, {"Family": definition})]
    kept = resources.get(value.get("Ref", ""), {}).get("Properties", {}).get("Family")
    family = (
        kept
        if isinstance(kept, str)
        else {"Fn::Select": [0, {"Fn::Split": [":", {"Fn::Select": [1, {"Fn::Split": ["/", value]}]}]}]}
    )
    return [filled(_DEFINITION, {"Family": Known((family,))})]


def _job_definition(definition: Known, resources: Resources) -> list[Arn] | Missing:
    """A job definition's ARN, its name with a revision, or its name alone: that is the newest, whatever its number."""
    if is_arn(definition, resources):
        return [arn(definition)]
    template = "arn:${Partition}:batch:${Region}:${Account}:job-definition/${Name}"
    made = filled(template, {"Name": definition})
    if ":" in (definition.text or ""):
        return [made]
    return [made, filled(f"{template}:*", {"Name": definition})]


SPECIAL: Mapping[str, Special] = {
    "batch:job-definition": _job_definition,
    "ecs:task-definition": _task_definition,
    "kms:key": _key,
    "secretsmanager:secret": _secret,
    "sqs:queue": _queue,
    "ssm:parameter": _parameter,
}
"""Types whose ARN is made of an argument by more than putting it in."""


def _model(arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    """A model's ARN or id. An inference profile sends the request to a model in one of several regions.

    Bedrock user guide, "Prerequisites for inference profiles".
    """
    model = find(arguments, "ModelId")
    if not isinstance(model, Known) or not model.whole:
        return Missing(
            "`ModelId` is known only when the workflow runs" if model is not None else "no argument names it"
        )
    if is_arn(model, resources):
        return (arn(model),)
    foundation = "arn:${Partition}:bedrock:${Region}::foundation-model/${ModelId}"
    profile = re.fullmatch(r"(?:us|eu|apac|jp|au|ca|us-gov|global)\.(.+)", model.text or "")
    if profile is None:
        return (filled(foundation, {"ModelId": model}),)
    return (
        filled("arn:${Partition}:bedrock:${Region}:${Account}:inference-profile/${ModelId}", {"ModelId": model}),
        filled(foundation.replace("${Region}", "*"), {"ModelId": Known((profile[1],))}),
    )


_MACHINE_ARN_PIECES = 7


def _machine(arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    """A machine's ARN; one of a version or an alias authorises on the machine's own (developer guide, "Versions")."""
    machine = find(arguments, "StateMachineArn")
    if not isinstance(machine, Known) or not machine.whole:
        return Missing("`StateMachineArn` is known only when the workflow runs")
    if type_of(machine.only, resources) in (
        "AWS::StepFunctions::StateMachineAlias",
        "AWS::StepFunctions::StateMachineVersion",
    ):
        return Missing("`StateMachineArn` is that of an alias or a version, and permissions are given for machines")
    if machine.text is not None:
        return (":".join(machine.text.split(":")[:_MACHINE_ARN_PIECES]),)
    return (arn(machine),)


_JOBS = ("HyperParameterTuning", "Labeling", "Processing", "Training", "Transform")


def _tagged_job(arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    """The job of SageMaker that a call makes and tags."""
    del resources
    for job in _JOBS:
        name = find(arguments, f"{job}JobName")
        if name is not None:
            kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", job).lower()
            made = _checked(f"{job}JobName", name, data=True)
            template = f"arn:${{Partition}}:sagemaker:${{Region}}:${{Account}}:{kind}-job/${{Name}}"
            return made if isinstance(made, Missing) else (filled(template, {"Name": made}),)
    return Missing("no argument names it")


OF_ACTIONS: Mapping[str, Callable[[Tree, Resources], tuple[Arn, ...] | Missing]] = {
    "bedrock:InvokeModel": _model,
    "sagemaker:AddTags": _tagged_job,
    "sagemaker:ListTags": _tagged_job,
    "states:StartExecution": _machine,
    "states:StartSyncExecution": _machine,
}
"""Actions whose resources are of more types than a call can name."""
