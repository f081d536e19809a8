"""The Lambda functions of a workflow, each with its role and its log group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowgen.backends.cloudformation import permissions
from flowgen.backends.cloudformation.intrinsics import arn_of, literal, ref, sub
from flowgen.backends.cloudformation.sizing import settings
from flowgen.backends.cloudformation.text import prose
from flowgen.backends.cloudformation.units import RETENTION, Unit
from flowgen.model import Function

CODE_BUCKET = "CodeBucket"
CODE_KEY = "CodeKey"
CODE_PARAMETERS = {
    CODE_BUCKET: "The S3 bucket that holds the functions' code, in the region of the stack.",
    CODE_KEY: "The key in that bucket of the zip file with the functions' code.",
}
FUNCTION_DESCRIPTION = 256
"""Characters, which are Java's: units of UTF-16 (Lambda API reference, `CreateFunction`)."""


def function(unit: Unit, name: str, function: Function) -> Iterator[tuple[str, dict[str, Any]]]:
    from flowgen.backends.cloudformation import resources

    ids, sizing = unit.function(name), settings(unit.workflow, function)
    yield (
        ids.function,
        resources.function(
            description=literal(prose(function.description or "", 2 * FUNCTION_DESCRIPTION, "utf-16-le")),
            handler=unit.handlers[name],
            runtime=sizing.runtime,
            architecture=sizing.architecture,
            memory=sizing.memory,
            timeout=sizing.timeout,
            environment={name: literal(text) for name, text in sizing.environment.items()},
            bucket=ref(CODE_BUCKET),
            key=ref(CODE_KEY),
            role=arn_of(ids.role),
            log_group=ref(ids.log_group),
        ),
    )
    yield (
        ids.role,
        resources.role(
            trust=permissions.function_trust(),
            policies={ids.function: permissions.function_document(ids.log_group)},
        ),
    )
    group = f"/aws/lambda/${{AWS::StackName}}/{unit.workflow.name}/{name}"
    yield ids.log_group, resources.log_group(name=sub(group), retention=RETENTION)
