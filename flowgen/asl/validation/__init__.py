"""Validation of definitions that anybody wrote.

In: a definition, as JSON value or JSON text. Out: all that is wrong with it, each with its place. Never: an exception
for what the definition says, or a change of it.

The rules are those of the specification (https://states-language.net) and, where it leaves them to the interpreter, of
the service, whose words and codes the problems bear.
"""

from flowgen.asl.validation.report import CheckExpression, Problem
from flowgen.asl.validation.validate import validate

__all__ = ["CheckExpression", "Problem", "validate"]
