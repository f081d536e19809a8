"""The Lambda functions of a workflow, each with its role and its log group."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.iam.encryption import environment_condition
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, literal, ref, sub
from flowgen.backends.cloudformation.log_groups import log_group
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.template.function_settings import FunctionSettings, settings
from flowgen.backends.cloudformation.text import prose
from flowgen.backends.cloudformation.workflow_stack import ALIAS, WorkflowStack
from flowgen.model import Logging
from flowgen.model.function_images import Image
from flowgen.model.function_urls import FunctionUrl, UrlCors

CODE_BUCKET = "CodeBucket"
CODE_KEY = "CodeKey"
CODE_PARAMETERS = {
    CODE_BUCKET: "The S3 bucket that holds the functions' code, in the region of the stack.",
    CODE_KEY: "The key in that bucket of the zip file with the functions' code.",
}
MAX_LENGTHS = {CODE_KEY: 256}
"""Characters that a parameter may have. The key goes into the description of a version, which has this limit."""


# See docs/explanation/decisions-stack-and-runner.md#a-functions-version-is-in-its-logical-id
def code_parameters(stacks: Sequence[WorkflowStack]) -> tuple[str, ...]:
    """The parameters for the code of functions: the key only if the code of some function is unknown."""
    zipped = ((stack, name) for stack in stacks for name, function in stack.deployed() if function.image is None)
    keys = [code and code.key for stack, name in zipped for code in (stack.code.get(name),)]
    return tuple(CODE_PARAMETERS) if None in keys else (CODE_BUCKET,) if keys else ()


FUNCTION_DESCRIPTION = 256
"""Characters, counted as Java does, in units of UTF-16 (Lambda API reference, `CreateFunction`)."""

_AUTH_TYPES = {"iam": "AWS_IAM", "none": "NONE"}

_CLOUDFRONT = "cloudfront.amazonaws.com"

_MARK = 10
"""Hexadecimal digits in the logical id of a version, which identify code and settings."""
_NOT_IN_VERSIONS = ("Code", "ReservedConcurrentExecutions", "Tags")
"""Properties of a function that are not part of its versions. Code is, but its digest represents it."""


def invoke_arn(stack: WorkflowStack, name: str, context: StackContext) -> Intrinsic:
    """The ARN with which the state machine calls a function: its alias, its version, or the function itself."""
    if has_alias(stack, name):
        return ref(stack.function(name).alias)
    return ref(_version(stack, name, context)) if stack.versioned else arn_of(stack.function(name).function)


def _image_uri(stack: WorkflowStack, name: str) -> str | Intrinsic | None:
    """The URI of a function's image: a parameter if flowgen builds the image; None for a zip."""
    image = stack.workflow.functions[name].image
    if image is None or image.uri is not None:
        return None if image is None else image.uri
    return ref(stack.function(name).image)


def _revision(stack: WorkflowStack, name: str) -> str | Intrinsic | None:
    """The value that says whether code from outside the template changed, such as code that a parameter names."""
    image, code = _image_uri(stack, name), stack.code.get(name)
    if image is not None:
        return image if isinstance(image, dict) else None
    return ref(CODE_KEY) if code is None or code.key is None else None


def has_alias(stack: WorkflowStack, name: str) -> bool:
    """Whether a function is called through an alias.

    Provisioned concurrency on an alias moves to each new version. Callers outside the workflow need a name that stays
    the same, and a URL can refer to an alias, but not to a version.
    """
    function = stack.workflow.functions[name]
    made = settings(stack.workflow, function)
    return stack.versioned and (made.provisioned is not None or (made.snap_start and function.called_from_outside))


def has_version(stack: WorkflowStack, name: str) -> bool:
    """Whether the stack publishes a version of a function: for running executions, or for the function's alias."""
    return stack.versioned and (has_alias(stack, name) or not stack.workflow.functions[name].called_from_outside)


def _version(stack: WorkflowStack, name: str, context: StackContext) -> str:
    """The logical id of a function's version, which changes whenever its code or a setting does.

    Lambda publishes no version if nothing changed since the last one (developer guide, "Manage Lambda function
    versions"), and CloudFormation creates none under a logical id that exists.
    """
    logical_id = stack.function(name).function
    properties = context.overrides.applied(logical_id, _function(stack, name, context))["Properties"]
    held = {key: value for key, value in properties.items() if key not in _NOT_IN_VERSIONS}
    code, image = stack.code.get(name), _image_uri(stack, name)
    digest: Any = "" if code is None or code.key is None else code.digest
    if image is not None:
        digest = image
    made = json.dumps([digest, held], sort_keys=True, ensure_ascii=False)
    return stack.function(name).version(hashlib.sha256(made.encode()).hexdigest()[:_MARK])


