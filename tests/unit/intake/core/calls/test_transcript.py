"""A hotline call as a message."""

from datetime import UTC, datetime

import pytest

from intake.core.calls.call_words import text_of
from intake.core.calls.transcript import (
    CallerBody,
    TranscriptBody,
    TurnBody,
    draft_of,
    is_silent,
)
from intake.core.draft import PlaceBody, content_digest
from schemas.errors import BadInput, FieldError
from schemas.masking import for_department
from schemas.values import Contact, Place, Turn
from schemas.words import ContactPreference, Kind

CALL = (
    TurnBody(speaker="agent", text="您好，这里是热线，请问有什么可以帮您？", at_seconds=0),
    TurnBody(speaker="citizen", text="喂你好，我想反映一下小区门口路灯坏了三天。晚上看不见。", at_seconds=4),
    TurnBody(speaker="agent", text="请问是哪个小区？", at_seconds=15),
    TurnBody(speaker="citizen", text="阳光花园", at_seconds=18),
)
WHO = (TurnBody(speaker="agent", text="尊姓"), TurnBody(speaker="citizen", text="喂", at_seconds=1.0))


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
    ("call", "digest"),
    [
        (
            {
                "turns": (
                    TurnBody(speaker="agent", text="您好，12345热线，请问怎么称呼，有什么可以帮您？"),
                    TurnBody(speaker="citizen", text="金寨路128号门口路灯坏了三天没人修", at_seconds=1.0),
                    TurnBody(speaker="citizen", text="好的谢谢你，麻烦尽快处理", at_seconds=2.0),
                )
            },
            "ca364587b654d1b2cf59454596bf49972120a5573aed41555ae8440db077cd8e",
        ),
        (
            {
                "turns": (
                    TurnBody(speaker="citizen", text="家里停水了"),
                    TurnBody(speaker="agent", text="怎么称呼您", at_seconds=1.0),
                    TurnBody(speaker="citizen", text="张三丰，弓长张，三丰收的丰", at_seconds=2.0),
                    TurnBody(speaker="agent", text="我们会在24小时内给您回复。", at_seconds=3.0),
                ),
                "caller": CallerBody(name="刘女士", phone="13912345678"),
            },
            "71c3ba68b9dd6063c6dd91dd8cac30bdf7036f1b2b75894cc52eced1ee9cb757",
        ),
        (
            {
                "turns": (
                    TurnBody(speaker="agent", text="请问您的联系电话？"),
                    TurnBody(speaker="citizen", text="13900138001", at_seconds=1.0),
                    TurnBody(speaker="citizen", text="停水了", at_seconds=2.0),
                ),
                "summary": "家里停水三天。已登记。",
                "recording": "r/1",
                "ended_at": datetime(2026, 11, 22, tzinfo=UTC),
            },
            "83e76439fb590581dd5db3ec6107f48ef1e5e2d046579b98003b4a3083ab9cb2",
        ),
        (
            {
                "turns": (TurnBody(speaker="citizen", text="幺三九零零幺三八零零幺"),),
                "summary": "家里停水三天。已登记",
            },
            "c8798ced5b221ca6f5046a9067736811d1011fa18bbd6fb5cf852ba5243bf4dd",
        ),
        (
            {
                "turns": (
                    TurnBody(speaker="agent", text="请问您贵姓"),
                    TurnBody(speaker="citizen", text="姓张，家里停水三天了，很急", at_seconds=1.0),
                ),
                "title": "停水",
            },
            "8f3e42793d8bd68c65ad4581f058e64e1df134a9f99e263543cde016503d7d06",
        ),
        (
            {"turns": (TurnBody(speaker="citizen", text="13900138001"),), "title": "来电"},
            "33ea30ee53dfddc50e4b480e33b65b7070d0a482d851d2477336d4f83aa3ab3b",
        ),
        ({"turns": WHO, "summary": "。"}, "5083014c5ddf832fc93ae26a984307abb864e0eb17d1d91a6930d24a1b9781c6"),
    ],
)
def test_a_call_that_an_earlier_release_took_is_known_again(call: dict[str, object], digest: str) -> None:
    """Though it made another title and text of the same words; the digests are those that it had."""
    assert digest == content_digest(draft_of(_call(**call)))


@pytest.mark.parametrize("summary", ["。停水三天", "！", "\u200b。停水"])
def test_a_call_is_taken_however_its_summary_begins(summary: str) -> None:
    """A title is made of what can be seen."""
    assert draft_of(_call(turns=(), summary=summary)).title.startswith(("停水", "来电"))


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


def _said(*turns: tuple[str, float, str]) -> tuple[TurnBody, ...]:
    return tuple(
        TurnBody(speaker="agent" if who == "a" else "citizen", at_seconds=at, text=text)
        for who, at, text in turns
    )


