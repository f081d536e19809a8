"""Validates definitions from any source.

In: a definition, as a JSON value or JSON text. Out: its problems with their positions. Never: exceptions for invalid
definitions, or changes to the definition.

The rules are those of the specification (https://states-language.net) and of the service, whose messages and codes the
problems use.
"""

from flowgen.asl.validation.report import CheckExpression, Problem
from flowgen.asl.validation.validate import validate

__all__ = ["CheckExpression", "Problem", "validate"]
