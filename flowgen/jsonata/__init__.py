"""JSONata, the expression language that Step Functions runs: parsing with places, types, and evaluation.

In: the text of an expression. Out: its syntax tree and its references to outer variables, or what is wrong with it and
where; its type, from those of the variables; its value.
Never: a word of flowgen's names (`$input`, `$error`), of YAML, or of state machines. Import the module that is needed:
`parsing` loads the Python parser, `inference` that and the types, `evaluate` the native evaluator.
"""
