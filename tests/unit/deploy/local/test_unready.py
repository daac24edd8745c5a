"""What `huiyin up` waits for, in words."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from deploy.local.unready import unready
from schemas.bilingual import Bilingual
from tests.stack import free_port

_CHECKS = {
    "kafka": {"ok": True},
    "files": {"ok": False, "reason": "mount its disk", "reason_zh": "请挂载磁盘"},
    "disk": {"ok": False, "reason": "nearly full"},
}


class _Unready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """As the web answers while something of the city is not ready."""
        self.send_response(503)
        self.end_headers()
        self.wfile.write(json.dumps({"ok": False, "checks": _CHECKS}).encode())

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def test_what_it_waits_for_is_said_in_both_languages() -> None:
    """Each check that is not well, with what to do; and a web that does not answer."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Unready) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        waits_for = unready(f"http://127.0.0.1:{server.server_port}")
        thread.join()
    nobody = unready(f"http://127.0.0.1:{free_port()}")

    assert (
        Bilingual(zh="files：请挂载磁盘；disk：nearly full", en="files: mount its disk; disk: nearly full")
        == waits_for
    )
    assert Bilingual(zh="网页没有响应", en="the web, which does not answer") == nobody
