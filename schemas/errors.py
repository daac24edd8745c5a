"""Everything that can be refused, in one tree; the messages are what the caller reads.

HuiyinError
├── Refused               the caller can mend it (HTTP 4xx)
│   ├── BadInput          422  fields, each with its reason
│   ├── Malformed         400
│   ├── Unauthenticated   401
│   ├── Forbidden         403
│   ├── NobodyToActFor    403  a system names a person for whom it may not act
│   ├── NotFound          404  also: somebody else's
│   ├── StaleVersion      409  changed meanwhile
│   ├── ActionNotAllowed  409  not in this state; says what is
│   │   └── Overtaken     409  what a page offered is there no more
│   ├── KeyReused         409  the same key with another body
│   ├── TooLarge          413
│   ├── TypeRefused       415  a file of a kind that is not taken
│   │   └── TelephonePictureRefused   how to send a HEIC picture otherwise
│   ├── CodingRefused     415  a body that is compressed
│   └── TooMany           429  with the seconds to wait
├── Unavailable           503  a dependency is away; nothing was lost, try again
│   ├── NotShown          503  the same to whoever only looks
│   ├── Unconfirmed       503  nobody knows whether it is done; look, then try again
│   └── NoRoomLeft        503  the disk is full; nothing was lost, somebody has to make room
├── Unusable              what is wrong with a setting or a file, told by the error that names it
├── Misconfigured         a setting, or a file that it names, cannot be used: commands end with 2
└── DataRefused           an event that no retry can mend: to the dead letters, with the reason
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemas.bilingual import Bilingual
from schemas.words import Language


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, in both languages."""

    field: str
    zh: str
    en: str

    def message(self, language: Language) -> str:
        """The sentence beside the field."""
        return language.choose(self.zh, self.en)


