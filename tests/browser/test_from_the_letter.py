"""A citizen's way from the letter that says that there is an answer, over a bad rating, to the objection."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from tests.browser.conftest import Visit
from tests.browser.deeds import Case, Deeds
from tests.city import MAIL_PORT
from tests.mail_servers import SmtpServer
from tests.stack import Stack, eventually

TITLE = "公交站的座椅坏了"
TEXT = "早高峰在南港区码头站等23路公交车，座椅断了一半，老人没有地方坐。"
ANSWER = "座椅已经更换，请查看。"


async def _letter_of_the_answer(city: Stack, case: Case) -> str:
    """What the real sender takes to the next server, as a mail program shows it."""
    server = SmtpServer()

    async def look() -> str:
        return next(
            (
                text
                for text in map(_plain, server.letters)
                if case.tracking_code in text and "已有答复" in text
            ),
            "",
        )

    async with server.running(MAIL_PORT):
        city.start("notify")
        try:
            return await eventually(look, seconds=60)
        finally:
            city.kill("notify")


def _plain(raw: bytes) -> str:
    letter = message_from_bytes(raw, _class=EmailMessage, policy=default)
    body = letter.get_body(("plain",))
    return "" if body is None else str(body.get_content())


async def test_from_the_letter_to_the_objection(visit: Visit, city: Stack, deeds: Deeds) -> None:
    """On a telephone: the letter's address, both codes, the answer, a rating of 1, the objection, and that it is taken."""
    case = await deeds.submit(TITLE, TEXT, contact={"name": "王芳", "email": "wang.fang@example.org"})
    await deeds.answer(case, ANSWER)
    letter = await _letter_of_the_answer(city, case)
    assert not [word for word in (TITLE, ANSWER, case.access_code) if word in letter]
    (address,) = re.findall(rf"{re.escape(city.url)}(/follow\S*)", letter)

    citizen = await visit()
    await citizen.go(address)
    await citizen.fill("查询号", case.tracking_code)
    await citizen.fill("查询码", case.access_code)
    await citizen.press("查询")
    await citizen.reads(ANSWER)
    await citizen.check_page()
    await citizen.choose("非常不满意")
    await citizen.press("提交评价")
    await citizen.reads("已收到您的评价。问题没有解决的话，可以在下面申请重新办理", "1 / 5")
    await citizen.check_page()
    await citizen.fill("哪里没有解决", "换上的座椅又松了。")
    await citizen.press("申请重办")
    await citizen.reads("已收到您的异议，结果会写在下面的办理过程里。", ANSWER)
    await citizen.check_page()

    async def look() -> str | None:
        await citizen.press("刷新进度")
        return await citizen.page.locator("#state").get_attribute("data-state")

    await eventually(look, is_done=lambda state: state in ("reopened", "assigned", "in_progress"), every=0.2)
    await citizen.reads("换上的座椅又松了。")
