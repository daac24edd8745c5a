"""What staff write into a case's forms is there again when they open the case again; an entry's is not."""

from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.deeds import ANSWER, Deeds
from tests.browser.test_kept import REPLY, kept_by
from tests.stack import Stack

_THEIRS = "末班车时间以公交公司当月公告为准。"


async def test_another_form_of_the_case_loses_nothing(visit: Visit, deeds: Deeds, city: Stack) -> None:
    """Neither where it is refused nor where it is taken; nor does an open case that is left for the list meanwhile."""
    case = await deeds.submit("路灯闪烁", "望江路的路灯闪烁。")
    await deeds.act(case, "sign")
    clerk = await visit(language="zh")
    await clerk.sign_in(case.department, city.password)
    await clerk.go(f"/desk/{case.case_id}?list=state%3Din_progress")
    answer, note = clerk.page.locator("#reply-response"), clerk.page.locator("#note-text")
    await answer.fill(REPLY)
    await clerk.unfold("记录内部办理情况")
    await clerk.press("保存记录", within=clerk.page.locator("#note"))
    await clerk.reads("没有提交成功")
    await expect(answer).to_have_value(REPLY)
    await clerk.go(f"/desk/{case.case_id}")
    await expect(answer).to_have_value(REPLY)
    await expect(note).to_be_hidden()
    await clerk.unfold("记录内部办理情况")
    await note.fill("已到现场")
    await clerk.press("保存记录", within=clerk.page.locator("#note"))
    await clerk.reads("已到现场")
    await expect(answer).to_have_value(REPLY)
    await expect(note).to_have_value("")

    await clerk.go("/desk")
    await clerk.go(f"/desk/{case.case_id}")
    await expect(answer).to_have_value(REPLY)
    await clerk.page.locator("#reply-note").fill("已派人维修。")
    await clerk.press("预览答复")
    await clerk.press("确认提交审核")
    assert [] == await kept_by(clerk)
    clerk.complaints.clear()  # The browser notes the refusal that was asked for.


async def test_a_choice_is_given_back_for_what_it_was_made_about_alone(
    visit: Visit, deeds: Deeds, city: Stack
) -> None:
    """A tick at a reply that was written anew since is gone, with the reason there; at the same reply it is there, too."""
    case = await deeds.submit("路灯灯罩掉了", "江滨路的路灯灯罩掉了。")
    await deeds.reply(case, REPLY)
    dispatcher = await visit(language="zh", user="dispatcher")
    await dispatcher.go(f"/review/{case.case_id}")
    approved, reason = dispatcher.page.locator("#reply-yes"), dispatcher.page.locator("#reply-remarks")
    await approved.check()
    await reason.fill("请写明日期。")
    await dispatcher.go("/review")
    await dispatcher.go(f"/review/{case.case_id}")
    await expect(approved).to_be_checked()

    await dispatcher.go("/review")
    await deeds.send_back(case, "请写明日期。")
    await deeds.act(case, "reply", note="已到现场办理。", response=ANSWER)
    await deeds.awaits_review(case)
    await dispatcher.go(f"/review/{case.case_id}")
    await dispatcher.reads(ANSWER)
    await expect(reason).to_have_value("请写明日期。")
    await expect(approved).not_to_be_checked()
    await reason.fill("请写明几月几日。")
    await dispatcher.page.reload()
    await expect(reason).to_have_value("请写明几月几日。")
    await expect(approved).not_to_be_checked()


async def test_an_entry_opened_afresh_begins_as_it_was_saved(visit: Visit, deeds: Deeds, city: Stack) -> None:
    """What somebody else saved meanwhile is not joined to what was typed; loaded anew before, that was there."""
    case = await deeds.submit("公交车站牌旧了", "公交车站牌旧了，看不清。")
    entry = await deeds.publish_entry(case.department)
    clerk = await visit(language="zh", user=case.department)
    path = f"/desk/entries/{entry}/edit"
    await clerk.go(path)
    answer = clerk.page.locator("#answer")
    await answer.fill(REPLY)
    await clerk.page.reload()
    await expect(answer).to_have_value(REPLY)
    await clerk.go("/desk/entries")
    await clerk.go(path)
    await expect(answer).to_have_value(ANSWER)
    await clerk.page.reload()
    await expect(answer).to_have_value(ANSWER)


