"""Objects of a jsonl file: what of a message stands within another object."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from intake.imports.cells import is_rounded
from intake.imports.columns import AS_USUAL
from intake.imports.lines import columns_in, rejected_line
from intake.imports.objects import flat
from intake.imports.rows import RowReading, read
from tests.unit.intake.imports.files import row_of


def _read(said: Mapping[str, Any]) -> RowReading:
    return read(row_of(dict(flat(said, AS_USUAL))))


def test_words_in_a_list_of_objects_are_the_text() -> None:
    """A file is known by its name or its address; what somebody wrote is all that they wrote."""
    found = _read(
        {
            "id": 1,
            "text": [{"content": "路灯又坏了", "url": "http://x"}],
            "files": [{"url": "http://y/y.jpg"}],
        }
    )

    assert ("路灯又坏了" in found.draft.text, ("y.jpg",)) == (True, found.files)


@pytest.mark.parametrize(
    "said",
    [
        {"id": 1, "caller": {"name": "王", "phone": "13900138001", "content": "路灯坏了三天"}},
        {"id": 1, "complainant": {"name": "王", "complaint": "路灯坏了三天"}},
        {"id": 1, "text": "", "reporter": [{"name": "王", "text": "路灯坏了三天", "title": "路灯"}]},
    ],
)
def test_what_somebody_says_in_their_own_object_is_the_message(said: Mapping[str, Any]) -> None:
    """Where it has no text of its own."""
    found = _read(said).draft

    assert ("路灯坏了三天", "王") == (found.text, found.contact and found.contact.name)


@pytest.mark.parametrize(("own", "files"), [({}, ("a.jpg",)), ({"attachments": ["b.jpg"]}, ("b.jpg",))])
def test_files_of_a_place_are_the_messages_where_it_names_none(
    own: Mapping[str, Any], files: tuple[str, ...]
) -> None:
    """A picture of it is lost otherwise."""
    place = {"address": "人民路", "attachments": ["a.jpg"]}

    assert files == _read({"text": "路灯坏了", "place": place, **own}).files


@pytest.mark.parametrize("coordinates", [[31.8, 117.2], [117.2, 31.8], [117.2, 31.8, 4]])
def test_a_point_is_read_in_either_order(coordinates: list[float]) -> None:
    """No place is 117 degrees from the equator."""
    found = _read({"text": "路灯坏了", "location": {"type": "Point", "coordinates": coordinates}}).draft

    assert found.place is not None
    assert ((117.2, 31.8), "路灯坏了") == ((found.place.longitude, found.place.latitude), found.text)


@pytest.mark.parametrize("coordinates", [[43.8, 87.6], [87.6, 43.8]])
def test_nor_lies_china_where_the_two_would_be_taken_for_one_another(coordinates: list[float]) -> None:
    """Ürümqi."""
    found = _read({"text": "路灯坏了", "location": {"type": "Point", "coordinates": coordinates}}).draft

    assert found.place is not None
    assert (87.6, 43.8) == (found.place.longitude, found.place.latitude)


def test_whether_it_may_be_published_is_heard_in_a_contact() -> None:
    """A system asks it where it asks who somebody is."""
    assert _read({"text": "路灯坏了", "contact": {"name": "王", "publish": True}}).draft.publish


def test_of_an_object_of_somebody_only_what_a_contact_has_is_the_messages() -> None:
    """Their own number and title are none of the message's: two messages of one person are not one."""
    said = {
        "text": "a",
        "contact": {"id": 5, "title": "先生", "type": "个人", "text": "b", "tel": "13900138001"},
    }

    assert {"text", "phone"} == {AS_USUAL.field_of(name) for name, _ in flat(said, AS_USUAL)} - {None}


def test_values_that_say_their_kind_are_read() -> None:
    """As MongoDB exports them; a point as maps write it, and one file that is no list."""
    said = {
        "_id": {"$oid": "5f"},
        "id": {"$numberLong": "20261120093000000"},
        "time": {"$date": {"$numberLong": "1795138200000"}},
        "location": {"type": "Point", "coordinates": [117.2, 31.8]},
        "attachments": {"filename": "a.jpg"},
    }

    cells = dict(flat(said, AS_USUAL))

    assert ("5f", "20261120093000000", "1795138200000") == (cells["_id"], cells["id"], cells["time"])
    assert not is_rounded(cells["id"])
    assert (117.2, 31.8, "a.jpg") == (cells["longitude"], cells["latitude"], cells["attachments"])


@pytest.mark.parametrize(
    "number", [20261120093000000, {"$numberLong": "20261120093000000"}, 5, 10**19, 10**21]
)
def test_a_number_that_was_put_aside_is_read_again_as_it_was(tmp_path: Path, number: object) -> None:
    """Zeros at its end are its own in the file of rejected rows, too."""
    row = row_of(dict(flat({"id": number, "text": ""}, AS_USUAL)))
    rejected = tmp_path / "a.rejected.jsonl"
    rejected.write_bytes(rejected_line(row, 1, []))
    again = flat(msgspec.json.decode(rejected.read_bytes()), AS_USUAL)

    expected = _read({"id": number, "text": "a"}).draft.external_id
    assert expected is not None
    assert expected == read(row_of({**dict(again), "text": "a"})).draft.external_id
    assert {"id", "text"} == columns_in(rejected)


