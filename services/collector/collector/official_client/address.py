"""Where the official client sends to: the recording id in the path, the key in a header or the query.

Pure. Its source (2.1.0) replaces `{recordingId}` in the address that the site gives, appends `token=` for
the socket, and posts to the same address without `/ws`; what else stands in the query it keeps, so the
site can put `consent=1` there.
"""

import re
from dataclasses import dataclass

from collector.parameters import Parameters, flag, read_query
from collector.problems import Reason, Refused
from schemas.connection import VISITOR_OR_WINDOW

POST = re.compile(r"/recordings/([^/]*)/events")
SOCKET = re.compile(r"/recordings/([^/]*)/events/ws")
_BEARER = re.compile(rb"bearer +(\S+) *", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    recording: str
    """The visitor of all that comes, and the window but for copies (see `windows`)."""
    key: str
    consent: bool

    def parameters(self, window: str, *, final: bool) -> Parameters:
        """What another client would have said in its query. There is no seq: the client counts nothing."""
        return Parameters(
            key=self.key,
            visitor=self.recording,
            window=window,
            seq=None,
            sent_at=None,
            final=final,
            consent=self.consent,
            encoding="",
        )


def of_post(path: str, query: bytes, authorization: bytes) -> Address:
    """The address of `POST /recordings/{id}/events`.

    Raises:
        Refused: unknown_key (there is no bearer key) or bad_parameter.
    """
    bearer = _BEARER.fullmatch(authorization)
    return _address(POST, path, query, bearer[1].decode("latin-1") if bearer else "")


def of_socket(path: str, query: bytes) -> Address:
    """The address of `WS /recordings/{id}/events/ws?token=`.

    Raises:
        Refused: unknown_key (there is no token) or bad_parameter.
    """
    return _address(SOCKET, path, query, read_query(query).get("token", ""))


def _address(form: re.Pattern[str], path: str, query: bytes, key: str) -> Address:
    if not key:
        raise Refused(Reason.unknown_key, "no write key is given")
    found = form.fullmatch(path)
    if found is None or not VISITOR_OR_WINDOW.fullmatch(found[1]):
        raise Refused(Reason.bad_parameter, "recording id: 1 to 64 of A-Z a-z 0-9 _ - are needed")
    return Address(found[1], key, flag(read_query(query), "consent"))
