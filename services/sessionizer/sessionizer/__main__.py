"""`playhead-sessionizer`: one worker. Starts from its settings, stops at SIGTERM or SIGINT, then exits 0."""

import logging
import sys

import structlog
import uvloop
from faust import Worker

from sessionizer.settings import Settings
from sessionizer.worker.app import SessionizerApp
from sessionizer.worker.overrides import verify_versions
from sessionizer.worker.steps import Reached, nobody_listens


def main() -> None:
    run(Settings())


def run(settings: Settings, reached: Reached = nobody_listens) -> None:
    """Run until stopped; `reached` is told of each step of a commit. Does not return."""
    set_up_logging(settings.log_level, settings.log_format)
    verify_versions()
    uvloop.install()
    app = SessionizerApp(settings, reached)
    worker = Worker(app, loglevel=settings.log_level, quiet=True, override_logging=False)
    worker.spinner = None
    worker.execute_from_commandline()


def set_up_logging(level: str, form: str) -> None:
    """Everything to stderr, libraries too, a line an event."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("aiokafka", "faust", "mode"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))


if __name__ == "__main__":
    main()
