"""Compares the behavior of two state machines.

In: two definitions in Amazon States Language, in any query language. Out: a `Comparison`: the number of executions,
what they reached, and a counterexample if there is one. Never: flowgen's own language, a call to AWS, real time.

`machine_reads` derives from both definitions the shapes of the data that reach their branches, `decisions` chooses
among them, `execution` runs one machine with them, and `comparison` compares, varies and shrinks.
"""

from flowgen.comparing.comparison import Comparison, Difference, compare
from flowgen.comparing.execution import Call, Trace

__all__ = ["Call", "Comparison", "Difference", "Trace", "compare"]
