"""What citizens are told, of what, and in which words: nothing of their message, its answer or who handles it.

A letter may be read by others, and a telephone lies on the table: that there is news, and where to read it with the access
code, is all that leaves the city.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.event import Event
from schemas.events import call_backs, handlers, routing, sla
from schemas.events.intake import SubmissionAccepted
from schemas.notices import NoticeChannel, Occasion
from schemas.values import Contact
from schemas.words import ENDED_STATES, CaseState, Channel, CitizenAction, ContactPreference, Language

#: Older news wakes nobody: a file of last year's calls, or a record that comes again (project choice: a long weekend).
NEWS_FOR = timedelta(days=3)
#: How the source of what `huiyin import` reads begins.
IMPORTED = "import:"
#: The rating is asked for when the citizen has had time to see whether it is true (project choice).
RATING_AFTER = timedelta(days=3)
#: An answer is news while it is the case's: once it is looked into again another one is to come. Its words may be here some
#: moments before the case is closed.
_ANSWERED = frozenset({CaseState.REPLIED, CaseState.CLOSED, CaseState.MERGED, CaseState.DECLINED})


class NoticeCause(NamedTuple):
    """What an event tells its citizen. `mark`: which of several of its kind it is; `after`: how much later."""

    occasion: Occasion
    mark: str
    facts: Mapping[str, str] = {}
    after: timedelta = timedelta()


class Standing(NamedTuple):
    """What intake knows of the case when a notice is about to be sent."""

    tracking_code: str
    state: CaseState
    language: Language
    #: Confidential, or a report: not even what happened is told.
    is_private: bool = False
    due_at: datetime | None = None
    #: When the answer came that is there.
    answered_at: datetime | None = None
    #: The end of the day that was promised last.
    promised_until: datetime | None = None
    #: That answer was.
    is_rated: bool = False
    #: The citizen is to be called back, or asked on their page, and was not yet.
    is_called: bool = False
    asked_back_until: datetime | None = None
    may: tuple[CitizenAction, ...] = ()


def channel_for(event: SubmissionAccepted, configured: frozenset[NoticeChannel]) -> NoticeChannel | None:
    """What news of this message goes by: what its citizen left, the least intrusive first; None where they want none."""
    contact = event.contact or Contact()
    if contact.preference is ContactPreference.NONE or is_of_old_list(event):
        return None
    left = {
        NoticeChannel.EMAIL: contact.email,
        NoticeChannel.PUSH: event.push_token,
        NoticeChannel.SMS: mobile_of(contact),
    }
    return next((channel for channel, address in left.items() if address and channel in configured), None)


def is_of_old_list(event: SubmissionAccepted) -> bool:
    """Whether it is a row of an old list. Whatever else comes late, a letter or a call, has waited for us."""
    is_imported = (event.source or "").startswith(IMPORTED)
    return is_imported and event.said_at is not None and is_old(event.said_at, event.at)


def is_received_news(event: SubmissionAccepted, now: datetime) -> bool:
    """Whether to say that the message came: the mailbox has answered its letters, and days later nobody waits for that."""
    return event.channel is not Channel.EMAIL and not is_old(event.said_at or event.at, now)


def mobile_of(contact: Contact) -> str | None:
    """The number that a text message can be sent to: a mobile of the mainland has eleven digits, the first a 1."""
    digits = "".join(character for character in contact.phone or "" if character.isdigit())
    number = digits[-11:]
    is_ours = digits in (number, f"86{number}", f"0086{number}")
    return number if is_ours and len(number) == 11 and number.startswith("1") else None


def is_old(at: datetime, now: datetime) -> bool:
    """Whether it is no news any more."""
    return now - at > NEWS_FOR


def told_by(event: Event) -> Iterator[NoticeCause]:
    """What this event tells the citizen: nothing where it is none of their business, or tells nothing new.

    What a department does is marked by its moment: said again by `huiyin reconcile`, it bears the case's version of now.
    So is a deadline: clocks that were lost and come back count their versions anew.
    """
    mark, moment = str(event.version), event.at.isoformat()
    match event:
        case sla.DeadlineSet(cause="assigned" | "reopened" | "undone"):
            yield NoticeCause(Occasion.ASSIGNED, moment, _until(event.due_at))
        case sla.DeadlineSet(cause="extended"):
            yield NoticeCause(Occasion.EXTENDED, moment, _until(event.due_at))
        case handlers.PromiseDecided(granted=True):
            yield NoticeCause(Occasion.PROMISED, moment, _until(event.until))
        case handlers.QuestionAsked():
            yield NoticeCause(Occasion.ASKED, moment, _until(event.until))
        case handlers.ProgressNoted():
            yield NoticeCause(Occasion.PROGRESS, moment)
        case handlers.ReplyPublished():
            yield NoticeCause(Occasion.ANSWERED, moment)
        case routing.MergedAnswered() | routing.CaseAnswered():
            yield NoticeCause(Occasion.ANSWERED, mark)
            yield _to_rate(event)
        case call_backs.CallBackDue(until=None):
            yield NoticeCause(Occasion.CALL_BACK, str(event.number))
        case call_backs.CallBackDue():
            yield NoticeCause(Occasion.ASKED_BACK, str(event.number), _until(event.until))
        case routing.CaseDeclined():
            yield NoticeCause(Occasion.DECLINED, mark)
        case routing.WithdrawalConfirmed() | handlers.CaseClosed(outcome="withdrawn"):
            yield NoticeCause(Occasion.WITHDRAWN, mark)
        case handlers.CaseClosed(outcome="answered"):
            # Of the moment of its answer.
            yield _to_rate(event)


def _to_rate(event: Event) -> NoticeCause:
    answered = {"answered": event.at.isoformat()}
    return NoticeCause(Occasion.RATING, event.at.isoformat(), answered, after=RATING_AFTER)


def _until(moment: datetime | None) -> Mapping[str, str]:
    return {} if moment is None else {"until": moment.isoformat()}


def why_outdated(occasion: Occasion, facts: Mapping[str, str], standing: Standing) -> str:
    """Why it is not true any more, in a word; empty where it is."""
    is_over = {
        Occasion.ASSIGNED: standing.state in ENDED_STATES or _is_moved(facts, standing),
        Occasion.EXTENDED: standing.state in ENDED_STATES or _is_moved(facts, standing),
        Occasion.PROMISED: standing.state in ENDED_STATES
        or _is_other(facts.get("until"), standing.promised_until),
        Occasion.PROGRESS: standing.state in ENDED_STATES,
        Occasion.ASKED: CitizenAction.ANSWER not in standing.may,
        Occasion.ANSWERED: standing.state not in _ANSWERED,
        Occasion.DECLINED: standing.state is not CaseState.DECLINED,
        Occasion.WITHDRAWN: standing.state is not CaseState.WITHDRAWN,
        Occasion.CALL_BACK: not standing.is_called,
        Occasion.ASKED_BACK: _is_other(facts.get("until"), standing.asked_back_until),
        Occasion.RATING: standing.is_rated
        or CitizenAction.RATING not in standing.may
        or _is_other(facts.get("answered"), standing.answered_at),
    }
    return "outdated" if is_over.get(occasion, False) else ""


def _is_other(said: str | None, now: datetime | None) -> bool:
    """There is another one since; of what an earlier release wrote nobody knows."""
    return said is not None and (now is None or datetime.fromisoformat(said) != now)


def _is_moved(facts: Mapping[str, str], standing: Standing) -> bool:
    """There is another deadline since, of which there is a notice of its own."""
    return standing.due_at is None or facts.get("until") != standing.due_at.isoformat()


def language_of(contact: Contact, page: Language) -> Language:
    """The language that the citizen named, or else that of the page they wrote on."""
    said = (contact.language or "").strip().lower()
    if said.startswith(("en", "英")):
        return Language.EN
    return Language.ZH if said.startswith(("zh", "中", "汉", "普通话", "chinese")) else page


#: What is told, by occasion, in Chinese and English; `{until}` is a day and a time of the city.
SENTENCES: Mapping[Occasion, tuple[str, str]] = {
    Occasion.RECEIVED: (
        "您的诉求已收到并登记。",
        "Your message has been received and registered.",
    ),
    Occasion.ASSIGNED: (
        "您的诉求已交有关单位办理，承诺在 {until} 前答复。",
        "Your matter is with the responsible department, which must answer by {until}.",
    ),
    Occasion.EXTENDED: (
        "您的诉求还需要一些时间，答复时限改为 {until}。",
        "Your matter needs more time; the answer is now due by {until}.",
    ),
    Occasion.PROMISED: (
        "您的诉求需要较长时间办理，承诺在 {until} 前办好，期间会告知进展。",
        "Your matter takes longer; it is promised to be done by {until}, and you will hear of its progress.",
    ),
    Occasion.ASKED: (
        "办理单位有一个问题要问您，请在 {until} 前回答。",
        "There is a question for you; please answer it by {until}.",
    ),
    Occasion.PROGRESS: ("您的诉求有新的办理进展。", "There is progress with your matter."),
    Occasion.ANSWERED: ("您的诉求已有答复。", "Your matter has been answered."),
    Occasion.DECLINED: (
        "您的诉求有了处理结果，可以查看原因和其他途径。",
        "There is a decision on your matter, with its reasons and what else you can do.",
    ),
    # Also to whoever did not do it: a line of the hotline, or whoever took the message down, has the codes as well.
    Occasion.WITHDRAWN: (
        "您的诉求已凭查询码撤回，不再办理。不是您本人撤回的，请重新提交或致电热线。",
        "Your matter was withdrawn with its access code, and nobody works on it. If that was not you, please send it again "
        "or ring the hotline.",
    ),
    Occasion.CALL_BACK: (
        "诉求中心近日会打电话给您，问问您的诉求是否解决。",
        "The centre will call you within some days and ask whether your matter is settled.",
    ),
    Occasion.ASKED_BACK: (
        "您的诉求解决了吗？请在 {until} 前告诉我们，只要回答三个问题。",
        "Is your matter settled? Please tell us by {until}; there are three questions.",
    ),
    Occasion.RATING: (
        "您的诉求已答复几天了。问题解决了吗？请评价；没有解决的，可以提出异议。",
        "Your matter was answered some days ago. Is it settled? Please rate it; if it is not, you can object.",
    ),
}
_PRIVATE = ("有新的消息。", "There is news.")

_LETTER = (
    """您好：

