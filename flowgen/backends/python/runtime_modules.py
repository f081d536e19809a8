"""The runtime of generated code: modules that each project has once, in the package that its workflows share.

A project gets only the modules that its generated files import, directly or through another of these modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files

from flowgen.backends.artifacts import Artifact

BASE, FORMATS, CONSTRAINTS = "base", "formats", "constraints"
"""The modules that models import: base classes, types of string formats, what types cannot express."""

RUNTIME, LAMBDA_HANDLERS, TASK_TOKENS, EXECUTIONS = "runtime", "lambda_handlers", "task_tokens", "executions"
"""The modules that other generated code imports: entry points and contexts, entry points for existing Lambda handlers,
task tokens, clients that start workflows."""

MODULES: dict[str, tuple[str, ...]] = {
    BASE: (),
    FORMATS: (BASE,),
    CONSTRAINTS: (FORMATS, BASE),
    "direct": (BASE,),
    "json_values": ("direct",),
    RUNTIME: ("json_values",),
    LAMBDA_HANDLERS: ("json_values", RUNTIME),
    TASK_TOKENS: ("json_values", RUNTIME),
    EXECUTIONS: ("json_values",),
}
"""Every module of the runtime, each with the modules that it imports."""


def imported(artifacts: Iterable[Artifact], package: str) -> list[str]:
    """The modules of the runtime that generated files need. `package` is the dotted package of the runtime."""
    statement = re.compile(rf"^from (?:{re.escape(package)})?\.(\w+) import ", re.MULTILINE)
    found = {name for one in artifacts if one.generated for name in statement.findall(one.text) if name in MODULES}
    # Importers come before the modules that they import.
    for name in reversed(MODULES):
        if name in found:
            found.update(MODULES[name])
    return [name for name in MODULES if name in found]


def text(name: str) -> str:
    """The source of a module, without comments for flowgen's own linter."""
    source = files("flowgen.backends.python.support").joinpath(f"{name}.py").read_text(encoding="utf-8")
    return re.sub(r"  # noqa: .*$", "", source, flags=re.MULTILINE)
