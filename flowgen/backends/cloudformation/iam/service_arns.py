"""Resources whose ARNs need more than inserting an argument."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flowgen.aws.iam_resources import ANY
from flowgen.backends.cloudformation.iam.arn_templates import (
    Arn,
    Form,
    Missing,
    arn,
    arn_of_either,
    checked,
    filled,
    form_of,
    name_of_either,
    parts,
    unknown,
)
from flowgen.backends.cloudformation.iam.function_arns import function_arn
from flowgen.backends.cloudformation.intrinsics import Intrinsic, is_intrinsic, ref
from flowgen.backends.cloudformation.static_values import (
    Known,
    Resources,
    Tree,
    compose,
    expanded,
    find,
    property_at,
    type_of,
)

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
        return Missing("`QueueUrl` is not the URL of a queue")
    template = _QUEUE.replace("${Account}", found[2]).replace("${Region}", found[1] or "${Region}")
    return [filled(template, {"QueueName": Known((found[3],))})]


def _secret(secret: Known, resources: Resources) -> list[Arn] | Missing:
    """A secret's name, to which AWS adds a hyphen and six characters (Secrets Manager user guide, "Secret ARNs")."""
    template = "arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${Id}"
    match form_of(secret, resources):
        case Form.ARN:
            return [arn(secret)]
        case Form.NAME:
            return [filled(f"{template}-??????", {"Id": secret})]
        case _:
            either = arn_of_either(template, secret)
            return [either, compose(*parts(either), "-??????")]


_PARAMETER = "arn:${Partition}:ssm:${Region}:${Account}:parameter${Name}"


def _parameter(name: Known, resources: Resources) -> list[Arn] | Missing:
    """A parameter's name, with a slash at its start if it has none (Systems Manager user guide)."""
    form = form_of(name, resources)
    if form is Form.ARN:
        return [arn(name)]
    slash = Known(("/", *name.parts))
    if name.text is not None:
        return [filled(_PARAMETER, {"Name": name if name.text.startswith("/") else slash})]
    if name.only is not None and type_of(name.only, resources) == "AWS::SSM::Parameter":
        written = resources[name.only["Ref"]].get("Properties", {}).get("Name", "")
        return [filled(_PARAMETER, {"Name": name if str(written).startswith("/") else slash})]
    if form is Form.NAME:
        return [filled(_PARAMETER, {"Name": name}), filled(_PARAMETER, {"Name": slash})]
    either = arn_of_either(_PARAMETER, name)
    return [either, arn_of_either(_PARAMETER, slash)]


def _key(key: Known, resources: Resources) -> list[Arn] | Missing:
    if key.text is not None and (key.text.startswith("alias/") or ":alias/" in key.text):
        return Missing("`KeyId` is an alias, but permissions are granted for keys")
    if type_of(key.only, resources) == "AWS::KMS::Alias":
        return Missing("`KeyId` is an alias, but permissions are granted for keys")
    template = "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"
    match form_of(key, resources):
        case Form.ARN:
            return [arn(key)]
        case Form.NAME:
            return [filled(template, {"KeyId": key})]
        case _:
            return [arn_of_either(template, key)]


_DEFINITION = "arn:${Partition}:ecs:${Region}:${Account}:task-definition/${Family}:*"


def _task_definition(definition: Known, resources: Resources) -> list[Arn] | Missing:
    """All revisions of a task definition, since running executions keep theirs."""
    if definition.text is not None:
        name = definition.text.rpartition("/")[2].partition(":")[0]
        if definition.text.startswith("arn:"):
            return [f"{definition.text.rpartition('/')[0]}/{name}:*"]
        return [filled(_DEFINITION, {"Family": Known((name,))})]
    value = definition.only
    if value is None:
        return Missing("`TaskDefinition` is composed of several values")
    form = form_of(definition, resources)
    if form is Form.EITHER:
        # What follows `:task-definition/`, up to the revision.
        revision = arn(name_of_either(definition, "task-definition/"))
        return [filled(_DEFINITION, {"Family": Known(({"Fn::Select": [0, {"Fn::Split": [":", revision]}]},))})]
    if form is Form.NAME:
        return [filled(_DEFINITION, {"Family": definition})]
    kept = resources.get(value.get("Ref", ""), {}).get("Properties", {}).get("Family")
    family = (
        kept
        if isinstance(kept, str)
        else {"Fn::Select": [0, {"Fn::Split": [":", {"Fn::Select": [1, {"Fn::Split": ["/", value]}]}]}]}
    )
    return [filled(_DEFINITION, {"Family": Known((family,))})]


