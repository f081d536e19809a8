"""Resources whose ARNs need more than inserting an argument."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from flowgen.backends.cloudformation.iam.arn_templates import Arn, Missing, arn, checked, filled, is_arn
from flowgen.backends.cloudformation.iam.function_arns import function_arn
from flowgen.backends.cloudformation.static_values import Known, Resources, Tree, find, type_of

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
    if is_arn(secret, resources):
        return [arn(secret)]
    return [filled("arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${Id}-??????", {"Id": secret})]


_PARAMETER = "arn:${Partition}:ssm:${Region}:${Account}:parameter${Name}"


def _parameter(name: Known, resources: Resources) -> list[Arn] | Missing:
    """A parameter's name, with a slash at its start if it has none (Systems Manager user guide)."""
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
        return Missing("`KeyId` is an alias, but permissions are granted for keys")
    if is_arn(key, resources):
        return [arn(key)]
    return [filled("arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}", {"KeyId": key})]


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
    """A job definition's ARN, its name with a revision, or its name alone, which means the newest revision."""
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
    "lambda:function": function_arn,
    "secretsmanager:secret": _secret,
    "sqs:queue": _queue,
    "ssm:parameter": _parameter,
}
"""Resource types whose ARN needs more than inserting an argument."""


def _model(arguments: Tree, resources: Resources) -> tuple[Arn, ...] | Missing:
    """A model's ARN or id. An inference profile sends the request to a model in one of several regions.

    Bedrock user guide, "Prerequisites for inference profiles".
    """
    model = find(arguments, "ModelId")
    if not isinstance(model, Known) or not model.whole:
        return Missing(
            "`ModelId` is known only when the workflow runs" if model is not None else "no argument specifies it"
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
    "bedrock:InvokeModel": _model,
    "sagemaker:AddTags": _tagged_job,
    "sagemaker:ListTags": _tagged_job,
    "states:StartExecution": _machine,
    "states:StartSyncExecution": _machine,
}
"""Actions with more resource types than one call can name."""