class HuiyinError(Exception):
    """Base of every error that this project raises on purpose."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    zh: ClassVar[str] = "系统内部错误，请稍后再试。"
    en: ClassVar[str] = "Something went wrong on our side. Please try again later."
    #: What is said behind it, whatever was refused.
    also: Bilingual | None = None

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts: Mapping[str, object] = facts

    def message(self, language: Language) -> str:
        """One sentence for the caller; a fact that is such an error or a sentence itself is told in the same language."""
        told = {
            name: fact.message(language) if isinstance(fact, HuiyinError | Bilingual) else fact
            for name, fact in self.facts.items()
        }
        said = language.choose(self.zh, self.en).format(**told)
        return (
            said if self.also is None else language.choose("", " ").join((said, self.also.message(language)))
        )

    def in_both(self) -> Bilingual:
        """The sentence in Chinese and in English, for whoever passes it on without knowing who listens."""
        return Bilingual(zh=self.message(Language.ZH), en=self.message(Language.EN))

    def __str__(self) -> str:
        return self.message(Language.EN)


class Refused(HuiyinError):
    """The base of every refusal: the request was understood and not carried out, and the caller can mend it."""

    status = 400
    code = "refused"


class BadInput(Refused):
    """Some fields are wrong; `errors` says which and why."""

    status = 422
    code = "bad-input"
    zh = "有内容需要修改，请看每一项的说明。"
    en = "Some fields need a correction; see each one's reason."

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__()
        self.errors = tuple(errors)


def named_wrong(field: str, zh: str, en: str) -> BadInput:
    """The refusal that names this field alone."""
    return BadInput([FieldError(field, zh, en)])


class Malformed(Refused):
    """The request cannot be read at all."""

    code = "malformed"
    zh = "无法读取请求：{reason}"
    en = "The request cannot be read: {reason}"


class Unauthenticated(Refused):
    """The call needs to be signed in, and is not: no token or session, or one that is unknown or over."""

    status = 401
    code = "unauthenticated"
    zh = "请先登录，或提供有效的令牌。"
    en = "Sign in, or send a valid token."


class TokenEnded(Unauthenticated):
    """A token that was given until a day, and the day is over."""

    code = "token-ended"
    zh = "此令牌已于 {ended:%Y-%m-%d %H:%M} UTC 到期；请向管理员申请新的令牌。"
    en = "This token ended on {ended:%Y-%m-%d} at {ended:%H:%M} UTC; ask the administrator for a new one."


class SignatureRefused(Unauthenticated):
    """A signed request that is stale, replayed or not signed by the app it names."""

    code = "signature-refused"
    zh = "签名无效、已过期或已使用。"
    en = "The signature is wrong, stale or already used."


class Forbidden(Refused):
    """The caller is known, and their role may not do this; or a form was not sent by a page of ours."""

    status = 403
    code = "forbidden"
    zh = "您的角色不能进行此操作。"
    en = "Your role may not do this."


class FormRefused(Forbidden):
    """A form that no page of ours sent."""

    code = "form-refused"
    zh = "这个表单不是从本站页面提交的，请打开本站页面后再提交。"
    en = "This form was not sent from a page of this site; open the page here and send it again."


class NobodyToActFor(Refused):
    """`Acting-For`: this token acts for nobody, or nobody of that name may do what its role may."""

    status = 403
    code = "acting-for"
    zh = "此令牌不能代表他人操作，或者没有这个同角色的账户（Acting-For）。"
    en = "This token may act for nobody, or there is no account of that name with its role (Acting-For)."


class NotFound(Refused):
    """Nothing here that the caller may see."""

    status = 404
    code = "not-found"
    zh = "没有找到，或您无权查看。"
    en = "Nothing here that you may see."


class CodeMistyped(NotFound):
    """A tracking code whose check characters do not match."""

    code = "code-mistyped"
    zh = "查询号有误，请核对后重新输入。"
    en = "This tracking code is mistyped; please check it."


class StaleVersion(Refused):
    """The case changed since the caller saw it."""

    status = 409
    code = "stale-version"
    zh = "该件已有更新（现为第 {current} 版），请先看最新情况，再重新操作。"
    en = "The case has changed since (now version {current}); read what is new, then decide again."


class ActionNotAllowed(Refused):
    """Not in this state, or not for this role."""

    status = 409
    code = "not-allowed-now"
    zh = "当前状态不能进行此操作。"
    en = "This cannot be done in the case's present state."


class Overtaken(ActionNotAllowed):
    """What a page offered is there no more: somebody else, or the time, was quicker."""

    zh = "您打开页面之后，情况已有变化，刚才的操作没有完成。下面是现在的情况。"
    en = "This has changed since you opened the page, and nothing was done. Below is how it stands now."


class KeyReused(Refused):
    """The idempotency key or external id came before with other content."""

    status = 409
    code = "key-reused"
    zh = "同一编号曾提交过不同的内容。"
    en = "The same key or external id was used before with other content."


class TooLarge(Refused):
    """The body is larger than this route takes; `limit` is the most, in bytes."""

    status = 413
    code = "too-large"
    zh = "内容过大，上限为 {size}。"
    en = "Too large: the limit is {size}."

    def __init__(self, *, limit: int) -> None:
        size = Bilingual(zh=_size(limit, Language.ZH), en=_size(limit, Language.EN))
        super().__init__(limit=limit, size=size)


def _size(count: int, language: Language) -> str:
    for unit, size in (("MB", 1024**2), ("KB", 1024)):
        if count >= size:
            # Never more than is taken.
            return f"{count * 10 // size / 10:g} {unit}"
    return f"{count} {language.choose('字节', 'bytes')}"


class TypeRefused(Refused):
    """A file whose content is of none of the kinds that are taken, whatever it is called."""

    status = 415
    code = "type-refused"
    zh = "不接受这种文件。可以上传：{kinds}。"
    en = "Files of this kind are not taken. These are: {kinds}."


class TelephonePictureRefused(TypeRefused):
    """A picture as iPhones keep it, which browsers elsewhere cannot show: its sender reads how to send it otherwise."""

    zh = (
        "这是苹果手机的 HEIC 照片，这里打不开。请把这张照片截屏，上传截屏；或在“设置 → 相机 → 格式”里选“兼容性最佳”，"
        "重拍后上传。可以上传：{kinds}。"
    )
    en = (
        "This is a HEIC picture of an iPhone, which cannot be opened here. Take a screenshot of it and send that, or choose "
        "Settings, Camera, Formats, Most Compatible, and take it again. These are taken: {kinds}."
    )


class CodingRefused(Refused):
    """A body that is compressed, or says so: what it would become nobody can bound before it is read."""

    status = 415
    code = "coding-refused"
    zh = "请求内容不能压缩：请去掉 Content-Encoding，直接发送。"
    en = "The body must not be compressed: send it as it is, without Content-Encoding."


class TooMany(Refused):
    """Too many requests from one place."""

    status = 429
    code = "too-many"
    zh = "操作过于频繁，请 {retry_after_seconds} 秒后再试。"
    en = "Too many requests; try again in {retry_after_seconds} seconds."


class Unavailable(HuiyinError):
    """A dependency is away; nothing was accepted and nothing was lost."""

    status = 503
    code = "unavailable"
    zh = "系统繁忙，您的内容尚未提交，请 {retry_after_seconds} 秒后再试。"
    en = "Not available at this moment; nothing was submitted. Try again in {retry_after_seconds} seconds."

    def __init__(self, dependency: str, retry_after_seconds: int = 5) -> None:
        super().__init__(dependency=dependency, retry_after_seconds=retry_after_seconds)


class NotShown(Unavailable):
    """A dependency is away, or too slow, and whoever asked wanted nothing done."""

    zh = "系统繁忙，暂时无法显示，请 {retry_after_seconds} 秒后再试。"
    en = "This cannot be shown at this moment. Try again in {retry_after_seconds} seconds."


class Unconfirmed(Unavailable):
    """A dependency did not say in time whether what was asked for is done: whoever asked has to look."""

    code = "unconfirmed"
    zh = "系统没有及时答复，您的操作可能已经完成。请 {retry_after_seconds} 秒后查看，如果没有完成，请再办一次。"
    en = "No answer came, and it may be done. Look in {retry_after_seconds} seconds, and do it again if it is not."


class NoRoomLeft(Unavailable):
    """No room to keep it: whoever tries again soon finds none either, until somebody has made some."""

    zh = "存储空间已满，您的内容尚未提交。工作人员腾出空间后才能接收，请过些时候再试。"
    en = "There is no room left to keep it; nothing was submitted. It is taken once room was made: try again later."


class Unusable(HuiyinError, ValueError):
    """What is wrong with a setting, a file or what was typed, in both languages; also a fact of the error that names it."""

    code = "unusable"
    zh = "{zh}"
    en = "{en}"

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(zh=zh, en=en)

    def within(self, where: str) -> "Unusable":
        """A copy that begins by naming what it is about: a file, a line, a setting."""
        return Unusable(zh=f"{where}：{self.message(Language.ZH)}", en=f"{where}: {self}")


class Misconfigured(HuiyinError, ValueError):
    """A setting, or a file that it names, cannot be used: nothing starts with it, and one sentence says why."""

    code = "misconfigured"
    zh = "{name} 不可用：{fault}。请看：huiyin doctor"
    en = "{name} cannot be used: {fault}. See: huiyin doctor"


class DataRefused(HuiyinError):
    """An event that no retry can mend."""

    code = "data-refused"
    zh = "{reason}"
    en = "{reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
