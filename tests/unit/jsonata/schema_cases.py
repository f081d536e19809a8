"""Random JSON Schemas and values near them, the same for each seed."""

from __future__ import annotations

import random
from typing import Any

_NAMES = ("a", "b", "a b", "constructor", "or")
_PATTERNS = ("^a", "b$", "^[a-z/(]*$", r"\d", r"^[a-z]+\s?$", r"[\\^$.|?*+(){}/]", "a{1,2}", "%}")
_MEMBERS: tuple[Any, ...] = (1, 0, True, False, None, "a", "b", [], [1], {"a": 1}, {}, 1.5)
_KINDS = ("string", "integer", "null", "object", "array", "boolean")
_DEPTH = 3


class Cases:
    """A schema, its definitions, and values of which about half fit. The definitions may be recursive."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - cases, not secrets
        self.definitions: dict[str, Any] = {name: {} for name in ("A", "B")[: self._random.randint(0, 2)]}
        for name in self.definitions:
            found = self._schema(_DEPTH - 1)
            # A definition that is only a reference may be defined only in terms of itself.
            self.definitions[name] = {"type": "string"} if isinstance(found, dict) and "$ref" in found else found
        self.schema = self._schema(_DEPTH)
        near = [self._near(self.schema, _DEPTH + 1) for _ in range(4)]
        self.values = [*near, self._value(_DEPTH)]

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _schema(self, depth: int) -> Any:
        pick, chance = self._random, self._chance
        leaves = (self._string, self._number, self._simple, self._mixed)
        if depth <= 0 or chance(0.4):
            return pick.choice(leaves)()
        match pick.choice(("object", "object", "array", "anyOf", "oneOf", "allOf", "not", "if")):
            case "object":
                return self._object(depth - 1)
            case "array":
                return self._array(depth - 1)
            case "not":
                return {"not": self._schema(depth - 1)}
            case "if":
                more = {key: self._schema(depth - 1) for key in ("then", "else") if chance(0.7)}
                return {"if": self._schema(depth - 1), **more}
            case key:
                return {key: [self._schema(depth - 1) for _ in range(pick.randint(1, 3))]}

    def _some(self, keywords: dict[str, Any], probability: float = 0.3) -> dict[str, Any]:
        return {key: value for key, value in keywords.items() if self._chance(probability)}

    def _string(self) -> Any:
        pick = self._random
        bounds: dict[str, Any] = {
            "minLength": pick.randint(0, 2),
            "maxLength": pick.randint(0, 3),
            "pattern": pick.choice(_PATTERNS),
        }
        return {"type": "string", **self._some(bounds)}

    def _number(self) -> Any:
        pick = self._random
        bounds: dict[str, Any] = {
            "minimum": pick.choice((0, -1.5, 2)),
            "maximum": pick.choice((5, 1.5)),
            "exclusiveMinimum": 0,
        }
        bounds |= {"exclusiveMaximum": 4, "multipleOf": pick.choice((2, 0.5))}
        return {"type": pick.choice(("integer", "number")), **self._some(bounds)}

    def _simple(self) -> Any:
        pick = self._random
        choices: list[Any] = [{"type": kind} for kind in ("boolean", "null", "object", "array")]
        choices += [{"$ref": f"#/$defs/{name}"} for name in self.definitions] * 3
        choices += [{"const": pick.choice(_MEMBERS)}, {"enum": pick.sample(_MEMBERS, pick.randint(1, 4))}]
        return pick.choice([*choices, True, {}, False])

    def _mixed(self) -> Any:
        bounds: dict[str, Any] = {"minimum": 1, "minLength": 2, "required": ["a"], "maxItems": 1}
        types: dict[str, Any] = {"type": self._random.sample(_KINDS, self._random.randint(1, 3))}
        return self._some(bounds, 0.5) | self._some(types, 0.6)

    def _object(self, depth: int) -> Any:
        pick = self._random
        names = pick.sample(_NAMES, pick.randint(0, 4))
        more: dict[str, Any] = {
            "required": pick.sample(_NAMES, pick.randint(0, 2)),
            "additionalProperties": False if self._chance(0.5) else self._schema(depth),
            "patternProperties": {pick.choice(("^a", "o")): self._schema(depth)},
            "minProperties": 1,
            "maxProperties": 2,
            "propertyNames": {"maxLength": 2},
            "dependentRequired": {"a": ["b"]},
            "dependentSchemas": {"a": self._schema(depth)},
            "type": "object",
        }
        chances = {"required": 0.7, "additionalProperties": 0.5, "type": 0.9}
        kept = {key: value for key, value in more.items() if self._chance(chances.get(key, 0.1))}
        return {"properties": {name: self._schema(depth) for name in names}, **kept}

    def _array(self, depth: int) -> Any:
        pick = self._random
        first = [self._schema(depth) for _ in range(pick.randint(1, 2))]
        more: dict[str, Any] = {"minItems": pick.randint(0, 2), "maxItems": pick.randint(0, 2), "prefixItems": first}
        more |= {"uniqueItems": True, "contains": self._schema(depth)}
        if self._chance(0.1):
            more |= {"minContains": pick.randint(0, 2), "maxContains": 2}
        return {"type": "array", **self._some({"items": self._schema(depth)}, 0.8), **self._some(more, 0.2)}

    def _value(self, depth: int) -> Any:
        pick = self._random
        if depth <= 0 or self._chance(0.5):
            return pick.choice(
                ("", "a", "ab", "abc", "0", "a/", "a b(", "é", "😀", "%}", 0, 1, 2, -1, 0.5, 1.0, 10, None, True)
            )
        if self._chance(0.5):
            return {name: self._value(depth - 1) for name in pick.sample(_NAMES, pick.randint(0, 4))}
        return [self._value(depth - 1) for _ in range(pick.randint(0, 3))]

    def _near(self, schema: Any, depth: int) -> Any:
        """A value that often fits the schema."""
        pick = self._random
        if depth < 0 or isinstance(schema, bool) or self._chance(0.08):
            return self._value(2)
        if "$ref" in schema:
            return self._near(self.definitions[schema["$ref"].rpartition("/")[2]], depth - 1)
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self._near(pick.choice(schema[key]), depth - 1)
        if "enum" in schema or "const" in schema:
            return pick.choice(schema.get("enum", [schema.get("const")]))
        kind = schema.get("type", "object" if "properties" in schema else None)
        match pick.choice(kind) if isinstance(kind, list) else kind:
            case "object":
                required = schema.get("required", ())
                fields = schema.get("properties", {}).items()
                made = {
                    name: self._near(inner, depth - 1)
                    for name, inner in fields
                    if name in required or self._chance(0.5)
                }
                return {name: self._value(1) for name in required if self._chance(0.9)} | made
            case "array":
                first = [self._near(inner, depth - 1) for inner in schema.get("prefixItems", ())]
                count = min(max(schema.get("minItems", 0), pick.randint(0, 3)), schema.get("maxItems", 9))
                rest = [self._near(schema.get("items", True), depth - 1) for _ in range(count)]
                return (first + rest)[: schema.get("maxItems", 9)]
            case "string":
                return pick.choice(("a", "ab", "b", "0", "abc", "a b"))
            case "integer":
                return pick.choice((0, 1, 2, 3, 4, 5))
            case "number":
                return pick.choice((0, 1, 0.5, 1.5, 2))
            case "boolean":
                return pick.choice((True, False))
            case "null":
                return None
        return self._value(2)
