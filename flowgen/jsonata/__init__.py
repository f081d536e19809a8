"""JSONata, the expression language that Step Functions runs: parsing with places, types, and evaluation.

In: the text of an expression. Out: its syntax tree and its references to outer variables, or what is wrong with it and
where; its type, from those of the variables; its value. Never: flowgen's names (`$input`, `$error`), YAML, state
machines. Import only the module that you need: `parsing` loads the Python parser, `inference` also the types,
`evaluate` the native evaluator.
"""