{sentence}

查询号：{code}
请凭查询号和查询码查看：{url}

这封信由系统自动发出，不含诉求内容。查询码只有您知道，请不要告诉别人。
""",
    """Hello,

{sentence}

Tracking code: {code}
Read more with it and your access code: {url}

This letter was sent automatically and tells nothing of what you wrote. Please give your access code to nobody.
""",
)
_STOP = ("不想再收到这件诉求的通知：{url}\n", "To get no more notices of this matter: {url}\n")
_SUBJECT = ("查询号 {code} 有新消息", "News of {code}")
_SHORT = ("【回音】{sentence}查询号尾号 {tail}，查看：{url}", "[Huiyin] {sentence} Code ending {tail}: {url}")


class NoticeWords(NamedTuple):
    """Subject, letter and text message."""

    subject: str
    text: str
    short: str


def words_of(
    occasion: Occasion, standing: Standing, *, until: str, url: str, stop_url: str, language: Language
) -> NoticeWords:
    """What the citizen reads. `until`: the moment in words; `url`: where their cases are followed."""
    code = standing.tracking_code
    said = _PRIVATE if standing.is_private else SENTENCES[occasion]
    sentence = language.choose(*said).format(until=until)
    letter = language.choose(*_LETTER).format(sentence=sentence, code=code, url=f"{url}?code={code}")
    return NoticeWords(
        subject=language.choose(*_SUBJECT).format(code=code),
        text=f"{letter}\n{language.choose(*_STOP).format(url=stop_url)}",
        # A code that somebody reads on the screen opens nothing, and still names nothing.
        short=language.choose(*_SHORT).format(sentence=sentence, tail=code[-4:], url=url),
    )
