"""What the read-only user may run: an allow-list over the engine's own parse of the statement.

The engine's `readonly = 1` stops writes and most table functions, but neither the scalar function file(),
nor DESCRIBE of a table function, nor INTO OUTFILE, KILL QUERY or other users' queries in system tables; and a
look at the statement's text is fooled by comments, heredocs and quoted names. So the engine parses, and every
node of its tree must be of a known kind and every name on a list (`allowed/`). A part that the tree does not
show is either refused as a whole (APPLY) or looked at in the engine's rendering of the statement (SHOW).
"""

import re
from collections.abc import Mapping
from typing import Final

from playhead.clickhouse import allowed
from playhead.clickhouse.engine import Connection
from playhead.clickhouse.errors import ACCESS_DENIED, INTO_OUTFILE_NOT_ALLOWED, READONLY, QueryError, refused
from playhead.clickhouse.plan import Plan
from playhead.clickhouse.syntax_tree import Node, nodes
from playhead.clickhouse.users import User

PROTECTED_DATABASES: Final = frozenset({"system", "information_schema", "_temporary_and_external_tables"})

_SHOWS: Final = frozenset({"ShowTables", "ShowColumns", "ShowIndexes", "ShowFunctions", "ShowEngines"})
_KINDS: Final = _SHOWS | {
    "ArrayJoin",
    "Asterisk",
    "ColumnsExceptTransformer",
    "ColumnsListMatcher",
    "ColumnsRegexpMatcher",
    "ColumnsReplaceTransformer",
    "ColumnsReplaceTransformer::Replacement",
    "ColumnsTransformerList",
    "DescribeQuery",
    "ExistsDatabaseQuery",
    "ExistsTableQuery",
    "ExistsViewQuery",
    "Explain",
    "ExpressionList",
    "Function",
    "Identifier",
    "InterpolateElement",
    "Literal",
    "OrderByElement",
    "QualifiedAsterisk",
    "QualifiedColumnsListMatcher",
    "QualifiedColumnsRegexpMatcher",
    "SampleRatio",
    "SelectIntersectExceptQuery",
    "SelectQuery",
    "SelectWithUnionQuery",
    "ShowCreateDatabaseQuery",
    "ShowCreateTableQuery",
    "ShowCreateViewQuery",
    "Subquery",
    "TableExpression",
    "TableIdentifier",
    "TableJoin",
    "TablesInSelectQuery",
    "TablesInSelectQueryElement",
    "UseQuery",
    "WindowDefinition",
    "WindowListElement",
    "WithElement",
}
_EXPLAINS: Final = frozenset(
    {
        "EXPLAIN",
        "EXPLAIN AST",
        "EXPLAIN ESTIMATE",
        "EXPLAIN PIPELINE",
        "EXPLAIN PLAN",
        "EXPLAIN QUERY TREE",
        "EXPLAIN SYNTAX",
    }
)
_FUNCTIONS: Final = allowed.names("functions") | allowed.names("table_functions")
_FUNCTIONS_ANY_CASE: Final = frozenset(name.lower() for name in _FUNCTIONS)
_SYSTEM_TABLES: Final = allowed.names("system_tables")
_SETTINGS: Final = allowed.names("settings")
_COMBINATORS: Final = (
    "ArgMax",
    "ArgMin",
    "Array",
    "Distinct",
    "ForEach",
    "If",
    "Map",
    "Merge",
    "Null",
    "OrDefault",
    "OrNull",
    "Resample",
    "SimpleState",
    "State",
    "Tuple",
)
_TABLE_NAME: Final = re.compile(r"(?:(?P<database>\w+)\.)?(?P<table>\w+)")

_STRING: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_CALL: Final = re.compile(r"(?:`(?P<quoted>(?:[^`\\]|\\.)*)`|(?P<word>\w+))\s*\(")
_NAME: Final = r"(?:\w+|`[^`\\/]*`)"
# As the engine writes a SHOW. Its WHERE and LIMIT may hold any expression, and the tree shows neither.
_PLAIN_SHOW: Final = re.compile(
    rf"SHOW (?:(?:FULL|EXTENDED|CHANGED) )*"
    rf"(?:TABLES|DATABASES|SETTINGS|FUNCTIONS|COLUMNS|INDEXES|ENGINES|CLUSTERS)"
    rf"(?: FROM {_NAME}){{0,2}}(?: (?:NOT )?I?LIKE '')?(?: LIMIT \d+)?(?: FORMAT \w+)?",
)


