"""Postprocesses the model generator's text: typed defaults, aliases that type checkers understand, imports.

Edits are made at nodes of the syntax tree; the rest of the text stays unchanged.
"""

from __future__ import annotations

import ast
import re
from functools import reduce
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from flowgen.backends.python.edits import parsed
from flowgen.backends.python.layout import aliased, assigned, fitting
from flowgen.backends.python.modules import target_of
from flowgen.backends.python.runtime_modules import BASE as BASE_OF_RUNTIME
from flowgen.backends.python.runtime_modules import CONSTRAINTS, FORMATS
from flowgen.backends.python.schemas import BASE_MODULE, FORMATS_MODULE
from flowgen.backends.python.text import all_names, import_block, literal, string

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from flowgen.backends.python.edits import Edit, Parsed
    from flowgen.backends.python.schemas import Default, Definitions

BASE, SPARSE = "ContractModel", "SparseModel"
"""The base classes of models in `base.py`."""

_BOUNDS = frozenset({"ge", "gt", "le", "lt", "multiple_of"})
DEFAULT = "default"
"""The function in `base.py` that converts a default from JSON to the field's type."""

EXACTLY = "EXACTLY"
"""The metadata in `base.py` for literals that are not strings."""

CONSTRAINED, CONSTRAINTS_CLASS = "constrained", "Constraints"
"""The decorator of models and the metadata of other types in `constraints.py`."""


def postprocess(text: str, definitions: Definitions) -> str:
    """The generator's text, corrected, without foreign types, and with our imports."""
    plain = parsed(_plainly(parsed(_exactly(parsed(_without(text, definitions.foreign))))))
    edits: list[Edit] = []
    later = set(top_level_names(plain.tree))
    for statement in plain.tree.body:
        match statement:
            case ast.ClassDef(name=model, bases=[base, *_]) if _needs_sparse_base(model, definitions):
                # First, so that the settings of the other bases take precedence.
                edits.append((base, f"{SPARSE}, {plain.source(base)}"))
        match statement:
            case ast.ClassDef(name=model, body=body):
                edits.extend(edit for line in body for edit in _class_edits(plain, model, line, definitions, later))
                later.discard(model)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[_, value])):
                later.discard(name)
                if _is_simple_alias(value):
                    edits.append((statement, _alias(plain, name, value, definitions)))
                elif _is_named(union := _annotated(value)[0], "Union", "Optional"):
                    edits.append((union, string(ast.unparse(_Operators().visit(union)))))
            case _:
                pass
    return _with_imports(_decorated(_with_second_names(plain.edited(edits)), definitions), definitions)


def _alias(module: Parsed, name: str, value: ast.expr, definitions: Definitions) -> str:
    """The definition of a type alias, with the constraints of the type."""
    constraints = definitions.constraints.get(name)
    if constraints is None:
        return aliased(name, value, module.source(value))
    plain, metadata = _annotated(value)
    parts = [plain, *metadata, _call(CONSTRAINTS_CLASS, constraints)]
    whole = ast.Subscript(ast.Name("Annotated"), ast.Tuple(parts))
    return aliased(name, whole, "\n")


def _call(function: str, argument: Any) -> ast.Call:
    return ast.Call(ast.Name(function), [ast.parse(literal(argument), mode="eval").body], [])


def _decorated(text: str, definitions: Definitions) -> str:
    """The text with the constraints of models and of recursive aliases."""
    if not definitions.constraints:
        return text
    module = parsed(text)
    edits: list[Edit] = []
    for statement in module.tree.body:
        match statement:
            case ast.ClassDef(name=name) if name in definitions.constraints:
                call = _call(CONSTRAINED, definitions.constraints[name])
                edits.append((statement, f"@{fitting(call, column=1)}\n{module.source(statement)}"))
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[_, value])) if (
                name in definitions.constraints
            ):
                plain, metadata = _annotated(value)
                parts = [*map(module.source, (plain, *metadata))]
                constraints = ast.unparse(_call(CONSTRAINTS_CLASS, definitions.constraints[name]))
                edits.append((value, f"Annotated[{', '.join([*parts, constraints])}]"))
            case _:
                pass
    return module.edited(edits)


def _exactly(module: Parsed) -> str:
    """The text with metadata for literals of numbers and booleans, which Python compares in another way than JSON.

    Names of discriminators are written as Python normalizes the names of fields (NFKC).
    """
    edits: list[Edit] = []
    for node in ast.walk(module.tree):
        match node:
            case ast.Subscript(value=ast.Name(id="Literal"), slice=members):
                constants = [inner.value for inner in ast.walk(members) if isinstance(inner, ast.Constant)]
                if not all(isinstance(value, str) for value in constants):
                    edits.append((node, f"Annotated[{module.source(node)}, {EXACTLY}]"))
            case ast.keyword(arg="discriminator", value=ast.Constant(value=str(name)) as value) if (
                normalize("NFKC", name) != name
            ):
                edits.append((value, string(normalize("NFKC", name))))
            case _:
                pass
    return module.edited(edits)


