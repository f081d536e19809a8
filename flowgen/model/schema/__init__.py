"""The JSON Schema of the language, for editors: completion, hover texts, diagnostics while typing.

In: the model's classes, their keys and descriptions. Out: one JSON Schema, draft-07, as plain data. Never: a workflow.
`flowgen check` checks what a schema can't express (names, order of steps, types).

Every editor's YAML support understands draft-07, and it is sufficient here. `schemas/workflow.schema.json` contains
this schema: a test checks that the file is up to date, and `flowgen schema` prints it.
"""

from flowgen.model.schema.elements import workflow_schema

__all__ = ["workflow_schema"]
