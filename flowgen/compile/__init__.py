"""Compiles a checked workflow to a state machine in Amazon States Language.

In: a `Workflow` without errors from `check`. Out: an `asl.StateMachine`, the same for the same file. Never:
diagnostics, YAML, CloudFormation. A placeholder names each function: `${SendEmailFunction}`.
"""

from flowgen.compile.names import existing_functions, function_placeholder, machine_placeholders
from flowgen.compile.state_machine import compile_workflow

__all__ = ["compile_workflow", "existing_functions", "function_placeholder", "machine_placeholders"]
