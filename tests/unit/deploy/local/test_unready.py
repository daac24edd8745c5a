"""What `huiyin up` waits for, in words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, TCPServer
from threading import Thread

import pytest

from deploy.local.unready import unready
from schemas.bilingual import Bilingual
from tests.stack import free_port

_CHECKS = {
    "kafka": {"ok": True},
    "files": {"ok": False, "reason": "mount its disk", "reason_zh": "请挂载磁盘"},
    "disk": {"ok": False, "reason": "nearly full"},
}
_REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"


@contextmanager
def _web(answer: bytes) -> Iterator[str]:
    """The address of a web that answers once, with these bytes."""

    class _Answering(StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            self.wfile.write(answer)

    with TCPServer(("127.0.0.1", 0), _Answering) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        thread.join()


def test_what_it_waits_for_is_said_in_both_languages() -> None:
    """Each check that is not well, with what to do."""
    with _web(_REFUSAL + json.dumps({"ok": False, "checks": _CHECKS}).encode()) as url:
        waits_for = unready(url)

    assert {
        "files": Bilingual(zh="files：请挂载磁盘", en="files: mount its disk"),
        "disk": Bilingual(zh="disk：nearly full", en="disk: nearly full"),
    } == waits_for


def test_a_city_that_is_ready_waits_for_nothing() -> None:
    """Once it answers well."""
    with _web(b"HTTP/1.1 200 OK\r\n\r\n{}") as url:
        assert {} == unready(url)


def test_a_web_that_does_not_answer_is_waited_for() -> None:
    """Before it listens."""
    nobody = unready(f"http://127.0.0.1:{free_port()}")

    assert {"web": Bilingual(zh="网页没有响应", en="the web, which does not answer")} == nobody


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b'HTTP/1.1 500 E\r\n\r\n{"status": 500, "code": "internal"}', "answers 500"),
        (b"HTTP/1.1 500 E\r\n\r\nInternal Server Error", "answers 500"),
        (b"HTTP/1.1 502 E\r\n\r\n<html>Bad gateway</html>", "answers 502"),
        (b"HTTP/1.1 404 E\r\n\r\n[]", "answers 404"),
        (_REFUSAL + b'{"checks": ["files"]}', "answers 503"),
        (_REFUSAL + b'{"checks": {}}', "answers 503"),
        (_REFUSAL + b'{"checks": {"files"', "answers 503"),
        (b'HTTP/1.1 503 E\r\nContent-Length: 100\r\n\r\n{"checks"', "answers 503"),
        (b"", "does not answer"),
        (b"no HTTP\r\n\r\n", "does not answer"),
    ],
)
def test_whatever_else_the_web_answers_is_waited_for(answer: bytes, said: str) -> None:
    """A fault of one answer ends no city: it is asked again."""
    with _web(answer) as url:
        waits_for = unready(url)

    assert [f"the web, which {said}"] == [each.en for each in waits_for.values()]


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows nothing of this machine's own address."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    with _web(b"HTTP/1.1 200 OK\r\n\r\n{}") as url:
        assert {} == unready(url)