def _job_definition(definition: Known, resources: Resources) -> list[Arn] | Missing:
    """A job definition's ARN, its name with a revision, or its name alone, which means the newest revision."""
    template = "arn:${Partition}:batch:${Region}:${Account}:job-definition/${Name}"
    form = form_of(definition, resources)
    if form is Form.ARN:
        return [arn(definition)]
    if form is Form.EITHER:
        either = arn_of_either(template, definition)
        return [either, compose(*parts(either), ":*")]
    made = filled(template, {"Name": definition})
    if ":" in (definition.text or ""):
        return [made]
    return [made, filled(f"{template}:*", {"Name": definition})]


SPECIAL: Mapping[str, Special] = {
    "batch:job-definition": _job_definition,
    "ecs:task-definition": _task_definition,
    "kms:key": _key,
    "lambda:function": function_arn,
    "secretsmanager:secret": _secret,
    "sqs:queue": _queue,
    "ssm:parameter": _parameter,
}
"""Resource types whose ARN needs more than inserting an argument."""


@dataclass(frozen=True, slots=True)
class CalledModel:
    """What a call of Bedrock names, and the models behind it if that is an inference profile."""

    arn: Arn
    models: tuple[Arn, ...] = ()


_FOUNDATION = "arn:${Partition}:bedrock:${Region}::foundation-model/${ModelId}"
_PROFILE = "arn:${Partition}:bedrock:${Region}:${Account}:inference-profile/${ModelId}"
_PROFILE_ID = re.compile(r"(?:us|eu|apac|jp|au|ca|us-gov|global)\.(.+)")
_PROFILE_ARN = re.compile(r"arn:[^:]+:bedrock:[^:]*:[^:]*:inference-profile/(?:[a-z]+(?:-gov)?)\.(.+)")
APPLICATION_PROFILE = "AWS::Bedrock::ApplicationInferenceProfile"


def called_model(arguments: Tree, resources: Resources) -> CalledModel | Missing:
    """The model that `ModelId` names, as an id or an ARN.

    An inference profile sends requests to a model in one of several Regions, so the model's ARN has `*` as Region.
    """
    model = find(arguments, "ModelId")
    if not isinstance(model, Known) or not model.whole:
        return unknown("ModelId") if model is not None else Missing("no argument specifies it")
    match model.only:
        case {"Ref": str() as name} | {"Fn::GetAtt": [str() as name, _]} if (
            type_of(ref(name), resources) == APPLICATION_PROFILE
        ):
            return _of_application_profile(name, resources)
        case _:
            pass
    if model.text is None:
        return _of_parts(list(expanded(model.parts)), resources)
    return _of_text(model.text)


def _of_text(text: str) -> CalledModel | Missing:
    if ":application-inference-profile/" in text:
        return Missing("the ARN of `ModelId` does not show the models of the application inference profile")
    if (found := _PROFILE_ARN.fullmatch(text)) is not None:
        return CalledModel(text, _in_all_regions(found[1]))
    if text.startswith("arn:"):
        return CalledModel(text)
    model = {"ModelId": Known((text,))}
    if (found := _PROFILE_ID.fullmatch(text)) is not None:
        return CalledModel(filled(_PROFILE, model), _in_all_regions(found[1]))
    return CalledModel(filled(_FOUNDATION, model))


def _in_all_regions(model: str) -> tuple[Arn, ...]:
    return (filled(_FOUNDATION.replace("${Region}", ANY), {"ModelId": Known((model,))}),)


def _of_parts(pieces: list[str | Intrinsic], resources: Resources) -> CalledModel | Missing:
    """A value with intrinsic functions: its end shows which model it is, its start whether that is an ARN."""
    known = Known(tuple(pieces))
    last = pieces[-1]
    if form_of(known, resources) is Form.NAME:
        return Missing("`ModelId` can be a model or an inference profile, depending on values of the deployment")
    if form_of(known, resources) is Form.ARN:
        written = re.search(r":((?:application-)?inference-profile)/(.*)$", last) if isinstance(last, str) else None
        if written is None and isinstance(last, str) and "/" in last:
            return CalledModel(arn(known))
        if written is not None and written[1] == "inference-profile" and (found := _PROFILE_ID.fullmatch(written[2])):
            return CalledModel(arn(known), _in_all_regions(found[1]))
    return Missing("`ModelId` can be a model or an inference profile, depending on values of the deployment")


