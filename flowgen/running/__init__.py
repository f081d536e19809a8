"""Runs a workflow or a foreign state machine, and reports the result.

In: a loaded workflow or the text of a definition; what answers its tasks: the project's handlers, mocks from a file,
AWS itself, or a person at the terminal; faults; a recorded history to compare with. Out: executions, and a report as
text or JSON. Never: click; a rule of the States Language (`local` has them); AWS or the network unless requested.
"""

from flowgen.running.program import Program, of_definition, of_workflow
from flowgen.running.runs import Options, run

__all__ = ["Options", "Program", "of_definition", "of_workflow", "run"]
