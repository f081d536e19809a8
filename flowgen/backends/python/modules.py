"""The module of each type: one per workflow, and one per file whose types workflows share.

A type that another file declares (`import`, or a `$ref` to a JSON Schema) is one class for all workflows; a type that
is the user's own class is that class. A type of another file that refers to a type of the importing workflow stays in
the workflow's module.
"""

from __future__ import annotations

import itertools
import keyword
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowgen.backends.artifacts import GENERATED
from flowgen.backends.python.runtime_modules import BASE, MODULES
from flowgen.model.extending import own_part
from flowgen.model.python_names import RESERVED_CLASSES, error_classes, handler_name, uses

if TYPE_CHECKING:
    from flowgen.model import TypeUse, Workflow

Schema = dict[str, Any]

_MAPS = ("properties", "patternProperties", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SCHEMAS = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties", "contentSchema"),
)


@dataclass(frozen=True, slots=True)
class Home:
    """Where a class is defined: a dotted module, and its name there."""

    module: str
    name: str


@dataclass(slots=True)
class ModuleTypes:
    """The types of one module.

    `own` has the schemas that it declares, by name; `foreign` those that they refer to, directly or not, and `homes`
    where these are defined. `exported` are the foreign types that the module re-exports. `taken` are other names that
    must not be used. `base` is the module of the models' base classes.
    """

    own: dict[str, Schema] = field(default_factory=dict)
    foreign: dict[str, Schema] = field(default_factory=dict)
    homes: dict[str, Home] = field(default_factory=dict)
    classes: set[str] = field(default_factory=set)
    exported: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    base: str = f".{BASE}"


def module_name(file: str) -> str:
    """The name of the module for a file of types.

    >>> module_name("contracts/shop-types.v2.yaml")
    'shop_types_v2'
    """
    stem = posixpath.basename(file).rpartition(".")[0]
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", stem)
    name = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    if not name or name[0].isdigit():
        return f"types_{name}".rstrip("_")
    return f"{name}_types" if keyword.iskeyword(name) or name in {*MODULES, GENERATED} else name


class Namespace:
    """All types that a workflow can refer to, by name.

    `file` is the workflow's file, relative to the project's root; `package` is the dotted shared package.
    """

    def __init__(self, workflow: Workflow, file: str, package: str) -> None:
        self.workflow, self.package = workflow, package
        self._folder = posixpath.dirname(file)
        self.schemas: dict[str, Schema] = {
            name: own_part(declared) if declared.bases else declared.schema for name, declared in workflow.types.items()
        }
        self.shared: dict[str, tuple[str, str]] = {}
        """Types that other files declare, by name: the file, relative to the project's root, and the name there."""
        self.homes: dict[str, Home] = {}
        classes = [declared for declared in workflow.types.values() if declared.python]
        self.classes = {declared.name for declared in classes}
        inner = {
            declared.name
            for declared in workflow.types.values()
            if declared.derived and any(declared.key is one.key for one in classes)
        }
        for name, declared in workflow.types.items():
            if declared.python:
                module, _, class_ = declared.python.partition(":")
                self.homes[name] = Home(module, class_)
            elif declared.shared and name not in inner:
                self.shared[name] = (self._path(declared.shared.file), declared.shared.name)
        self.names = _names(workflow)
        self._add_schemas_in_place()
        for name in self._open():
            del self.shared[name]
        for name, (path, there) in self.shared.items():
            self.homes[name] = Home(self.module_of(path), there)
        self._follow_other_names()
        self._hidden = inner

    def module_of(self, path: str) -> str:
        return f"{self.package}.{GENERATED}.{module_name(path)}"

    def _path(self, file: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, file))

    def _add_schemas_in_place(self) -> None:
        """Add the inline schemas of contracts, named after their role."""
        for role, _, use in uses(self.workflow):
            if use.expression is None and role not in self.schemas:
                renamed, names = _named_after(role, use, self.names | self.schemas.keys())
                self.schemas.update(renamed)
                for inner, place in use.shared:
                    self.shared[names[inner]] = (self._path(place.file), place.name)

    def _open(self) -> list[str]:
        """The types of other files that refer to one of the workflow's own types, directly or not."""
        open_ = {name for name in self.schemas if name not in self.shared and name not in self.homes}
        found: list[str] = []
        left = {name: set(references(self.schemas[name])) for name in self.shared}
        while more := [name for name, targets in left.items() if targets & open_]:
            open_.update(more)
            found += more
            for name in more:
                del left[name]
        return found

    def _follow_other_names(self) -> None:
        """Map a type that is only a name for a schema in a file to the class of that schema."""
        for name, schema in self.schemas.items():
            target = target_of(schema)
            declared = self.workflow.types.get(name)
            in_place = declared is None or declared.expression is None
            known = self.workflow.types.get(target or "")
            hidden = known is None or known.derived
            if name not in self.homes and in_place and hidden and target in self.homes and schema.keys() == {"$ref"}:
                self.homes[name] = self.homes[target]

    def files(self) -> dict[str, set[str]]:
        """The files of shared types, each with the files that its types refer to."""
        found: dict[str, set[str]] = {path: set() for path, _ in self.shared.values()}
        for name, (path, _) in self.shared.items():
            targets = (self.shared[target][0] for target in references(self.schemas[name]) if target in self.shared)
            found[path].update(target for target in targets if target != path)
        return found

    def of_workflow(self) -> ModuleTypes:
        """The types of the workflow's own module."""
        own = [name for name in self.schemas if name not in self.homes and name not in self._hidden]
        reached = [name for name in self._reached(own) if name not in self.homes]
        used = {name for use in _all_uses(self.workflow) for name in references(use.schema)}
        used |= {role for role, _, use in uses(self.workflow) if use.expression is None}
        # Code that builds a value also needs the classes of the values in it.
        inside = {name for schema in _closure([*used, *own], self.schemas) for name in references(schema)}
        exported = [name for name in self.schemas if name in self.homes and name in used | inside]
        types = self._module({name: self.schemas[name] for name in reached}, exported)
        types.taken |= self.names
        types.base = f"{self.package}.{GENERATED}.{BASE}"
        return types

    def of_files(self, paths: AbstractSet[str]) -> ModuleTypes:
        """The types of the module for these files."""
        there = {name: own for name, (path, own) in self.shared.items() if path in paths}
        return self._module({own: _renamed(self.schemas[name], there) for name, own in there.items()}, [])

    def _module(self, own: dict[str, Schema], exported: list[str]) -> ModuleTypes:
        known = {name: schema for name, schema in self.schemas.items() if name not in own}
        foreign = {
            name: self.schemas[name]
            for name in [*exported, *reached_types([*own.values(), *(self.schemas[name] for name in exported)], known)]
        }
        # Definitions inside the user's own class belong to that class.
        homes = {name: self.homes[name] for name in foreign if name in self.homes}
        return ModuleTypes(
            own, foreign, homes, self.classes & foreign.keys(), exported, {*RESERVED_CLASSES, *own, *foreign}
        )

    def _reached(self, names: Iterable[str]) -> list[str]:
        """The names, and the names that they refer to; references are not followed into other modules."""
        found = dict.fromkeys(names)
        todo = list(found)
        while todo:
            for target in references(self.schemas[todo.pop()]):
                if target in self.schemas and target not in found:
                    found[target] = None
                    if target not in self.homes:
                        todo.append(target)
        return list(found)


