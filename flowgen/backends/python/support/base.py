"""Base classes, formats and defaults of the generated models."""

from __future__ import annotations

import re
from functools import cache, partial
from operator import is_
from typing import Annotated, Any, cast

from pydantic import (
    VERSION,
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    TypeAdapter,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

if tuple(map(int, VERSION.split(".")[:2])) < (2, 12):
    # Older versions cannot omit a field, and would write null.
    raise ImportError(f"pydantic 2.12 or newer is required; found {VERSION}")


class ContractModel(BaseModel):
    """A record of a contract. Unknown fields are not allowed, unless a model says otherwise.

    Pydantic builds a model on first use, because each function uses only a few models.
    """

    model_config = ConfigDict(
        extra="forbid", validate_by_name=True, validate_by_alias=True, protected_namespaces=(), defer_build=True
    )


class SparseModel(ContractModel):
    """A record with optional fields. An absent field is `None` in Python, and is omitted from JSON.

    If the contract also allows null, the field is marked as nullable: `None` is then null in JSON if it was set.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Rejects null in JSON for a field that may only be absent. In Python, None means absent."""
        schema = handler(source)
        model = cast("dict[str, Any]", handler.resolve_ref_schema(schema))
        fields = _fields_in(model)
        optional = [name for name, field in fields.items() if _may_be_absent(field)]
        nullable = [name for name in optional if _is_nullable(cls, name, fields[name])]
        for name in optional:
            whole = fields[name]["schema"]
            if name not in nullable:
                # Pydantic calls this for each value; a partial of a built-in needs no Python frame.
                fields[name]["serialization_exclude_if"] = partial(is_, None)
                if whole["type"] == "default" and whole["schema"]["type"] == "nullable":
                    whole["schema"] = core_schema.json_or_python_schema(whole["schema"]["schema"], whole["schema"])
        if nullable:
            names = {name: fields[name].get("serialization_alias", name) for name in nullable}
            without = partial(_omit_absent, names)
            model["serialization"] = core_schema.wrap_serializer_function_ser_schema(without, info_arg=True)
        return schema


def _omit_absent(
    names: dict[str, str], model: Any, handler: SerializerFunctionWrapHandler, info: SerializationInfo
) -> Any:
    """`names` maps fields that may be null or absent from their Python names to their JSON names."""
    data = handler(model)
    # Business code may have put a dict in place of a model.
    if isinstance(model, BaseModel):
        for name, alias in names.items():
            if getattr(model, name) is None and name not in model.model_fields_set:
                data.pop(alias if info.by_alias else name, None)
    return data


def _fields_in(schema: Any) -> dict[str, Any]:
    """The fields in the core schema of a model."""
    while schema["type"] != "model-fields":
        schema = schema["schema"]
    return cast("dict[str, Any]", schema["fields"])


def _may_be_absent(field: Any) -> bool:
    whole = field["schema"]
    return whole["type"] == "default" and whole.get("default", field) is None


def _is_nullable(model: type[BaseModel], name: str, field: Any) -> bool:
    """Whether a field is marked as nullable. The schema knows this before the model itself is complete."""
    marked = field.get("metadata", {}).get("pydantic_js_extra")
    return bool(model.model_fields[name].json_schema_extra if marked is None else marked)


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


class Exactly:
    """Metadata for a `Literal` of numbers and booleans: only equal JSON values match. In Python, true equals 1."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        members = cast("dict[str, Any]", schema)["expected"]
        return core_schema.no_info_before_validator_function(partial(_exactly, members), schema)


EXACTLY = Exactly()


def _exactly(members: list[Any], value: Any) -> Any:
    """The member that equals a value as JSON: 1.0 is 1, and true is not."""
    for member in members:
        if member == value and isinstance(member, bool) == isinstance(value, bool):
            return member
    expected = " or ".join(map(repr, members))
    raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})


def default(type_: Any, value: Any) -> Any:
    """A default, given as the JSON `value` in the contract, converted to the field's type."""
    return _adapter(type_).validate_python(value)


class Matching:
    """Checks a string against `pattern`; `what` names the format in error messages.

    Pydantic's own regular expressions are faster, but have no lookahead and compile slowly for Unicode classes. Any
    string of at most `MOST_SIMPLE` characters that matches `simple` also matches `pattern`.
    """

    def __init__(self, what: str, pattern: str, simple: str) -> None:
        self.what, self.pattern, self.simple = what, pattern, simple

    def matches(self, text: str) -> bool:
        """Whether a whole text matches."""
        return _compiled(self.pattern).fullmatch(text) is not None

    def __call__(self, text: str) -> str:
        if not self.matches(text):
            raise PydanticCustomError("format", "String should be {what}", {"what": self.what})
        return text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


MOST_SIMPLE = 63
"""The maximum length of a host name's label, so that every label in such a string is short enough."""

_ATOM = r"[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_URI = r"[^\s\"<>\\^`{|}\x00-\x1f\x7f]*"

_SIMPLE_ATOM = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+"
_SIMPLE_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_SIMPLE_HOST = rf"{_SIMPLE_LABEL}(?:\.{_SIMPLE_LABEL})*"
_SIMPLE_URI = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*"

EMAIL = Matching("an email address", rf"(?=.{{3,254}}$){_ATOM}@{_HOST}", f"^{_SIMPLE_ATOM}@{_SIMPLE_HOST}$")
HOSTNAME = Matching("a host name", rf"(?=.{{1,253}}$){_HOST}", f"^{_SIMPLE_HOST}$")
WHOLE_URI = Matching("a URI with its scheme", _SCHEME + _URI, f"^{_SCHEME}{_SIMPLE_URI}$")
REFERENCE = Matching("a URI or a relative reference", _URI, f"^{_SIMPLE_URI}$")

EmailText = Annotated[str, AfterValidator(EMAIL)]
HostnameText = Annotated[str, AfterValidator(HOSTNAME)]
UriText = Annotated[str, AfterValidator(WHOLE_URI)]
UriReferenceText = Annotated[str, AfterValidator(REFERENCE)]
