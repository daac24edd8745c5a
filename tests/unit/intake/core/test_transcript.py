"""A hotline call as a message."""

from datetime import UTC, datetime

import pytest

from intake.core.draft import PlaceBody
from intake.core.transcript import CallerBody, TranscriptBody, TurnBody, draft_of, text_of, title_of
from schemas.errors import BadInput, FieldError
from schemas.values import Contact, Place, Turn
from schemas.words import Kind

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
    with pytest.raises(BadInput) as refused:
        draft_of(_call(turns=(TurnBody(speaker="citizen", text=" \x00"),)))

    assert [FieldError("turns", "通话中没有任何内容。", "Nothing was said in this call.")] == list(
        refused.value.errors
    )


def test_whatever_the_hotline_says_beside_the_words_is_kept() -> None:
    """Kind, place, caller, what may be shown to whom, and when each turn was spoken."""
    found = draft_of(
        _call(
            kind="complaint", place=PlaceBody(address="人民路"), confidential=True, publish=True,
            caller=CallerBody(name="刘女士", phone="13912345678"),
        )
    )  # fmt: skip

    assert (Kind.COMPLAINT, Place(address="人民路"), True, True, Contact(name="刘女士", phone="13912345678")) == (
        found.kind, found.place, found.confidential, found.publish, found.contact
    )  # fmt: skip
    assert [turn.at_seconds for turn in CALL] == [turn.at_seconds for turn in found.turns]


def test_a_call_may_be_longer_than_a_letter() -> None:
    """Hours of talk are one message."""
    long = (TurnBody(speaker="citizen", text="很" * 10_001),)

    assert "很" * 10_001 == draft_of(_call(turns=long)).text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ((("c", "停水了"), ("c", "三天")), "停水了\n三天"),
        ((("a", "哪里？"), ("c", "阳光花园")), "阳光花园"),
        ((("c", "停水了"), ("a", "哪里？"), ("c", "很" * 12)), f"停水了\n（话务员）哪里？\n{'很' * 12}"),
        ((("c", "停水了"), ("a", "哪里？"), ("c", "很" * 13)), f"停水了\n{'很' * 13}"),
        (
            (("c", "停水"), ("a", "哪里？"), ("c", "阳光"), ("c", "花园")),
            "停水\n（话务员）哪里？\n阳光\n花园",
        ),
        ((("a", "喂？"), ("a", "请讲")), "（话务员）喂？\n（话务员）请讲"),
    ],
)
def test_a_question_stands_before_a_short_answer_and_nowhere_else(
    said: tuple[tuple[str, str], ...], text: str
) -> None:
    """Only once something was told, only if the answer is twelve characters or fewer, and only before the first of them."""
    assert text == text_of(_turns(*said))


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("停水停了三", "停水停了三天没人管"),
        ("停水停了三天", "停水停了三天"),
        ("停水了，停了三天，；电也没有。", "停水了，停了三天"),
        ("停水三天了！没人管？快来", "停水三天了"),
    ],
)
def test_a_title_is_one_sentence_that_says_something(words: str, title: str) -> None:
    """Six characters are enough; what ends it is cut off, with a comma before it."""
    assert title == title_of(_turns(("c", words), ("c", "停水停了三天没人管")))