def allowed_settings(user: User, wanted: Mapping[str, str]) -> Mapping[str, str]:
    """The settings a request runs under: its user's, and those it asks for.

    Raises:
        QueryError: READONLY, where the user may not set one.
    """
    if not user.reads_only:
        return {**user.settings, **wanted}
    for name in wanted:
        if not _may_set(name):
            raise refused(READONLY, f"Cannot modify '{name}' setting in readonly mode.")
    settings = {**user.settings, **wanted}
    if "max_execution_time" in wanted:
        most = float(user.settings["max_execution_time"])
        settings["max_execution_time"] = str(_lowered(wanted["max_execution_time"], most))
    return settings


def _may_set(name: str) -> bool:
    return name in _SETTINGS or any(
        known.endswith("*") and name.startswith(known.removesuffix("*")) for known in _SETTINGS
    )


def _lowered(text: str, most: float) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise refused(READONLY, f"'{text}' is no number of seconds for max_execution_time.") from None
    return seconds if 0 < seconds < most else most


def check(connection: Connection, plan: Plan) -> None:
    """Refuse a statement that its user may not run. Nothing of it has run yet.

    Raises:
        QueryError: READONLY, ACCESS_DENIED, INTO_OUTFILE_NOT_ALLOWED; or the engine's, if it cannot parse it.
    """
    sql = plan.statement.sql
    if plan.statement.into_outfile:
        raise refused(INTO_OUTFILE_NOT_ALLOWED, "INTO OUTFILE is not allowed.")
    if not plan.user.reads_only:
        return
    if plan.database.lower() in PROTECTED_DATABASES:
        raise _denied(plan.user, f"the current database must not be {plan.database}; name it with the table")
    if plan.statement.kind not in ("read", "state"):
        raise refused(READONLY, "Cannot execute query in readonly mode.")
    explain = f"EXPLAIN AST {sql}"
    expected = "READ_ONLY" if plan.statement.kind == "read" else "CONTROL"
    # CONTROL is, besides SET and USE, what writes a file: the look itself must not do that.
    if (
        connection.classify(sql).query_class != expected
        or connection.classify(explain).query_class != "READ_ONLY"
    ):
        raise refused(READONLY, "Cannot execute query in readonly mode.")
    try:
        tree = nodes(connection.run(explain, "TSVRaw", plan.params).body.decode("utf-8", "replace"))
    except ValueError as error:
        raise _denied(plan.user, f"the engine's parse has a line that is not known: {error}") from None
    rendered = connection.run(
        "SELECT formatQuerySingleLine({statement:String})", "TSVRaw", {"statement": escaped_parameter(sql)}
    )
    text = _STRING.sub("''", rendered.body.decode("utf-8", "replace").strip())
    for node in tree:
        _check_node(connection, plan, node)
    _check_rendered(plan.user, tree, text)


def escaped_parameter(value: str) -> str:
    """A parameter's value as it travels: with TSV's escapes."""
    for plain, escape in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\\0")):
        value = value.replace(plain, escape)
    # A byte that is no UTF-8 stands in a statement as a lone surrogate.
    return re.sub("[\udc80-\udcff]", lambda byte: f"\\x{ord(byte[0]) & 0xFF:02X}", value)


def _check_node(connection: Connection, plan: Plan, node: Node) -> None:
    user = plan.user
    if node.kind == "Set":
        # The engine refuses settings at a statement's end by itself, but takes those of a subquery.
        raise refused(READONLY, "Cannot modify settings in readonly mode.")
    if node.kind not in _KINDS:
        raise _denied(user, f"{_words_of(node.kind)} is not for read-only users")
    match node.kind:
        case "Function":
            _check_function(connection, plan, node.name)
        case "TableIdentifier":
            _check_table(user, node.name)
        case "Identifier":
            _check_identifier(user, node.name)
        case "Explain" if node.name not in _EXPLAINS:
            raise _denied(user, f"{node.name} is not for read-only users")
        case "UseQuery" if node.name.lower() in PROTECTED_DATABASES:
            raise _denied(user, f"the current database must not be {node.name}; name it with the table")


