"""The modules that are generated as they stand: what models are made of, and what entry points share.

They are copied into every generated package, so that the deployed code depends on pydantic and nothing else.
Never: import anything but the standard library, pydantic (with its typing_extensions) and each other.
"""
