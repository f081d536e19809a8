"""Classes of the user's as JSON Schema: models, dataclasses, enums and the like that are types of a workflow.

In: names of classes, `shop.models:User`, and where they may be imported from. Out: the JSON Schema of each, or why it
is none. Never: an import of the user's code in this process, or of code from elsewhere; YAML.
"""

from flowgen.classes.describe import Described, Places, Refused, describe
from flowgen.classes.kept import FOLDER, Kept, kept_at

__all__ = ["FOLDER", "Described", "Kept", "Places", "Refused", "describe", "kept_at"]