@pytest.mark.parametrize(
    ("said", "published", "secret", "notes"),
    [
        ({"是否公开": {"是": True, "否": False}}, True, False, 0),
        ({"是否公开": {"是": False, "否": True}}, False, False, 0),
        ({"是否公开": {"否": True}}, False, False, 0),
        ({"是否公开": {"是": True, "否": True}}, False, False, 1),
        ({"publish": {"是": 1, "否": 1}}, False, False, 1),
        ({"是否公开": {"是": "√", "否": "√"}}, False, False, 1),
        ({"publish": {"agree": True, "disagree": True}}, False, False, 1),
        ({"是否公开": {"是": False, "否": False}}, False, False, 0),
        ({"publish": {"value": True}}, False, False, 1),
        ({"publish": {"agree": True, "disagree": False}}, True, False, 0),
        ({"publish": {"yes": {}, "no": {}}}, False, False, 1),
        ({"是否保密": {"是": False, "否": True}}, False, False, 0),
        ({"是否保密": {"公开": False}}, False, True, 1),
        ({"是否保密": {"不保密": False}}, False, True, 1),
        ({"是否保密": {"保密": False}}, False, False, 0),
        ({"是否保密": {"是": True, "否": True}}, False, True, 1),
        ({"是否实名": {"是": True, "否": False}}, False, False, 0),
        ({"是否实名": {"是": True, "否": True}}, False, True, 1),
        ({"是否实名": {"否": True}}, False, True, 0),
    ],
)
def test_of_answers_in_an_object_what_is_ticked_counts(
    said: Mapping[str, Any], published: bool, secret: bool, notes: int
) -> None:
    """A no that is ticked is no yes; where both are, it is noted, and read as the citizen's protection."""
    found = _read({"text": "路灯坏了三天", **said})

    assert (published, secret, notes) == (found.draft.publish, found.draft.confidential, len(found.notes))


@pytest.mark.parametrize(
    "answers",
    [
        {"公开": "不同意"}, {"公开": "拒绝"}, {"公开": "不公开"}, {"是": "未勾选"}, {"同意": "不愿意"}, {"公开": "仅标题"},
        {"是": "已勾选", "否": "未勾选"}, {"是": "同意", "否": "不同意"}, {"1": {"selected": False}}, {"2": True},
        {"1": True, "0": False}, {"是": ["x"]}, {"是": {"checked": False}}, {"是": True, "否": True, "备注": ""},
        [{"name": "公开", "checked": False}], [{"name": "是", "selected": "否"}],
    ],
)  # fmt: skip
def test_nobody_is_published_by_an_answer_that_is_not_understood(answers: object) -> None:
    """Where a mark is a word, or something else stands beside the answers: that is noted."""
    found = _read({"text": "路灯坏了三天", "是否公开": answers})

    assert (False, ["publish"]) == (found.draft.publish, [note.field for note in found.notes])


@pytest.mark.parametrize(
    ("column", "answers"),
    [
        ("是否实名", {"code": 0, "name": "否"}), ("是否实名", {"value": False, "label": "否"}),
        ("是否公开姓名", {"name": "否", "id": 0}), ("是否实名", {"实名": "不愿意"}), ("是否实名", {"实名": 0}),
        ("是否实名", {"是": False, "否": False}), ("是否实名", {"否": True, "备注": ""}), ("是否实名", {"disagree": True}),
        ("是否公开姓名", {"2": True}), ("是否实名", {"1": True, "2": True}),
        ("是否实名", [{"name": "是", "checked": False}]), ("是否保密", {"公开": "拒绝"}), ("是否保密", {"不保密": "不同意"}),
        ("是否保密", {"否": "未勾选"}), ("是否保密", {"code": 1, "name": "是"}),
    ],
)  # fmt: skip
def test_nobody_loses_their_secrecy_by_an_answer_that_is_not_understood(column: str, answers: object) -> None:
    """Nor where no answer is ticked that would allow it."""
    assert _read({"text": "路灯坏了三天", column: answers}).draft.confidential


@pytest.mark.parametrize(
    ("column", "answers"),
    [
        ("是否实名", {"code": 1, "name": "是"}), ("是否实名", [{"name": "是"}]), ("是否保密", {"code": 0, "name": "否"}),
        ("是否保密", {"保密": False}), ("是否匿名", {"是": False, "否": True}), ("是否实名", {"是": None, "否": None}),
    ],
)  # fmt: skip
def test_who_plainly_allows_it_is_no_secret(column: str, answers: object) -> None:
    """And nothing is noted."""
    found = _read({"text": "路灯坏了三天", column: answers})

    assert (False, []) == (found.draft.confidential, found.notes)


@pytest.mark.parametrize(
    ("answers", "preference"),
    [({"是": False, "否": True}, "text"), ({"是": True, "否": True}, "text"), ({"是": True}, "any")],
)
def test_a_wish_for_no_call_is_heard_in_an_object(
    answers: Mapping[str, bool], preference: str | None
) -> None:
    """So it is where both are ticked."""
    said = {"text": "路灯坏了三天", "联系电话": "13900138001", "是否需要回访": answers}
    contact = _read(said).draft.contact

    assert contact is not None
    assert preference == contact.preference
