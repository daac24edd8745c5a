"""The secrets that this slice works with; they arrive from outside and never change for the life of a city."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeKeys:
    """Three independent secrets of 32 bytes. Losing `code_secret` voids every code that was handed out."""

    #: Tracking codes, access codes and case ids derive from it.
    code_secret: bytes = field(repr=False)
    #: Contact details and original texts are encrypted with it (AES-256-GCM).
    contact_key: bytes = field(repr=False)
    #: Blind index of telephone numbers.
    index_key: bytes = field(repr=False)
