"""In which form a call wants its export: `form=` says it in a link, Accept in a call. Pure."""

from typing import Literal

from query_api.events.forms import JSON, NDJSON
from query_api.export.page import HTML
from query_api.negotiation import media_type
from query_api.problems import Reason, Refusal

FormName = Literal["json", "ndjson", "html"]

MEDIA_TYPES: dict[FormName, str] = {"json": JSON, "ndjson": NDJSON, "html": HTML}


def export_form(form: FormName | None, accept: str | None) -> str:
    """The media type. What `form` names goes before the header: a link cannot set one.

    Raises:
        Refusal: not_acceptable.
    """
    if form is not None:
        return MEDIA_TYPES[form]
    chosen = media_type(accept, MEDIA_TYPES.values())
    if chosen is None:
        raise Refusal(Reason.NOT_ACCEPTABLE, f"Accept: there is {', '.join(MEDIA_TYPES.values())}.")
    return chosen
