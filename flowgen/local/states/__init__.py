"""The kinds of states, one module each, that compile a definition into a `State`.

In: a state of a definition and its query language. Out: a closure over a frame and the state's input.
Never: the order of states, or the events of entering and leaving them (that is `machine`).
"""
