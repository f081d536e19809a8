# Made by flowgen from workflows. Do not edit: `flowgen generate` writes it again.
# Digest: fd3aed3b9d7b15ac
"""What the models of this package are made of."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    model_serializer,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import json_or_python_schema


class ContractModel(BaseModel):
    """A record of the workflow's contracts: closed, unless a model says otherwise.

    It is made ready when it is first used, since each function uses few of them.
    """

    model_config = ConfigDict(
        extra="forbid", validate_by_name=True, validate_by_alias=True, protected_namespaces=(), defer_build=True
    )


class SparseModel(ContractModel):
    """A record with fields that may be absent. `None` stands for an absent one, and is left out of JSON.

    Where the contract allows null besides, the field is marked as nullable: then `None` is null if it was set.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Refuses null in JSON where only absence is allowed; in Python, None stands for absence."""
        schema = handler(source)
        fields = _fields_in(handler.resolve_ref_schema(schema))
        for name, _, nullable in _optional_fields(cls):
            whole = fields[name]["schema"]
            if not nullable and whole["type"] == "default" and whole["schema"]["type"] == "nullable":
                optional = whole["schema"]
                whole["schema"] = json_or_python_schema(optional["schema"], optional)
        return schema

    @model_serializer(mode="wrap")
    def _leave_absent_out(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        for name, alias, nullable in _optional_fields(type(self)):
            if getattr(self, name) is None and not (nullable and name in self.model_fields_set):
                data.pop(alias, None)
                data.pop(name, None)
        return data


def _fields_in(schema: Any) -> dict[str, Any]:
    """The fields in the core schema of a model."""
    while schema["type"] != "model-fields":
        schema = schema["schema"]
    return cast("dict[str, Any]", schema["fields"])


@cache
def _optional_fields(type_: type[Any]) -> tuple[tuple[str, str, bool], ...]:
    """The name, the name in JSON, and whether null is allowed, of each field that may be absent.

    There is none in a type that is no model: business code may put a dict where a model belongs.
    """
    fields: dict[str, FieldInfo] = getattr(type_, "model_fields", {})
    return tuple(
        (name, name if field.alias is None else field.alias, bool(field.json_schema_extra))  # pyright: ignore[reportUnknownMemberType]
        for name, field in fields.items()
        if field.default is None
    )


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def default(type_: Any, value: Any) -> Any:
    """The default `value`, as the contract gives it in JSON, as a value of the field's type."""
    return _adapter(type_).validate_python(value)


def _matching(pattern: str, what: str) -> AfterValidator:
    def check(text: str) -> str:
        if _compiled(pattern).fullmatch(text) is None:
            raise PydanticCustomError("format", "String should be {what}", {"what": what})
        return text

    return AfterValidator(check)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_ATOM = r"[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_URI = r"[^\s\"<>\\^`{|}\x00-\x1f\x7f]*"

EmailText = Annotated[str, _matching(rf"(?=.{{3,254}}$){_ATOM}@{_LABEL}(?:\.{_LABEL})*", "an email address")]
HostnameText = Annotated[str, _matching(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", "a host name")]
UriText = Annotated[str, _matching(rf"[A-Za-z][A-Za-z0-9+.-]*:{_URI}", "a URI with its scheme")]
UriReferenceText = Annotated[str, _matching(_URI, "a URI or a relative reference")]
