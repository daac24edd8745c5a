"""What somebody who asks for secrecy is promised, by the door that they used: no more than what is kept."""

from collections.abc import Mapping

from schemas.words import Channel, Language

#: At every door. Kept by `handlers.core.desk.may_see_contact`, the register's seals, the views' log and `Case.readers`.
_EVERYWHERE = (
    "已按保密处理：留言和答复都不公开；只有主办单位在办理期间能查看您的联系方式，每次查看都有记录；您反映的单位看不到这一件。",
    "This is kept confidential: neither message nor answer is published; the lead department alone can look at your contact "
    "details, while it works on the case, and each look is recorded; a unit that you accuse does not see the case.",
)
_BY_CHANNEL: Mapping[Channel, tuple[str, str]] = {
    Channel.WEB: (
        "在公用电脑上查询后请关闭浏览器。",
        "On a shared computer, close the browser after you have looked.",
    ),
    Channel.HOTLINE: (
        "通话录音由热线保存，系统里只有它的编号，只有能查看联系方式的单位看得到。",
        "The hotline keeps the recording; here is only its reference, for those who may see your contact details.",
    ),
    Channel.MINIAPP: (
        "小程序的运营方知道您提交过诉求；进度只凭查询号和查询码查看。",
        "Whoever runs the mini-app knows that you wrote; how it goes on is shown by the two codes alone.",
    ),
    Channel.LETTER: (
        "系统里是录入的文字，信的原件由收信处保存。",
        "Here is what was typed from your letter; the letter itself is kept where it was received.",
    ),
    Channel.COUNTER: (
        "窗口工作人员知道您来过；系统里的内容他们录入后不能再查看。",
        "The clerk at the counter knows that you came, and cannot look at the case after typing it.",
    ),
    Channel.KIOSK: (
        "这是公用设备：请带走号码，离开前结束页面。",
        "This is a public device: take the codes with you, and end the page before you leave.",
    ),
    Channel.EMAIL: (
        "电子邮件在途中可能被别人看到：补充敏感内容，请凭查询号和查询码在网上提交。",
        "E-mail may be read on its way: to add what is delicate, use the two codes on the web.",
    ),
    Channel.SOCIAL: (
        "您在社交平台上写的内容，平台和别人可能看得到；后续请凭查询号和查询码在网上补充。",
        "What you wrote on social media may be seen there; to go on, use the two codes on the web.",
    ),
    Channel.SIGN_LANGUAGE: (
        "手语翻译知道您说的内容；系统里只有译成的文字。",
        "The interpreter knows what you said; here is the translation alone.",
    ),
    Channel.TRANSFER: (
        "转来的单位已经知道内容；从我们收到起按保密处理。",
        "Whoever passed it on knows what it says; it is confidential from when we received it.",
    ),
}


def secrecy_promised(channel: Channel, language: Language) -> str:
    """The promise to somebody who came by this channel and asked for secrecy."""
    everywhere, here = language.choose(*_EVERYWHERE), language.choose(*_BY_CHANNEL[channel])
    return f"{everywhere}{language.choose('', ' ')}{here}"