def function(stack: WorkflowStack, name: str, context: StackContext) -> Iterator[Entry]:
    ids = stack.function(name)
    yield ids.function, _function(stack, name, context)
    if has_version(stack, name):
        deployment = stack.workflow.deployment
        yield (
            _version(stack, name, context),
            resource(
                "AWS::Lambda::Version",
                {
                    "Description": _revision(stack, name),
                    "FunctionName": ref(ids.function),
                },
                # A failed deployment must delete its version: Lambda would not publish an identical one again. During a
                # gradual deployment, executions may still run the new version after a rollback.
                deletion="Retain" if deployment is not None and deployment.is_gradual else "RetainExceptOnCreate",
                replacement="Retain",
            ),
        )
    if has_alias(stack, name):
        yield ids.alias, _alias(stack, name, context)
    yield from _url(stack, name)
    yield from _answers(stack, name)
    made, key = settings(stack.workflow, stack.workflow.functions[name]), context.keys.get(stack.workflow.name)
    document = policies.function_document(
        ids.log_group,
        traced=stack.workflow.tracing,
        networked=made.vpc is not None,
        decrypts=None if key is None or not made.environment else (key, environment_condition()),
    )
    documents = {ids.function: document}
    if made.policies:
        documents[f"{ids.function}Policies"] = policies.policies_document(made.policies)
    yield ids.role, policies.role(policies.function_trust(), documents)
    yield ids.log_group, log_group(stack, context, stack.log_group_name(name))


def _alias(stack: WorkflowStack, name: str, context: StackContext) -> dict[str, Any]:
    provisioned = settings(stack.workflow, stack.workflow.functions[name]).provisioned
    return resource(
        "AWS::Lambda::Alias",
        {
            "Name": ALIAS,
            "FunctionName": ref(stack.function(name).function),
            "FunctionVersion": {"Fn::GetAtt": [_version(stack, name, context), "Version"]},
            "ProvisionedConcurrencyConfig": (
                None if provisioned is None else {"ProvisionedConcurrentExecutions": provisioned}
            ),
        },
    )


def _url(stack: WorkflowStack, name: str) -> Iterator[Entry]:
    """The URL of a function, and who may call it (Lambda developer guide, "Control access to function URLs")."""
    ids, url = stack.function(name), stack.workflow.functions[name].url
    if url is None:
        return
    alias = ids.alias if has_alias(stack, name) else None
    yield (
        ids.url,
        resource(
            "AWS::Lambda::Url",
            {
                "TargetFunctionArn": arn_of(ids.function),
                "Qualifier": None if alias is None else ALIAS,
                "AuthType": _AUTH_TYPES[url.auth],
                "Cors": None if url.cors is None else _cors(url.cors),
                "InvokeMode": url.invoke_mode.upper(),
            },
            depends_on=[] if alias is None else [alias],
        ),
    )
    target = arn_of(ids.function) if alias is None else ref(alias)
    for permission, caller, action in ids.url_permissions(url_callers(url)):
        through_url = action == "lambda:InvokeFunction"
        yield (
            permission,
            resource(
                "AWS::Lambda::Permission",
                {
                    "FunctionName": target,
                    "Action": action,
                    "Principal": caller,
                    "FunctionUrlAuthType": None if through_url else _AUTH_TYPES[url.auth],
                    "InvokedViaFunctionUrl": True if through_url else None,
                    **_only_of_this_account(caller),
                },
            ),
        )


