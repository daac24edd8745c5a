"""A small program for `test_profiled`: works in a thread, ends with the status it is given."""

import sys
import threading


def busy_in_a_thread() -> None:
    """Some work that a profile shows."""
    sorted(range(200_000), key=lambda number: -number)


if __name__ == "__main__":
    thread = threading.Thread(target=busy_in_a_thread)
    thread.start()
    thread.join()
    sys.exit(int(sys.argv[1]))
