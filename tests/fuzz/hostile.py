"""What mutants put into workflows: strings, numbers, values, keys and fragments of text that break careless code."""

from __future__ import annotations

import json
from typing import Any

JSON = Any

EXPRESSIONS = (
    "${ $input }",
    "${ $input.id }",
    "${ $nope.x }",
    "${ $ }",
    "${ $$ }",
    "${ $states.input }",
    "${ $error.Error }",
    "${ $item }",
    "${ $exists($input.a) ? $input.a : 0 }",
    "${ $map([1..3], function($v) { $v * 2 }) }",
    "${ $reduce([1, 2], function($a, $b) { $a + $b }) }",
    "${ ($f := function($n) { $n > 0 ? $f($n - 1) : 0 }; $f(1000000)) }",
    "${ [1..10000000] }",
    "${ $eval('1') }",
    "${ $match($input.a, /(a+)+$/) }",
    "${ /* }",
    "${ 1e999 }",
    "${ $string($input)['x'].y^(>z) }",
    "${ $input ~> |$|{'a': 1}| }",
    "${ {'a': $input.b, $string($input.c): 1} }",
    "a ${ $input.id } b ${ 1 + 1 }",
    "$${ $input }",
    "{% $input %}",
    "{% $states.context.Execution.Id %}",
    "${ " + "(" * 120 + "1" + ")" * 120 + " }",
)
STRINGS: tuple[str, ...] = (
    *(
        "",
        " ",
        "self",
        "cls",
        "class",
        "None",
        "null",
        "true",
        "any",
        "__class__",
        "__init__",
        "print",
        "list",
        "model",
    ),
    *("input", "output", "error", "item", "index", "states", "context", "x", "X", "a b", "a-b", "1", "é", "\uff41"),
    *(
        "../../etc/passwd",
        "/dev/stdin",
        "shared/types.yaml#User",
        "a.b:c",
        "CON",
        "aux",
        "States.ALL",
        "States.Timeout",
    ),
    *("string", "integer", "string[]", "map<string>", "string | integer", "Order[]", "map<", "string[|", "date"),
    *("1s", "0s", "2 hours", "99999999999999d", "-5m", "P1D", "2020-01-01T00:00:00Z", "rate(1 minute)", "* * * * *"),
    *("arn:aws:lambda:eu-west-1:111122223333:function:x", "arn:", "dynamodb:putItem", "sqs:sendMessage", "s3:nope"),
    *("https://example.com/${ $input.id }", "javascript:alert(1)", "GET", "#", "&a", "*a", "!Ref x", "- a", "a: b"),
    *('"""', "'''", "\\", "\\N{DASH}", '"; import os; "', "'+__import__('os').system('id')+'", "{{ 7 * 7 }}", "{% x"),
    *(
        "\x00",
        "\x07bell",
        "\x1b[31mred",
        "a\nb",
        "a\r\nb",
        "\u2028",
        "\x85",
        "\ufeff",
        "\u200b",
        "\ud7ff",
        "\U0001f600",
    ),
    *("\u202eevil\u202c", "\u2066x\u2069", "“quoted”", "\u00a0", "a" * 70, "a" * 300, "x" * 5000),
    *EXPRESSIONS,
)
SCALARS: tuple[JSON, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, -0.0, 1e308, 5e-324, 2**31, 2**53 + 1, 2**63, -(2**64), 10**30, 10**400),
    *STRINGS,
)
WHOLES = tuple(
    json.loads(text)
    for text in (
        *("[]", "{}", "[[]]", "[{}]", '{"": 0}', '{"x": null}', '["x", "x"]', '{"steps": []}', '[{"set": 1}]'),
        *(
            '[{"id": "a", "set": 1}]',
            '[{"return": 1}]',
            '[{"fail": {"error": "E"}}]',
            '{"$ref": "#"}',
            '{"fields": {}}',
        ),
        *('{"one_of": {}}', '{"error": "E"}', '{"a?": "${ $x }"}', '{"enum": []}', '{"fields": {"self": "string"}}'),
        *(
            '{"attempts": 3}',
            '{"fields": {"a": "string", "A": "string"}}',
            '{"Ref": "AWS::Region"}',
            '{"python": "a:b"}',
        ),
        *(
            '[{"id": "a", "wait": "1s"}, {"id": "a", "wait": "1s"}]',
            '[{"errors": ["any"], "steps": []}]',
            '{"if": true}',
        ),
    )
)
KEYS: tuple[str, ...] = (
    *(
        "id",
        "call",
        "set",
        "wait",
        "steps",
        "return",
        "fail",
        "switch",
        "when",
        "else",
        "match",
        "parallel",
        "for_each",
    ),
    *("repeat", "break", "continue", "if", "skipped", "retry", "catch", "finally", "compensate", "callback", "timeout"),
    *("heartbeat", "with", "output", "input", "errors", "types", "functions", "parameters", "triggers", "defaults"),
    *(
        "asl",
        "aws",
        "http",
        "workflow",
        "import",
        "max",
        "until",
        "while",
        "items",
        "as",
        "concurrency",
        "fields",
        "enum",
    ),
    *("pattern", "default", "min", "max_length", "type", "name", "description", "details", "retry?", "${x}", "{% x %}"),
)
FRAGMENTS: tuple[str, ...] = (
    *"{}[]\"'|>%@`,\\~?:#\t\n\r \x00\x07\ufeff\u2028\x85\u202e\U0001f600",
    *("\r\n", "  ", "- ", ": ", " #", "|2", "&a ", "*a", "!Ref ", "!x ", "!!str ", "? ", "<<: ", "---\n", "...\n"),
    *("%YAML 1.1\n", "# flowgen: ignore[FG101]", "${", "$${", "{%", "%}", "\\u", "0x1F", "1e999", "1_0", "/*", "[]"),
)