def components(files: Mapping[str, AbstractSet[str]]) -> list[list[str]]:
    """Files in groups: those that refer to each other in a cycle together, all others alone; sorted by path."""
    reach = {file: _all_reached(file, files) for file in files}
    found: dict[str, list[str]] = {}
    for file in sorted(files):
        circle = [other for other in sorted(reach[file]) if file in reach.get(other, ())]
        found.setdefault(circle[0] if circle else file, circle or [file])
    return list(found.values())


def _all_reached(start: str, files: Mapping[str, AbstractSet[str]]) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        for target in files.get(todo.pop(), ()):
            if target not in found:
                found.add(target)
                todo.append(target)
    return found


def references(schema: Any) -> Iterator[str]:
    """The types that a schema refers to."""
    if not isinstance(schema, dict):
        return
    target = target_of(schema)
    if target is not None:
        yield target
    for keyword_, value in schema.items():
        if keyword_ in _MAPS and isinstance(value, dict):
            inner: Iterable[Any] = value.values()
        elif keyword_ in _LISTS and isinstance(value, list):
            inner = value
        else:
            inner = [value] if keyword_ in _SCHEMAS else []
        for part in inner:
            yield from references(part)


def target_of(schema: Any) -> str | None:
    """The name of the type that a schema refers to."""
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    return reference.removeprefix("#/$defs/") if isinstance(reference, str) else None


def reached_types(schemas: Iterable[Schema], known: Mapping[str, Schema]) -> list[str]:
    """The known types that schemas refer to, directly or not."""
    found: dict[str, None] = {}
    todo = list(schemas)
    while todo:
        for target in references(todo.pop(0)):
            if target in known and target not in found:
                found[target] = None
                todo.append(known[target])
    return list(found)


def _closure(names: Iterable[str], schemas: Mapping[str, Schema]) -> list[Schema]:
    """The schemas with these names, and those that they refer to, directly or not."""
    known = [schemas[name] for name in names if name in schemas]
    return [*known, *(schemas[name] for name in reached_types(known, schemas))]


def _all_uses(workflow: Workflow) -> Iterator[TypeUse]:
    yield workflow.input
    yield workflow.output
    for _, _, use in uses(workflow):
        yield use


def _names(workflow: Workflow) -> set[str]:
    """Names that no type may have, because generated code uses them."""
    functions = (name for name, function in workflow.functions.items() if function.arn is None)
    errors = (error.name for function in workflow.functions.values() for error in error_classes(function))
    return {*RESERVED_CLASSES, *errors, *map(handler_name, functions)}


def free(name: str, taken: AbstractSet[str]) -> str:
    """The name, with a number if it is taken."""
    numbered = (f"{name}{number}" for number in itertools.count(2))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def _named_after(role: str, use: TypeUse, taken: AbstractSet[str]) -> tuple[dict[str, Schema], dict[str, str]]:
    """An inline schema and the definitions inside it, by unique names."""
    names = {inner: free(f"{role}{inner}", taken) for inner, _ in use.hoisted}
    schemas = {role: use.schema, **{names[inner]: schema for inner, schema in use.hoisted}}
    return {name: _renamed(schema, names) for name, schema in schemas.items()}, names


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    """The schema with renamed references."""
    match schema:
        case dict():
            target = target_of(schema)
            renamed = {
                key: _renamed_variants(value, names) if key == "discriminator" else _renamed(value, names)
                for key, value in schema.items()
            }
            if target is not None:
                renamed["$ref"] = f"#/$defs/{names.get(target, target)}"
            return renamed
        case list():
            return [_renamed(item, names) for item in schema]
        case _:
            return schema


def _renamed_variants(discriminator: Any, names: Mapping[str, str]) -> Any:
    variants = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if not isinstance(variants, dict):
        return discriminator
    targets = {tag: target_of({"$ref": target}) for tag, target in variants.items()}
    mapping = {tag: f"#/$defs/{names.get(target or '', target or '')}" for tag, target in targets.items()}
    return {**discriminator, "mapping": mapping}
