"""All SQL of the citizen's slice: the register, the citizen's view, published answers, used nonces, silent calls.

Each bulk function is a fixed number of statements, whatever the number of cases.
"""

from intake.store.nonce import forget_nonce, use_nonce
from intake.store.register import content_hashes_of_keys, received_under_keys
from intake.store.silent import Silence, keep_silence

__all__ = [
    "Silence",
    "content_hashes_of_keys",
    "forget_nonce",
    "keep_silence",
    "received_under_keys",
    "use_nonce",
]
