"""Files that departments add: who may add which for whom, who may let others see them, and what the log keeps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers.core import files
from handlers.core.case import By, Case, CaseChange, CaseFile, files_with_answer
from handlers.core.chain import LogEntry
from handlers.core.files import AddFiles, ShareFile
from handlers.core.rules import Actor
from schemas.attachments import ShownAttachment
from schemas.errors import ActionNotAllowed, BadInput, Forbidden, StaleVersion
from schemas.ids import AttachmentId
from schemas.values import Attachment
from schemas.words import CaseState, FileAudience
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, by_lead, case

_INSIDE, _CITIZEN, _PUBLIC = FileAudience.DEPARTMENTS, FileAudience.CITIZEN, FileAudience.PUBLIC
_PICTURE = Attachment(
    attachment_id=AttachmentId("a1"), name="路灯.jpg", type="image/jpeg", size=100, sha256="ab" * 32
)
_LETTER = Attachment(
    attachment_id=AttachmentId("a2"), name="函.pdf", type="application/pdf", size=200, sha256="cd" * 32
)
_HELPER = By(name="zhao", role=Actor.SUPPORTING, now=MONDAY)
LATER = MONDAY + timedelta(hours=1)


def _file(file: Attachment = _PICTURE, audience: FileAudience = _INSIDE, **fields: Any) -> CaseFile:
    return CaseFile(**{"file": file, "department": HOUSING, "audience": audience, "at": MONDAY, **fields})


def _check(held: Case, audience: FileAudience, part: Actor, version: int = 4) -> None:
    files.check_adding(held, AddFiles(version=version, attachments=["a1"], audience=audience), part)


_WAITING = (CaseState.IN_REVIEW, CaseState.REPLIED)
_IN_HAND = (CaseState.ASSIGNED, CaseState.IN_PROGRESS, CaseState.SUSPENDED, CaseState.REOPENED)


@pytest.mark.parametrize("state", [*_IN_HAND, *_WAITING])
@pytest.mark.parametrize("part", [Actor.LEAD, Actor.SUPPORTING])
def test_departments_add_for_each_other_until_the_case_has_ended(state: CaseState, part: Actor) -> None:
    """Also while a dispatcher looks at the answer."""
    held = case(state=state)
    _check(held, _INSIDE, part)
    assert files.may_add_files(held)


@pytest.mark.parametrize("audience", [_CITIZEN, _PUBLIC])
def test_the_answers_files_are_the_leads_and_stay_while_a_dispatcher_looks(audience: FileAudience) -> None:
    """Whoever helps answers no citizen."""
    for state in _IN_HAND:
        _check(case(state=state), audience, Actor.LEAD)
        with pytest.raises(Forbidden):
            _check(case(state=state), audience, Actor.SUPPORTING)
    for state in _WAITING:
        with pytest.raises(ActionNotAllowed) as refused:
            _check(case(state=state), audience, Actor.LEAD)
        assert refused.value.facts == {"state": state.value, "allowed_actions": []}


def test_a_case_that_has_ended_gets_none() -> None:
    """Nor is it offered."""
    held = case(state=CaseState.CLOSED)
    with pytest.raises(ActionNotAllowed) as refused:
        _check(held, _INSIDE, Actor.LEAD)
    assert refused.value.facts == {"state": "closed", "allowed_actions": []}
    assert not files.may_add_files(held)


@pytest.mark.parametrize("version", [3, 5])
def test_whoever_saw_another_version_is_told_of_this_one(version: int) -> None:
    """Adding and sharing alike."""
    body = ShareFile(version=version, attachment_id="a1", audience=_CITIZEN)
    acts: list[Callable[[], object]] = [
        lambda: _check(case(), _INSIDE, Actor.LEAD, version),
        lambda: files.shared(case(), by_lead(), HOUSING, body),
    ]
    for act in acts:
        with pytest.raises(StaleVersion) as refused:
            act()
        assert refused.value.facts == {"current": 4}


def test_what_was_added_stands_behind_what_there_was_and_in_the_log_with_its_hash() -> None:
    """Nobody exchanges a file unseen; the case's version stays."""
    held = case(files=(_file(_LETTER),), log_seq=6)
    other = replace(_LETTER, attachment_id=AttachmentId("a3"), name="回函.pdf")
    assert files.added(held, by_lead(LATER), HOUSING, [_PICTURE, other], _CITIZEN) == CaseChange(
        after=replace(
            held,
            log_seq=7,
            files=(
                _file(_LETTER),
                _file(_PICTURE, _CITIZEN, at=LATER),
                _file(other, _CITIZEN, at=LATER),
            ),
        ),
        entry=LogEntry(
            case_id=held.case_id, seq=7, at=LATER, actor="wang", role="lead", action="files.added",
            from_state="in_progress", to_state="in_progress", version=4,
            detail={
                "department": "housing", "audience": "citizen", "text": "路灯.jpg、回函.pdf",
                "attachments": ["a1", "a3"], "sha256": ["ab" * 32, "cd" * 32],
            },
        ),
        what="case.files-added",
        attachments=(_PICTURE, other),
    )  # fmt: skip


