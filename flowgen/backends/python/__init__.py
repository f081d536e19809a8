"""The Python code of workflows: models, contracts, entry points for Lambda, and stubs for the business code.

In: a checked `Workflow` and the package of its code. Out: artifacts. Deployed, they need only pydantic.
Never: touch the disk, or let a string of the workflow file become code: it only goes into string constants.
"""

from flowgen.backends.artifacts import SHARED_PACKAGE
from flowgen.backends.python.generate import Unit, generate, generate_runtime, generate_shared
from flowgen.backends.python.orphans import abandoned, orphans
from flowgen.backends.python.paths import package_folder

__all__ = [
    "SHARED_PACKAGE",
    "Unit",
    "abandoned",
    "generate",
    "generate_runtime",
    "generate_shared",
    "orphans",
    "package_folder",
]
