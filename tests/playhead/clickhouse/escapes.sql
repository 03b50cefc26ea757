-- Statements the read-only user must not get through. A line of `--- what it tries` begins each; {secret} is a file
-- with a secret, {url} a server that counts its callers, {out} a file that must not come to be.

--- read a file by the scalar function
SELECT file('{secret}')
--- the scalar function, its name quoted
SELECT `file`('{secret}')
--- the scalar function, its name quoted with escapes
SELECT `f\x69le`('{secret}')
--- the scalar function, double quotes
SELECT "file"('{secret}')
--- the scalar function, another case
SELECT FILE('{secret}')
--- the scalar function behind a comment
SELECT file/* x */('{secret}')
--- the scalar function behind a line comment
SELECT file -- (
('{secret}')
--- the scalar function behind a hash comment
SELECT file # (
('{secret}')
--- the path in a heredoc
SELECT file($${secret}$$)
--- a heredoc that swallows a quote
SELECT $x$ ' $x$, file('{secret}'), $y$ ' $y$
--- a string that ends otherwise for a naive lexer
SELECT 'a\\', file('{secret}'), 'b\''
--- a string with doubled quotes
SELECT 'a''', file('{secret}'), ''''
--- a quoted name that writes lines into the parse
SELECT `x
Literal y`, file('{secret}')
--- through APPLY
SELECT * APPLY(file) FROM (SELECT '{secret}' AS a)
--- through APPLY without brackets
SELECT * APPLY file FROM (SELECT '{secret}' AS a)
--- through APPLY with a lambda
SELECT * APPLY(x -> file(x)) FROM (SELECT '{secret}' AS a)
--- through COLUMNS and APPLY
SELECT COLUMNS('a') APPLY(file) FROM (SELECT '{secret}' AS a)
--- through REPLACE
SELECT * REPLACE(file('{secret}') AS a) FROM (SELECT 1 AS a)
--- in a lambda
SELECT arrayMap(x -> file(x), ['{secret}'])
--- in a scalar subquery
SELECT (SELECT file('{secret}'))
--- in a WITH expression
WITH file('{secret}') AS f SELECT f
--- in a common table expression
WITH t AS (SELECT file('{secret}') AS f) SELECT f FROM t
--- in a recursive common table expression
WITH RECURSIVE t AS (SELECT 1 AS n, file('{secret}') AS f UNION ALL SELECT n + 1, f FROM t WHERE n < 2) SELECT f FROM t
--- in ORDER BY
SELECT number FROM numbers(2) ORDER BY if(startsWith(file('{secret}'), 'T'), number, -number)
--- in WITH FILL
SELECT number FROM numbers(2) ORDER BY number WITH FILL FROM 0 TO length(file('{secret}'))
--- in INTERPOLATE
SELECT n, f FROM (SELECT 1 AS n, '' AS f) ORDER BY n WITH FILL FROM 0 TO 3 INTERPOLATE (f AS file('{secret}'))
--- in LIMIT
SELECT number FROM numbers(1000) LIMIT length(file('{secret}'))
--- in LIMIT BY
SELECT number FROM numbers(2) LIMIT 1 BY file('{secret}')
--- in a window's partition
SELECT sum(number) OVER (PARTITION BY file('{secret}')) FROM numbers(2)
--- in a named window
SELECT sum(number) OVER w FROM numbers(2) WINDOW w AS (ORDER BY file('{secret}'))
--- in QUALIFY
SELECT number, row_number() OVER () AS r FROM numbers(2) QUALIFY startsWith(file('{secret}'), 'T')
--- in a join's condition
SELECT * FROM numbers(1) AS a JOIN numbers(1) AS b ON a.number = b.number AND startsWith(file('{secret}'), 'T')
--- in ARRAY JOIN
SELECT f FROM numbers(1) ARRAY JOIN [file('{secret}')] AS f
--- in GROUP BY
SELECT count() FROM numbers(1) GROUP BY file('{secret}')
--- in PREWHERE's place
SELECT 1 FROM numbers(1) WHERE file('{secret}') != ''
--- in a union's second part
SELECT '' UNION ALL SELECT file('{secret}')
--- behind INTERSECT
SELECT file('{secret}') INTERSECT SELECT file('{secret}')
--- in brackets
((SELECT file('{secret}')))
--- FROM first
FROM numbers(1) SELECT file('{secret}')
--- as an argument of a view with parameters
SELECT * FROM view(SELECT file('{secret}'))
--- in EXPLAIN, which computes constants
EXPLAIN SELECT file('{secret}')
--- in EXPLAIN QUERY TREE
EXPLAIN QUERY TREE SELECT file('{secret}')
--- in EXPLAIN SYNTAX
EXPLAIN SYNTAX run_query_tree_passes = 1 SELECT file('{secret}')
--- in a selected EXPLAIN
SELECT * FROM (EXPLAIN SELECT file('{secret}'))
--- in SHOW TABLES
SHOW TABLES FROM system WHERE file('{secret}') != ''
--- in SHOW TABLES' LIMIT
SHOW TABLES FROM system LIMIT length(file('{secret}'))
--- in SHOW DATABASES
SHOW DATABASES WHERE file('{secret}') != ''
--- in SHOW COLUMNS
SHOW COLUMNS FROM tables FROM system WHERE file('{secret}') != ''
--- in SHOW INDEXES
SHOW INDEXES FROM tables FROM system WHERE file('{secret}') != ''
--- in SHOW SETTINGS
SHOW CHANGED SETTINGS WHERE file('{secret}') != ''
--- in SHOW CLUSTERS
SHOW CLUSTERS LIKE '' LIMIT length(file('{secret}'))
--- a table function
SELECT * FROM file('{secret}', 'LineAsString')
--- a table function, quoted
SELECT * FROM `file`('{secret}', 'LineAsString')
--- a table function behind IN
SELECT 1 IN (SELECT count() FROM file('{secret}', 'LineAsString'))
--- a table function that is described
DESCRIBE file('{secret}', 'LineAsString')
--- a table function that is described, schema inferred
DESCRIBE TABLE file('{secret}')
--- DESC with a comment
DESC/**/TABLE/**/file('{secret}')
--- a described subquery
DESCRIBE (SELECT * FROM file('{secret}', 'LineAsString'))
--- a described URL
DESCRIBE url('{url}', 'CSV')
--- an unknown name in the default database, which the embedded engine takes for a file's
SELECT * FROM `{secret}`
--- the same in single quotes
SELECT * FROM '{secret}'
--- the same, qualified
SELECT * FROM default.`{secret}`
--- the same behind IN
SELECT 'x' IN `{secret}`
--- the same behind IN, qualified
SELECT 'x' IN default.`{secret}`
--- the same by an Identifier parameter
SELECT * FROM {{table:Identifier}}
--- the same by two Identifier parameters
SELECT * FROM {{database:Identifier}}.{{table:Identifier}}
--- the same, described
DESCRIBE TABLE `{secret}`
--- is there such a file?
EXISTS TABLE default.`{secret}`
--- the same, its definition
SHOW CREATE TABLE default.`{secret}`
--- a file's columns
SHOW COLUMNS FROM `{secret}` FROM default
--- a file hidden in a common table expression of the same name
SELECT * FROM (WITH `{secret}` AS (SELECT 1) SELECT * FROM `{secret}`), `{secret}`
--- url
SELECT * FROM url('{url}', 'LineAsString')
--- url in a subquery of a subquery
SELECT (SELECT count() FROM (SELECT * FROM url('{url}', 'LineAsString')))
--- url, schema inferred
SELECT * FROM url('{url}')
--- url by cluster
SELECT * FROM urlCluster('default', '{url}', 'LineAsString')
--- s3
SELECT * FROM s3('{url}/a/b', NOSIGN, 'CSV', 'x String')
--- s3 described
DESCRIBE s3('{url}/a/b', NOSIGN, 'CSV')
--- gcs
SELECT * FROM gcs('{url}/a/b', NOSIGN, 'CSV', 'x String')
--- azure
SELECT * FROM azureBlobStorage('{url}', 'c', 'b', 'CSV', 'auto', 'x String')
--- hdfs
SELECT * FROM hdfs('hdfs://127.0.0.1:1/a', 'CSV', 'x String')
--- iceberg
SELECT * FROM icebergLocal('{secret}')
--- delta lake
SELECT * FROM deltaLake('{url}/a/b', NOSIGN)
--- remote
SELECT * FROM remote('127.0.0.1', system.one)
--- remote with a view
SELECT * FROM remote('127.0.0.1:1', view(SELECT 1))
--- remoteSecure
SELECT * FROM remoteSecure('127.0.0.1', system.one)
--- cluster
SELECT * FROM cluster('default', system.one)
--- clusterAllReplicas
SELECT * FROM clusterAllReplicas('default', system.one)
--- mysql
SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')
--- postgresql
SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')
--- mongodb
SELECT * FROM mongodb('127.0.0.1:1', 'a', 'b', 'c', 'd', 'x String')
--- redis
SELECT * FROM redis('127.0.0.1:1', 'k', 'k String, v String')
--- sqlite
SELECT * FROM sqlite('{secret}', 'x')
--- odbc
SELECT * FROM odbc('DSN=x', 'a', 'b')
--- jdbc
SELECT * FROM jdbc('jdbc:x', 'a', 'b')
--- a program
SELECT * FROM executable('x.sh', 'TSV', 'x String')
--- Python
SELECT * FROM Python(x)
--- Python, lower case
SELECT * FROM python(x)
--- the machine's file system
SELECT * FROM filesystem('/')
--- merge over protected tables
SELECT * FROM merge('system', 'processes')
--- merge without a database
SELECT * FROM merge('^processes$')
--- loop over a protected table
SELECT * FROM loop(system.processes) LIMIT 1
--- loop with names
SELECT * FROM loop('system', 'processes') LIMIT 1
--- a dictionary
SELECT dictGet('d', 'a', toUInt64(1))
--- a dictionary as a table
SELECT * FROM dictionary('d')
--- a join table
SELECT joinGet('j', 'a', 1)
--- columns on another host
SELECT hasColumnInTable('127.0.0.1:1', 'u', 'p', 'system', 'one', 'dummy')
--- SQL in a string
SELECT * FROM eval('SELECT file(''{secret}'')')
--- a model
SELECT aiGenerate('c', 'x')
--- the request's headers
SELECT getClientHTTPHeader('Authorization')
--- the server's settings
SELECT getServerSetting('path')
--- an address in memory
SELECT addressToSymbol(1)
--- a thread held without work
SELECT sleep(3)
--- rows that sleep
SELECT sleepEachRow(1) FROM numbers(3)
--- write a file
SELECT 1 INTO OUTFILE '{out}'
--- write a file, comments between
SELECT 1 INTO/**/OUTFILE/**/'{out}'
--- write a file with a format
SELECT 1 INTO OUTFILE '{out}' TRUNCATE FORMAT CSV
--- write a file, and show it too
SELECT 1 INTO OUTFILE '{out}' AND STDOUT
--- write a file from SHOW
SHOW DATABASES INTO OUTFILE '{out}'
--- write a file from DESCRIBE
DESCRIBE TABLE system.one INTO OUTFILE '{out}'
--- write a file from EXPLAIN
EXPLAIN SELECT 1 INTO OUTFILE '{out}'
--- write a file from EXISTS
EXISTS TABLE system.one INTO OUTFILE '{out}'
--- write a file from a bracketed select
(SELECT 1) INTO OUTFILE '{out}'
--- write a file from what is refused anyway
DROP TABLE IF EXISTS nothing INTO OUTFILE '{out}'
--- write by a table function
INSERT INTO FUNCTION file('{out}', 'CSV', 'x String') VALUES ('x')
--- write by a select
INSERT INTO FUNCTION file('{out}', 'CSV', 'x String') SELECT 'x'
--- write to a URL
INSERT INTO FUNCTION url('{url}', 'CSV', 'x String') SELECT 'x'
--- insert
INSERT INTO guarded.t VALUES (2)
--- insert by format
INSERT INTO guarded.t FORMAT JSONEachRow {{"x": 2}}
--- insert by select
INSERT INTO guarded.t SELECT 2
--- insert behind WITH
WITH 2 AS y INSERT INTO guarded.t SELECT y
--- insert in a file's name
INSERT INTO guarded.t FROM INFILE '{secret}' FORMAT CSV
--- insert in EXPLAIN
EXPLAIN PIPELINE INSERT INTO guarded.t SELECT 2
--- update
ALTER TABLE guarded.t UPDATE x = 3 WHERE 1
--- delete
DELETE FROM guarded.t WHERE 1
--- lightweight update
UPDATE guarded.t SET x = 3 WHERE 1
--- truncate
TRUNCATE TABLE guarded.t
--- drop
DROP TABLE guarded.t
--- drop a database
DROP DATABASE guarded
--- detach
DETACH TABLE guarded.t
--- rename
RENAME TABLE guarded.t TO guarded.u
--- exchange
EXCHANGE TABLES guarded.t AND guarded.t
--- optimize
OPTIMIZE TABLE guarded.t FINAL
--- undrop
UNDROP TABLE guarded.gone
--- create
CREATE TABLE guarded.u (x Int) ENGINE = Memory
--- create a table on a file
CREATE TABLE guarded.u (x String) ENGINE = File(CSV, '{secret}')
--- create a temporary table on a URL
CREATE TEMPORARY TABLE u (x String) ENGINE = URL('{url}', CSV)
--- create a view
CREATE VIEW guarded.v AS SELECT file('{secret}')
--- create a function
CREATE FUNCTION f AS x -> file(x)
--- create a dictionary
CREATE DICTIONARY guarded.d (k UInt64, v String) PRIMARY KEY k SOURCE(FILE(path '{secret}' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)
--- create a database on the file system
CREATE DATABASE f ENGINE = Filesystem('/')
--- create a named collection
CREATE NAMED COLLECTION c AS url = '{url}'
--- create a user
CREATE USER mallory
--- grant
GRANT ALL ON *.* TO mallory
--- act as another
EXECUTE AS admin SELECT 1
--- a role
SET ROLE admin
--- backup
BACKUP TABLE guarded.t TO File('{out}')
--- restore
RESTORE TABLE guarded.t FROM File('{secret}')
--- system command
SYSTEM FLUSH LOGS
--- stop merges
SYSTEM STOP MERGES
--- shut down
SYSTEM SHUTDOWN
--- cancel other users' statements
KILL QUERY WHERE 1
--- cancel other users' statements, at once
KILL QUERY WHERE user = 'default' SYNC
--- cancel a mutation
KILL MUTATION WHERE 1
--- set a setting
SET max_memory_usage = 0
--- undo readonly
SET readonly = 0
--- settings of one statement
SELECT 1 SETTINGS readonly = 0
--- settings of a subquery
SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)
--- settings behind EXPLAIN
EXPLAIN SELECT 1 SETTINGS readonly = 0
--- a setting for a file's sake
SELECT 1 SETTINGS format_schema = '{secret}'
--- two statements
SELECT 1; SELECT file('{secret}')
--- a second statement behind a comment
SELECT 1 /* ; */; DROP TABLE guarded.t
--- two at once
SELECT 1 PARALLEL WITH SELECT 2
--- PARALLEL WITH a write
INSERT INTO guarded.t SELECT 2 PARALLEL WITH SELECT 1
--- an expression without SELECT
file('{secret}')
--- COPY
COPY guarded.t TO '{out}'
--- other users' statements
SELECT query FROM system.processes
--- other users' statements, quoted
SELECT query FROM `system`.`processes`
--- other users' statements by SHOW
SHOW PROCESSLIST
--- other users' statements, logged
SELECT query FROM system.query_log
--- other users' statements behind IN
SELECT 1 IN system.processes
--- other users' statements in a join
SELECT * FROM system.one JOIN system.processes ON 1
--- other users' statements, the table's parts hidden by a parameter
SELECT query FROM {{system:Identifier}}.{{processes:Identifier}}
--- other users' sessions
SELECT * FROM system.user_processes
--- users
SELECT * FROM system.users
--- grants
SHOW GRANTS
--- access
SHOW ACCESS
--- stacks
SELECT * FROM system.stack_trace
--- server settings
SELECT * FROM system.server_settings
--- named collections
SELECT * FROM system.named_collections
--- disks
SELECT * FROM system.disks
--- symbols
SELECT * FROM system.symbols
--- fail points
SELECT * FROM system.fail_points
--- information_schema's list of statements
SELECT * FROM information_schema.processlist
--- use the protected database
USE system
--- describe a protected table
DESCRIBE TABLE system.processes
--- watch
WATCH guarded.t
--- check
CHECK TABLE guarded.t
--- a transaction
BEGIN TRANSACTION
--- move an access entity
SHOW CREATE USER admin
--- an override
EXPLAIN TABLE OVERRIDE mysql('127.0.0.1:1', 'a', 'b', 'c', 'd') PARTITION BY x
--- a transaction's state
EXPLAIN CURRENT TRANSACTION
--- Prometheus
SELECT * FROM prometheusQuery('a', 'up', 0)
--- deep into the parse
EXPLAIN AST INSERT INTO guarded.t SELECT 2