def _with_second_names(text: str) -> str:
    """The text with a plain alias `_Json`, by which a recursive type `Json` refers to itself, if other aliases use it.

    Without it, pyright treats such a type as a variable when it reaches it through another alias.
    """
    if "TypeAliasType(" not in text:
        return text
    module = parsed(text)
    aliases = [line for line in module.tree.body if not isinstance(line, ast.ClassDef) and _subject(line)]
    edits: list[Edit] = []
    for line in aliases:
        match line:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[_, value])) if any(
                name in _names_in(other) for other in aliases if other is not line
            ):
                own = re.compile(rf"(?<!\w){name}(?!\w)")
                again = [(node, own.sub(f"_{name}", str(node.value))) for node in _quoted(value)]
                changed = module.edited(((node, string(new)) for node, new in again if new != node.value), within=line)
                if changed != module.source(line):
                    edits.append((line, f"{changed}\n\n\n_{name}: TypeAlias = {name}"))
            case _:
                pass
    return module.edited(edits)


def _names_in(statement: ast.stmt) -> set[str]:
    """The types in an alias, quoted or not."""
    quoted = {name for part in _quoted(statement) for name in re.findall(r"\w+", str(part.value))}
    return quoted | {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _plainly(module: Parsed) -> str:
    """The text with double quotes where formatters want them, `ge=0` for `ge=0.0`, and `Any` for `Any | None`."""
    edits: list[Edit] = []
    for node in ast.walk(module.tree):
        match node:
            case ast.Constant(value=str(value)):
                start, _ = module.extent(node)
                quoted = module.text.startswith("'", start) and not module.text.startswith("'''", start)
                # Unless that needs more backslashes.
                if quoted and value.count('"') <= value.count("'"):
                    edits.append((node, string(value)))
            case ast.keyword(
                arg=bound,
                value=ast.Constant(value=float(number))
                | ast.UnaryOp(operand=ast.Constant(value=float(number))) as side,
            ) if bound in _BOUNDS and number.is_integer():
                edits.append((side, module.source(side).removesuffix(".0")))
            case ast.BinOp(left=ast.Name(id="Any"), right=ast.Constant(value=None)):
                edits.append((node, "Any"))
            case _:
                pass
    return module.edited(edits)


def _without(text: str, names: AbstractSet[str]) -> str:
    """The text without these classes and aliases. Of two adjacent gaps, the wider one remains."""
    if not names:
        return text
    tree = ast.parse(text)
    lines = text.split("\n")
    for statement in reversed(tree.body):
        if _subject(statement) in names:
            start = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))]) - 1
            end = statement.end_lineno or start
            before, after = _blank(reversed(lines[:start])), _blank(lines[end:])
            start, end = (start - before, end) if before < after else (start, end + after)
            del lines[start:end]
    return "\n".join(lines)


def _blank(lines: Iterable[str]) -> int:
    """The number of leading empty lines."""
    return sum(1 for _ in takewhile(lambda line: not line, lines))


def _subject(statement: ast.stmt) -> str | None:
    """The class or alias that a statement defines or completes."""
    match statement:
        case (
            ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name))
        ):
            return name
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return name
        case _:
            return None


def _needs_sparse_base(model: str, definitions: Definitions) -> bool:
    """Whether a model with optional fields inherits only from models without any, which do not omit absent fields."""
    ancestors, waiting = set[str](), [model] if model in definitions.sparse else []
    while waiting:
        for part in definitions.schemas[waiting.pop()].get("allOf", ()):
            target = target_of(part)
            if target is not None and target not in ancestors:
                ancestors.add(target)
                waiting.append(target)
    return bool(ancestors) and definitions.sparse.isdisjoint(ancestors)


def _class_edits(
    module: Parsed, model: str, line: ast.stmt, definitions: Definitions, later: set[str]
) -> Iterator[Edit]:
    """The edits for one statement of a class. `later` are the names that are defined below the class."""
    match line:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None):
            default = definitions.defaults.get((model, name if (alias := alias_of(annotation)) is None else alias))
            if default is not None:
                yield annotation, _with_default(module, name, annotation, default, later)
        case ast.Assign(targets=[ast.Name(id="__annotations__")], value=ast.Dict(values=[kept])):
            yield line, _with_other_fields(module, kept)
        case _:
            pass


def _with_other_fields(module: Parsed, kept: ast.expr) -> str:
    """The type of a model's extra fields, in a form that type checkers understand."""
    kind = module.edited(((node, str(node.value)) for node in _quoted(kept)), within=kept)
    plain = kind.replace("Dict[", "dict[", 1)
    return f"__pydantic_extra__: {plain}  # pyright: ignore[reportIncompatibleVariableOverride]"


