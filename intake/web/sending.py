"""The key of a citizen's form: the same form from the same browser is one message."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from intake.core.accepting import Envelope
from intake.core.codes import Sender
from intake.core.draft import Draft, content_digest
from intake.core.same_again import keys_of
from intake.web import uploads
from intake.web.dependencies import Dependencies
from intake.web.forms import key_of
from schemas.http import Call
from schemas.words import Channel


async def envelope_of(
    call: Call, form: Mapping[str, str], draft: Draft, dependencies: Dependencies
) -> Envelope:
    """What the message is known by when it comes again: its browser and content, or, without one of ours, its very form."""
    envelope = dependencies.envelope(Sender(channel=Channel.WEB), key_of(form), call.language)
    if not call.browser:
        return envelope
    files = await uploads.contents_of(dependencies, draft.attachments)
    keys = keys_of(call.browser, content_digest(draft, files), form.get("nonce", ""), envelope.now)
    person = dependencies.keys.keyed(hashlib.sha256(call.browser.encode()).digest()).hex()
    return replace(envelope, browser_keys=keys, files=files, person=person)