def _check_function(connection: Connection, plan: Plan, name: str) -> None:
    if _is_allowed_function(name) or _is_view(connection, plan, name):
        return
    raise _denied(plan.user, f"the function {name} is not among those for read-only users")


def _is_allowed_function(name: str) -> bool:
    if name in _FUNCTIONS or name.lower() in _FUNCTIONS_ANY_CASE:
        return True
    without = (
        name.removesuffix(suffix) for suffix in _COMBINATORS if name.endswith(suffix) and name != suffix
    )
    return any(_is_allowed_function(shorter) for shorter in without)


def _is_view(connection: Connection, plan: Plan, name: str) -> bool:
    """A view with parameters is called like a table function."""
    parts = _TABLE_NAME.fullmatch(name)
    if parts is None or (parts["database"] or "").lower() in PROTECTED_DATABASES:
        return False
    found = connection.run(
        "SELECT count() FROM system.tables WHERE engine = 'View' AND name = {name:String}"
        " AND database = if({database:String} = '', currentDatabase(), {database:String})"
        " AND NOT (lower(name) IN (SELECT lower(name) FROM system.table_functions))",
        "TSV",
        {"name": parts["table"], "database": parts["database"] or ""},
    )
    return found.body.strip() == b"1"


def _check_table(user: User, name: str) -> None:
    parts = _TABLE_NAME.fullmatch(name)
    if parts is None:
        # Among others a path: the embedded engine takes an unknown name in `default` for a file's.
        raise _denied(user, f"{name} is not the plain name of a table")
    if (parts["database"] or "").lower() in PROTECTED_DATABASES and parts[
        "table"
    ].lower() not in _SYSTEM_TABLES:
        raise _denied(user, f"the table {name} is not among those for read-only users")


def _check_identifier(user: User, name: str) -> None:
    """Of a column; or of a table, on the right of IN."""
    if "/" in name or "\\" in name:
        raise _denied(user, f"{name} could be a file's name")
    database, _, rest = name.partition(".")
    if database.lower() in PROTECTED_DATABASES and rest:
        _check_table(user, ".".join(name.split(".")[:2]))


def _check_rendered(user: User, tree: list[Node], text: str) -> None:
    """The second look, for what the tree does not show; `text` is without its string literals."""
    if any(node.kind in _SHOWS for node in tree) and _PLAIN_SHOW.fullmatch(text) is None:
        raise _denied(
            user, "SHOW takes LIKE '…' and a plain LIMIT for read-only users; ask system.tables instead"
        )
    for call in _CALL.finditer(text):
        name = call["quoted"] if call["quoted"] is not None else call["word"]
        if name.lower() in _REFUSED_ANYWHERE:
            raise _denied(user, f"the function {name} is not among those for read-only users")


# What would reach files, hosts or programs; a list of its own, for the second look alone.
_REFUSED_ANYWHERE: Final = frozenset(
    """
    arrowstream azureblobstorage azureblobstoragecluster bigquery cluster clusterallreplicas cosn
    deltalake deltalakeazure deltalakeazurecluster deltalakecluster deltalakelocal deltalakes3
    deltalakes3cluster dictionary eval executable file filecluster filesystem gcs hdfs hdfscluster
    hudi hudicluster iceberg icebergazure icebergazurecluster icebergcluster iceberghdfs
    iceberghdfscluster iceberglocal iceberglocalcluster icebergs3 icebergs3cluster input jdbc
    joinget joingetornull loop merge mongodb mysql odbc oss paimon postgresql python redis remote
    remotesecure s3 s3cluster sqlite url urlcluster view viewexplain viewifpermitted ytsaurus
    """.split()  # noqa: SIM905
)


def _denied(user: User, reason: str) -> QueryError:
    return refused(ACCESS_DENIED, f"{user.name}: Not enough privileges: {reason}.")


def _words_of(kind: str) -> str:
    return {"ColumnsApplyTransformer": "APPLY", "ShowProcesslistQuery": "SHOW PROCESSLIST"}.get(kind, kind)
