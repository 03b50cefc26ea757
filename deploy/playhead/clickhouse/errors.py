"""ClickHouse's errors: code, text, and the HTTP status a code travels with. Pure."""

import re
from typing import Final

AUTHENTICATION_FAILED: Final = 516
ACCESS_DENIED: Final = 497
BAD_ARGUMENTS: Final = 36
CANNOT_READ_ALL_DATA: Final = 33
CANNOT_SCHEDULE_TASK: Final = 439
INTO_OUTFILE_NOT_ALLOWED: Final = 358
NOT_IMPLEMENTED: Final = 48
QUERY_WAS_CANCELLED: Final = 394
READONLY: Final = 164
SESSION_IS_LOCKED: Final = 373
SESSION_NOT_FOUND: Final = 372
SYNTAX_ERROR: Final = 62
TOO_MANY_BYTES: Final = 307
TOO_MANY_SIMULTANEOUS_QUERIES: Final = 202
UNKNOWN_EXCEPTION: Final = 1002
UNKNOWN_SETTING: Final = 115

NAMES: Final = {
    AUTHENTICATION_FAILED: "AUTHENTICATION_FAILED",
    ACCESS_DENIED: "ACCESS_DENIED",
    BAD_ARGUMENTS: "BAD_ARGUMENTS",
    CANNOT_READ_ALL_DATA: "CANNOT_READ_ALL_DATA",
    CANNOT_SCHEDULE_TASK: "CANNOT_SCHEDULE_TASK",
    INTO_OUTFILE_NOT_ALLOWED: "INTO_OUTFILE_NOT_ALLOWED",
    NOT_IMPLEMENTED: "NOT_IMPLEMENTED",
    QUERY_WAS_CANCELLED: "QUERY_WAS_CANCELLED",
    READONLY: "READONLY",
    SESSION_IS_LOCKED: "SESSION_IS_LOCKED",
    SESSION_NOT_FOUND: "SESSION_NOT_FOUND",
    SYNTAX_ERROR: "SYNTAX_ERROR",
    TOO_MANY_BYTES: "TOO_MANY_BYTES",
    TOO_MANY_SIMULTANEOUS_QUERIES: "TOO_MANY_SIMULTANEOUS_QUERIES",
    UNKNOWN_EXCEPTION: "UNKNOWN_EXCEPTION",
    UNKNOWN_SETTING: "UNKNOWN_SETTING",
}

# As the server's own HTTP handler maps them; a code that is not here is a 500.
_STATUS: Final = {
    400: (
        # BAD_ARGUMENTS, CANNOT_PARSE_*, SYNTAX_ERROR, INCORRECT_DATA, TYPE_MISMATCH, QUERY_PARAMETER …
        *(6, 26, 27, 33, 36, 37, 38, 41, 42, 43, 53, 57, 62, 63, 69, 70, 72, 117, 130, 131, 170, 190, 386),
        *(427, 441, 456, 457, 467, 675),
    ),
    403: (ACCESS_DENIED, READONLY, 192, 193, 511, AUTHENTICATION_FAILED),
    401: (194,),
    # UNKNOWN_TABLE, _FUNCTION, _IDENTIFIER, _TYPE, _STORAGE, _DATABASE, _SETTING, _FORMAT …
    404: (16, 46, 47, 50, 56, 60, 73, 78, 81, 111, 115, 336, SESSION_NOT_FOUND),
    408: (159,),
    413: (TOO_MANY_BYTES,),
    501: (NOT_IMPLEMENTED,),
    503: (TOO_MANY_SIMULTANEOUS_QUERIES, CANNOT_SCHEDULE_TASK, 74, 76, 209),
}
_STATUS_OF_CODE: Final = {code: status for status, codes in _STATUS.items() for code in codes}

_CODE = re.compile(r"Code: (\d+)\. ")


class QueryError(Exception):
    """A statement or a request that was refused or failed, as ClickHouse reports it."""

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.code = code
        self.text = text
        """Without a line end: `Code: 62. DB::Exception: … (SYNTAX_ERROR)`."""

    @property
    def http_status(self) -> int:
        return _STATUS_OF_CODE.get(self.code, 500)


def refused(code: int, message: str) -> QueryError:
    """An error of this server's own, in the engine's form."""
    return QueryError(code, f"Code: {code}. DB::Exception: {message} ({NAMES[code]})")


def from_engine(text: str) -> QueryError:
    """What the engine raised. Its bindings put words of their own in front; they are dropped."""
    starts = [found.start() for found in _CODE.finditer(text)]
    if not starts:
        return refused(UNKNOWN_EXCEPTION, text)
    # The engine wraps some errors in a second one of the same code: "Code: 164. DB::Exception: Code: 164. …".
    wrapped = len(starts) > 1 and text[starts[0] : starts[1]].endswith("DB::Exception: ")
    text = text[starts[1] if wrapped else starts[0] :].rstrip()
    code = _CODE.match(text)
    return QueryError(int(code[1]) if code else UNKNOWN_EXCEPTION, text)


def with_version(text: str, version: str) -> str:
    """An error's text as the server ends it, with its version."""
    return text if "(version " in text else f"{text} (version {version} (chdb))"
