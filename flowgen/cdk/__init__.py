"""A construct of the AWS CDK for the workflows of a project: `from flowgen.cdk import FlowgenWorkflow`.

In: the path of a workflow or project, values of parameters, existing functions.
Out: the resources that `flowgen deploy` would create, as constructs of a CDK stack.
Never: deploy, change the project's sources, or import a handler.

`synthesis` makes the template and the assets without the CDK; `construct` has the construct, which needs
`flowgen-aws[cdk]`.
"""

from flowgen.cdk.construct import FlowgenWorkflow
from flowgen.cdk.synthesis import WorkflowError

__all__ = ["FlowgenWorkflow", "WorkflowError"]
