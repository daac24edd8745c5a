"""Hides the names by which people introduce themselves in other languages than Chinese and English.

Whoever lives in a city may write in their own language: "제 이름은 김철수입니다", "Меня зовут Иван Петров". The words that
lead to a name there lead to nothing else.
"""

from schemas.patterns import compiled_later

#: Letters that a language without capitals writes a name with, two words or three of them.
_ARABIC = r"[\u0620-\u06ff]{2,20}"
#: A word that begins as names do, with the accents of its language; and small words within.
_LATIN = r"[A-ZÀ-ÞĀ-ɏḀ-ỿ][A-Za-zÀ-ɏḀ-ỿ'’\-]{1,20}"
_CYRILLIC = r"[А-ЯЁӨҮІЇЄ][а-яёөүіїєА-ЯЁ\-]{1,20}"
_WITHIN = r"(?: (?:de|da|do|dos|del|di|la|le|van|von|zu|bin|binti))?"
#: By how it is introduced.
_INTRODUCED = (
    # French, Spanish, German, Portuguese, Italian, Vietnamese, Malay and Indonesian, Turkish, Dutch, Polish.
    r"((?i:\b(?:je m['’]appelle|je me nomme|mon nom est|me llamo|mi nombre es|ich hei(?:ß|ss)e|mein name ist|meu nome é"
    r"|me chamo|mi chiamo|il mio nome è|tôi tên là|em tên là|tên tôi là|nama saya(?: adalah)?|benim adım|mijn naam is"
    r"|nazywam się))[ :]{1,2})"
    rf"({_LATIN}(?:{_WITHIN} {_LATIN}){{0,4}})",
    # Russian, Ukrainian, Mongolian.
    rf"((?i:\b(?:меня зовут|зовут меня|мо[её] имя|мене звати|миний нэр(?:ийг)?|намайг))[ :—\-]{{1,3}})"
    rf"({_CYRILLIC}(?: {_CYRILLIC}){{0,2}})",
    # Korean.
    r"((?:이름은|성함은|성명은)[ :]{0,2})([가-힣]{2,4}?)(?=입니다|이에요|예요|이고|이라|라고|[ .,]|$)",
    r"((?:저는|나는|전)[ ]?)([가-힣]{2,4}?)(?=이?라고[ ]?(?:합니다|해요|하는))",
    # Japanese.
    r"((?:名前は|氏名は)[ :：]{0,2})([\u3041-\u30ff\u4e00-\u9fff々]{2,8}?)(?=です|と(?:申|言|い)|[ 。、.,]|$)",
    r"((?:^|[。、.,\s]|(?:私|わたし|僕|俺)は))([\u30a1-\u30ff\u4e00-\u9fff々]{2,8}?)(?=と(?:申し|言い|いい)ます)",
    # Arabic, Uyghur, Hindi, Thai.
    rf"((?:اسمي|أنا اسمي|ئىسمىم|ئىسمىم:)[ :]{{1,2}})({_ARABIC}(?: {_ARABIC})?)",
    r"((?:मेरा नाम)[ :]{1,2})([\u0900-\u097f]{2,20}(?: [\u0900-\u097f]{2,20})?)(?= है)",
    r"(ชื่อของ(?:ฉัน|ผม|ดิฉัน)คือ[ ]?|(?:ฉัน|ผม|ดิฉัน)ชื่อ[ ]?)([\u0e00-\u0e7f]{2,24})",
)
_NAMES = tuple(compiled_later(pattern) for pattern in _INTRODUCED)
#: Their letters, which most texts have none of; and a piece of each introduction.
LETTER_HINT = compiled_later("[a-zа-я\u3041-\u30ff가-힣\u0620-\u06ff\u0900-\u097f\u0e00-\u0e7f]")
INTRODUCTION_HINT = compiled_later(
    "ppelle|PPELLE|[mM]e nomme|[mM]on nom|[lL]lamo|nombre|[iI]ch hei|[nN]ame ist|nome|[cC]hi?amo|[tT]ên|[nN]ama saya"
    "|enim ad|ijn naam|azywam|зовут|имя|звати|нэр|амайг"
    "|[은는전] ?[가-힣]|[前名]は|と(?:申し|言い|いい)ます|اسمي|ئىسمىم|मेरा नाम|ชื่อ"
)


def hide_foreign(text: str) -> str:
    """`text`, in which both hints stand, with `И**` for the names that it introduces so."""
    for names in _NAMES:
        text = names.sub(lambda name: f"{name[1]}{name[2][0]}**", text)
    return text
