"""The words of a hotline's call: its text and its title, made of what was said."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from intake.core.no_words import is_seen
from schemas.masking import digits_of, for_department
from schemas.values import Turn

#: Characters of a title that we make. Project choice: half of what a title may hold.
TITLE_LENGTH = 60
#: An answer as short as this says nothing without its question. Project choice.
_SHORT_ANSWER = 12
_AGENT = "（话务员）"
#: Before what the agent wrote about the call.
SUMMARY = "（话务员小结）"
#: A time and what is to be done by it, said by whoever speaks for the city.
_PROMISE = re.compile(
    r"(?:[0-9０-９一二两三四五六七八九十百半]{1,8} ?个?(?:工作日|小时|钟头|分钟|天|日|周|星期)(?:之?内|以内)?"
    r"|今天|明天|后天|本周|下周|尽快|马上|稍后|月底|年底)"
    r"[^。！？!?；;]{0,16}"
    r"(?:回复|答复|回电|回访|联系您|联系你|给您|给你|处理|解决|办结|上门|到场|到现场|反馈|告知)"
)
_READ_BACK = re.compile(
    r"(?:跟|和|与|向|给)(?:您|你)(?:再)?(?:核对|核实|确认|复述|重复)|(?:我|再)(?:来)?(?:复述|重复|核对)一(?:下|遍)"
    r"|(?:您|你)(?:的诉求|反映的(?:问题|情况)?|说的)是|(?:您|你)看(?:我)?(?:记|登记)得对(?:吗|不对)"
)
_POLITE = re.compile(
    r"(?:喂|你好|您好|嗯+|啊+|哦+|呃+|那个|就是|是这样的?|这样的?|我想(?:问|咨询|反映|投诉|举报|了解|请问)(?:一下)?|请问(?:一下)?|麻烦"
    r"|我要(?:反映|投诉|举报)(?:一下)?|[，,。.、！!？?\s])+"
)
#: Hello in English, and what is asked and said there about speaking it. No word that a matter may begin with.
_HELLO = re.compile(
    r"(?:(?:(?:hello|hi|hey)(?: there)?|good (?:morning|afternoon|evening)|excuse me|um+|uh+"
    r"|(?:do|does|can|could|may) (?:you|i|we|anyone|anybody|somebody|someone)(?: there)? speak (?:(?:in|any|some) )?english"
    r"|is there (?:anyone|anybody|somebody|someone)(?: there)? who (?:can speak|speaks) english"
    r"|i (?:only |just )?speak (?:only )?english(?: only)?"
    r"|i (?:don['’]?t|do not|can['’]?t|cannot) speak (?:any )?(?:chinese|mandarin)"
    r"|my chinese is(?: not)?(?: so| very| too)? (?:good|bad|poor))\b(?: please\b)?[\s,.，。、!！?？…-]*)+",
    re.IGNORECASE,
)
#: Of a call that says nothing of what it is about.
_NO_TITLE = "来电"
#: What an agent asks of whoever calls.
_ASKS_WHO = re.compile(
    "电话|手机|座机|号码|联系方式|身份证|证件|贵姓|尊姓|称呼|名字|姓名|全名|大名|车牌|牌照|号牌|卡号|账号|邮箱|微信"
)
#: What an agent asks of the matter itself, perhaps in the same breath.
_ASKS_WHAT = re.compile(
    "什么可以帮|什么(?:能|可)?帮|什么问题|什么情况|什么诉求|反映(?!人)|有什么事|怎么了|怎么回事|哪家|哪个(?!.{0,4}号)|什么店"
)
#: An answer, thanks and a goodbye: it tells nothing.
_CLOSING = re.compile(
    r"(?:好的?|行|可以|对|是的?|不是|没有?了?|不用了?|不要了?|知道了?|明白了?|谢谢|感谢|多谢|辛苦了?|再见|拜拜|麻烦|请|你们|您们|[你您]"
    r"|尽快|快点|早点|处理|解决|回复|一下|那就|就这样|这样|[啊吧呢哦嗯呀啦了]|[\W_])+"
)
#: What says who somebody is, though it names nobody that can be told.
_SAYS_WHO = re.compile("我?(?:免贵|就?姓|就?叫)")
_BETWEEN = re.compile(r"[\W_]+")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
#: The same, and an English full stop: behind a word or number, and before another sentence (Mr. Wang and No. 12 go on).
_EITHER_END = re.compile(r"[。！？!?；;\n]|(?<=[a-z]{3}|[a-z ]\d\d)\.(?=\s+[A-Z])")
#: A word of which a title of sixty characters has the beginning alone.
_HALF_WORD = re.compile(r"\s+[A-Za-z0-9'’-]*$")
#: Characters that a sentence needs to say what it is about. Project choice.
_MEANINGFUL = 6


def text_of(turns: Sequence[Turn]) -> str:
    """What the citizen said, line by line; before a short answer, and one that says who they are, the question.

    What the agent promised and read back stands where it was said. Where only the agent spoke, what the agent said.
    """
    return _text(turns, _needs_question)


def _needs_question(question: str, words: str, *, is_first: bool) -> bool:
    """Before the citizen's first words a question stands that alone tells that they are a name or a number."""
    asks_who = _ASKS_WHO.search(question) is not None
    if not is_first:
        return asks_who or _is_short(words)
    return asks_who and (_ASKS_WHAT.search(question) is None or _shown_answer(question, words) != words)


