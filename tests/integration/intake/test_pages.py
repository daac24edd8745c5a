"""The citizen's pages, from the form to the answer, on a real Postgres."""

from typing import Any

import pytest

from intake.steps import act_on_case
from intake.steps.handle_events import update_views
from schemas.errors import NotFound, Unavailable
from schemas.event import Event
from schemas.events.handlers import CaseClosed, ReplyPublished
from schemas.events.intake import CitizenRated, SubmissionAccepted
from schemas.forms import NO_ERRORS
from schemas.http import DRAFT_FIELD, Page
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import CASE, said

FORM = {"title": "路灯不亮", "text": "坏了三天了", "nonce": "n", "publish": "yes", "phone": "13912345678"}
CODES = {"tracking_code": CASE.codes.tracking_code, "access_code": CASE.codes.access_code}


@pytest.fixture
def site() -> Site:
    """Intake's web."""
    return Site()


async def _page(site: Site, unit: RecordingUnit | None, method: str, path: str, **more: object) -> Any:
    page = await site.call(unit, method, path, **more)
    assert isinstance(page, Page)
    return page


async def test_a_form_gives_both_codes_once(site: Site) -> None:
    """Sent twice it is one message with the same codes."""
    pages = [await _page(site, None, "POST", "/submit/done", form=FORM) for _ in range(2)]

    assert "intake/submitted.html" == pages[0].template
    assert pages[0].context == pages[1].context
    (event,) = site.kafka.events
    assert isinstance(event, SubmissionAccepted)
    assert (True, "web") == (event.publish, event.source)


async def test_a_form_that_is_refused_keeps_what_was_typed(site: Site) -> None:
    """With every wrong field."""
    page = await _page(site, None, "POST", "/submit/done", form=FORM | {"title": "", "phone": "x"})

    assert (422, "坏了三天了") == (page.status, page.context["form"]["text"])
    assert ["title", "phone"] == [error.field for error in page.context["errors"].summary]


