"""A checked workflow in; a state machine in Amazon States Language out.

In: a `Workflow` that `check` found no error in. Out: an `asl.StateMachine`, the same for the same file.
Never: diagnostics, YAML, CloudFormation. A function of the contract is named by a placeholder, `${SendEmailFunction}`.
"""

from flowgen.compile.lowering import compile_workflow
from flowgen.compile.names import function_placeholder, machine_placeholders

__all__ = ["compile_workflow", "function_placeholder", "machine_placeholders"]
