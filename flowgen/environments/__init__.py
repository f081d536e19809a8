"""Environments: `[tool.flowgen.env.NAME]`, the values of parameters and where a stack of them stands.

In: the table of settings and its text; CloudFormation's declarations of parameters; values that were given. Out: an
`Environment`; values as texts, or diagnostics with the line in the settings (FG120, FG540-FG542).
Never: reading a file, a value of a parameter with `NoEcho` in a message.
"""

from flowgen.environments.settings import Environment, find, read
from flowgen.environments.values import Given, as_text, checked, given_by, is_secret

__all__ = ["Environment", "Given", "as_text", "checked", "find", "given_by", "is_secret", "read"]
