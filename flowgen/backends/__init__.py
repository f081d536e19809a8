"""What comes out of a checked workflow: one package a kind of output, and the one writer that puts it on disk.

In: a `Workflow`, and what its backend needs besides. Out: artifacts, texts with the places where they belong.
Never: a backend that imports another, or one that touches the disk: that is `writing`, which plans all and then writes.
"""
