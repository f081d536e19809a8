"""What traces must not show."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowgen.local.history import Event
from flowgen.running.masking import MASK, Secrets, mask, mask_events


@pytest.mark.parametrize(
    "name",
    [
        *("password", "Password", "userPassword", "db_password", "passwords", "secret", "clientSecret", "token"),
        *("TaskToken", "taskToken", "access_token", "apiKey", "api_key", "x-api-key", "Authorization", "SecretString"),
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert mask({name: "s3cret"}, Secrets()) == {name: MASK}


@pytest.mark.parametrize("name", ["tokenized", "keyboard", "key", "name", "passenger", "secretary", "authorized"])
def test_other_names(name: str) -> None:
    assert mask({name: "shown"}, Secrets()) == {name: "shown"}


def test_values() -> None:
    value = {
        "pin": 1234,
        "card": ["4242", "4343"],
        "token": None,
        "secret": True,
        "credentials": {"user": "ada", "password": "s3cret"},
        "url": "https://ada:s3cret@example.com/x",
        "text": "the key hunter22 and hunter22x",
    }
    assert mask(value, Secrets(frozenset({"pin", "card"}), frozenset({"hunter22", "hunter22x"}))) == {
        "pin": MASK,
        "card": MASK,
        "token": None,
        "secret": True,
        "credentials": {"user": "ada", "password": MASK},
        "url": "https://**********@example.com/x",
        "text": f"the key {MASK} and {MASK}",
    }


def test_a_secret_is_masked_in_the_messages_of_other_events() -> None:
    events = [
        Event("TaskFailed", 0, 0, {"cause": "cannot log in with s3cret-1"}),
        Event("TaskScheduled", 0, 0, {"parameters": {"password": "s3cret-1"}}),
    ]
    assert [event.details for event in mask_events(events, Secrets())] == [
        {"cause": f"cannot log in with {MASK}"},
        {"parameters": {"password": MASK}},
    ]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("password"), inner),
    max_leaves=10,
)


@given(values, st.text("abc123", min_size=6))
def test_a_secret_is_nowhere(value: Any, secret: str) -> None:
    """Wherever it is, and in whatever it is contained."""
    made = {"password": secret, "rest": value, "text": f"<{secret}>", "list": [{"deep": secret}], secret: 1}
    [event] = mask_events([Event("x", 0, 0, made)], Secrets())
    assert secret not in str(event.details)
