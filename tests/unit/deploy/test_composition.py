"""What the composition root makes of the settings."""

from deploy.composition import intake_keys
from deploy.settings import Settings

_OLD, _NEW = "an old secret for tests and long enough", "a new secret for tests and long enough"


def test_intakes_keys_differ_and_outlive_the_master_secret() -> None:
    """Each key is for one purpose; after a change of the secret the former keys stand beside the new ones."""
    old = intake_keys(Settings(secret_key=_OLD))
    new = intake_keys(Settings(secret_key=_NEW, previous_secret_keys=_OLD))

    for keys in (old, new):
        assert 4 == len({keys.code_secret, keys.contact_key, keys.index_key, keys.hash_key})
    assert ((), (old,)) == (old.previous, new.previous)
    assert repr(old.code_secret) not in repr(new)
