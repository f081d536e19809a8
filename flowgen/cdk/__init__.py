"""A construct of the AWS CDK for the workflows of a project: `from flowgen.cdk import FlowgenWorkflow`.

In: the path of a workflow or project, values of parameters, existing functions.
Out: the resources that `flowgen deploy` would create, as constructs of a CDK stack.
Never: deploy, change the project's sources, or import a handler.

`synthesis` makes the template and the assets without the CDK; `construct` has the construct, which needs
`flowgen-aws[cdk]`.
"""

import sys
from typing import TYPE_CHECKING, Any

from flowgen.cdk.synthesis import WorkflowError
from flowgen.installation import DISTRIBUTION, source

if TYPE_CHECKING:
    from flowgen.cdk.construct import FlowgenWorkflow

__all__ = ["FlowgenWorkflow", "WorkflowError"]


def __getattr__(name: str) -> Any:
    """Loads the construct on first use. Raises ImportError with the command that installs the CDK."""
    if name != "FlowgenWorkflow":
        raise AttributeError(name)
    try:
        from flowgen.cdk.construct import FlowgenWorkflow
    except ModuleNotFoundError as error:
        if error.name not in ("aws_cdk", "constructs"):
            raise
        command = f"{sys.executable} -m pip install '{DISTRIBUTION}[cdk]{source()}'"
        message = f"`FlowgenWorkflow` needs the AWS CDK: run `{command}`"
        raise ImportError(message, name=error.name) from error
    return FlowgenWorkflow
