"""Classes of the user's as JSON Schema: models, dataclasses, enums and the like that are types of a workflow.

In: names of classes, `shop.models:User`, and where they may be imported from. Out: the JSON Schema of each, or why it
is none. Never: an import of the user's code in this process, or of code from elsewhere; YAML.
"""

from flowgen.user_types.schema_cache import FOLDER, SchemaCache, kept_at

__all__ = ["FOLDER", "SchemaCache", "kept_at"]
