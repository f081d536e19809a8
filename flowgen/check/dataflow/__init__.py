"""The static type check of the data that flows through a workflow.

In: a workflow without errors in its names and its flow, and the other workflows that it runs. Out: diagnostics (FG3xx).
Never: evaluation, a changed workflow, a finding that only follows from one already told.

Shape is checked: which fields, which kinds. Patterns, ranges and formats are checked at run time, by generated models.
"""

from flowgen.check.dataflow.flow import Dataflow, analyse, check_dataflow

__all__ = ["Dataflow", "analyse", "check_dataflow"]
