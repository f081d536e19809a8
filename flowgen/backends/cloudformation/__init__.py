"""Turns workflows and their state machines into one CloudFormation template.

In: one `WorkflowStack` per workflow: the checked workflow, its definition in Amazon States Language (JSONata only) and
the Lambda handlers of its functions.
Out: what AWS would reject and which permissions are missing (`findings`: FG107, FG401, FG402, FG501, FG502; call it
first), and the template as JSON data (`build_template`) and as text (`to_yaml`, `to_json`). `bundle` adds the files
that a deployment uploads.
Never: write files, import troposphere before a template is built, load IAM data for a workflow that calls no service,
widen a permission because a resource is unknown, read the Python code.

Each sub-package may import those below it:

- `nested`: nested stacks, and what a deployment uploads
- `template`: the resources of a workflow, and what AWS would reject in them
- `triggers`: whatever starts a workflow
- `iam`: the permissions that a state machine needs
- the modules of this folder: intrinsic functions, statically known values, calls, names
"""

from flowgen.backends.cloudformation.intrinsics import Intrinsic
from flowgen.backends.cloudformation.nested.bundling import BUCKET_FOLDER, Bundle, bundle, too_large
from flowgen.backends.cloudformation.template.build import build_template
from flowgen.backends.cloudformation.template.explanation import explanation
from flowgen.backends.cloudformation.template.findings import findings, origins, unknown_references
from flowgen.backends.cloudformation.template.override_targets import setting_of
from flowgen.backends.cloudformation.text import to_json, to_yaml
from flowgen.backends.cloudformation.workflow_stack import Code, WorkflowStack

__all__ = [
    "BUCKET_FOLDER",
    "Bundle",
    "Code",
    "Intrinsic",
    "WorkflowStack",
    "build_template",
    "bundle",
    "explanation",
    "findings",
    "origins",
    "setting_of",
    "to_json",
    "to_yaml",
    "too_large",
    "unknown_references",
]
