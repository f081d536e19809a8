"""Workflows and their state machines in; one CloudFormation template out.

In: `Unit`s, each a checked workflow, its definition in Amazon States Language (JSONata only) and the Lambda handlers of
its functions. Out: what AWS would refuse in the stack (`findings`: FG107, FG401, FG402, FG501), which is asked for
first, and the template as plain JSON data (`stack`) and as text (`to_yaml`, `to_json`).
Never: write files, load troposphere before a template is built, look into the Python code.
"""

from flowgen.backends.cloudformation.findings import findings
from flowgen.backends.cloudformation.stack import stack
from flowgen.backends.cloudformation.text import to_json, to_yaml
from flowgen.backends.cloudformation.units import Unit

__all__ = ["Unit", "findings", "stack", "to_json", "to_yaml"]
