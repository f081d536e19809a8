"""The Lambda functions of a workflow, each with its role and its log group."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from flowgen.backends.cloudformation import permissions
from flowgen.backends.cloudformation.encryption import environment_condition
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, literal, ref
from flowgen.backends.cloudformation.logs import log_group
from flowgen.backends.cloudformation.sizing import settings
from flowgen.backends.cloudformation.surroundings import Surroundings
from flowgen.backends.cloudformation.text import prose
from flowgen.backends.cloudformation.units import Unit

CODE_BUCKET = "CodeBucket"
CODE_KEY = "CodeKey"
CODE_PARAMETERS = {
    CODE_BUCKET: "The S3 bucket that holds the functions' code, in the region of the stack.",
    CODE_KEY: "The key in that bucket of the zip file with the functions' code.",
}
MOST = {CODE_KEY: 256}
"""Characters that a parameter may have: a version's description says the key."""


# See docs/explanation/decisions.md#a-functions-version-is-in-its-logical-id
def code_parameters(units: Sequence[Unit]) -> tuple[str, ...]:
    """The parameters that ask for the code of functions: the key only where that of some function is not known."""
    keys = [one and one.key for unit in units for name, _ in unit.deployed() for one in (unit.code.get(name),)]
    return tuple(CODE_PARAMETERS) if None in keys else (CODE_BUCKET,) if keys else ()


FUNCTION_DESCRIPTION = 256
"""Characters, which are Java's: units of UTF-16 (Lambda API reference, `CreateFunction`)."""

_MARK = 10
"""Hexadecimal digits that stand for code and settings in the logical id of a version."""
_NOT_IN_VERSIONS = ("Code", "ReservedConcurrentExecutions", "Tags")
"""Properties of a function that its versions don't hold; the code stands for itself by its digest."""


def invoke_arn(unit: Unit, name: str, around: Surroundings) -> Intrinsic:
    """The ARN under which the machine calls a function: its version's, where there are versions."""
    return ref(_version(unit, name, around)) if unit.versioned else arn_of(unit.function(name).function)


def _version(unit: Unit, name: str, around: Surroundings) -> str:
    """The logical id of a function's version: another one whenever its code or a setting is, else Lambda refuses.

    Lambda publishes no version where nothing changed since the last one (developer guide, "Manage Lambda function
    versions"), and CloudFormation none under a logical id that it has.
    """
    properties = _function(unit, name, around)["Properties"]
    held = {key: value for key, value in properties.items() if key not in _NOT_IN_VERSIONS}
    code = unit.code.get(name)
    digest = "" if code is None or code.key is None else code.digest
    made = json.dumps([digest, held], sort_keys=True, ensure_ascii=False)
    return unit.function(name).version(hashlib.sha256(made.encode()).hexdigest()[:_MARK])


def function(unit: Unit, name: str, around: Surroundings) -> Iterator[tuple[str, dict[str, Any]]]:
    from flowgen.backends.cloudformation import resources

    ids = unit.function(name)
    yield ids.function, _function(unit, name, around)
    if unit.versioned:
        code = unit.code.get(name)
        # The template does not know the code that it asks for: another key makes another version.
        asked = ref(CODE_KEY) if code is None or code.key is None else None
        deployment = unit.workflow.deployment
        yield (
            _version(unit, name, around),
            resources.function_version(
                function=ref(ids.function),
                description=asked,
                # Executions that tried a new version out go on when it is taken back.
                always_kept=deployment is not None and deployment.is_gradual,
            ),
        )
    sizing, key = settings(unit.workflow, unit.workflow.functions[name]), around.keys.get(unit.workflow.name)
    document = permissions.function_document(
        ids.log_group,
        traced=unit.workflow.tracing,
        networked=sizing.vpc is not None,
        decrypts=None if key is None or not sizing.environment else (key, environment_condition()),
    )
    policies = {ids.function: document}
    if sizing.policies:
        policies[f"{ids.function}Policies"] = permissions.policies_document(sizing.policies)
    yield (
        ids.role,
        resources.role(trust=permissions.function_trust(), policies=policies),
    )
    yield ids.log_group, log_group(unit, around, unit.log_group_name(name))


def _function(unit: Unit, name: str, around: Surroundings) -> dict[str, Any]:
    from flowgen.backends.cloudformation import resources

    ids, function, code = unit.function(name), unit.workflow.functions[name], unit.code.get(name)
    sizing = settings(unit.workflow, function)
    return resources.function(
        description=literal(prose(function.description or "", 2 * FUNCTION_DESCRIPTION, "utf-16-le")),
        handler=unit.handlers[name],
        runtime=sizing.runtime,
        architecture=sizing.architecture,
        memory=sizing.memory,
        timeout=sizing.timeout,
        environment={
            name: literal(value) if isinstance(value, str) else value for name, value in sizing.environment.items()
        },
        storage=sizing.storage,
        concurrency=sizing.concurrency,
        layers=unit.several(sizing.layers),
        subnets=None if sizing.vpc is None else unit.several(sizing.vpc.subnets),
        security_groups=None if sizing.vpc is None else unit.several(sizing.vpc.security_groups),
        traced=unit.workflow.tracing,
        # It encrypts the environment; where there is none, nobody need be able to decrypt it.
        encrypted_with=around.keys.get(unit.workflow.name) if sizing.environment else None,
        bucket=ref(CODE_BUCKET),
        key=ref(CODE_KEY) if code is None or code.key is None else code.key,
        role=arn_of(ids.role),
        log_group=ref(ids.log_group),
    )
