"""Passwords that are easily guessed: common words, names, sequences and years, and nothing else.

By rule rather than by list: numbers, repeats, walks along an alphabet or a keyboard, years, words that stand for
passwords, and the names of the product, the city and the account, alone or joined, in any spelling of theirs.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

#: Rows of a keyboard, its columns, and alphabets: followed in either direction.
_WALKS: Final = (
    "1234567890",
    "0123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "qweasdzxc",
    "abcdefghijklmnopqrstuvwxyz",
    "!@#$%^&*()",
)
_SAID: Final = (
    "password passwort passwd passphrase pass secret letmein welcome hello login logon changeme default master "
    "administrator admin root super user guest test temp demo qwerty iloveyou monkey dragon sunshine princess "
    "football superman woaini woaizhongguo zhongguo china beijing shanghai guangzhou shenzhen mima nihao "
    "huiyin hotline shimin rexian zhengfu government bureau department office city dispatcher supervisor "
    "回音 密码 市民 热线 政务 政府 管理员 派单员 督办 中国 北京 上海 我爱你 你好 欢迎 登录 用户 测试"
)
_WORDS: Final = _SAID.split()
_LEET: Final = str.maketrans("0134578@$!", "oieastbasi")
#: Project choices: a walk or a repeat of fewer characters happens by chance; a few letters more are soon tried.
_SHORTEST_WALK: Final = 3
_LETTERS_OF_ONES_OWN: Final = 4
#: A number of fewer digits is a date, a telephone, a card or an identity; project choice.
_DIGITS_OF_ONES_OWN: Final = 20


def is_guessable(password: str, names: Iterable[str] = ()) -> bool:
    """Whether little more than common words, walks, repeats, years and `names` makes up this password."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    spelt = "".join(character for character in plain if not character.isspace())
    if spelt.isdigit() and len(spelt) < _DIGITS_OF_ONES_OWN:
        return True
    words = [*_WORDS, *(name.casefold() for name in names if len(name) > 1)]
    return _of_ones_own(spelt, words) < _LETTERS_OF_ONES_OWN


def _of_ones_own(text: str, words: Sequence[str]) -> int:
    """How many letters and digits are left without what everybody knows; a repeated piece counts once."""
    text = _without_repeats(text)
    leet = text.translate(_LEET)
    # From the end: the fewest left of what begins at each place, whichever known piece begins there.
    own = [0] * (len(text) + 1)
    for place in reversed(range(len(text))):
        pieces = {
            *_walks(text, place),
            *_repeats(text, place),
            *_words(text, place, words),
            *_words(leet, place, words),
        }
        rests = [own[place + length] for length in pieces]
        own[place] = min([own[place + 1] + text[place].isalnum(), *rests])
    return own[0]


def _without_repeats(text: str) -> str:
    """`abcxabcxabcx` as `abcx`: what a password says once."""
    again = (text + text).find(text, 1)
    return text[:again]


def _walks(text: str, place: int) -> Iterator[int]:
    for walk in _WALKS:
        for way in (walk, walk[::-1]):
            length = _SHORTEST_WALK
            while place + length <= len(text) and text[place : place + length] in way:
                yield length
                length += 1


def _repeats(text: str, place: int) -> Iterable[int]:
    longest = len(text) - place - len(text[place:].lstrip(text[place]))
    return range(_SHORTEST_WALK, longest + 1)


def _words(text: str, place: int, words: Sequence[str]) -> Iterator[int]:
    four = text[place : place + 4]
    if len(four) == 4 and four.isdecimal() and four[:2] in ("19", "20"):
        yield 4
    yield from (len(word) for word in words if text.startswith(word, place))
