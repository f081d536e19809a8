"""The Lambda functions of a workflow, each with its role and its log group."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.iam.encryption import environment_condition
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, literal, ref
from flowgen.backends.cloudformation.log_groups import log_group
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.template.function_settings import FunctionSettings, settings
from flowgen.backends.cloudformation.text import prose
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.model import Logging

CODE_BUCKET = "CodeBucket"
CODE_KEY = "CodeKey"
CODE_PARAMETERS = {
    CODE_BUCKET: "The S3 bucket that holds the functions' code, in the region of the stack.",
    CODE_KEY: "The key in that bucket of the zip file with the functions' code.",
}
MAX_LENGTHS = {CODE_KEY: 256}
"""Characters that a parameter may have. The key goes into the description of a version, which has this limit."""


# See docs/explanation/decisions.md#a-functions-version-is-in-its-logical-id
def code_parameters(stacks: Sequence[WorkflowStack]) -> tuple[str, ...]:
    """The parameters for the code of functions: the key only if the code of some function is unknown."""
    keys = [code and code.key for stack in stacks for name, _ in stack.deployed() for code in (stack.code.get(name),)]
    return tuple(CODE_PARAMETERS) if None in keys else (CODE_BUCKET,) if keys else ()


FUNCTION_DESCRIPTION = 256
"""Characters, counted as Java does, in units of UTF-16 (Lambda API reference, `CreateFunction`)."""

_MARK = 10
"""Hexadecimal digits in the logical id of a version, which identify code and settings."""
_NOT_IN_VERSIONS = ("Code", "ReservedConcurrentExecutions", "Tags")
"""Properties of a function that are not part of its versions. Code is, but its digest represents it."""


def invoke_arn(stack: WorkflowStack, name: str, context: StackContext) -> Intrinsic:
    """The ARN with which the state machine calls a function: its version's if there are versions."""
    return ref(_version(stack, name, context)) if stack.versioned else arn_of(stack.function(name).function)


def _version(stack: WorkflowStack, name: str, context: StackContext) -> str:
    """The logical id of a function's version, which changes whenever its code or a setting does.

    Lambda publishes no version if nothing changed since the last one (developer guide, "Manage Lambda function
    versions"), and CloudFormation creates none under a logical id that exists.
    """
    logical_id = stack.function(name).function
    properties = context.overrides.applied(logical_id, _function(stack, name, context))["Properties"]
    held = {key: value for key, value in properties.items() if key not in _NOT_IN_VERSIONS}
    code = stack.code.get(name)
    digest = "" if code is None or code.key is None else code.digest
    made = json.dumps([digest, held], sort_keys=True, ensure_ascii=False)
    return stack.function(name).version(hashlib.sha256(made.encode()).hexdigest()[:_MARK])


def function(stack: WorkflowStack, name: str, context: StackContext) -> Iterator[Entry]:
    ids = stack.function(name)
    yield ids.function, _function(stack, name, context)
    if stack.versioned:
        code = stack.code.get(name)
        deployment = stack.workflow.deployment
        yield (
            _version(stack, name, context),
            resource(
                "AWS::Lambda::Version",
                {
                    # If the code comes from a parameter, only its value says that the code changed.
                    "Description": ref(CODE_KEY) if code is None or code.key is None else None,
                    "FunctionName": ref(ids.function),
                },
                # A failed deployment must delete its version: Lambda would not publish an identical one again. During a
                # gradual deployment, executions may still run the new version after a rollback.
                deletion="Retain" if deployment is not None and deployment.is_gradual else "RetainExceptOnCreate",
                replacement="Retain",
            ),
        )
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


def _function(stack: WorkflowStack, name: str, context: StackContext) -> dict[str, Any]:
    ids, function, code = stack.function(name), stack.workflow.functions[name], stack.code.get(name)
    made = settings(stack.workflow, function)
    variables = {key: literal(value) if isinstance(value, str) else value for key, value in made.environment.items()}
    return resource(
        "AWS::Lambda::Function",
        {
            "Description": literal(prose(function.description or "", 2 * FUNCTION_DESCRIPTION, "utf-16-le")) or None,
            "Runtime": made.runtime,
            "Architectures": [made.architecture],
            "Handler": stack.handlers[name],
            "Code": {
                "S3Bucket": ref(CODE_BUCKET),
                "S3Key": ref(CODE_KEY) if code is None or code.key is None else code.key,
            },
            "MemorySize": made.memory,
            "Timeout": made.timeout,
            "Role": arn_of(ids.role),
            "LoggingConfig": {"LogFormat": _log_format(stack), "LogGroup": ref(ids.log_group)},
            # A function always passes a trace on; `Active` also starts new ones.
            "TracingConfig": {"Mode": "Active" if stack.workflow.tracing else "PassThrough"},
            "Environment": {"Variables": variables} if variables else None,
            "EphemeralStorage": None if made.storage is None else {"Size": made.storage},
            "ReservedConcurrentExecutions": made.concurrency,
            "Layers": stack.list_of(made.layers) or None,
            "VpcConfig": _network(stack, made),
            # This key encrypts the environment. Without variables, nobody needs permission to decrypt it.
            "KmsKeyArn": context.keys.get(stack.workflow.name) if made.environment else None,
        },
    )


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
