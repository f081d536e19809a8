"""What the validation of definitions needs from JSONata and AWS's API models, which it does not import."""

from __future__ import annotations

from flowgen.aws.sdk_actions import ENDED, sdk_services
from flowgen.jsonata.parsing import ExpressionParser, SyntaxFailure
from flowgen.jsonata.unsupported import error_outputs, top_level_references


class Expressions:
    """Checks JSONata expressions as Step Functions does when you create a state machine."""

    def __init__(self) -> None:
        self._parser = ExpressionParser()

    def check(self, text: str, caught: bool) -> list[tuple[str, str]]:  # noqa: FBT001 - the validation's own signature
        """The codes and messages of the service; `caught` means that `$states.errorOutput` exists there."""
        syntax = self._parser.parse(text, evals=True)
        if isinstance(syntax, SyntaxFailure):
            return [("INVALID_JSONATA_EXPRESSION", syntax.original or syntax.message)]
        found = top_level_references(syntax.tree)
        if not caught:
            found += error_outputs(syntax.tree)
        return [
            ("UNSUPPORTED_JSONATA_EXPRESSION", finding.message) for finding in sorted(found, key=lambda one: one.start)
        ]


def known_action(service: str, action: str) -> bool:
    """Whether Step Functions has an SDK integration for an action, such as `getItem` of `dynamodb`."""
    return service in ENDED or action in sdk_services().actions.get(service, ())
