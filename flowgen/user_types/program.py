"""The program that imports classes in a separate process. It requires only pydantic.

It reads `{"folder": ..., "targets": [...]}` from stdin, and writes a line of JSON for each finished target:
`{"validation": ..., "serialization": ...}`, or `{"problem": ..., "reason": ...}`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import types
import typing
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    """Whatever the imported code prints goes to stderr, so that only the answers are on stdout."""
    asked = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, asked["folder"])
    warnings.simplefilter("ignore")
    for target in asked["targets"]:
        try:
            answer = described(target)
        except BaseException as error:  # noqa: BLE001 - a module may raise anything, an exit included
            answer = {"problem": "import", "reason": told(error, Path(asked["folder"]))}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    answers.flush()
    os._exit(0)  # threads and exit handlers of what was imported are not waited for


def described(target: str) -> dict[str, Any]:
    """The result for one class."""
    module_name, _, name = target.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            return {"problem": "module", "reason": str(error)}
        raise
    try:
        found = getattr(module, name)
    except AttributeError:
        return {"problem": "attribute", "names": [other for other in vars(module) if is_type(getattr(module, other))]}
    if not is_type(found):
        return {"problem": "type", "reason": type(found).__name__}
    return schemas(found)


def is_type(value: Any) -> bool:
    """Whether a value is valid in an annotation."""
    known = (type, types.GenericAlias, types.UnionType)
    return isinstance(value, known) or typing.get_origin(value) is not None or type(value).__name__ == "TypeAliasType"


def schemas(type_: Any) -> dict[str, Any]:
    """The JSON Schemas of what a type reads and of what it writes."""
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    class Untitled(GenerateJsonSchema):
        def field_title_should_be_set(self, schema: Any) -> bool:
            """Titles that only repeat the name of a field are left out."""
            del schema
            return False

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(type_)
        return {
            mode: adapter.json_schema(by_alias=True, mode=mode, schema_generator=Untitled)
            for mode in ("validation", "serialization")
        }
    except Exception as error:  # noqa: BLE001 - pydantic has several, and code of the class runs too
        return {"problem": "schema", "reason": str(error).partition("\n")[0]}


def told(error: BaseException, folder: Path) -> str:
    """An exception with the last place in the project that it came through."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_absolute() and path.is_relative_to(folder):
            place = f" ({path.relative_to(folder).as_posix()}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return f"{type(error).__name__}: {error}{place}"


if __name__ == "__main__":
    main()