async def test_with_kafka_away_the_form_says_so_and_keeps_the_text(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was submitted; the same form may be sent again."""

    async def away(event: Event) -> None:
        raise Unavailable("kafka")

    monkeypatch.setattr(site.kafka, "publish", away)
    page = await _page(site, None, "POST", "/submit/done", form=FORM)

    assert (503, "坏了三天了", "n") == (
        page.status,
        page.context["form"]["text"],
        page.context["offer"]["nonce"],
    )
    assert "尚未提交" in page.context["errors"].summary[0].text


async def test_a_code_that_the_register_lacks_says_what_to_do_if_that_stays_so(
    site: Site, unit: RecordingUnit
) -> None:
    """A machine that is lost takes what came since its last copy along: whoever wrote it would wait for ever.

    Where the database is away nobody knows what it lacks, and nothing is to be sent again.
    """
    shown = [(await _page(site, each, "POST", "/follow", form=CODES)).context for each in (unit, None)]
    await register(unit, CASE)
    shown.append((await _page(site, unit, "POST", "/follow", form=CODES)).context)

    assert ["received", "received", "registered"] == [each["case"].state for each in shown]
    assert [True, False, False] == [each["is_unknown"] for each in shown]


async def test_two_codes_open_the_case(site: Site, unit: RecordingUnit) -> None:
    """Wrong ones lead back to the form, with what was typed."""
    await register(unit, CASE)
    page = await _page(site, unit, "POST", "/follow", form=CODES)
    assert ("intake/case.html", CASE.codes.tracking_code) == (
        page.template,
        page.context["case"].tracking_code,
    )

    wrong = await _page(site, unit, "POST", "/follow", form=CODES | {"access_code": "00000000"})
    assert ("intake/follow.html", 404) == (wrong.template, wrong.status)
    assert CASE.codes.tracking_code == wrong.context["form"]["tracking_code"]


async def test_a_closed_case_is_rated_on_its_page(site: Site, unit: RecordingUnit) -> None:
    """Without a choice nothing happens; afterwards the case shows the rating."""
    await register(unit, CASE)
    await handle_replies(unit, [said(ReplyPublished, 6)])
    await update_views(unit, [said(CaseClosed, 6)])
    unit.emitted.clear()
    at = {"action": "rating"}
    missing = await _page(site, unit, "POST", "/follow/{action}", form=CODES, at=at)
    assert (422, "score-5") == (missing.status, missing.context["errors"].summary[0].field)

    page = await _page(site, unit, "POST", "/follow/{action}", form=CODES | {"score": "5"}, at=at)
    assert (5, "rating") == (page.context["case"].rating, page.context["done"])
    assert isinstance(unit.emitted[0], CitizenRated)
    again = await _page(site, unit, "POST", "/follow/{action}", form=CODES | {"score": "1"}, at=at)
    assert 409 == again.status


@pytest.mark.parametrize(("score", "typed"), [("1", True), ("2", True), ("3", False)])
async def test_a_bad_rating_opens_the_objection_with_what_was_typed(
    site: Site, unit: RecordingUnit, score: str, typed: bool
) -> None:
    """Nobody has to say twice what is not settled; who is content is not asked."""
    await register(unit, CASE)
    await handle_replies(unit, [said(ReplyPublished, 6)])
    await update_views(unit, [said(CaseClosed, 6)])
    form = CODES | {"score": score, "comment": "只修好了一盏。"}
    page = await _page(site, unit, "POST", "/follow/{action}", form=form, at={"action": "rating"})

    assert ({"objection": "只修好了一盏。"} if typed else {}) == page.context["form"]


async def test_own_words_and_every_answer_stay_visible(site: Site, unit: RecordingUnit) -> None:
    """What was said when rating and objecting, and the answer that was objected to."""
    await register(unit, CASE)
    await handle_replies(unit, [said(ReplyPublished, 6)])
    await update_views(unit, [said(CaseClosed, 6)])
    rated = CODES | {"score": "1", "comment": "只修好了一盏。"}
    await _page(site, unit, "POST", "/follow/{action}", form=rated, at={"action": "rating"})
    objected = CODES | {"objection": "还有一盏不亮。"}
    page = await _page(site, unit, "POST", "/follow/{action}", form=objected, at={"action": "objection"})
    case = page.context["case"]
    words = {line.event: line.words for line in case.timeline if line.words}

    assert {"answered": case.response.text, "rated": "只修好了一盏。", "objected": "还有一盏不亮。"} == words
    assert (["objection"], False) == (case.pending, case.is_last_answer)


async def test_whoever_tells_of_danger_later_reads_whom_to_call(unit: RecordingUnit) -> None:
    """Once it is sent, and where it is refused beside what was told before; of anything else nobody is told."""
    site = Site(clock=lambda: unit.now)
    await register(unit, CASE)
    at = {"action": "supplement"}
    for text, lines in (("还没有人来修", []), ("楼上燃气泄漏", ["119"])):
        page = await _page(site, unit, "POST", "/follow/{action}", form=CODES | {"supplement": text}, at=at)
        assert lines == page.context["told"]
    rated = CODES | {"comment": "有人昏迷"}
    refused = await _page(site, unit, "POST", "/follow/{action}", form=rated, at={"action": "rating"})

    assert ["119", "120"] == refused.context["told"]


async def test_earlier_additions_are_one_click_away(site: Site, unit: RecordingUnit) -> None:
    """In the other language, too; what nobody can read as a place in them shows the latest."""
    await register(unit, CASE)
    form = CODES | {"supplement": "最后"}
    await _page(site, unit, "POST", "/follow/{action}", form=form, at={"action": "supplement"})
    await unit.db.execute(
        """INSERT INTO intake.supplement (case_id, content_hash, at, text)
        SELECT $1::uuid, n::text::bytea, $2::timestamptz - n * interval '1 minute', '第 ' || n
        FROM generate_series(1, 25) AS n""",
        CASE.codes.case_id,
        unit.now,
    )
    latest = await _page(site, unit, "POST", "/follow", form=CODES)
    asked = CODES | {"added_before": latest.context["case"].older_supplements}
    older = await _page(site, unit, "POST", "/follow", form=asked)
    wrong = await _page(site, unit, "POST", "/follow", form=CODES | {"added_before": "\u2028x"})

    assert [f"第 {n}" for n in range(25, 19, -1)] == [each.text for each in older.context["case"].supplements]
    assert asked == older.context["resend"]
    assert latest.context["case"].supplements == wrong.context["case"].supplements


@pytest.mark.parametrize(("text", "told"), [("楼道里有燃气味", ["119"]), ("坏了三天了", [])])
async def test_danger_says_whom_to_call_before_and_after(site: Site, text: str, told: list[str]) -> None:
    """On the form that comes back, and on the page that says that it was sent."""
    before = await _page(site, None, "POST", "/submit/done", form=FORM | {"title": "", "text": text})
    after = await _page(site, None, "POST", "/submit/done", form=FORM | {"text": text})

    assert (told, told) == (before.context["told"], after.context["told"])


@pytest.mark.parametrize(
    ("action", "field", "more"),
    [("objection", "objection", {}), ("rating", "comment", {"score": "4"}), ("withdrawal", "withdrawal", {})],
)
async def test_a_page_sent_again_says_that_it_was_received(
    site: Site, unit: RecordingUnit, action: str, field: str, more: dict[str, str]
) -> None:
    """A double click or a reload is no failure, and none of the same words is called not sent."""
    await register(unit, CASE)
    if action != "withdrawal":
        await handle_replies(unit, [said(ReplyPublished, 6)])
        await update_views(unit, [said(CaseClosed, 6)])
    form = CODES | more | {field: "只修好了一盏，电话13912345678。\r\n谢谢"}
    first = await _page(site, unit, "POST", "/follow/{action}", form=form, at={"action": action})
    emitted = len(unit.emitted)
    again = await _page(site, unit, "POST", "/follow/{action}", form=form, at={"action": action})

    assert [(200, action), (200, "again")] == [(page.status, page.context["done"]) for page in (first, again)]
    assert ("", NO_ERRORS) == (again.context["unsent"], again.context["errors"])
    assert emitted == len(unit.emitted)


async def test_words_that_another_masker_kept_are_the_same(
    site: Site, unit: RecordingUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first came to the release before, which hid less of them."""
    await register(unit, CASE)
    form, at = CODES | {"withdrawal": "李红梅说好来修，撤回。"}, {"action": "withdrawal"}
    with monkeypatch.context() as before:
        before.setattr(act_on_case, "for_department", lambda text, _: text)
        await _page(site, unit, "POST", "/follow/{action}", form=form, at=at)
    again = await _page(site, unit, "POST", "/follow/{action}", form=form, at=at)

    assert (200, "again") == (again.status, again.context["done"])


async def test_an_objection_sent_again_with_other_words_says_that_the_first_one_counts(
    site: Site, unit: RecordingUnit
) -> None:
    """What is not sent is there to be copied, and the case is shown as it is now."""
    words = "还有一句话要说。"
    await register(unit, CASE)
    await handle_replies(unit, [said(ReplyPublished, 6)])
    await update_views(unit, [said(CaseClosed, 6)])
    at = {"action": "objection"}
    await _page(site, unit, "POST", "/follow/{action}", form=CODES | {"objection": "只修好了一盏。"}, at=at)
    unit.emitted.clear()
    page = await _page(site, unit, "POST", "/follow/{action}", form=CODES | {"objection": words}, at=at)

    assert (409, words, ["objection"]) == (page.status, page.context["unsent"], page.context["case"].pending)
    assert ["此前已经收到，以第一次提交的为准；这一次没有再提交。"] == [
        error.text for error in page.context["errors"].summary
    ]
    assert [] == unit.emitted


async def test_other_actions_do_not_exist(site: Site, unit: RecordingUnit) -> None:
    """Only what is in the table."""
    with pytest.raises(NotFound):
        await site.call(unit, "POST", "/follow/{action}", form=CODES, at={"action": "delete"})


async def test_published_answers_are_listed_and_read(site: Site, unit: RecordingUnit) -> None:
    """On the home page, in the list, and one by one; a bad date is said to be one."""
    await register(unit, CASE)
    await handle_replies(unit, [said(ReplyPublished, 6)])
    home = await _page(site, unit, "GET", "/")
    found = await _page(site, unit, "GET", "/published", query={"q": "路灯"})
    one = await _page(
        site, unit, "GET", "/published/{tracking_code}", at={"tracking_code": CASE.codes.tracking_code}
    )

    assert 1 == len(home.context["latest"]) == len(found.context["items"])
    assert "您好，路灯已修好。" == one.context["item"].response
    bad = await _page(site, unit, "GET", "/published", query={"from": "x"})
    assert (422, "from") == (bad.status, bad.context["errors"].summary[0].field)


async def test_a_draft_is_shown_as_typed_and_not_submitted(site: Site) -> None:
    """Its visitor is no more: the form again, to be sent once more."""
    page = await _page(site, None, "POST", "/submit/done", form={**FORM, DRAFT_FIELD: "yes"})

    assert (403, "intake/submit.html", True) == (page.status, page.template, page.context["is_draft"])
    assert "坏了三天了" == page.context["form"]["text"]
    assert [] == site.kafka.events
