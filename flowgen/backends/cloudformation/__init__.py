"""Workflows and their state machines in; one CloudFormation template out.

In: `Unit`s, each a checked workflow, its definition in Amazon States Language (JSONata only) and the Lambda handlers of
its functions. Out: what AWS would refuse in the stack and what its permissions lack (`findings`: FG107, FG401, FG402,
FG501, FG502), which is asked for first, and the template as plain JSON data (`stack`) and as text (`to_yaml`,
`to_json`). What a machine's role may do is derived in stages: `calls` of its states, `known` of their arguments,
`requests` of IAM, `arns` of their resources, `grants`, and the documents (`permissions`).
Never: write files, load troposphere before a template is built, load IAM's data where no service is called, widen a
permission where a resource is not known, look into the Python code.
"""

from flowgen.backends.cloudformation.bundling import BUCKET_FOLDER, Bundle, bundle, too_large
from flowgen.backends.cloudformation.findings import findings, origins, unknown_references
from flowgen.backends.cloudformation.stack import stack
from flowgen.backends.cloudformation.text import to_json, to_yaml
from flowgen.backends.cloudformation.units import Code, Unit

__all__ = [
    "BUCKET_FOLDER",
    "Bundle",
    "Code",
    "Unit",
    "bundle",
    "findings",
    "origins",
    "stack",
    "to_json",
    "to_yaml",
    "too_large",
    "unknown_references",
]
