"""A hotline call as a message."""

from datetime import UTC, datetime

import pytest

from intake.core.transcript import CallerBody, TranscriptBody, TurnBody, draft_of, text_of, title_of
from schemas.errors import BadInput
from schemas.values import Turn

CALL = (
    TurnBody(speaker="agent", text="您好，这里是热线，请问有什么可以帮您？", at_seconds=0),
    TurnBody(speaker="citizen", text="喂你好，我想反映一下小区门口路灯坏了三天。晚上看不见。", at_seconds=4),
    TurnBody(speaker="agent", text="请问是哪个小区？", at_seconds=15),
    TurnBody(speaker="citizen", text="阳光花园", at_seconds=18),
)


def _turns(*said: tuple[str, str]) -> tuple[Turn, ...]:
    return tuple(Turn(speaker="agent" if who == "a" else "citizen", text=text) for who, text in said)


def _call(**more: object) -> TranscriptBody:
    given = {"call_id": "C-1", "started_at": datetime(2026, 11, 23, tzinfo=UTC), "turns": CALL} | more
    return TranscriptBody(**given)  # type: ignore[arg-type]  # the tests name fields that exist


def test_the_citizens_words_are_the_text_and_short_answers_keep_their_question() -> None:
    """The agent's greeting says nothing; the agent's question explains a short answer."""
    found = draft_of(_call())

    assert (
        "喂你好，我想反映一下小区门口路灯坏了三天。晚上看不见。\n（话务员）请问是哪个小区？\n阳光花园"
        == found.text
    )


def test_every_turn_travels_with_the_message() -> None:
    """Nothing of either speaker is lost."""
    assert [turn.text for turn in CALL] == [turn.text for turn in draft_of(_call()).turns]


def test_the_call_id_is_the_external_id_and_the_caller_the_contact() -> None:
    """The same call sent twice is one case."""
    found = draft_of(_call(caller=CallerBody(name="刘女士", phone="13912345678")))

    assert "C-1" == found.external_id
    assert found.contact is not None
    assert "13912345678" == found.contact.phone


def test_the_title_is_the_first_sentence_that_says_something() -> None:
    """Without greetings; a title that was given stays."""
    assert "小区门口路灯坏了三天" == draft_of(_call()).title
    assert "路灯" == draft_of(_call(title="路灯")).title


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ((("c", "喂"), ("c", "你好，请问一下"), ("c", "医保卡丢了怎么补办？在线等")), "医保卡丢了怎么补办"),
        ((("c", "停水"),), "停水"),
        ((("c", "嗯嗯"),), "来电"),
        ((("a", "请讲"),), "来电"),
        ((("c", "很" * 80),), "很" * 60),
    ],
)
def test_titles_of_odd_calls(said: tuple[tuple[str, str], ...], title: str) -> None:
    """Always a title, never longer than sixty characters."""
    assert title == title_of(_turns(*said))


def test_a_call_where_only_the_agent_spoke_keeps_what_the_agent_said() -> None:
    """A silent call is still a call."""
    assert "（话务员）喂？" == text_of(_turns(("a", "喂？"), ("c", " ")))


def test_a_call_without_words_is_refused() -> None:
    """There is nothing to make a case of."""
    with pytest.raises(BadInput):
        draft_of(_call(turns=(TurnBody(speaker="citizen", text=" \x00"),)))
