-- A number that no double can hold, such as 1e400, is JSON; but the engine's parser gives up on all the text that it
-- stands in, and of the whole batch there would be no row. So where the first parse came to nothing, a text is read in
-- which such numbers are null, as JSON.stringify has them. Any other batch pays for two copies of what it came to.
ALTER TABLE recordings_to_events MODIFY QUERY
WITH
    'Array(Tuple(type UInt16, timestamp Float64, data Tuple(source Nullable(UInt8), type Nullable(UInt8), id Nullable(Int32), x Nullable(Float32), y Nullable(Float32), href Nullable(String), tag Nullable(String), payload Tuple(level Nullable(String)))))' AS event_types,
    concat('[', payload, ']') AS sent,
    JSONExtract(sent, event_types) AS typed_as_sent,
    -- Finding numbers with an exponent takes a microsecond each; a text that is made of them is left unread.
    empty(typed_as_sent) AND countSubstringsCaseInsensitive(sent, 'e') <= 1000000 AS mendable,
    if(
        mendable,
        -- Each number with an exponent, and each run of all else.
        arrayStringConcat(
            arrayMap(
                piece -> if(match(piece, '^-?[0-9.]+[eE]') AND NOT isValidJSON(piece), 'null', piece),
                extractAll(sent, '-?[0-9.]+[eE][-+0-9]+|(?:"(?:[^"\\\\]|\\\\.)*"|true|false|[^"0-9eE.-]|-?[0-9.]+[,\\]}\\s])+')
            )
        ),
        sent
    ) AS readable,
    -- One parse a batch: the typed fields, and beside them each event's own text.
    if(mendable, JSONExtract(readable, event_types), typed_as_sent) AS typed,
    JSONExtractArrayRaw(readable) AS raws
SELECT
    connection_id,
    session_id,
    window_id,
    fromUnixTimestamp64Milli(toInt64(event.timestamp), 'UTC') AS timestamp,
    seq,
    batch_id,
    toUInt32(position - 1) AS idx,
    event.type AS type,
    if(type = 3, event.data.source, NULL) AS source,
    if(type = 3 AND source = 2, event.data.type, NULL) AS interaction,
    if(type = 3, event.data.id, NULL) AS node_id,
    if(type = 3, event.data.x, NULL) AS x,
    if(type = 3, event.data.y, NULL) AS y,
    if(type = 4, event.data.href, NULL) AS href,
    if(type = 5, event.data.tag, NULL) AS tag,
    if(type = 6, event.data.payload.level, NULL) AS level,
    toUInt32(length(raw)) AS bytes,
    if(type = 2 OR (type = 3 AND source = 0), '', JSONExtractRaw(raw, 'data')) AS data,
    skew_ms,
    expires_on
FROM recordings
ARRAY JOIN
    typed AS event,
    raws AS raw,
    arrayEnumerate(typed) AS position;
