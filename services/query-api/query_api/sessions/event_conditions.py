"""What filters ask of a session's events, as SQL: each select gives the ids of the sessions that have it.

A select reads one connection's stretch of `events`, and of that the sessions of the common table expression
`candidates` only. A row that was inserted twice changes none of the answers: the views take a click once, and
the others ask whether there is one at all. So none reads with FINAL.
"""

# A page was loaded (rrweb's Meta), or an app moved inside itself: what v_page_views is made of.
CAME_TO = """
    SELECT session_id
    FROM events
    PREWHERE connection_id = {connection_id:String}
        AND (type = 4 OR (type = 5 AND tag = 'url-change'))
        AND session_id IN (SELECT session_id FROM candidates)
    WHERE multiSearchAnyCaseInsensitiveUTF8(
        if(type = 4, assumeNotNull(href), JSONExtractString(data, 'payload', 'href')),
        {urls:Array(String)}
    )
"""

# As in v_console.
ERROR = """
    SELECT session_id
    FROM events
    PREWHERE connection_id = {connection_id:String}
        AND type = 6
        AND level IN ('error', 'assert')
        AND session_id IN (SELECT session_id FROM candidates)
    WHERE JSONExtractString(data, 'plugin') = 'rrweb/console@1'
"""

# What both are is said by their views, with the thresholds of the call.
RAGE_CLICK = """
    SELECT session_id
    FROM v_rage_clicks(
        rage_clicks = {rage_clicks:UInt32},
        rage_within_ms = {rage_within_ms:UInt32},
        rage_radius_px = {rage_radius_px:UInt32}
    )
    WHERE connection_id = {connection_id:String}
        AND session_id IN (SELECT session_id FROM candidates)
"""

DEAD_CLICK = """
    SELECT session_id
    FROM v_dead_clicks(dead_after_ms = {dead_after_ms:UInt32})
    WHERE connection_id = {connection_id:String}
        AND session_id IN (SELECT session_id FROM candidates)
"""
