"""Which messages look alike: two hashes of clauses, compared by an index.

A message is cut into its clauses; each hash names one clause, picked by chance, so that a copy with a sentence
more or less keeps at least one of the two with high probability. Greetings are too short to count.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from zlib import crc32

import msgspec

#: Characters a clause needs to say something. Project choice: longer than a greeting or a form of thanks.
MIN_CLAUSE = 10
#: Those that are long enough, whole.
_CLAUSES = re.compile(rf"[0-9A-Za-z\u3400-\u4dbf\u4e00-\u9fff]{{{MIN_CLAUSE},}}")
#: How lines begin that an app's request says beside what somebody wrote (`service_request`).
BESIDE = "（来件"
#: These, and addresses on the web: those of one app share them.
_SHARED = re.compile(rf"{BESIDE}[^）\n]*）|https?://[!-~]+")
#: Sentences that letters to officials share, whatever they are about.
_FORMULAS = re.compile(r"^(?:尊敬的|希望|请求?|恳请|望|感谢|谢谢|您好|你好|敬请|盼|我们?是)")
#: What the other pick's hash begins with: 2^32 over the golden ratio, as far from 0 as can be (Knuth, TAOCP vol. 3, §6.4).
_SECOND_PICK = 0x9E3779B9


class ClauseHashes(msgspec.Struct, frozen=True, gc=False):
    """Signed 64-bit numbers. `whole` names all of the text; the others one clause each."""

    whole: int
    first: int
    second: int


def clause_hashes(text: str) -> ClauseHashes | None:
    """What `text` is compared by; None where it says too little."""
    clauses = _CLAUSES.findall(_SHARED.sub(" ", text))
    words = "\n".join([clause for clause in clauses if not _FORMULAS.match(clause)] or clauses).encode()
    if not words:
        return None
    telling = words.split(b"\n")
    return ClauseHashes(
        whole=_hash(words),
        first=_hash(_pick(telling, [crc32(clause) for clause in telling])),
        second=_hash(_pick(telling, [crc32(clause, _SECOND_PICK) for clause in telling])),
    )


def similarity(*, same_whole: bool, same_first: bool, same_second: bool) -> float:
    """How alike two messages are, 0–1: an estimate from the clauses that they share."""
    if same_whole:
        return 1.0
    return 0.9 if same_first and same_second else 0.6


def _pick(clauses: Sequence[bytes], lots: Sequence[int]) -> bytes:
    """The clause with the lowest lot, the first of equals."""
    return clauses[lots.index(min(lots))]


def _hash(words: bytes) -> int:
    return int.from_bytes(blake2b(words, digest_size=8).digest(), "big", signed=True)
