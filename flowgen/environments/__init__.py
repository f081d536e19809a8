"""Environments, the tables `[tool.flowgen.env.NAME]`, and the tables `stack` and `overrides` for all workflows.

In: the settings table and its text; CloudFormation's parameter declarations; the values for them.
Out: an `Environment`; settings and overrides of the stack as nodes of a workflow file (`stack_tables`); values as
strings, or diagnostics with the line in the settings (FG120, FG540-FG542).
Never: read a file; show the value of a `NoEcho` parameter in a message.
"""

from flowgen.environments.settings import Environment, find, read
from flowgen.environments.values import Given, as_text, checked, given_by, is_secret

__all__ = ["Environment", "Given", "as_text", "checked", "find", "given_by", "is_secret", "read"]
