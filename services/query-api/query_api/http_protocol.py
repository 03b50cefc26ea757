"""What never reaches the app, because it is no HTTP or has a URL that nobody can mean, is a problem too.

uvicorn answers it in a line of plain text, and keeps a URL of any length until its end has come
(docs/adr/0115-what-is-no-request-is-a-problem.md).
"""

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from query_api import problem_answers
from query_api.problems import Reason, Refusal
from query_api.response_headers import ALWAYS

MOST_URL_BYTES = 65_535
"""Of a path with its query. uvicorn's parser cuts no longer one into the two."""


class ProblemProtocol(HttpToolsProtocol):
    _url_is_too_long = False
    """Then the socket is closed, so it is never of an earlier request."""

    def on_url(self, url: bytes) -> None:
        # Nothing is said before all of it has come: an answer to who still sends is lost with the socket.
        if len(self.url) + len(url) > MOST_URL_BYTES:
            self._url_is_too_long = True
        else:
            super().on_url(url)

    def on_headers_complete(self) -> None:
        if self._url_is_too_long:
            # To the parser a request that is broken, to which `send_400_response` is the answer.
            raise ValueError("the URL is too long")
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        refusal = Refusal(Reason.URL_TOO_LONG if self._url_is_too_long else Reason.MALFORMED_REQUEST)
        answer = problem_answers.answer(refusal, {**ALWAYS, "Connection": "close"})
        lines = [STATUS_LINE[answer.status_code]]
        for name, value in (*self.server_state.default_headers, *answer.raw_headers):
            lines += [name, b": ", value, b"\r\n"]
        self.transport.write(b"".join([*lines, b"\r\n", bytes(answer.body)]))
        self.transport.close()