def test_turns_stand_in_the_order_in_which_they_were_said() -> None:
    """Systems that listen to each side apart send one side after the other; those of one moment stay as they came."""
    sides = _said(
        ("c", 3, "楼上漏水"), ("c", 9, "阳光花园三号楼"), ("c", 9, "二单元"), ("a", 0, "您好"), ("a", 6, "请问是哪里？"),
    )  # fmt: skip
    found = draft_of(_call(turns=sides))

    assert ["您好", "楼上漏水", "请问是哪里？", "阳光花园三号楼", "二单元"] == [
        turn.text for turn in found.turns
    ]
    assert "楼上漏水\n（话务员）请问是哪里？\n阳光花园三号楼\n二单元" == found.text


@pytest.mark.parametrize(
    "turns",
    [
        _said(("c", 1, "门口井盖丢了"), ("c", 2, "我电话幺三九，零零幺三，八零零幺")),
        _said(
            ("c", 1, "门口井盖丢了"),
            ("c", 2, "139"),
            ("a", 3, "嗯"),
            ("c", 4, "0013"),
            ("a", 5, "好"),
            ("c", 6, "8001"),
        ),
        _said(
            ("c", 4, "零零幺三"),
            ("c", 6, "八零零幺"),
            ("c", 2, "幺三九"),
            ("c", 1, "门口井盖丢了"),
            ("a", 3, "嗯"),
        ),
        _said(
            ("c", 1, "门口井盖丢了"),
            ("c", 2, "记一下139"),
            ("a", 3, "139"),
            ("c", 4, "0013"),
            ("c", 6, "8001"),
        ),
        _said(("c", 1, "门口井盖丢了"), ("a", 2, "跟您核对一下，幺三九零零幺三八零零幺，对吗")),
    ],
)
def test_no_number_that_was_spoken_survives(turns: tuple[TurnBody, ...]) -> None:
    """As words, over several turns, out of order, or read back by the agent."""
    shown = for_department(draft_of(_call(turns=turns)).text)

    assert "门口井盖丢了" in shown
    for piece in ("0013", "零零幺三", "八零零幺"):
        assert piece not in shown


def test_what_the_agent_promised_and_read_back_is_found() -> None:
    """A department must know what was said in its name."""
    turns = _said(
        ("c", 1, "小区停水三天了没人管"), ("a", 5, "跟您核对一下，阳光花园停水三天，对吗？"), ("c", 7, "对"),
        ("a", 9, "我们会在24小时内给您回复。"), ("a", 12, "感谢来电，再见。"),
    )  # fmt: skip

    assert (
        "小区停水三天了没人管\n（话务员）【复述】跟您核对一下，阳光花园停水三天，对吗？\n对\n"
        "（话务员）【承诺】我们会在24小时内给您回复。"
    ) == draft_of(_call(turns=turns)).text


@pytest.mark.parametrize(
    "turns",
    [
        (),
        _said(("a", 0, "您好，请讲。"), ("a", 9, "喂？听得到吗？")),
        _said(("a", 0, "您好，请讲。"), ("c", 2, " \x00"), ("c", 3, "喂，你好……"), ("c", 4, "嗯嗯")),
    ],
)
def test_a_call_in_which_nobody_said_anything_is_silent(turns: tuple[TurnBody, ...]) -> None:
    """Unless the agent wrote what it was about."""
    assert is_silent(_call(turns=turns))
    assert not is_silent(_call(turns=turns, summary="市民反映停水，通话中断。"))
    assert not is_silent(_call(turns=(*turns, TurnBody(speaker="citizen", text="停水"))))


def test_the_agents_summary_stands_beside_what_was_said() -> None:
    """Neither replaces the other; of a call that broke off it is the title, too."""
    both, alone = (
        draft_of(_call(summary="路灯损坏。")),
        draft_of(_call(summary="市民反映停水。中断。", turns=())),
    )

    assert both.text.startswith("（话务员小结）路灯损坏。\n\n喂你好，我想反映")
    assert ("市民反映停水", "（话务员小结）市民反映停水。中断。") == (alone.title, alone.text)


def test_an_end_before_the_beginning_is_noticed() -> None:
    """The call is taken, and the case says so."""
    odd = draft_of(_call(ended_at=datetime(2026, 11, 22, tzinfo=UTC)))

    assert odd.text.endswith("（通话记录：结束时间早于开始时间）")
    assert "通话记录" not in draft_of(_call(ended_at=datetime(2026, 11, 24, tzinfo=UTC))).text


def test_no_call_is_lost_for_its_callers_number() -> None:
    """What cannot be read is kept among the contact details, and so is how they want to be reached."""
    found = draft_of(
        _call(caller=CallerBody(phone="匿名/隐藏号码", preference="text", language="手语"), recording="REC-1")
    )

    assert (
        Contact(preference=ContactPreference.TEXT, language="手语", remarks="电话：匿名/隐藏号码")
        == found.contact
    )
    assert ("REC-1", datetime(2026, 11, 23, tzinfo=UTC)) == (found.recording, found.said_at)


