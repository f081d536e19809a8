"""The JSON Schema of the language, for editors: completion, hover texts, diagnostics while typing.

In: the model's classes, their keys and what they say of themselves. Out: one JSON Schema, draft-07, as plain data.
Never: a workflow. What a schema can't say (names that exist, what runs when, types) is `flowgen check`'s.

Draft-07 is what every editor's YAML support knows, and has all that is needed here. `schemas/workflow.schema.json` is
this, written down: a test holds the two equal, and `flowgen schema` prints the file.
"""

from flowgen.model.schema.elements import workflow_schema

__all__ = ["workflow_schema"]