def _of_application_profile(name: str, resources: Resources) -> CalledModel | Missing:
    """An inference profile of the template: a copy of a model or of an inference profile."""
    source = property_at(resources[name].get("Properties"), "ModelSource.CopyFrom")
    if not isinstance(source, str) and not is_intrinsic(source):
        return Missing(f"`{name}` does not show its model")
    # Without the profiles of the template: a copy of such a profile is not allowed, and could be a circle.
    others = {other: declared for other, declared in resources.items() if declared.get("Type") != APPLICATION_PROFILE}
    copied = called_model({"ModelId": Known((source,))}, others)
    if isinstance(copied, Missing):
        return Missing(f"the model of `{name}` depends on values of the deployment")
    return CalledModel({"Fn::GetAtt": [name, "InferenceProfileArn"]}, copied.models or (copied.arn,))


def _customized(arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    """The base model of a customization job, the job and the model that it creates (Bedrock user guide)."""
    base = find(arguments, "BaseModelIdentifier")
    if not isinstance(base, Known) or not base.whole:
        return unknown("BaseModelIdentifier") if base is not None else Missing("no argument specifies it")
    model = arn(base) if form_of(base, resources) is Form.ARN else filled(_FOUNDATION, {"ModelId": base})
    here = "arn:${Partition}:bedrock:${Region}:${Account}:"
    return (model, filled(f"{here}custom-model/*"), filled(f"{here}model-customization-job/*"))


def _customization_job(arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    del arguments, resources
    return (filled("arn:${Partition}:bedrock:${Region}:${Account}:model-customization-job/*"),)


def _batch_job(arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    del arguments, resources
    return (filled("arn:${Partition}:batch:${Region}:${Account}:job/*"),)


_MACHINE_ARN_PIECES = 7


def _machine(arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    """A state machine's ARN, which also authorises its versions and aliases (developer guide, "Versions")."""
    machine = find(arguments, "StateMachineArn")
    if not isinstance(machine, Known) or not machine.whole:
        return Missing("`StateMachineArn` is known only when the workflow runs")
    if type_of(machine.only, resources) in (
        "AWS::StepFunctions::StateMachineAlias",
        "AWS::StepFunctions::StateMachineVersion",
    ):
        return Missing("`StateMachineArn` is an alias or a version, but permissions are granted for state machines")
    if machine.text is not None:
        return (":".join(machine.text.split(":")[:_MACHINE_ARN_PIECES]),)
    value = machine.only
    if value is not None and form_of(machine, resources) is Form.EITHER:
        # The value may be the ARN of an alias, which has the same name at the same position.
        name = Known(({"Fn::Select": [_MACHINE_ARN_PIECES - 1, {"Fn::Split": [":", value]}]},))
        return (filled("arn:${Partition}:states:${Region}:${Account}:stateMachine:${Name}", {"Name": name}),)
    return (arn(machine),)


_JOBS = ("HyperParameterTuning", "Labeling", "Processing", "Training", "Transform")


def _tagged_job(arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    """The SageMaker job that a call creates and tags."""
    del resources
    for job in _JOBS:
        name = find(arguments, f"{job}JobName")
        if name is not None:
            kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", job).lower()
            made = checked(f"{job}JobName", name, data=True)
            template = f"arn:${{Partition}}:sagemaker:${{Region}}:${{Account}}:{kind}-job/${{Name}}"
            return made if isinstance(made, Missing) else (filled(template, {"Name": made}),)
    return Missing("no argument specifies it")


OF_ACTIONS: Mapping[str, Callable[[Tree, Resources], tuple[Arn, ...] | Missing]] = {
    "batch:TagResource": _batch_job,
    "bedrock:CreateModelCustomizationJob": _customized,
    "bedrock:GetModelCustomizationJob": _customization_job,
    "bedrock:StopModelCustomizationJob": _customization_job,
    "sagemaker:AddTags": _tagged_job,
    "sagemaker:ListTags": _tagged_job,
    "states:StartExecution": _machine,
    "states:StartSyncExecution": _machine,
}
"""Actions with more resource types than one call can name."""