def _with_default(module: Parsed, name: str, annotation: ast.expr, default: Default, later: set[str]) -> str:
    plain = _annotated(annotation)[0]
    kind = module.source(plain)
    value = literal(default.value)
    if not default.plain or (default.value in ([], {}) and not _is_named(plain, "list", "dict")):
        factory = f"lambda: {DEFAULT}({kind}, {value})"
    elif default.value not in ([], {}):
        factory = f"lambda: {value}"
    elif any(isinstance(node, ast.Name) and node.id in later for node in ast.walk(plain)):
        factory = f"lambda: {kind}()"
    else:
        factory = kind
    return assigned(name, annotation, ast.parse(f"Field(default_factory={factory})", mode="eval").body)


def _annotated(annotation: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
    """The type in an annotation, and the metadata of `Annotated`."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[plain, *metadata])):
            return plain, metadata
        case _:
            return annotation, []


def alias_of(annotation: ast.expr) -> str | None:
    """The JSON name of a field if it differs from the Python name."""
    for part in _annotated(annotation)[1]:
        for keyword in part.keywords if isinstance(part, ast.Call) else ():
            if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return None


def _is_simple_alias(value: ast.expr) -> bool:
    """Whether a type alias can be a plain assignment: it has no quoted reference to itself.

    The generator's lazy aliases fail in pydantic if they refer to recursive models.
    """
    return not any(_quoted(value))


def _quoted(node: ast.AST) -> Iterator[ast.Constant]:
    """The types in quotes in an annotation."""
    match node:
        case ast.Call():
            return
        case ast.Constant(value=str()):
            yield node
        case _ if not _is_named(node, "Literal"):
            for inner in ast.iter_child_nodes(node):
                yield from _quoted(inner)


def _is_named(node: ast.AST, *names: str) -> bool:
    """Whether a type is one of these generic types with arguments."""
    match node:
        case ast.Subscript(value=ast.Name(id=name)):
            return name in names
        case _:
            return False


class _Operators(ast.NodeTransformer):
    """Rewrites a type that will be quoted as a whole: with `|`, and without inner quotes."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self.visit(ast.parse(node.value, mode="eval").body) if isinstance(node.value, str) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if _is_named(node, "Literal"):
            return node
        self.generic_visit(node)
        match node:
            case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
                return ast.BinOp(inner, ast.BitOr(), ast.Constant(None))
            case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=options)):
                return reduce(lambda left, right: ast.BinOp(left, ast.BitOr(), right), options)
            case _:
                return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return node


def _with_imports(text: str, definitions: Definitions) -> str:
    """The text with imports of all names that it uses."""
    tree = ast.parse(text)
    runtime = definitions.base.removesuffix(BASE_OF_RUNTIME)
    modules = {BASE_MODULE: definitions.base, FORMATS_MODULE: runtime + FORMATS}
    imported = {
        "pydantic": {"Field"},
        "typing": {"Annotated", "TypeAlias"},
        BASE_MODULE: {DEFAULT, SPARSE, EXACTLY},
        runtime + CONSTRAINTS: {CONSTRAINED, CONSTRAINTS_CLASS},
    }
    statements = [line for line in tree.body if isinstance(line, ast.ImportFrom)]
    for statement in statements:
        names = (f"{name.name} as {name.asname}" if name.asname else name.name for name in statement.names)
        imported.setdefault(statement.module or "", set()).update(names)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | set(_quoted_names(tree))
    used.update(definitions.exported)
    for name, home in definitions.homes.items():
        imported.setdefault(home.module, set()).add(name if home.name == name else f"{home.name} as {name}")
    needed = {
        modules.get(module, module): {
            name for name in names if module == "__future__" or name.rpartition(" ")[2] in used
        }
        for module, names in imported.items()
    }
    body = "\n".join(text.split("\n")[statements[-1].end_lineno :]).strip()
    offered = f"\n\n{_offered(tree, definitions)}" if definitions.exported else ""
    if not body:
        return f"{import_block(needed)}{offered}\n"
    gap = "\n\n\n" if body.startswith("class ") else "\n\n"
    return f"{import_block(needed)}{offered}{gap}{body}\n"


def _offered(tree: ast.Module, definitions: Definitions) -> str:
    """`__all__`: the module's own names, and the names that it re-exports."""
    own = (name for name in top_level_names(tree) if not name.startswith("_"))
    return all_names([*own, *definitions.exported])


def _quoted_names(tree: ast.Module) -> Iterator[str]:
    """The names in quoted parts of recursive aliases."""
    for statement in tree.body:
        match statement:
            case ast.Assign(value=ast.Call(args=[_, value])):
                for node in _quoted(value):
                    inner = ast.walk(ast.parse(str(node.value), mode="eval"))
                    yield from (name.id for name in inner if isinstance(name, ast.Name))
            case _:
                pass


def top_level_names(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        match statement:
            case (
                ast.ClassDef(name=name)
                | ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name))
            ):
                yield name
            case _:
                pass


def imports_only(definitions: Definitions) -> str:
    """The text of a module that only re-exports types; "" if it has none."""
    return _with_imports("from __future__ import annotations\n", definitions) if definitions.exported else ""
