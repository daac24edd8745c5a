"""Gives the memory that pictures used back to the system."""

import ctypes

#: glibc's alone; any other C library keeps less by itself.
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> None:
    """Have the C library give back what is freed. Takes some milliseconds, in which whoever asks it for memory waits.

    Otherwise it keeps for each thread what the largest pictures took, for as long as the process lives.
    """
    if _trim is not None:
        _trim(0)
