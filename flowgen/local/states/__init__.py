"""The kinds of states, each compiled into a `State`: a module a kind.

In: a state of a definition and the query language that holds for it. Out: a closure over a frame and the state's input.
Never: the order of states (that is `machine`), or the events of entering and leaving them.
"""
