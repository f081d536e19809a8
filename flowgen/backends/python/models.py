"""The module of models: written by datamodel-code-generator, then finished.

The generator is loaded only when the types changed: its import takes longer than all the rest of a run.
"""

from __future__ import annotations

import ast
import json
import warnings
from typing import TYPE_CHECKING

from flowgen.backends.python import field_names
from flowgen.backends.python.postprocess import BASE, SPARSE, finished, imports_only, top_level_names
from flowgen.backends.python.schemas import BASE_MODULE, NULLABLE
from flowgen.backends.python.text import all_names, docstring, import_block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowgen.backends.python.schemas import Definitions, Schema

ROOT = "FlowgenRoot"
"""What the generator calls the whole document, which is no type: a name that no type has."""


class GeneratorError(Exception):
    """The model generator refused a schema; the text is its reason."""


def source(definitions: Definitions, title: str) -> str:
    """The text of `models.py`, without its header. Raises GeneratorError."""
    if not definitions.schemas.keys() - definitions.foreign:
        imports = imports_only(definitions)
        return f"{title}\n\n{imports}" if imports else f"{title}\n"
    text = finished(_generated(definitions), definitions)
    missing = definitions.schemas.keys() - definitions.foreign - set(top_level_names(ast.parse(text)))
    if missing:
        raise AssertionError(f"the model generator gave other names to {sorted(missing)}")
    return f"{title}\n\n{text}"


def re_exports(names: Iterable[str], module: str, about: str) -> str:
    """The text of a module whose names are all defined in another `module`."""
    names = [*names]
    imports = import_block({"__future__": {"annotations"}, module: names})
    return f"{docstring(about)}\n\n{imports}\n\n{all_names(names)}\n"


def _generated(definitions: Definitions) -> str:
    names = field_names.normalized(definitions.schemas) | field_names.hiding(definitions)
    text = _written(definitions, names)
    others = field_names.disambiguate(text)
    return _written(definitions, names | others) if others else text


def _written(definitions: Definitions, names: dict[str, str]) -> str:
    from datamodel_code_generator import Error, InputFileType, LiteralType, generate
    from datamodel_code_generator.enums import DataModelType
    from datamodel_code_generator.format import Formatter, PythonVersion

    document: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": definitions.schemas,
    }
    with warnings.catch_warnings():
        # It is formatted once more here, where the same text is told as FG109.
        warnings.filterwarnings("ignore", "Failed to format code", UserWarning)
        try:
            text = generate(
                json.dumps(document),
                input_file_type=InputFileType.JsonSchema,
                output=None,
                class_name=ROOT,
                output_model_type=DataModelType.PydanticV2BaseModel,
                target_python_version=PythonVersion.PY_311,
                formatters=[Formatter.BUILTIN],
                builtin_format_line_length=120,
                custom_file_header="#",
                disable_timestamp=True,
                base_class=f"{BASE_MODULE}.{BASE}",
                base_class_map=dict.fromkeys(sorted(definitions.sparse), f"{BASE_MODULE}.{SPARSE}"),
                skip_root_model=True,
                strict_refs=True,
                strict_nullable=True,
                use_standard_collections=True,
                use_union_operator=True,
                use_annotated=True,
                use_exact_imports=True,
                use_double_quotes=True,
                use_type_alias=True,
                use_schema_description=True,
                use_single_line_docstring=True,
                field_constraints=True,
                field_extra_keys_without_x_prefix={NULLABLE},
                snake_case_field=True,
                aliases=names,
                enum_field_as_literal=LiteralType.All,
            )
        except Error as error:
            raise GeneratorError(str(error)) from error
    if not isinstance(text, str):
        raise TypeError(f"the model generator gave {type(text).__name__}, not one module")
    return text