def test_a_call_names_its_recording() -> None:
    """By the id that it got when it was uploaded."""
    recording = "0198b2c4-0000-7000-8000-00000000000a"

    assert (recording,) == draft_of(_call(attachments=[recording])).attachments


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": "长" * 130}, "标题“" + "长" * 130),
        ({"kind": "投诉类"}, "类型“投诉类”"),
        ({"place": PlaceBody(longitude=117.2)}, "地点“117.2”"),
        ({"place": PlaceBody(address="路" * 300)}, "地点“路路"),
        ({"recording": "x" * 600}, "录音“xxx"),
    ],
)
def test_what_cannot_be_read_of_a_call_stands_with_it(more: dict[str, object], said: str) -> None:
    """No call is lost for a word, a position or a length."""
    found = draft_of(_call(**more))

    assert said in found.text
    assert "路灯坏了三天" in found.text


def test_an_address_is_kept_without_its_position() -> None:
    """Where half of the position is missing."""
    found = draft_of(_call(place=PlaceBody(address="人民路", longitude=117.2)))

    assert Place(address="人民路") == found.place


def test_a_call_that_may_be_a_report_is_one() -> None:
    """A report is protected."""
    assert Kind.REPORT is draft_of(_call(kind="匿名举报")).kind


def test_wishes_that_cannot_be_read_stand_with_the_contact() -> None:
    """And an unknown word may mean that there should be no calls."""
    caller = CallerBody(phone="13900138001", preference="不接电话", hours="晚" * 70, language="维" * 70)
    found = draft_of(_call(caller=caller)).contact

    assert found is not None
    assert (ContactPreference.TEXT, None, None) == (found.preference, found.hours, found.language)
    assert ["联系偏好：不接电话", "时间：" + "晚" * 70, "语言：" + "维" * 70] == (found.remarks or "").split(
        "\n"
    )


@pytest.mark.parametrize(("said", "expected"), [(None, True), (False, False), (True, True)])
def test_who_asks_for_secrecy_on_the_telephone_gets_it(*, said: bool | None, expected: bool) -> None:
    """Unless the agent says that they do not want it; what the agent says of it counts for nothing."""
    asking = (TurnBody(speaker="citizen", text="物业乱收费，请替我保密。"),)
    telling = (
        TurnBody(speaker="citizen", text="物业乱收费。"),
        TurnBody(speaker="agent", text="要求保密吗？"),
    )

    assert expected is draft_of(_call(turns=asking, confidential=said)).confidential
    assert not draft_of(_call(turns=telling)).confidential


@pytest.mark.parametrize(("answer", "expected"), [("需要", True), ("不用", False)])
def test_who_is_asked_whether_they_want_secrecy_is_heard(answer: str, expected: bool) -> None:
    """The answer holds no word for it."""
    turns = _said(
        ("citizen", 1, "物业乱收费三年了"), ("a", 2, "您的信息需要保密吗？"), ("citizen", 3, answer)
    )

    assert expected is draft_of(_call(turns=turns)).confidential


def test_a_caller_who_is_called_secret_is_confidential_and_has_no_such_name() -> None:
    """The agent wrote the wish where a name belongs; it counts whatever the box says."""
    found = draft_of(_call(caller=CallerBody(name="要求保密"), confidential=False))

    assert found.confidential
    assert found.contact is not None
    assert (None, "姓名：要求保密") == (found.contact.name, found.contact.remarks)


@pytest.mark.parametrize("heard", ["[音乐]", "（静音）", "<unk>", "【挂断】", "[BLANK_AUDIO]"])
def test_what_a_recogniser_writes_of_silence_is_silence(heard: str) -> None:
    """Nobody said it."""
    assert is_silent(_call(turns=_said(("citizen", 1, heard), ("citizen", 2, "喂"))))
    assert not is_silent(_call(turns=_said(("citizen", 1, f"{heard}路灯坏了"))))


def test_an_agent_who_says_very_many_digits_is_heard() -> None:
    """A promise is looked for from each of them, and no farther than a number of days is long."""
    said = _turns(("c", "路灯坏了三天，请修。"), ("a", "9" * 300_000), ("a", "我们3个工作日内答复您"))

    assert text_of(said).endswith("（话务员）【承诺】我们3个工作日内答复您")


@pytest.mark.parametrize("call_id", ["   ", "\u200b", "\u3000"])
def test_a_call_whose_id_nobody_sees_is_refused(call_id: str) -> None:
    """By none the same call would be a case again whenever it is sent again."""
    with pytest.raises(BadInput) as refused:
        draft_of(_call(call_id=call_id))

    assert ["call_id"] == [error.field for error in refused.value.errors]