def test_files_that_are_all_there_are_not_added_twice() -> None:
    """A form that is sent twice; another department's, or another audience, is another file of the case."""
    held = case(files=(_file(_PICTURE, _CITIZEN), _file(_LETTER, _CITIZEN)))

    assert files.added(held, by_lead(LATER), HOUSING, [_LETTER, _PICTURE], _CITIZEN) is None
    widened = files.added(held, by_lead(LATER), HOUSING, [_PICTURE], _INSIDE)
    assert widened is not None
    assert widened.after.files == (_file(_LETTER, _CITIZEN), _file(_PICTURE, _INSIDE, at=LATER))
    assert files.added(held, by_lead(LATER), TRANSPORT, [_PICTURE], _CITIZEN) is not None


def test_nothing_but_pictures_is_published() -> None:
    """Added or shared, and in both languages."""
    body = ShareFile(version=4, attachment_id="a2", audience=_PUBLIC)
    acts: list[Callable[[], object]] = [
        lambda: files.added(case(), by_lead(), HOUSING, [_PICTURE, _LETTER], _PUBLIC),
        lambda: files.shared(case(files=(_file(_LETTER),)), by_lead(), HOUSING, body),
    ]
    for act in acts:
        with pytest.raises(BadInput) as refused:
            act()
        [fault] = refused.value.errors
        assert (fault.field, fault.zh) == ("audience", "只有图片可以公开。")
        assert fault.en == "Nothing but pictures can be published."
    assert files.added(case(), by_lead(), HOUSING, [_PICTURE], _PUBLIC) is not None


def _share(held: Case, audience: FileAudience, by: By, name: str = "a1") -> CaseChange | None:
    whose = HOUSING if by.role is Actor.LEAD else TRANSPORT
    body = ShareFile(version=4, attachment_id=name, audience=audience)
    return files.shared(held, by, whose, body)


def test_the_lead_lets_others_see_any_file() -> None:
    """It stays where it was, whose it was and from when; the log has its hash."""
    theirs = _file(_PICTURE, department=TRANSPORT)
    held = case(files=(_file(_LETTER), theirs), log_seq=6)
    assert _share(held, _CITIZEN, by_lead(LATER)) == CaseChange(
        after=replace(
            held, log_seq=7, files=(_file(_LETTER), _file(_PICTURE, _CITIZEN, department=TRANSPORT))
        ),
        entry=LogEntry(
            case_id=held.case_id, seq=7, at=LATER, actor="wang", role="lead", action="file.shared",
            from_state="in_progress", to_state="in_progress", version=4,
            detail={
                "audience": "citizen", "text": "路灯.jpg", "attachments": ["a1"], "sha256": ["ab" * 32],
            },
        ),
    )  # fmt: skip
    assert _share(held, _INSIDE, by_lead()) is None


@pytest.mark.parametrize("wide", [_CITIZEN, _PUBLIC])
def test_whoever_helps_narrows_its_own_files_and_widens_none(wide: FileAudience) -> None:
    """What it let the others see it may take back; the citizen is answered by the lead."""
    own = _file(_PICTURE, _CITIZEN, department=TRANSPORT)
    narrowed = _share(case(files=(own,)), _INSIDE, _HELPER)
    assert narrowed is not None
    assert narrowed.after.files == (replace(own, audience=_INSIDE),)
    with pytest.raises(ActionNotAllowed) as refused:
        _share(case(files=(replace(own, audience=_INSIDE),)), wide, _HELPER)
    assert refused.value.facts == {"state": "in_progress", "allowed_actions": []}


