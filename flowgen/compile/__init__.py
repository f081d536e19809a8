"""Compiles a checked workflow to a state machine in Amazon States Language.

In: a `Workflow` without errors from `check`. Out: an `asl.StateMachine`, the same for the same file. Never:
diagnostics, YAML, CloudFormation. A placeholder names each function: `${SendEmailFunction}`.
"""

from flowgen.compile.lowering import compile_workflow
from flowgen.compile.names import existing_functions, function_placeholder, machine_placeholders

__all__ = ["compile_workflow", "existing_functions", "function_placeholder", "machine_placeholders"]