class _NeedsQuestion(Protocol):
    """Whether an answer stands behind its question. `is_first`: nobody said anything before."""

    def __call__(self, question: str, words: str, /, *, is_first: bool) -> bool: ...


def _text(turns: Sequence[Turn], needs: _NeedsQuestion) -> str:
    lines: list[str] = []
    question = ""
    for turn in turns:
        words = turn.text.strip()
        if turn.speaker == "agent":
            question = words
            if role := _role_of(words):
                lines.append(f"{_AGENT}{role}{words}")
                question = ""
        elif words:
            if question and needs(question, words, is_first=not lines):
                lines.append(f"{_AGENT}{question}")
            lines.append(words)
            question = ""
    return "\n".join(lines) or "\n".join(
        f"{_AGENT}{turn.text.strip()}" for turn in turns if turn.text.strip()
    )


def _is_short(words: str) -> bool:
    return len(words) <= _SHORT_ANSWER


def _role_of(words: str) -> str:
    """What an agent's words are, where a department must know of them."""
    if _READ_BACK.search(words):
        return "【复述】"
    return "【承诺】" if _PROMISE.search(words) else ""


def title_of(turns: Sequence[Turn], summary: str = "") -> str:
    """The citizen's first words that say what it is about, without greetings, at most 60 characters.

    A name and a number that an agent asks for is none of it, nor is one that is told digit by digit. Where they said
    nothing of it, the first sentence of what the agent wrote.
    """
    told = list(_told(turns))
    first = min((worth for _, worth in told), default=0)
    return _title([words for words, worth in told if worth == first], summary, _whole_words)


def _title(said: Sequence[str], summary: str, shortened: Callable[[str], str]) -> str:
    telling = next((words for words in said if len(words) >= _MEANINGFUL), said[0] if said else _NO_TITLE)
    spoken = shortened(telling).rstrip("，, ")
    return spoken if is_seen(spoken) and spoken != _NO_TITLE else _written(summary) or _NO_TITLE


def _whole_words(telling: str) -> str:
    """Its first sentence, without a word that the title's length would cut in two."""
    sentence = _EITHER_END.split(telling, maxsplit=1)[0].strip() or telling
    title, rest = sentence[:TITLE_LENGTH], sentence[TITLE_LENGTH:]
    is_cut = rest[:1].isalnum() and rest[:1].isascii()
    return (_HALF_WORD.sub("", title) or title) if is_cut else title


def _as_first_shortened(telling: str) -> str:
    return (_SENTENCE_END.split(telling, maxsplit=1)[0].strip() or telling)[:TITLE_LENGTH]


def _written(summary: str) -> str:
    """The first sentence of what the agent wrote; empty where there is none."""
    sentences = (sentence[:TITLE_LENGTH] for sentence in _SENTENCE_END.split(summary))
    return next(filter(is_seen, sentences), "")


def _told(turns: Sequence[Turn]) -> Iterator[tuple[str, int]]:
    """What the citizen said that is no number, and its worth as a title: 0 is the best.

    1: an answer to who they are, which may tell more; 2: no more than who they are, or thanks.
    """
    question = ""
    for turn in turns:
        words = _without_hello(turn.text)
        if turn.speaker == "agent":
            question = turn.text
            continue
        if words and len(digits_of(words)) * 2 <= len(words):
            yield _answer(question, words) if _ASKS_WHO.search(question) else (words, _worth(words))
        question = ""


def _worth(words: str) -> int:
    return 2 if _CLOSING.fullmatch(words) else 0


def _answer(question: str, words: str) -> tuple[str, int]:
    """An answer without what only its question tells to be a name or number; and its worth, as in `_told`."""
    shown = _shown_answer(question, words)
    is_who = shown != words or _SAYS_WHO.match(words) is not None
    if is_who and _is_short(_BETWEEN.sub("", words)):
        return shown, 2
    return shown, _worth(words) if _ASKS_WHAT.search(question) else max(1, _worth(words))


def _shown_answer(question: str, words: str) -> str:
    """As it is masked behind its question."""
    asked = for_department(f"{_AGENT}{' '.join(question.split())}\n{words}")
    return asked.partition("\n")[2]


def title_as_first_made(text: str, turns: Sequence[Turn]) -> str:
    """The title of a call as the first release made it; `text`: the call's, as that made it.

    A hotline's retry is known by it (`content_digest`), also where the first try came to a release that made another.
    """
    said = [without_greeting(turn.text) for turn in turns if turn.speaker == "citizen"]
    return _title([words for words in said if words], _summary_in(text), _as_first_shortened).strip()


def text_as_first_made(text: str, turns: Sequence[Turn]) -> str:
    """The text of a call, that of it which is made of its turns as the first release made it: as its title."""
    first = _text(turns, lambda _, words, *, is_first: not is_first and _is_short(words))
    return f"\n\n{text}\n\n".replace(f"\n\n{text_of(turns)}\n\n", f"\n\n{first}\n\n", 1)[2:-2]


def _summary_in(text: str) -> str:
    return text.removeprefix(SUMMARY) if text.startswith(SUMMARY) else ""


def without_greeting(words: str) -> str:
    """What was said after hello, and after asking to be heard."""
    greeting = _POLITE.match(words)
    return words[greeting.end() if greeting else 0 :].strip()


def _without_hello(words: str) -> str:
    """What was said after hello in either language, and after asking who speaks which."""
    said = without_greeting(words)
    greeting = _HELLO.match(said)
    return without_greeting(said[greeting.end() :]) if greeting else said