@pytest.mark.parametrize("state", [*_WAITING, CaseState.CLOSED])
def test_once_answered_a_file_may_be_narrowed_and_not_widened(state: CaseState) -> None:
    """A dispatcher looks at the answer, or has."""
    held = case(state=state, files=(_file(_PICTURE, _CITIZEN),))
    assert _share(held, _INSIDE, by_lead()) is not None
    with pytest.raises(ActionNotAllowed):
        _share(held, _PUBLIC, by_lead())


@pytest.mark.parametrize(
    ("held", "by", "name"),
    [
        (case(files=(_file(),)), by_lead(), "a9"),
        (case(files=(_file(),)), _HELPER, "a1"),
        (case(files=(_file(),), protected=True, assigned_at=LATER), by_lead(), "a1"),
    ],
)
def test_a_file_that_is_not_theirs_is_none(held: Case, by: By, name: str) -> None:
    """No such file, another's, or one of whoever had a protected case before."""
    with pytest.raises(BadInput) as refused:
        _share(held, _CITIZEN, by, name)
    [fault] = refused.value.errors
    assert (fault.field, fault.zh, fault.en) == ("attachment_id", "没有这个附件。", "There is no such file.")


def test_the_desk_tells_whose_each_file_is_and_who_may_see_it() -> None:
    """Without an address: that is signed for whoever reads."""
    assert files.shown_files(case(files=(_file(_PICTURE, _CITIZEN),))) == (
        ShownAttachment(
            attachment_id=AttachmentId("a1"), name="路灯.jpg", type="image/jpeg", size=100, sha256="ab" * 32,
            added_at=MONDAY, department=HOUSING, audience=_CITIZEN,
        ),
    )  # fmt: skip


@pytest.mark.parametrize("state", list(CaseState))
def test_whom_a_department_may_let_see_what_it_adds(state: CaseState) -> None:
    """Everybody, the lead alone and while the case is in hand."""
    everybody = (_INSIDE, _CITIZEN, _PUBLIC)
    assert files.audiences(Actor.LEAD, state) == (everybody if state in _IN_HAND else (_INSIDE,))
    assert files.audiences(Actor.SUPPORTING, state) == (_INSIDE,)


@pytest.mark.parametrize(
    ("file", "now", "part", "state", "may"),
    [
        (_PICTURE, _INSIDE, Actor.LEAD, CaseState.IN_PROGRESS, (_CITIZEN, _PUBLIC)),
        (_LETTER, _INSIDE, Actor.LEAD, CaseState.IN_PROGRESS, (_CITIZEN,)),
        (_PICTURE, _CITIZEN, Actor.LEAD, CaseState.IN_PROGRESS, (_INSIDE, _PUBLIC)),
        (_PICTURE, _CITIZEN, Actor.LEAD, CaseState.CLOSED, (_INSIDE,)),
        (_PICTURE, _PUBLIC, Actor.SUPPORTING, CaseState.IN_PROGRESS, (_INSIDE, _CITIZEN)),
        (_PICTURE, _INSIDE, Actor.SUPPORTING, CaseState.IN_PROGRESS, ()),
        (_PICTURE, None, Actor.LEAD, CaseState.IN_PROGRESS, (_CITIZEN, _PUBLIC)),
    ],
)
def test_what_the_desk_offers_for_a_file(
    file: Attachment,
    now: FileAudience | None,
    part: Actor,
    state: CaseState,
    may: tuple[FileAudience, ...],
) -> None:
    """What would not be refused, and not what it is."""
    shown = ShownAttachment(
        attachment_id=file.attachment_id, name=file.name, type=file.type, size=file.size, sha256=file.sha256,
        audience=now,
    )  # fmt: skip
    assert files.may_become(shown, part, state) == may


def test_an_answer_takes_the_files_that_are_for_its_citizen() -> None:
    """What departments keep among themselves leaves with none; everybody reads the public ones alone."""
    third = replace(_LETTER, attachment_id=AttachmentId("a3"))
    held = case(files=(_file(), _file(_LETTER, _CITIZEN), _file(third, _PUBLIC)))

    assert {
        "attachments": (_LETTER, third),
        "public_attachments": (third.attachment_id,),
    } == files_with_answer(held)
    assert {} == files_with_answer(case())
