"""Amazon States Language as pure functions.

In: parts of a definition as JSON (paths, function calls, payload templates, choice rules), each compiled once. Out:
closures that read a state's input, its variables and the context object, and return JSON or fail as the service does.
Never: a clock, its own randomness, files, the network, changes to inputs, or anything about flowgen's language.

The language is specified at https://states-language.net. Where the specification is incomplete, the developer guide and
recordings of the service decide.
"""
