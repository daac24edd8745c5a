"""Which traceparents go on, and which are recorded."""

import pytest

from deploy.observability.tracing import is_sampled, valid_traceparent

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("flags", "sampled"), [("00", False), ("01", True), ("02", False), ("03", True), ("ff", True)]
)
def test_one_flag_of_several_says_whether_a_trace_is_recorded(flags: str, sampled: bool) -> None:
    """A caller whose trace ids are random says so with a flag of its own beside it (03)."""
    assert is_sampled(f"00-{TRACE}-{SPAN}-{flags}") is sampled


def test_without_a_trace_nothing_is_recorded() -> None:
    """Most messages come with none."""
    assert not is_sampled(None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01",
    ],
)
def test_what_the_standard_calls_none_is_none(text: str) -> None:
    """It would be passed on from topic to topic, and no collector could read it."""
    assert valid_traceparent(text) is None


def test_one_of_a_later_version_goes_on() -> None:
    """Its first four parts mean what they mean today."""
    assert valid_traceparent(f"01-{TRACE}-{SPAN}-03") == f"01-{TRACE}-{SPAN}-03"