def _only_of_this_account(caller: str) -> dict[str, Any]:
    """Limits a service to calls for resources of this account (IAM user guide, "The confused deputy problem")."""
    if caller == _CLOUDFRONT:
        # It identifies the distribution (CloudFront developer guide, "Restrict access to an AWS Lambda function URL").
        return {"SourceArn": sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/*")}
    return {"SourceAccount": ref("AWS::AccountId")} if ".amazonaws." in caller else {}


def further_ids(stack: WorkflowStack, name: str) -> Iterator[str]:
    """The logical ids of the resources that only some functions have, except for versions."""
    ids, function = stack.function(name), stack.workflow.functions[name]
    if has_alias(stack, name):
        yield ids.alias
    if function.url is not None:
        yield ids.url
        yield from (permission for permission, _, _ in ids.url_permissions(url_callers(function.url)))
    if function.answers:
        yield ids.answer_policy


def url_callers(url: FunctionUrl) -> tuple[str, ...]:
    """The principals that the function's own policy lets call its URL."""
    return ("*",) if url.auth == "none" else url.callers


def _cors(cors: UrlCors) -> dict[str, Any]:
    return {
        "AllowOrigins": list(cors.origins) or None,
        "AllowMethods": list(cors.methods) or None,
        "AllowHeaders": list(cors.headers) or None,
        "ExposeHeaders": list(cors.expose) or None,
        "AllowCredentials": cors.credentials or None,
        "MaxAge": None if cors.max_age is None else cors.max_age.seconds,
    }


def _answers(stack: WorkflowStack, name: str) -> Iterator[Entry]:
    if stack.workflow.functions[name].answers:
        ids, machine = stack.function(name), stack.machine.machine
        # The items of a distributed map run in child executions, whose state machine is `MACHINE/LABEL`.
        runs = [sub(f"${{{machine}}}/*")] if stack.distributions else []
        document = policies.answer_document([ref(machine), *runs])
        properties = {"PolicyName": ids.answer_policy, "PolicyDocument": document, "Roles": [ref(ids.role)]}
        yield ids.answer_policy, resource("AWS::IAM::Policy", properties)


def _function(stack: WorkflowStack, name: str, context: StackContext) -> dict[str, Any]:
    ids, function = stack.function(name), stack.workflow.functions[name]
    image = function.image
    made = settings(stack.workflow, function)
    variables = {key: literal(value) if isinstance(value, str) else value for key, value in made.environment.items()}
    return resource(
        "AWS::Lambda::Function",
        {
            "Description": literal(prose(function.description or "", 2 * FUNCTION_DESCRIPTION, "utf-16-le")) or None,
            "PackageType": None if image is None else "Image",
            "Runtime": made.runtime if image is None else None,
            "Architectures": [made.architecture],
            "Handler": stack.handlers[name] if image is None else None,
            "Code": _code(stack, name),
            "ImageConfig": None if image is None else _image_config(stack, name, image),
            "MemorySize": made.memory,
            "Timeout": made.timeout,
            "Role": arn_of(ids.role),
            "LoggingConfig": {"LogFormat": _log_format(stack), "LogGroup": ref(ids.log_group)},
            # A function always passes a trace on; `Active` also starts new ones.
            "TracingConfig": {"Mode": "Active" if stack.workflow.tracing else "PassThrough"},
            "Environment": {"Variables": variables} if variables else None,
            "EphemeralStorage": None if made.storage is None else {"Size": made.storage},
            "SnapStart": {"ApplyOn": "PublishedVersions"} if made.snap_start else None,
            "ReservedConcurrentExecutions": made.concurrency,
            "Layers": (stack.list_of(made.layers) or None) if image is None else None,
            "VpcConfig": _network(stack, made),
            # This key encrypts the environment. Without variables, nobody needs permission to decrypt it.
            "KmsKeyArn": context.keys.get(stack.workflow.name) if made.environment else None,
        },
    )


def _code(stack: WorkflowStack, name: str) -> dict[str, Any]:
    """The location of a function's code: a zip in the bucket, or a container image."""
    code, image = stack.code.get(name), _image_uri(stack, name)
    if image is not None:
        return {"ImageUri": image}
    return {"S3Bucket": ref(CODE_BUCKET), "S3Key": ref(CODE_KEY) if code is None or code.key is None else code.key}


def _image_config(stack: WorkflowStack, name: str, image: Image) -> dict[str, Any]:
    """The runtime in the image loads the generated entry point, unless the workflow says otherwise."""
    return {
        "Command": list(image.command) or [stack.handlers[name]],
        "EntryPoint": list(image.entry_point) or None,
        "WorkingDirectory": image.directory,
    }


def _log_format(stack: WorkflowStack) -> str:
    logging = stack.workflow.logging
    return "Text" if isinstance(logging, Logging) and logging.format == "text" else "JSON"


def _network(stack: WorkflowStack, made: FunctionSettings) -> dict[str, Any] | None:
    if made.vpc is None:
        return None
    return {
        "SubnetIds": stack.list_of(made.vpc.subnets),
        "SecurityGroupIds": stack.list_of(made.vpc.security_groups),
    }
