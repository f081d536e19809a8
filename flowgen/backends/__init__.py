"""The outputs of a checked workflow: one package per kind of output, and the only writer of files.

In: a `Workflow`, and what else a backend needs. Out: artifacts, which are texts with their paths.
Never: a backend that imports another, or that touches the disk. Only `writing` does: it plans everything, then writes.
"""