async def test_an_entry_that_another_saved_takes_no_words_of_before(
    visit: Visit, deeds: Deeds, city: Stack
) -> None:
    """Loaded anew, its forms begin as it was saved; what was typed stands beside them, and what is typed then is kept."""
    case = await deeds.submit("公交车站牌歪了", "公交车站牌歪了，看不清。")
    entry = await deeds.publish_entry(case.department)
    clerk = await visit(language="zh", user=case.department)
    path = f"/desk/entries/{entry}"
    await clerk.go(f"{path}/edit")
    answer, aside = clerk.page.locator("#answer"), clerk.page.locator("[data-typed-before]")
    await answer.fill(REPLY)
    await expect(aside).to_be_hidden()
    await deeds.rewrite_entry(case.department, entry, _THEIRS)
    await clerk.page.reload()
    await expect(answer).to_have_value(_THEIRS)
    await expect(aside).to_contain_text(REPLY)
    await clerk.page.reload()
    await expect(answer).to_have_value(_THEIRS)
    await expect(aside).to_contain_text(REPLY)
    await answer.fill(ANSWER)
    await clerk.page.reload()
    await expect(answer).to_have_value(ANSWER)
    await expect(aside).to_contain_text(REPLY)
    await deeds.rewrite_entry(case.department, entry, _THEIRS)
    await clerk.page.reload()
    await expect(answer).to_have_value(_THEIRS)
    for typed in (REPLY, ANSWER):
        await expect(aside).to_contain_text(typed)
    await clerk.press("保存草稿")
    assert [] == await kept_by(clerk)

    await clerk.unfold("撤下")
    reason = clerk.page.locator("#withdraw-remarks")
    await reason.fill("内容过时")
    await deeds.rewrite_entry(case.department, entry, _THEIRS)
    await clerk.page.reload()
    await expect(reason).to_have_value("")
    await expect(aside).to_contain_text("内容过时")


async def test_a_new_entry_outlives_a_reload(visit: Visit) -> None:
    """With its id, under which a save whose answer was lost writes no second one; opened afresh, it is another."""
    clerk = await visit(language="zh", user="transport")
    await clerk.go("/desk/entries/new")
    answer, entry_id = clerk.page.locator("#answer"), clerk.page.locator("[name=entry_id]")
    before = await entry_id.input_value()
    await answer.fill(REPLY)
    await clerk.page.reload()
    await expect(answer).to_have_value(REPLY)
    await expect(entry_id).to_have_value(before)
    await clerk.go("/desk/entries")
    await clerk.go("/desk/entries/new")
    await expect(answer).to_have_value("")
    await expect(entry_id).not_to_have_value(before)


async def test_a_proposal_comes_behind_what_was_typed(visit: Visit, deeds: Deeds, city: Stack) -> None:
    """The answer of an entry does not take its place; loaded anew, it stands there once."""
    case = await deeds.submit("公交车末班车太早", "公交车末班车太早，能不能延后？")
    await deeds.act(case, "sign")
    entry = await deeds.publish_entry(case.department)
    clerk = await visit(language="zh", user=case.department)
    await clerk.go(f"/desk/{case.case_id}")
    answer = clerk.page.locator("#reply-response")
    await answer.fill(REPLY)
    await clerk.go(f"/desk/{case.case_id}?entry={entry}")
    both = await answer.input_value()
    assert both.startswith(f"{REPLY}\n\n")
    assert ANSWER in both
    await answer.fill(both.replace(ANSWER, ""))
    await clerk.page.reload()
    await expect(answer).to_have_value(both.replace(ANSWER, ""))


async def test_a_new_password_begins_anew_and_says_so(visit: Visit, deeds: Deeds, city: Stack) -> None:
    """What was typed before is of a session that has ended."""
    case = await deeds.submit("路灯线裸露", "滨河路的路灯线裸露。")
    await deeds.second_supervisor("supervisor-anew")
    supervisor = await visit(language="zh")
    await supervisor.sign_in("supervisor-anew", city.password)
    await supervisor.go(f"/watch/cases/{case.case_id}")
    await supervisor.page.locator("main textarea").first.fill(REPLY)
    await supervisor.go("/password")
    await supervisor.reads("还没有提交的内容，更改后不再保留")
    await supervisor.page.locator("#password").fill(city.password)
    for field in ("#new_password", "#new_password_again"):
        await supervisor.page.locator(field).fill("a quieter stable")
    await supervisor.press("更改密码")
    await supervisor.reads("密码已更改")
    await supervisor.go(f"/watch/cases/{case.case_id}")
    await expect(supervisor.page.locator("main textarea").first).to_have_value("")
    assert [] == await kept_by(supervisor)
