"""Amazon States Language as pure functions.

In: parts of a definition, as plain JSON values (paths, function calls, payload templates, choice rules), each compiled
once. Out: closures that read a state's input, its variables and the context object and give plain JSON values, or fail
as the service does. Never: a clock, randomness of its own, files, the network, a changed input, or a word of flowgen's
own language.

The language is specified at https://states-language.net; where that is silent, the developer guide and recordings of
the service decide.
"""
