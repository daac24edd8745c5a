"""What is promised to whoever asks for secrecy."""

import pytest

from intake.core.secrecy.promised import secrecy_promised
from schemas.words import Channel, Language


@pytest.mark.parametrize("channel", Channel)
def test_every_door_has_its_promise(channel: Channel) -> None:
    """In both languages, and another at each door."""
    for language in Language:
        promised = {secrecy_promised(each, language) for each in Channel}

        assert len(Channel) == len(promised)
        assert secrecy_promised(channel, language)
    assert "不公开" in secrecy_promised(channel, Language.ZH)
    assert secrecy_promised(channel, Language.EN).isascii()
