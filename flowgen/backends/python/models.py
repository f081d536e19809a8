"""The module of models: written by datamodel-code-generator, then finished here.

The generator is loaded only when the types changed: its import takes longer than all the rest of a run.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

from flowgen.backends.python.schemas import BASE_MODULE, NULLABLE
from flowgen.backends.python.text import import_block, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowgen.backends.python.schemas import Default, Definitions, Schema

BASE, SPARSE, DEFAULT = "ContractModel", "SparseModel", "default"


class GeneratorError(Exception):
    """The model generator refused a schema; the text is its reason."""


def source(definitions: Definitions, title: str) -> str:
    """The text of `models.py`, without its header. Raises GeneratorError."""
    if not definitions.schemas:
        return f"{title}\n"
    text = _finished(_generated(definitions), definitions)
    missing = definitions.schemas.keys() - set(_top_level_names(text))
    if missing:
        raise AssertionError(f"the model generator gave other names to {sorted(missing)}")
    return f"{title}\n\n{text}"


def _generated(definitions: Definitions) -> str:
    from datamodel_code_generator import Error, InputFileType, LiteralType, generate
    from datamodel_code_generator.enums import DataModelType
    from datamodel_code_generator.format import Formatter, PythonVersion

    document: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": definitions.schemas,
    }
    try:
        text = generate(
            json.dumps(document),
            input_file_type=InputFileType.JsonSchema,
            output=None,
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
            enum_field_as_literal=LiteralType.All,
        )
    except Error as error:
        raise GeneratorError(str(error)) from error
    if not isinstance(text, str):
        raise TypeError(f"the model generator gave {type(text).__name__}, not one module")
    return text


def _finished(text: str, definitions: Definitions) -> str:
    """The generator's text with what it can't write well put right, and with our imports."""
    edits: list[tuple[ast.AST, str]] = []
    later = set(_top_level_names(text))
    for statement in ast.parse(text).body:
        match statement:
            case ast.ClassDef(name=model, body=body):
                edits.extend(edit for line in body for edit in _class_edits(text, model, line, definitions, later))
                later.discard(model)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[_, value])) if _is_simple_alias(value):
                edits.append((statement, f"{name}: TypeAlias = {ast.get_source_segment(text, value)}"))
                later.discard(name)
            case _:
                pass
    for node, replacement in reversed(edits):
        start, end = _extent(text, node)
        text = text[:start] + replacement + text[end:]
    return _with_imports(text)


def _class_edits(
    text: str, model: str, line: ast.stmt, definitions: Definitions, later: set[str]
) -> Iterator[tuple[ast.AST, str]]:
    """What to change in one line of a class. `later` are the names that are not defined there yet."""
    match line:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None):
            default = definitions.defaults.get((model, name if (alias := _alias(annotation)) is None else alias))
            if default is not None:
                yield annotation, _with_default(text, annotation, default, later)
        case ast.Assign(targets=[ast.Name(id="__annotations__")], value=ast.Dict(values=[kept])):
            yield line, _with_other_fields(text, kept)
        case _:
            pass


def _is_simple_alias(value: ast.expr) -> bool:
    """Whether an alias can be a plain one: it does not refer to itself, which would be in quotes.

    Those of the generator are evaluated late, and pydantic loses its way in them where they name recursive models.
    """
    if isinstance(value, ast.Constant):
        return False
    literals = {part for node in ast.walk(value) if _is_call_or_literal(node) for part in ast.walk(node)}
    return not any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in literals
        for node in ast.walk(value)
    )


def _is_call_or_literal(node: ast.AST) -> bool:
    match node:
        case ast.Call() | ast.Subscript(value=ast.Name(id="Literal")):
            return True
        case _:
            return False


def _with_other_fields(text: str, kept: ast.expr) -> str:
    """The type of the fields that a model does not name, in a way that type checkers read."""
    kind = (ast.get_source_segment(text, kept) or "").replace("Dict[", "dict[", 1)
    return f"__pydantic_extra__: {kind}  # pyright: ignore[reportIncompatibleVariableOverride]"


def _with_default(text: str, annotation: ast.expr, default: Default, later: set[str]) -> str:
    whole = ast.get_source_segment(text, annotation) or ""
    plain = _annotated(annotation)[0]
    kind = ast.get_source_segment(text, plain) or ""
    value = literal(default.value)
    if not default.plain or (default.value in ([], {}) and not kind.startswith(("list[", "dict["))):
        factory = f"lambda: {DEFAULT}({kind}, {value})"
    elif default.value not in ([], {}):
        factory = f"lambda: {value}"
    elif any(isinstance(node, ast.Name) and node.id in later for node in ast.walk(plain)):
        factory = f"lambda: {kind}()"
    else:
        factory = kind
    return f"{whole} = Field(default_factory={factory})"


def _annotated(annotation: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
    """The type of an annotation, and what `Annotated` adds to it."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[plain, *metadata])):
            return plain, metadata
        case _:
            return annotation, []


def _alias(annotation: ast.expr) -> str | None:
    """The name of a field in JSON, where it differs from that in Python."""
    for part in _annotated(annotation)[1]:
        for keyword in part.keywords if isinstance(part, ast.Call) else ():
            if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return None


def _with_imports(text: str) -> str:
    """The text with imports of the names that it uses, those of its bases from the module beside it."""
    tree = ast.parse(text)
    imported = {"pydantic": {"Field"}, "typing": {"TypeAlias"}, BASE_MODULE: {DEFAULT}}
    statements = [line for line in tree.body if isinstance(line, ast.ImportFrom)]
    for statement in statements:
        names = (f"{name.name} as {name.asname}" if name.asname else name.name for name in statement.names)
        imported.setdefault(statement.module or "", set()).update(names)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | set(_quoted_names(tree))
    needed = {
        ".base" if module == BASE_MODULE else module: {
            name for name in names if module == "__future__" or name.rpartition(" ")[2] in used
        }
        for module, names in imported.items()
    }
    body = "\n".join(text.split("\n")[statements[-1].end_lineno :])
    gap = "\n\n\n" if body.lstrip().startswith("class ") else "\n\n"
    return f"{import_block(needed)}{gap}{body.strip()}\n"


def _quoted_names(tree: ast.Module) -> Iterator[str]:
    """The names in the quoted parts of aliases that refer to themselves."""
    for statement in tree.body:
        match statement:
            case ast.Assign(value=ast.Call(args=[_, value])):
                for node in ast.walk(value):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        yield from re.findall(r"\w+", node.value)
            case _:
                pass


def _extent(text: str, node: ast.AST) -> tuple[int, int]:
    """From where to where in `text` a node of its syntax tree reaches; the tree counts columns in bytes of UTF-8."""
    lines = text.split("\n")

    def offset(line: int, column: int) -> int:
        before = sum(len(line) + 1 for line in lines[: line - 1])
        return before + len(lines[line - 1].encode()[:column].decode())

    match node:
        case ast.expr() | ast.stmt():
            return offset(node.lineno, node.col_offset), offset(node.end_lineno or 0, node.end_col_offset or 0)
        case _:
            raise TypeError(node)


def _top_level_names(text: str) -> Iterator[str]:
    for statement in ast.parse(text).body:
        match statement:
            case (
                ast.ClassDef(name=name)
                | ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name))
            ):
                yield name
            case _:
                pass
