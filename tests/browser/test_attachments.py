"""Files in a real browser: chosen, removed, refused and sent, with a script and without; and found again on both sides."""

import io

from PIL import Image
from playwright.async_api import FilePayload, Route, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.stack import Stack, eventually

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


def _picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (800, 600), "green").save(written, "JPEG")
    return written.getvalue()


def _file(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


async def _fill_in(visitor: Visitor, title: str) -> None:
    await visitor.go("/submit")
    await visitor.fill("标题", title)
    await visitor.fill("内容", "三号楼的楼道灯坏了一个月，晚上看不见路。")


async def test_files_are_chosen_removed_and_sent(visit: Visit, city: Stack) -> None:
    """With progress, while one types; what is removed is not sent, and what is refused says why beside its name."""
    citizen = await visit()
    await _fill_in(citizen, "楼道灯坏了有照片")
    chooser = citizen.page.locator("#files")
    await chooser.set_input_files(
        [
            _file("现场.jpg", "image/jpeg", _picture()),
            _file("合同.pdf", "application/pdf", PDF),
        ]
    )
    lines = citizen.page.locator("[data-files] > li")
    await expect(lines.filter(has_text="已上传")).to_have_count(2)
    await citizen.check_page()

    await chooser.set_input_files(_file("病毒.pdf", "application/pdf", b"MZ"))
    await expect(lines.filter(has_text="不接受这种文件")).to_have_count(1)
    await lines.filter(has_text="病毒.pdf").get_by_role("button", name="移除").click()
    await lines.filter(has_text="合同.pdf").get_by_role("button", name="移除").click()
    await expect(lines).to_have_count(1)
    citizen.complaints.clear()  # The browser notes the refusal that was asked for.

    await citizen.press("提交")
    await citizen.reads("查询号")
    sql = "SELECT c.case_id FROM intake.attached JOIN intake.case AS c USING (case_id) WHERE c.title = $1"

    async def registered() -> list[object]:
        return await city.sql(sql, "楼道灯坏了有照片")

    found = await eventually(registered)
    assert len(found) == 1


async def test_what_was_not_taken_takes_no_place_and_each_picture_has_its_own_yes(visit: Visit) -> None:
    """Nine refused ones leave room for nine; the box below one picture stands nearer to it than to the next."""
    citizen = await visit()
    await _fill_in(citizen, "楼道灯坏了照片选错了")
    chooser = citizen.page.locator("#files")
    lines = citizen.page.locator("[data-files] > li")
    await chooser.set_input_files([_file(f"{n}.heic", "image/heic", b"heic") for n in range(9)])
    await expect(lines.filter(has_text="不接受这种文件")).to_have_count(9)
    citizen.complaints.clear()  # The browser notes the refusals that were asked for.
    await chooser.set_input_files([_file(f"{n}.jpg", "image/jpeg", _picture()) for n in range(10)])
    await expect(lines.filter(has_text="已上传")).to_have_count(9)
    await expect(lines.filter(has_text="最多 9 个附件")).to_have_count(1)

    yes, below = (
        await lines.nth(9).get_by_role("checkbox").bounding_box(),
        await lines.nth(10).bounding_box(),
    )
    row_gap = float((await lines.nth(9).evaluate("line => getComputedStyle(line).rowGap")).removesuffix("px"))
    assert yes is not None
    assert below is not None
    assert below["y"] - (yes["y"] + yes["height"]) > 2 * row_gap


async def test_a_broken_connection_is_tried_again(visit: Visit) -> None:
    """What breaks once goes through by itself; the form waits for what is under way."""
    citizen = await visit()
    broken = 0

    async def once(route: Route) -> None:
        nonlocal broken
        if broken:
            await route.continue_()
        else:
            broken += 1
            await route.abort("connectionreset")

    await citizen.page.route("**/api/v1/attachments?*", once)
    await _fill_in(citizen, "楼道灯坏了网络不好")
    await citizen.page.locator("#files").set_input_files(_file("a.pdf", "application/pdf", PDF))
    await citizen.press("提交")
    await citizen.reads("查询号")

    assert broken == 1
    citizen.complaints.clear()  # The browser notes the connection that was broken on purpose.


async def test_what_failed_while_the_net_was_away_goes_once_it_is_back(visit: Visit) -> None:
    """By itself, or by the button, which leads to the file's new line: nobody who works by keyboard is sent to the top."""
    citizen = await visit()
    await citizen.go("/submit")
    await citizen.page.evaluate(
        "() => { const set = window.setTimeout; window.setTimeout = (call, _, ...more) => set(call, 0, ...more); }"
    )
    await citizen.page.context.set_offline(True)
    await citizen.page.locator("#files").set_input_files(_file("a.pdf", "application/pdf", PDF))
    line = citizen.page.locator("[data-files] > li")
    again = line.get_by_role("button", name="重试 a.pdf")
    await expect(again).to_be_visible()
    await again.press("Enter")
    await expect(line.get_by_role("button", name="移除 a.pdf")).to_be_focused()
    await expect(again).to_be_visible()
    await citizen.page.context.set_offline(False)

    await expect(line.locator("[name=attachments]")).to_be_attached()
    await expect(again).to_have_count(0)
    citizen.complaints.clear()  # The browser notes the requests that failed on purpose.


async def test_what_was_not_taken_is_said_before_the_form_goes_without_it(visit: Visit) -> None:
    """A picture that is broken says so, in words; whoever presses at once is stopped once."""
    citizen = await visit()
    await _fill_in(citizen, "楼道灯坏了一张照片是坏的")
    await citizen.page.locator("#files").set_input_files(
        [_file("好的.jpg", "image/jpeg", _picture()), _file("坏的.jpg", "image/jpeg", _picture()[:300])]
    )
    lines = citizen.page.locator("[data-files] > li")
    await citizen.main.get_by_role("button", name="提交", exact=True).click()
    await citizen.page.evaluate("window.pressed = performance.now()")
    await expect(citizen.page.locator("[data-status]")).to_contain_text("再按一次提交")
    await expect(citizen.page.locator("[data-status]")).to_be_focused()
    await expect(lines.filter(has_text="坏的.jpg").get_by_role("alert")).to_contain_text("图片")
    citizen.complaints.clear()  # The browser notes the refusal that was asked for.
    await citizen.check_page()
    # What comes within a second is the other half of a double click for GOV.UK's buttons.
    await citizen.page.evaluate(
        "new Promise(seen => setTimeout(seen, window.pressed + 1001 - performance.now()))"
    )
    await citizen.press("提交")
    await citizen.reads("查询号")


async def test_without_a_script_the_form_brings_its_files(visit: Visit) -> None:
    """What is wrong comes back with what was typed and with the files that are there already."""
    citizen = await visit(javascript=False)
    await _fill_in(citizen, "")
    await citizen.page.locator("#files").set_input_files(
        [_file("a.pdf", "application/pdf", PDF), _file("b.exe", "application/pdf", b"MZ")]
    )
    await citizen.press("提交")
    await citizen.reads("标题：此项必填。", "b.exe：不接受这种文件")
    kept = citizen.page.get_by_role("checkbox", name="a.pdf")
    await expect(kept).to_be_checked()

    await citizen.fill("标题", "楼道灯坏了没有脚本")
    await citizen.page.locator("#files").set_input_files(_file("b.exe", "application/pdf", b"MZ"))
    await citizen.press("提交")
    await citizen.reads("b.exe：不接受这种文件")
    await citizen.press("提交")
    await citizen.reads("查询号")


async def test_back_and_sent_again_is_the_first_one(visit: Visit, city: Stack) -> None:
    """With its file chosen anew: the same codes, and the page says that the first counts; one case comes of it."""
    citizen = await visit()
    title = "楼道灯坏了按了后退"
    codes = [await _sent_with_file(citizen, title)]
    await citizen.page.go_back()
    codes.append(await _sent_with_file(citizen, title, opens=False))

    assert codes[0] == codes[1]
    await citizen.reads("以第一次提交的为准")
    await citizen.check_page()
    await citizen.page.go_back()
    other = await _sent_with_file(citizen, f"{title}，另一件", opens=False)
    assert codes[0] != other

    async def registered() -> list[object]:
        rows = await city.sql("SELECT case_id FROM intake.case WHERE starts_with(title, $1)", title)
        return rows if len(rows) > 1 else []

    assert 2 == len(await eventually(registered))


async def _sent_with_file(citizen: Visitor, title: str, *, opens: bool = True) -> list[str]:
    if opens:
        await citizen.go("/submit")
    await citizen.fill("标题", title)
    await citizen.fill("内容", "三号楼的楼道灯坏了一个月，晚上看不见路。")
    lines = citizen.page.locator("[data-files] > li")
    if not await lines.count():
        await citizen.page.locator("#files").set_input_files(_file("灯.jpg", "image/jpeg", _picture()))
    await expect(lines.filter(has_text="已上传")).to_have_count(1)
    await citizen.press("提交")
    await citizen.reads("查询号")
    return await citizen.page.locator(".code").all_inner_texts()
