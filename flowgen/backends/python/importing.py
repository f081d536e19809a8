"""Builds the generated models during `generate`, so that a module that cannot be imported is an error there.

The text is flowgen's own, in which a workflow's strings are only constants, so running it runs no code of a user.
"""

from __future__ import annotations

import ast
import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from flowgen.backends.python.runtime_modules import BASE, CONSTRAINTS, FORMATS

if TYPE_CHECKING:
    from flowgen.backends.python.schemas import Definitions

_NAME = "flowgen_models_being_generated"
_RUNTIME = "flowgen.backends.python.support"


def import_problem(text: str, definitions: Definitions) -> str | None:
    """Why pydantic cannot build the models of a module; None if it can.

    A module that refers to classes of other modules is not built: they may be code of the user.
    """
    if definitions.foreign or definitions.homes:
        return None
    runtime = definitions.base.removesuffix(BASE)
    for name in (BASE, FORMATS, CONSTRAINTS):
        text = text.replace(f"from {runtime}{name} import", f"from {_RUNTIME}.{name} import")
    module = ModuleType(_NAME)
    # Pydantic looks up the names in annotations there.
    sys.modules[_NAME] = module
    try:
        exec(compile(text, _NAME, "exec"), module.__dict__)  # noqa: S102 - see above
        for statement in ast.parse(text).body:
            _build(statement, module.__dict__)
    except (PydanticUserError, SchemaError, re.error, TypeError, NameError, ValueError) as error:
        return str(error).partition("\n")[0]
    finally:
        del sys.modules[_NAME]
    return None


def _build(statement: ast.stmt, names: dict[str, Any]) -> None:
    match statement:
        case (
            ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)])
        ):
            made = names[name]
            if isinstance(made, type) and get_origin(made) is None and issubclass(made, BaseModel):
                made.model_rebuild(force=True)
            elif not name.startswith("__"):
                TypeAdapter(made)
        case _:
            pass
