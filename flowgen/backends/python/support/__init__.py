"""The runtime of generated code.

`flowgen generate` copies these modules into the project, so that deployed code needs only pydantic.

Never: import anything but the standard library, pydantic (with its typing_extensions), and each other.
"""
